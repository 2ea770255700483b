// The form that copies an event (`[data-copy]`): when its start changes, the end and the start of sales move along, unless somebody has set them.
// The server does the same for times that are left as they were.

const DAY_MS = 86_400_000;
const form = document.querySelector("[data-copy]");
/** @param {string} id */
const field = (id) => /** @type {HTMLInputElement | null} */ (form?.querySelector(`#${id}`) ?? null);
const [start, end, sale] = [field("start_time"), field("end_time"), field("on_sale_time")];

/** A clock time as if it were UTC, so that changes of the clocks do not matter. @param {string} text */
const clock = (text) => Date.parse(`${text.slice(0, 16)}Z`);
/** @param {number} at */
const written = (at) => new Date(at).toISOString().slice(0, 16);

/** @type {Set<HTMLInputElement>} */
const set = new Set();
for (const input of [end, sale]) input?.addEventListener("input", () => set.add(input));

if (start) {
  const first = clock(start.value);
  const [ends, sells] = [end, sale].map((input) => clock(input?.value ?? ""));
  start.addEventListener("change", () => {
    const moved = clock(start.value) - first;
    if (Number.isNaN(moved)) return;
    if (end && ends && !set.has(end)) end.value = written(ends + moved);
    // Sales open at the same time of day, as many days before the start.
    const days = Math.round((Math.floor(clock(start.value) / DAY_MS) - Math.floor(first / DAY_MS)) * DAY_MS);
    if (sale && sells && !set.has(sale)) sale.value = written(sells + days);
  });
}

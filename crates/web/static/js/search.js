// The search form (`[data-search]`): shows results while the visitor types. The server renders them; this script puts them into the page.

const form = /** @type {HTMLFormElement | null} */ (document.querySelector("[data-search]"));
/** @type {AbortController | undefined} */
let running;
let waiting = 0;

/** @param {HTMLFormElement} form */
function address(form) {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value !== "") query.set(name, String(value));
  return query.size > 0 ? `/events?${query}` : "/events";
}

/** @param {HTMLFormElement} form */
async function show(form) {
  running?.abort();
  running = new AbortController();
  const url = address(form);
  const found = document.getElementById("found");
  if (!found) return;
  found.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(url, { signal: running.signal });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const fresh = page.getElementById("found");
    if (!fresh) return location.assign(url);
    found.replaceChildren(...fresh.childNodes);
    history.replaceState(null, "", url);
  } catch (error) {
    if (/** @type {Error} */ (error).name !== "AbortError") location.assign(url);
  } finally {
    found.removeAttribute("aria-busy");
  }
}

if (form) {
  // On a narrow screen, close the filters so that the results are visible.
  const filters = form.querySelector("details");
  if (filters?.open && matchMedia("(max-width: 46rem)").matches) filters.open = false;
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = window.setTimeout(() => show(form), 200);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(waiting);
    show(form);
  });
}

// Every page of the console: on a narrow screen, scrolls the navigation (`.aside ul`) to the current page; asks
// before a large form is left unsent; focuses the first field with an error; sets one price for many sections.

const strip = document.querySelector(".aside > ul");
const here = strip?.querySelector('[aria-current="page"]');
if (strip && here) {
  const [outer, inner] = [strip.getBoundingClientRect(), here.getBoundingClientRect()];
  strip.scrollLeft += inner.left - outer.left - (outer.width - inner.width) / 2;
}

// Asks before a large form with changes is left.
let unsent = false;
document.addEventListener("input", ({ target }) => {
  if (target instanceof Element && target.closest("form.long")) unsent = true;
});
document.addEventListener("submit", () => (unsent = false));
addEventListener("beforeunload", (event) => {
  if (unsent) event.preventDefault();
});

// Focuses the first field with an error.
/** @type {HTMLElement | null} */ (document.querySelector('.desk [aria-invalid="true"]'))?.focus();

// One price for a group of sections (`[data-all]`): typing it fills in the group's inputs, and only these are sent.
for (const box of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-all]"))) {
  const all = box.querySelector("input");
  /** @type {NodeListOf<HTMLInputElement>} */
  const each = box.nextElementSibling?.querySelectorAll("input") ?? box.querySelectorAll("input.none");
  if (!all) continue;
  const tell = () => {
    const prices = new Set([...each].map(({ value }) => value));
    all.value = prices.size === 1 ? each[0].value : "";
    all.placeholder = prices.size === 1 ? "not for sale" : "different";
  };
  box.hidden = false;
  all.addEventListener("input", () => each.forEach((one) => (one.value = all.value)));
  each.forEach((one) => one.addEventListener("input", tell));
  tell();
}

// Every page of the console: on a narrow screen, the navigation’s strip (`.aside ul`) shows where one is in its middle, as far as it can; a question
// before a large form is left unsent.

const strip = document.querySelector(".aside > ul");
const here = strip?.querySelector('[aria-current="page"]');
if (strip && here) {
  const [outer, inner] = [strip.getBoundingClientRect(), here.getBoundingClientRect()];
  strip.scrollLeft += inner.left - outer.left - (outer.width - inner.width) / 2;
}

// What was written into a large form is not left without a question.
let unsent = false;
document.addEventListener("input", ({ target }) => {
  if (target instanceof Element && target.closest("form.long")) unsent = true;
});
document.addEventListener("submit", () => (unsent = false));
addEventListener("beforeunload", (event) => {
  if (unsent) event.preventDefault();
});

// Every page of the console: on a narrow screen, the navigation's strip (`.aside ul`) shows where one is in its middle, as far as it can.

const strip = document.querySelector(".aside > ul");
const here = strip?.querySelector('[aria-current="page"]');
if (strip && here) {
  const [outer, inner] = [strip.getBoundingClientRect(), here.getBoundingClientRect()];
  strip.scrollLeft += inner.left - outer.left - (outer.width - inner.width) / 2;
}

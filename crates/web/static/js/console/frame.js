// Every page of the console: on a narrow screen, the navigation's strip (`.aside ul`) begins with where one is in sight.

const strip = document.querySelector(".aside > ul");
const here = strip?.querySelector('[aria-current="page"]');
if (strip && here) strip.scrollLeft += here.getBoundingClientRect().left - strip.getBoundingClientRect().left - 40;

// "Use my location" (`[data-near]`): finds the nearest of the listed cities, from the position that the browser tells after a press. The position
// does not leave the browser: the script compares it with the positions in the page.

const FAR_KM = 150;

/** @typedef {{latitude: number, longitude: number}} Position */

/** Kilometres between two places on earth. @param {Position} one @param {Position} other */
export function distance(one, other) {
  const rad = Math.PI / 180;
  const [a, b] = [one.latitude * rad, other.latitude * rad];
  const half = Math.sin((b - a) / 2) ** 2 + Math.cos(a) * Math.cos(b) * Math.sin(((other.longitude - one.longitude) * rad) / 2) ** 2;
  return 12_742 * Math.asin(Math.sqrt(half));
}

/** @param {Position} here @param {HTMLAnchorElement[]} links */
function nearest(here, links) {
  const known = links.flatMap((link) => {
    const [latitude, longitude] = (link.dataset.at ?? "").split(" ").map(Number);
    return link.dataset.at ? [{ link, away: distance(here, { latitude, longitude }) }] : [];
  });
  return known.sort((a, b) => a.away - b.away)[0];
}

const panel = globalThis.document?.querySelector("[data-near]");
const button = panel?.querySelector("button[hidden]");
const note = panel?.querySelector("[role=status]");
if (panel && note && button instanceof HTMLButtonElement && "geolocation" in navigator) {
  button.hidden = false;
  const links = /** @type {HTMLAnchorElement[]} */ ([...panel.querySelectorAll("a[href]")]);
  const found = (/** @type {GeolocationPosition} */ { coords }) => {
    const best = nearest(coords, links);
    if (best && best.away <= FAR_KM) return location.assign(best.link.href);
    button.disabled = false;
    const city = best?.link.querySelector("strong")?.textContent;
    note.textContent = best ? `Nothing within ${FAR_KM} km. The nearest city with events is ${city}, ${Math.round(best.away / 10) * 10} km away.` : "Choose a city from the list.";
  };
  const failed = () => {
    button.disabled = false;
    note.textContent = "Your browser did not share your location. Choose a city from the list, or type one.";
  };
  button.addEventListener("click", () => {
    button.disabled = true;
    note.textContent = "Looking…";
    navigator.geolocation.getCurrentPosition(found, failed, { maximumAge: 600_000, timeout: 10_000 });
  });
}

// Tickets for the way to the door: the worker keeps this page, and the tickets it links to (`[data-keep]`); it says when all of them are.
// Those that are void by now (`[data-drop]`) it forgets.

/** So many at once are more than anybody shows at a door. */
const MOST = 50;

const note = /** @type {HTMLElement | null} */ (document.querySelector("[data-kept]"));
const links = /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll("a[data-keep]"));

async function keep() {
  if (!("serviceWorker" in navigator)) return;
  const paths = [location.pathname, ...[...links].slice(0, MOST).map((link) => link.pathname)];
  const missing = new Set(paths);
  navigator.serviceWorker.addEventListener("message", (event) => {
    missing.delete(event.data?.kept);
    if (note) note.hidden = missing.size > 0;
  });
  const worker = (await navigator.serviceWorker.ready).active;
  for (const path of paths) worker?.postMessage({ keep: path });
  for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll("a[data-drop]"))) worker?.postMessage({ drop: link.pathname });
}

keep();

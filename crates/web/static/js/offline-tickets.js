// Tickets that open offline: asks the service worker to cache this page and the tickets that it links to (`[data-keep]`), and shows
// `[data-kept]` when all are cached. Void tickets (`[data-drop]`) are removed from the cache.

/** The most tickets that are cached from one page; nobody needs more at a door. */
const MOST = 50;

const note = /** @type {HTMLElement | null} */ (document.querySelector("[data-kept]"));
const links = /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll("a[data-keep]"));

async function keep() {
  if (!("serviceWorker" in navigator)) return;
  // With the key of a guest's letter, if the page was opened with it.
  const paths = [location.pathname + location.search, ...[...links].slice(0, MOST).map((link) => link.pathname + link.search)];
  const missing = new Set(paths);
  navigator.serviceWorker.addEventListener("message", (event) => {
    missing.delete(event.data?.kept);
    if (note) note.hidden = missing.size > 0;
  });
  const worker = (await navigator.serviceWorker.ready).active;
  for (const path of paths) worker?.postMessage({ keep: path });
  for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll("a[data-drop]"))) worker?.postMessage({ drop: link.pathname + link.search });
}

keep();

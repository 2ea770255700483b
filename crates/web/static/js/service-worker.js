// The service worker: stores tickets and the files of their pages, to show them without a network. All other requests go to the network.
// The server puts `const BUILD = { version, files }` in front.

/// <reference lib="webworker" />
const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));
/** @type {{ version: string, files: string[] }} */
// @ts-ignore: written by the server
const build = BUILD;
const FILES = `files-${build.version}`;
const TICKETS = "tickets";

worker.addEventListener("install", (event) => {
  event.waitUntil(caches.open(FILES).then((cache) => cache.addAll(build.files)).then(() => worker.skipWaiting()));
});

worker.addEventListener("activate", (event) => {
  const forget = async () => {
    for (const name of await caches.keys()) if (name !== FILES && name !== TICKETS) await caches.delete(name);
    await worker.clients.claim();
  };
  event.waitUntil(forget());
});

/** @param {URL} url */
const isTicket = (url) => url.pathname.startsWith("/tickets/") || url.pathname === "/orders" || url.pathname.startsWith("/orders/");

/** @param {Request} request */
async function fresh(request) {
  const cache = await caches.open(TICKETS);
  try {
    const response = await fetch(request);
    // Store only the page itself: no redirect to the sign-in page, no error.
    if (response.ok && !response.redirected) await cache.put(request.url, response.clone());
    return response;
  } catch {
    return (await cache.match(request.url)) ?? offline();
  }
}

/** The page to show without a network: links to the stored tickets. */
async function offline() {
  const cache = await caches.open(TICKETS);
  const tickets = [];
  for (const { url } of await cache.keys()) {
    const { pathname, search } = new URL(url);
    const page = pathname.startsWith("/tickets/") ? await (await cache.match(url))?.text() : undefined;
    // The title comes from one of our own pages, where it is escaped already.
    const title = page?.match(/<title>([^<]*)<\/title>/)?.[1];
    if (title) tickets.push(`<li><a href="${pathname}${search}">${title.replace(" · Fairseat", "")}</a></li>`);
  }
  const style = build.files.find((file) => file.endsWith("fairseat.css"));
  const list = tickets.length > 0 ? `<p>These tickets open without a network:</p><ul class="lines">${tickets.join("")}</ul>` : "<p>Tickets that you open on this device will be listed here.</p>";
  const page = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>No network · Fairseat</title><link rel="icon" href="data:,"><link rel="stylesheet" href="${style}"><body><main class="narrow stack"><h1>No network</h1>${list}<p><a class="button" href="">Try again</a></p></main></body></html>`;
  return new Response(page, { headers: { "content-type": "text/html; charset=utf-8" } });
}

/** Deletes the stored tickets when somebody signs in, because they may belong to another person. A successful sign-in is a redirect; a refused one is a page. @param {Request} request */
async function signedIn(request) {
  const response = await fetch(request);
  if (response.type === "opaqueredirect") await caches.delete(TICKETS);
  return response;
}

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method === "POST" && request.mode === "navigate" && ["/sign-in", "/register"].includes(url.pathname)) {
    return event.respondWith(signedIn(request));
  }
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname.startsWith("/assets/")) {
    event.respondWith(caches.match(request).then((kept) => kept ?? fetch(request)));
  } else if (request.mode === "navigate" && isTicket(url)) {
    event.respondWith(fresh(request));
  } else if (request.mode === "navigate") {
    event.respondWith(fetch(request).catch(offline));
  }
});

worker.addEventListener("message", (event) => {
  const keep = async () => {
    const cache = await caches.open(TICKETS);
    if (event.data?.drop) await cache.delete(new URL(String(event.data.drop), location.origin).href);
    const path = String(event.data?.keep ?? "");
    const url = new URL(path, location.origin);
    if (!isTicket(url)) return;
    if (!(await cache.match(url.href))) {
      const response = await fetch(url.href);
      if (response.ok && !response.redirected) await cache.put(url.href, response);
    }
    event.source?.postMessage({ kept: path });
  };
  event.waitUntil(keep());
});

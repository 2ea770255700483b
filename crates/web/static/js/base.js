// Every page: marks the header's link to this page, counts down to times (`[data-countdown]`), takes a notice out of the address, starts the
// service worker for tickets.

/** @param {number} seconds */
export function countdownText(seconds) {
  const days = Math.floor(seconds / 86400);
  const hours = Math.floor(seconds / 3600) % 24;
  const minutes = Math.floor(seconds / 60) % 60;
  if (days > 1) return `in\u00a0${days}\u00a0days`;
  if (days > 0) return `in\u00a0${days * 24 + hours}\u00a0hours`;
  if (hours > 0) return `in\u00a0${hours}\u00a0h ${minutes}\u00a0min`;
  return `in\u00a0${minutes}:${String(seconds % 60).padStart(2, "0")}`;
}

/** @param {HTMLElement} element */
function countDown(element) {
  const at = Date.parse(element.getAttribute("datetime") ?? "");
  const note = document.createElement("span");
  note.className = "badge warn";
  element.after(" ", note);
  const tick = () => {
    const left = Math.ceil((at - Date.now()) / 1000);
    if (left <= 0) return location.reload();
    note.textContent = countdownText(left);
    setTimeout(tick, left > 86400 ? 60000 : 1000);
  };
  // A cached page whose countdown is already over must not reload for ever.
  if (at > Date.now()) tick();
}

for (const element of document.querySelectorAll("[data-countdown]")) countDown(/** @type {HTMLElement} */ (element));

for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll(".masthead nav a"))) {
  if (location.pathname === link.pathname) link.setAttribute("aria-current", "page");
}

// What a form has done is said once (`web/src/done.rs`).
const address = new URL(location.href);
if (address.searchParams.has("done")) {
  address.searchParams.delete("done");
  history.replaceState(history.state, "", address);
}

if ("serviceWorker" in navigator) {
  navigator.serviceWorker.register("/service-worker.js").catch(() => undefined);
}

// A ticket: the screen stays awake while it is shown, it can be printed, and it says when it is kept for the way to the door.

async function stayAwake() {
  if (document.visibilityState !== "visible") return;
  await navigator.wakeLock?.request("screen").catch(() => undefined);
}

stayAwake();
document.addEventListener("visibilitychange", stayAwake);

const print = /** @type {HTMLButtonElement | null} */ (document.querySelector("[data-print]"));
if (print) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}

async function keep() {
  if (!("serviceWorker" in navigator)) return;
  const worker = (await navigator.serviceWorker.ready).active;
  worker?.postMessage({ keep: location.pathname });
  navigator.serviceWorker.addEventListener("message", (event) => {
    const note = /** @type {HTMLElement | null} */ (document.querySelector("[data-kept]"));
    if (note && event.data?.kept === location.pathname) note.hidden = false;
  });
}

keep();

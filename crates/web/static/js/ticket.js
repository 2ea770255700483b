// A ticket's page: keeps the screen on while the ticket is shown, and prints it.

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

// The checkout: the remaining time (`[data-expires]`), announced at 5, 2 and 1 minutes and 30 seconds; buttons for the sandbox's cards;
// a second press of "Pay" does nothing.

const SAID_AT = [300, 120, 60, 30];

/** @param {number} seconds */
function words(seconds) {
  const minutes = Math.floor(seconds / 60);
  if (seconds < 60) return `${seconds} seconds left`;
  return minutes === 1 ? "one minute left" : `${minutes} minutes left`;
}

/** @param {HTMLElement} bar */
function countDown(bar) {
  const end = Date.parse(bar.dataset.expires ?? "");
  const left = bar.querySelector("[data-left]");
  const announce = bar.querySelector("[data-announce]");
  let before = Infinity;
  const { here = location.href } = bar.dataset;
  const tick = () => {
    const seconds = Math.max(0, Math.ceil((end - Date.now()) / 1000));
    if (left) left.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    bar.classList.toggle("soon", seconds <= 120);
    const due = SAID_AT.find((at) => seconds <= at && before > at);
    if (due !== undefined && before !== Infinity && announce) announce.textContent = words(seconds);
    // Reload a moment later, so that the time is over for the server too; by address, so that no form is sent again.
    if (seconds === 0) return before === Infinity ? undefined : setTimeout(() => location.replace(here), 1500);
    before = seconds;
    setTimeout(tick, 1000 - (Date.now() % 1000));
  };
  tick();
}

const bar = /** @type {HTMLElement | null} */ (document.querySelector("[data-expires]"));
if (bar) countDown(bar);

/** @param {string} name @param {string} value */
function fill(name, value) {
  const input = /** @type {HTMLInputElement | null} */ (document.getElementById(name));
  if (input) input.value = value;
}

for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll("[data-card]"))) {
  button.hidden = false;
  button.addEventListener("click", () => {
    fill("card_number", button.dataset.card ?? "");
    fill("expiry", `12/${String(new Date().getFullYear() + 3).slice(2)}`);
    fill("cvv", "123");
  });
}

const pay = /** @type {HTMLFormElement | null} */ (document.querySelector("[data-pay]"));
pay?.addEventListener("submit", (event) => {
  if (pay.dataset.sent) return event.preventDefault();
  pay.dataset.sent = "yes";
  const button = pay.querySelector("button.primary");
  if (button) button.textContent = "Paying …";
});
// After the Back button the browser shows the form as it was left: allow sending it again.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.replace(bar?.dataset.here ?? location.href);
});

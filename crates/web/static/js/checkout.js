// The checkout: buttons for the sandbox's cards; a second press of "Pay" does nothing.

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
  // Signing in and registering are buttons of the same form, so that the typed address goes along.
  if (event.submitter?.hasAttribute("formaction")) return;
  if (pay.dataset.sent) return event.preventDefault();
  pay.dataset.sent = "yes";
  const button = pay.querySelector("button.primary");
  if (button) button.textContent = "Paying …";
});
// After the Back button the browser shows the form as it was left: allow sending it again.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.replace(location.pathname);
});

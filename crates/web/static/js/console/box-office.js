// The box office (`[data-sale]`): seats chosen on the map take precedence over a quantity; the button shows how many will be sold.

import { mountFormMap } from "./sale-map.js";

const form = /** @type {HTMLFormElement | null} */ (document.querySelector("[data-sale]"));
const MOST = 1000;

if (form) {
  const inputs = form.querySelector("[data-inputs]");
  const byNumber = /** @type {HTMLElement | null} */ (form.querySelector("[data-by-number]"));
  const button = form.querySelector("[data-sell]");
  const quantity = /** @type {HTMLInputElement | null} */ (form.querySelector("#quantity"));
  const basket = /** @type {HTMLElement | null} */ (form.querySelector("[data-basket]"));
  const basketWords = basket?.querySelector("[data-basket-words]");
  let chosen = 0;

  const name = () => {
    const many = chosen || Number(quantity?.value ?? 0);
    if (!button) return;
    button.textContent = many > 0 ? `Sell ${many} ${many === 1 ? "ticket" : "tickets"}` : "Sell";
    button.toggleAttribute("disabled", many === 0);
    // On a phone the form is below the map: a bar shows what was chosen and leads there.
    const total = form.querySelector(".sm-total strong")?.textContent ?? "";
    if (basket) basket.hidden = chosen === 0;
    if (basketWords) basketWords.textContent = `${chosen} ${chosen === 1 ? "ticket" : "tickets"}${total && ` · ${total}`}`;
  };
  quantity?.addEventListener("input", name);

  mountFormMap(form, "buy", MOST, (indexes) => {
    chosen = indexes.length;
    if (byNumber) byNumber.hidden = chosen > 0;
    inputs?.replaceChildren(
      ...indexes.map((index) => {
        const input = document.createElement("input");
        [input.type, input.name, input.value] = ["hidden", "seat", String(index)];
        return input;
      }),
    );
    name();
  });
  // A double click is one sale: the button is disabled, and the form has an idempotency key.
  form.addEventListener("submit", () => setTimeout(() => button?.setAttribute("disabled", ""), 0));
  // After the Back button, load the page again: the old form belongs to the finished sale.
  window.addEventListener("pageshow", ({ persisted }) => (persisted ? location.reload() : name()));
  name();
}

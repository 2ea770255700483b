// Blocking seats (`[data-block]`): puts the seats chosen on the map into one field of the form; a button chooses the seats of a line of the list.

import { mountFormMap } from "./sale-map.js";

const form = /** @type {HTMLFormElement | null} */ (document.querySelector("[data-block]"));
const MOST = 250000;

if (form) {
  const field = /** @type {HTMLInputElement | null} */ (form.querySelector('[name="seats"]'));
  const basket = /** @type {HTMLElement | null} */ (form.querySelector("[data-basket]"));
  const needSeats = (/** @type {number} */ chosen) => {
    // On a phone the buttons are below the map: a bar shows what was chosen and leads there.
    if (basket) basket.hidden = chosen === 0;
    const words = basket?.querySelector("[data-basket-words]");
    if (words) words.textContent = `${chosen.toLocaleString("en-US")} ${chosen === 1 ? "seat" : "seats"}`;
    for (const button of form.querySelectorAll('button[name="do"]')) button.toggleAttribute("disabled", chosen === 0);
  };
  needSeats(field?.value ? field.value.split(",").length : 0);
  const map = mountFormMap(form, "organize", MOST, (indexes) => {
    if (field) field.value = indexes.join(",");
    needSeats(indexes.length);
  });
  for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll("[data-pick]"))) {
    button.hidden = !map || !button.dataset.pick;
    button.addEventListener("click", () => {
      for (const seat of map?.chosen() ?? []) map?.remove(seat);
      for (const seat of (button.dataset.pick ?? "").split(",")) map?.choose(Number(seat));
      form.scrollIntoView({ block: "start" });
    });
  }
}

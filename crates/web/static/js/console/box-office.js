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
  const section = /** @type {HTMLSelectElement | null} */ (form.querySelector("#section"));
  const quote = form.querySelector("[data-quote]");
  let chosen = 0;
  /** What a sale by number comes to; empty until it is known. */
  let quoted = "";

  const name = () => {
    const many = chosen || Number(quantity?.value ?? 0);
    if (!button) return;
    const free = form.querySelector('[name="payment"][value="complimentary"]:checked') !== null;
    const total = many === 0 ? "" : free ? "for nothing" : chosen > 0 ? (form.querySelector(".sm-total strong")?.textContent ?? "") : quoted;
    const tickets = `${many} ${many === 1 ? "ticket" : "tickets"}${total && ` · ${total}`}`;
    button.textContent = many > 0 ? `Sell ${tickets}` : "Sell";
    button.toggleAttribute("disabled", many === 0);
    // On a phone the form is below the map: a bar shows what was chosen and leads there.
    if (basket) basket.hidden = many === 0;
    if (basketWords) basketWords.textContent = tickets;
  };
  for (const payment of form.querySelectorAll('[name="payment"]')) payment.addEventListener("change", name);

  let asked = 0;
  /** Asks what the tickets by number come to, and which ones they are. */
  const ask = async () => {
    const turn = (asked += 1);
    const many = Number(quantity?.value ?? 0);
    const [kind, place] = (section?.value ?? "").split(/:(.*)/s);
    [quoted] = [""];
    if (quote) quote.textContent = "";
    name();
    if (!(many > 0)) return;
    const found = kind === "standing" ? standing(section, many) : await best(form.querySelector(".seat-map"), many, place);
    if (turn !== asked) return;
    quoted = found.prices ? (map?.cost(found.prices) ?? "") : "";
    if (quote) quote.textContent = [found.words, quoted].filter(Boolean).join(" · ");
    name();
  };
  quantity?.addEventListener("input", () => void ask());
  section?.addEventListener("change", () => void ask());

  const map = mountFormMap(form, "buy", MOST, (indexes) => {
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
  form.querySelector(".seat-map")?.addEventListener("seat-map-ready", () => void ask());
  // A double click is one sale: the button is disabled, and the form has an idempotency key.
  form.addEventListener("submit", () => setTimeout(() => button?.setAttribute("disabled", ""), 0));
  // After the Back button, load the page again: the old form belongs to the finished sale.
  window.addEventListener("pageshow", ({ persisted }) => (persisted ? location.reload() : name()));
  name();
}

/** Standing places that all cost the same. @param {HTMLSelectElement | null} section @param {number} many @returns {{words: string, prices?: number[]}} */
function standing(section, many) {
  const price = section?.selectedOptions[0]?.dataset.price;
  return { words: "", ...(price ? { prices: Array(Math.min(many, 1000)).fill(Number(price)) } : {}) };
}

/** The best available seats now. @param {Element | null} root @param {number} quantity @param {string | undefined} section @returns {Promise<{words: string, prices?: number[]}>} */
async function best(root, quantity, section) {
  const asked = new URLSearchParams({ quantity: String(quantity), ...(section ? { section } : {}) });
  const event = /** @type {HTMLElement | null} */ (root)?.dataset.event;
  const answer = await fetch(`/api/v1/events/${event}/seats/best?${asked}`, { headers: { accept: "application/json" } }).catch(() => null);
  if (!answer) return { words: "" };
  /** @type {{seats?: {label: string, price: number}[], detail?: string}} */
  const { seats, detail = "" } = await answer.json();
  if (!seats || seats.length === 0) return { words: detail };
  const [first, last] = [seats[0], seats[seats.length - 1]];
  return { words: seats.length === 1 ? first.label : `${first.label} to ${last.label}`, prices: seats.map(({ price }) => price) };
}

// The list of chosen seats: the price of each, the total, buttons that remove a seat and undo that.

import { element } from "./dom.js";

/** @import { Model } from "./model.js" */
/** @import { Fees } from "./types.js" */

/** The most lines that are shown; an organizer may choose thousands of seats. */
const MOST_LINES = 40;

/**
 * @param {HTMLElement} root @param {Model} model
 * @param {{fees: Fees | null, show: (seat: number) => void, remove: (seat: number) => void, clear: () => void, readOnly: boolean, alone?: number[], refuseAlone?: boolean}} options
 */
export function renderTray(root, model, { fees, show, remove, clear, readOnly, alone = [], refuseAlone = false }) {
  const seats = [...model.chosen];
  const kept = focusedPlace(root);
  root.classList.add("sm-tray");
  if (seats.length === 0) {
    // The words of the server's page, so that nothing moves when the map has been loaded.
    const words = root.dataset.empty ?? "Pick your seats on the map.";
    root.replaceChildren(element("p", { class: "sm-empty" }, model.maxSeats > 0 ? words : "You have the most one person can buy."));
    return;
  }
  const lines = seats.slice(0, MOST_LINES).map((seat) => line(model, seat, show, readOnly ? null : remove));
  const more = seats.length > MOST_LINES ? element("p", { class: "sm-empty" }, `and ${(seats.length - MOST_LINES).toLocaleString("en-US")} more`) : null;
  const clearAll = model.mode === "organize" && !readOnly ? element("button", { type: "button", class: "sm-act", onclick: clear }, seats.length > 1 ? `Clear all ${seats.length.toLocaleString("en-US")}` : "Clear") : null;
  root.replaceChildren(...present([element("ul", { class: "sm-lines" }, ...lines), more, clearAll, single(model, alone, refuseAlone), total(model, seats, fees)]));
  // Keep the keyboard focus in the list after a line was removed.
  if (kept >= 0) /** @type {HTMLElement | undefined} */ ([...root.querySelectorAll(".sm-remove")][Math.min(kept, lines.length - 1)])?.focus();
}

/** @param {Model} model @param {number[]} alone @param {boolean} refused */
function single(model, alone, refused) {
  if (alone.length === 0) return null;
  const left = `This leaves ${model.label(alone[0])} alone${alone.length > 1 ? `, and ${alone.length - 1} more` : ""}.`;
  return element("p", { class: "sm-single", role: "status" }, refused ? `${left} Please move along, so that no single seat is left.` : `${left} If you can, move one seat along.`);
}

/** @template T @param {(T | null)[]} list @returns {T[]} */
function present(list) {
  return /** @type {T[]} */ (list.filter((item) => item !== null));
}

/** @param {HTMLElement} root */
function focusedPlace(root) {
  const active = document.activeElement;
  return active && root.contains(active) ? [...root.querySelectorAll(".sm-remove")].indexOf(active) : -1;
}

/** @param {Model} model @param {number} seat @param {(seat: number) => void} show @param {((seat: number) => void) | null} remove */
function line(model, seat, show, remove) {
  const { section, row, number, accessible } = model.info(seat);
  const price = model.prices.of(seat);
  const where = [row && `Row ${row}`, number && `Seat ${number}`].filter(Boolean).join(" · ");
  const name = element(
    "button",
    { type: "button", class: "sm-where", title: "Show on the map", onclick: () => show(seat) },
    element("strong", {}, where || section),
    element("span", {}, where ? section : "", accessible ? " · Wheelchair place" : ""),
  );
  const cost = price === null ? "" : model.money.text(price);
  const drop = remove && element("button", { type: "button", class: "sm-remove", "aria-label": `Remove ${model.label(seat)}`, onclick: () => remove(seat) }, "✕");
  return element("li", {}, name, element("span", { class: "sm-price" }, cost), drop);
}

/** @param {Model} model @param {number[]} seats @param {Fees | null} fees */
function total(model, seats, fees) {
  const { money } = model;
  const known = seats.map((seat) => model.prices.of(seat)).filter((price) => price !== null);
  if (model.mode !== "buy" || known.length === 0) return null;
  const sum = known.reduce((a, b) => a + b, 0);
  const extra = fees ? money.fees(fees, known) : 0;
  const tickets = `${seats.length} ${seats.length === 1 ? "ticket" : "tickets"}`;
  const note = fees === null ? "before fees" : extra > 0 ? `with ${money.text(extra)} fees` : "no fees";
  return element("p", { class: "sm-total" }, element("span", {}, tickets, element("small", {}, ` · ${note}`)), element("strong", {}, money.text(sum + extra)));
}

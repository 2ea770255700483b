// The seats page: the map in `.seat-map`, and the form with the seats chosen on the map (`[data-chosen-form]`). Seats that the visitor holds
// are never shown as taken: the server leaves them out of the choice, and a page that is older than the hold is loaded again.

import { mountSeatMap } from "./map/index.js";

const root = /** @type {HTMLElement | null} */ (document.querySelector(".seat-map"));
const form = /** @type {HTMLFormElement | null} */ (document.querySelector("[data-chosen-form]"));

const list = document.querySelector("#list");
const boxes = /** @type {HTMLInputElement[]} */ ([...(list?.querySelectorAll('input[type="checkbox"][name="seat"]') ?? [])]);

/** @param {number[]} indexes */
const hidden = (indexes) =>
  indexes.map((index) => {
    const input = document.createElement("input");
    [input.type, input.name, input.value] = ["hidden", "seat", String(index)];
    return input;
  });

/** Puts the chosen seats into the links of the list beside the map. @param {number[]} indexes */
function updateList(indexes) {
  for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (list?.querySelectorAll("a[href]") ?? [])) {
    const url = new URL(link.href);
    url.searchParams.delete("seat");
    for (const index of indexes) url.searchParams.append("seat", String(index));
    link.href = url.href;
  }
  for (const box of boxes) box.checked = indexes.includes(Number(box.value));
  const rows = list?.querySelector("form");
  for (const old of rows?.querySelectorAll('input[type="hidden"][name="seat"]') ?? []) old.remove();
  rows?.append(...hidden(indexes.filter((index) => !boxes.some((box) => box.value === String(index)))));
}

/** Where the checkout notes the seats of this event that were given back. */
const returnedKey = `returned.${root?.dataset.event}`;

/** Seats that were given back at the checkout. The address of an older page, to which Back leads, still names them. @returns {number[]} */
function returned() {
  try {
    return JSON.parse(sessionStorage.getItem(returnedKey) ?? "[]");
  } catch {
    return [];
  }
}

/** A seat that is chosen anew no longer counts as given back. @param {number[]} indexes */
function chosenAnew(indexes) {
  const before = returned();
  const after = before.filter((index) => !indexes.includes(index));
  if (after.length < before.length) sessionStorage.setItem(returnedKey, JSON.stringify(after));
}

/** @param {number[]} indexes @param {unknown[]} [_seats] @param {number[]} [alone] */
function fill(indexes, _seats, alone = []) {
  const button = form?.querySelector("button.primary");
  form?.querySelector("[data-inputs]")?.replaceChildren(...hidden(indexes));
  updateList(indexes);
  chosenAnew(indexes);
  button?.toggleAttribute("disabled", indexes.length === 0 || (alone.length > 0 && root?.dataset.singles === "refuse"));
  // The address carries the chosen seats, so that reloading, going back and a second tab keep them, also after a refused form.
  const url = new URL(location.href);
  url.pathname = `/events/${root?.dataset.event}/seats`;
  url.searchParams.delete("seat");
  for (const index of indexes) url.searchParams.append("seat", String(index));
  history.replaceState(null, "", url);
}

/** After how long it is asked a second time whether lost seats are the visitor's own. */
const AGAIN_MS = 400;

/** Whether a form with seats has been sent from this page. While the answer is awaited, the map already hears that its seats are reserved. */
let sent = false;
for (const sender of document.querySelectorAll('form[action$="/reserve"], #list form')) sender.addEventListener("submit", () => (sent = true));

// The browser's Back shows this page as it was left, before the seats were held, if it kept the page alive.
addEventListener("pageshow", ({ persisted }) => {
  if (persisted) location.reload();
});
/** Whether this browser holds seats, perhaps in another tab. A crowd that holds none need not ask. */
const mayHold = () => document.cookie.includes("__Host-cart=");

/** The seats of this event that the visitor holds. @param {string} event @returns {Promise<Set<number>>} */
async function heldNow(event) {
  const answer = await fetch("/api/v1/users/me/reservations", { headers: { accept: "application/json" } });
  if (!answer.ok) return new Set();
  /** @type {{reservations: {event_id: string, seats: {index: number}[]}[]}} */
  const { reservations } = await answer.json();
  return new Set(reservations.filter(({ event_id: id }) => id === event).flatMap(({ seats }) => seats.map(({ index }) => index)));
}

/** Shows the best available seats on the map; they are not held yet. @param {HTMLFormElement} best @param {FormData} fields @param {import("./map/types.js").Controller} seats */
async function findBest(best, fields, seats) {
  const said = best.querySelector("[data-found]");
  const asked = new URLSearchParams({ quantity: String(fields.get("best")) });
  for (const [field, name] of [["best_section", "section"], ["max_price", "max_price"], ["accessible", "accessible"]]) {
    const value = String(fields.get(field) ?? "").trim();
    if (value) asked.set(name, value);
  }
  const answer = await fetch(`/api/v1/events/${root?.dataset.event}/seats/best?${asked}`, { headers: { accept: "application/json" } }).catch(() => null);
  // The server's page says what is wrong, beside the field.
  if (!answer || (!answer.ok && answer.status !== 409)) return best.submit();
  /** @type {{seats?: {index: number}[], detail?: string}} */
  const { seats: found, detail } = await answer.json();
  if (!answer.ok || !found) return void (said && (said.textContent = detail ?? ""));
  seats.replace(found.map(({ index }) => index));
  if (said) said.textContent = `${found.length === 1 ? "This is the best seat" : `These are the best ${found.length} seats together`}, shown on the map. They are not held yet.`;
  root?.scrollIntoView({ block: "nearest" });
}

if (root) {
  const { event = "", map = "", currency = "", most = "8", mode = "buy", chosen = "", held = "" } = root.dataset;
  const indexes = (/** @type {string} */ words) => words.split(" ").filter(Boolean).map(Number);
  const api = `/api/v1/events/${event}`;
  const back = returned();
  const seats = mountSeatMap(root, {
    eventId: event,
    seatMapUrl: map,
    availabilityUrl: `${api}/availability`,
    liveUrl: `${api}/live`,
    currency,
    maxSeats: Number(most),
    singles: root.dataset.singles === "refuse" ? "refuse" : "warn",
    mode: /** @type {"buy" | "show"} */ (mode),
    tray: /** @type {HTMLElement | null} */ (form?.querySelector("[data-tray]")) ?? undefined,
    chosen: indexes(chosen).filter((index) => !back.includes(index)),
    held: indexes(held),
    checkoutUrl: /** @type {HTMLAnchorElement | null} */ (document.querySelector('.sm-held a, .held-above a'))?.href,
    onChange: fill,
    onLost: async (seats) => {
      if (sent) return true;
      if (!mayHold()) return false;
      // The list of what one holds may be some milliseconds behind the map.
      for (const wait of [0, AGAIN_MS]) {
        await new Promise((resolve) => setTimeout(resolve, wait));
        const own = await heldNow(event).catch(() => new Set());
        if (!seats.some((seat) => own.has(seat))) continue;
        // They were held in another tab.
        location.reload();
        return true;
      }
      return false;
    },
    onStanding: (name) => {
      const place = /** @type {HTMLInputElement[]} */ ([...document.querySelectorAll('input[name="standing"]')]).find(({ value }) => value === name);
      const quantity = /** @type {HTMLInputElement | null | undefined} */ (place?.form?.querySelector('[name="quantity"]'));
      quantity?.focus();
      quantity?.scrollIntoView({ block: "center" });
    },
  });
  const best = /** @type {HTMLFormElement | null} */ (document.querySelector("[data-best]"));
  best?.addEventListener("submit", (event) => {
    const fields = new FormData(best);
    // Whoever asks for the best seats may get one that they gave back before.
    if (returned().length > 0) sessionStorage.removeItem(returnedKey);
    // A price with a sign or a comma is read by the server.
    if (!/^[\d.]*$/.test(String(fields.get("max_price")).trim())) return;
    event.preventDefault();
    void findBest(best, fields, seats);
  });
  for (const box of boxes) {
    box.addEventListener("change", () => {
      if (box.checked) seats.choose(Number(box.value));
      else seats.remove(Number(box.value));
    });
  }
}

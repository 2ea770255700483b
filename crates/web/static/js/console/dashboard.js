// An event's dashboard: loads the page again every few seconds for its figures (`[data-live]`), and draws its tables as charts
// (`[data-chart]`) and as a heat map (`[data-heat]`). All numbers come from the server.

import { mountSeatMap } from "../map/index.js";
import { Chart } from "./chart.js";

const EVERY_MS = 4000;
/** How many past values of seats in carts are kept: one hour. */
const KEPT = 900;

/** @param {string} selector @param {ParentNode} [within] */
const one = (selector, within = document) => /** @type {HTMLElement | null} */ (within.querySelector(selector));
/** @param {string} selector @param {ParentNode} [within] */
const all = (selector, within = document) => /** @type {HTMLElement[]} */ ([...within.querySelectorAll(selector)]);

const link = one("[data-link]");

/** Copies the changed figures of a newer page into this one. @param {Document} newer */
function patch(newer) {
  for (const part of all("[data-live]")) {
    const fresh = one(`[data-live="${part.dataset.live}"]`, newer);
    // A table that was empty and no longer is (or the reverse) changes the page's structure: reload.
    if (!fresh || fresh.tagName !== part.tagName) return location.reload();
    if (part.dataset.live === "carts") Object.assign(part.dataset, fresh.dataset);
    else if (part.innerHTML !== fresh.innerHTML) part.replaceChildren(...fresh.childNodes);
  }
}

// The curve

const curveBox = one('[data-chart="curve"]');
const currency = curveBox?.dataset.currency ?? "USD";
// As on every page: a sign for these four, else the code.
const currencyDisplay = ["USD", "EUR", "GBP", "JPY"].includes(currency) ? "symbol" : "code";
const money = new Intl.NumberFormat("en-US", { style: "currency", currency, currencyDisplay });
const shortMoney = new Intl.NumberFormat("en-US", { style: "currency", currency, currencyDisplay, notation: "compact", maximumFractionDigits: 1 });
const count = new Intl.NumberFormat("en-US");
const zone = curveBox?.dataset.zone;
const step = Number(curveBox?.dataset.step ?? 60);
const TICKETS = { step, zone, bars: "Tickets", line: "So far", text: (/** @type {number} */ value) => (Number.isInteger(value) ? count.format(value) : "") };
const REVENUE = { step, zone, bars: "Revenue", line: "So far", text: (/** @type {number} */ value) => money.format(value), short: (/** @type {number} */ value) => shortMoney.format(value) };
const curve = curveBox ? new Chart(curveBox, TICKETS, "bars") : null;

function drawCurve() {
  const rows = all('tbody[data-live="curve"] tr');
  const column = curve?.words === REVENUE ? 3 : 2;
  const value = (/** @type {HTMLElement} */ row) => {
    const cell = row.children[column];
    return Number(cell?.querySelector("data")?.value ?? cell?.textContent);
  };
  const time = (/** @type {HTMLElement} */ row) => Date.parse(row.querySelector("time")?.dateTime ?? "") / 1000;
  curve?.show(rows.map(time), rows.map(value));
}

const series = one("[data-series]");
if (series && curve) {
  series.hidden = false;
  series.addEventListener("click", ({ target }) => {
    const button = /** @type {HTMLElement} */ (target).closest("button");
    if (!button) return;
    for (const other of all("button", series)) other.setAttribute("aria-pressed", String(other === button));
    curve.words = button.value === "revenue" ? REVENUE : TICKETS;
    curve.plot?.destroy();
    curve.plot = null;
    drawCurve();
  });
}

// Seats in carts, as long as the page is open

const cartsBox = one('[data-chart="carts"]');
const carts = cartsBox ? new Chart(cartsBox, { step: EVERY_MS / 1000, bars: "Seats in carts", text: TICKETS.text }, "steps") : null;
/** @type {{at: number, seats: number, carts: number}[]} */
const history = [];

function noteCarts() {
  const now = one('[data-live="carts"]')?.dataset;
  const block = one("[data-carts]:not(data)");
  const rows = one("[data-history]");
  if (!now || !block || !rows) return;
  const point = { at: Math.floor(Date.now() / 1000), seats: Number(now.seats), carts: Number(now.carts) };
  const last = history.at(-1);
  history.push(point);
  if (history.length > KEPT) history.shift();
  if (history.length < 2) return;
  block.hidden = false;
  carts?.show(history.map(({ at }) => at), history.map(({ seats }) => seats));
  if (last && rows.childElementCount > 0 && last.seats === point.seats && last.carts === point.carts) return;
  const row = document.createElement("tr");
  for (const text of [new Date(point.at * 1000).toLocaleTimeString("en-GB"), count.format(point.seats), count.format(point.carts)]) row.insertCell().textContent = text;
  for (const cell of [...row.cells].slice(1)) cell.className = "number";
  rows.prepend(row);
}

// The heat map: warmer where more is sold

const house = one("[data-heat]");
const heat = () => new Map(all('[data-live="sections"] tr').map((row) => [row.dataset.section ?? "", Number(row.dataset.share) / 100]));
const map = house
  ? mountSeatMap(house, {
      eventId: house.dataset.event,
      seatMapUrl: house.dataset.map,
      availabilityUrl: `/api/v1/events/${house.dataset.event}/availability`,
      liveUrl: `/api/v1/events/${house.dataset.event}/live`,
      currency: house.dataset.currency,
      mode: "show",
      heat: heat(),
    })
  : null;
let shown = "";
function warm() {
  const now = heat();
  // Drawing a stadium takes a moment: skip it if nothing has changed.
  const key = JSON.stringify([...now]);
  if (key !== shown) map?.setHeat(now);
  shown = key;
}
const legend = one("[data-heat-legend]");
if (legend) legend.hidden = false;

function draw() {
  drawCurve();
  noteCarts();
  warm();
}

async function follow() {
  if (!document.hidden) {
    try {
      const answer = await fetch(location.href, { headers: { accept: "text/html" } });
      if (answer.redirected) return location.reload();
      if (answer.ok) {
        patch(new DOMParser().parseFromString(await answer.text(), "text/html"));
        draw();
      }
      if (link) link.textContent = answer.ok ? "" : "The server is busy; these figures are not the newest.";
    } catch {
      if (link) link.textContent = "No connection: these figures are not the newest.";
    }
  }
  setTimeout(follow, EVERY_MS);
}

// uPlot is a classic script that has run before this module.
draw();
setTimeout(follow, EVERY_MS);

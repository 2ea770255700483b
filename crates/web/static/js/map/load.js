// Loads the model: the plan, the prices and the seats' statuses. Plan and prices are requested at the same time; a plan without
// prices is shown as well.

import { breathe, readGeometry, sliced } from "./geometry.js";
import { Grid } from "./grid.js";
import { Model } from "./model.js";
import { Money, Prices } from "./prices.js";
import { Statuses } from "./statuses.js";

/** @import { Fees, GeometryDocument, Options } from "./types.js" */

/** @param {string} url @param {AbortSignal} signal */
async function fetchJson(url, signal) {
  const answer = await fetch(url, { signal, headers: { accept: "application/json" } });
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return answer.json();
}

/** @param {Options} options @param {AbortSignal} signal @returns {Promise<{prices: Record<string, number>, fees: Fees | null}>} */
async function fetchPrices(options, signal) {
  const fees = options.fees ?? null;
  const url = options.eventUrl ?? options.availabilityUrl?.replace(/\/availability$/, "");
  if (options.prices && (fees || !url || options.geometry)) return { prices: options.prices, fees };
  if (!url || options.geometry) return { prices: {}, fees };
  try {
    /** @type {{price_tiers?: Record<string, number>, fees?: Fees}} */
    const event = await fetchJson(url, signal);
    return { prices: options.prices ?? event.price_tiers ?? {}, fees: fees ?? event.fees ?? null };
  } catch {
    return { prices: options.prices ?? {}, fees };
  }
}

/** @param {Options} options @param {AbortSignal} signal @returns {Promise<{model: Model, fees: Fees | null}>} */
export async function load(options, signal) {
  /** @type {Promise<GeometryDocument>} */
  const geometry = options.geometry ? Promise.resolve(options.geometry) : fetchJson(options.seatMapUrl ?? "", signal);
  const [document, { prices: byName, fees }] = await Promise.all([geometry, fetchPrices(options, signal)]);
  // Let other work of the page run: parsing was one long task, and reading the plan is another.
  await breathe();
  const plan = await readGeometry(document);
  const money = new Money(options.currency || "USD");
  /** @type {Partial<{grid: Grid, prices: Prices, statuses: Statuses, model: Model}>} */
  const made = {};
  const steps = [
    () => (made.grid = new Grid(plan.x, plan.y, plan.pitch * 2)),
    () => (made.prices = new Prices(plan, byName, money)),
    () => (made.statuses = new Statuses(plan.section, plan.sections.length)),
    () => {
      const { grid, prices, statuses } = /** @type {Required<typeof made>} */ (made);
      made.model = new Model({ plan, grid, prices, statuses, money, mode: options.mode ?? "buy", maxSeats: options.maxSeats ?? 8, held: options.held ?? [] });
    },
  ];
  await sliced(steps, (step) => void step());
  signal.throwIfAborted();
  return { model: /** @type {Model} */ (made.model), fees };
}

// The state of the map: the plan, the status and price of every seat, the chosen seats, the filter. No drawing here; views subscribe to
// its changes.

import { AVAILABLE, BLOCKED, RESERVED, STATUS } from "./statuses.js";
import { lookOf } from "./sprites.js";

/** @import { Geometry } from "./geometry.js" */
/** @import { Grid } from "./grid.js" */
/** @import { Money, Prices } from "./prices.js" */
/** @import { Statuses, Update } from "./statuses.js" */
/** @import { Look } from "./sprites.js" */
/** @import { Filter, SeatInfo } from "./types.js" */

/** @typedef {"buy" | "organize" | "show"} Mode */
/** @typedef {"chosen" | "limit" | "taken" | "unknown"} Outcome */

export class Model {
  /**
   * @param {{plan: Geometry, grid: Grid, statuses: Statuses, prices: Prices, money: Money, mode: Mode, maxSeats: number, held?: number[]}} parts
   */
  constructor({ plan, grid, statuses, prices, money, mode, maxSeats, held = [] }) {
    this.plan = plan;
    this.grid = grid;
    this.statuses = statuses;
    this.prices = prices;
    this.money = money;
    this.mode = mode;
    this.maxSeats = mode === "organize" ? Infinity : maxSeats;
    /** Reserved for this visitor when the page was made. */
    this.held = new Set(held);
    /** In the order they were chosen. @type {Set<number>} */
    this.chosen = new Set();
    /** @type {Map<number, number> | null} heat by section number */
    this.heat = null;
    /** The zoom, in pixels between neighbouring seats, from which the map shows seats instead of sections. */
    this.near = 4.5;
    /** @type {Filter} */
    this.filter = {};
    /** Whether each price passes the filter. @type {boolean[]} */
    this.passing = prices.list.map(() => true);
    /** How many seats each section has at each price. */
    this.counts = plan.sections.map(() => new Uint32Array(prices.list.length));
    for (let seat = 0; seat < plan.count; seat += 1) {
      if (plan.section[seat] >= 0) this.counts[plan.section[seat]][prices.ofSeat[seat]] += 1;
    }
    /** A seat looks different now. @type {(seat: number) => void} */
    this.onSeat = () => undefined;
    /** Everything may look different now. @type {() => void} */
    this.onAll = () => undefined;
    /** The chosen seats have changed. @type {() => void} */
    this.onChosen = () => undefined;
    /** Chosen seats are not available any more. @type {(seats: number[]) => void} */
    this.onLost = () => undefined;
  }

  /** Applies an update of the server. @param {Update} update */
  update(update) {
    const lost = /** @type {number[]} */ ([]);
    const first = !this.statuses.known;
    this.statuses.apply(update, (seat) => {
      if (!first) this.onSeat(seat);
      if (this.mode === "buy" && this.chosen.has(seat) && this.statuses.of[seat] !== AVAILABLE) lost.push(seat);
    });
    if (first) this.onAll();
    if (lost.length === 0) return;
    for (const seat of lost) this.chosen.delete(seat);
    this.onChosen();
    this.onLost(lost);
  }

  /** Chooses a seat; returns whether that worked, or why not. @param {number} seat @returns {Outcome} */
  choose(seat) {
    if (!this.plan.placed(seat)) return "unknown";
    if (this.mode === "buy" && this.statuses.of[seat] !== AVAILABLE) return "taken";
    if (this.chosen.has(seat)) return "chosen";
    if (this.chosen.size >= this.maxSeats) return "limit";
    this.chosen.add(seat);
    this.onSeat(seat);
    this.onChosen();
    return "chosen";
  }

  /** Chooses or removes many seats; those that cannot be chosen are left out. @param {Iterable<number>} seats @param {boolean} on @returns {number} how many were changed */
  chooseAll(seats, on) {
    let changed = 0;
    for (const seat of seats) {
      if (on === this.chosen.has(seat) || !this.plan.placed(seat) || (on && this.chosen.size >= this.maxSeats)) continue;
      if (on) this.chosen.add(seat);
      else this.chosen.delete(seat);
      this.onSeat(seat);
      changed += 1;
    }
    if (changed > 0) this.onChosen();
    return changed;
  }

  /** @param {number} seat */
  remove(seat) {
    if (!this.chosen.delete(seat)) return;
    this.onSeat(seat);
    this.onChosen();
  }

  /** Whether a seat is reserved for this visitor. @param {number} seat */
  isHeld(seat) {
    return this.held.has(seat) && this.statuses.of[seat] === RESERVED;
  }

  /** @param {number} seat @returns {Look} */
  look(seat) {
    if (this.chosen.has(seat) || this.isHeld(seat)) return "chosen";
    const status = this.statuses.of[seat];
    return status === AVAILABLE && !this.passes(seat) ? "faded" : lookOf(status);
  }

  /** Whether a seat matches the filter. @param {number} seat */
  passes(seat) {
    return this.passing[this.prices.ofSeat[seat]] && (!this.filter.accessible || this.plan.accessible[seat] === 1);
  }

  /** @param {Filter} filter */
  setFilter(filter) {
    this.filter = filter;
    const { prices = [] } = filter;
    this.passing = this.prices.list.map(({ amount }) => prices.length === 0 || (amount !== null && prices.includes(amount)));
    this.onAll();
  }

  /** The price that most seats of a section have. @param {number} section */
  mainPrice(section) {
    const counts = this.counts[section];
    return counts.reduce((best, count, at) => (count > counts[best] ? at : best), 0);
  }

  /** Whether a section has a seat that matches the filter, available or not. @param {number} section */
  sectionPasses(section) {
    return this.counts[section].some((count, price) => count > 0 && this.passing[price]);
  }

  /** The data about a seat for the map's users. @param {number} seat @returns {SeatInfo} */
  info(seat) {
    const { plan } = this;
    const price = this.prices.of(seat);
    return {
      index: seat,
      section: plan.sections[plan.section[seat]]?.name ?? "",
      row: plan.rows[plan.row[seat]]?.label ?? "",
      number: plan.number(seat),
      price: price === null ? null : price / 10 ** this.money.digits,
      label: this.label(seat),
      accessible: plan.accessible[seat] === 1,
    };
  }

  /** `Floor, row A, seat 12` @param {number} seat */
  label(seat) {
    const { plan } = this;
    const row = plan.rows[plan.row[seat]]?.label;
    const number = plan.number(seat);
    const parts = [plan.sections[plan.section[seat]]?.name ?? "", row && `row ${row}`, number && `seat ${number}`];
    return parts.filter(Boolean).join(", ");
  }

  /** The status of a seat in words, for this visitor. @param {number} seat */
  word(seat) {
    if (this.chosen.has(seat)) return "chosen";
    if (this.isHeld(seat)) return "held for you";
    const status = this.statuses.of[seat];
    // Visitors are not told why a seat is blocked.
    return status === BLOCKED && this.mode === "buy" ? "not for sale" : STATUS[status];
  }

  /** `Section A, row 3, seat 12, $85.00, available` @param {number} seat */
  spoken(seat) {
    const price = this.prices.of(seat);
    const parts = [this.label(seat), price === null ? "" : this.money.text(price), this.word(seat)];
    if (this.plan.accessible[seat]) parts.push("wheelchair place");
    return parts.filter(Boolean).join(", ");
  }

  /** `Lower 101, $85 to $120, 240 of 400 seats left` @param {number} section */
  spokenSection(section) {
    const { name, seats, standing } = this.plan.sections[section];
    const range = this.prices.ranges[section];
    const price = range ? [...new Set(range)].map((amount) => this.money.text(amount)).join(" to ") : "";
    const left = `${this.statuses.free[section]} of ${seats} ${standing ? "standing places" : "seats"} left`;
    return [name, price, left].filter(Boolean).join(", ");
  }
}

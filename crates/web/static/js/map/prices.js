// Prices of seats. Tiers with the same price are one price to a buyer: a stadium may have a tier for each of a hundred sections. Amounts are
// whole minor units; fees are rounded as the server rounds them.

/** @import { Geometry } from "./geometry.js" */
/** @import { Fees } from "./types.js" */

/**
 * @typedef {object} Price
 * @property {number | null} amount in minor units; null if it is not known
 * @property {string} name the common part of its tiers' names; "" if there is none
 * @property {string | undefined} color the plan's own colour; untrusted text
 */

/** A UUID that a plan editor uses as a name. */
const MACHINE_NAME = /^[0-9a-f]{8}-[0-9a-f-]{27}$/i;

/** What stands before an amount; other currencies have their code. The server writes the same. @type {Record<string, string>} */
const SIGNS = { USD: "$", EUR: "€", GBP: "£", JPY: "¥" };

export class Money {
  /** @param {string} currency */
  constructor(currency) {
    this.sign = SIGNS[currency] ?? `${currency}\u00a0`;
    const { maximumFractionDigits = 2 } = new Intl.NumberFormat("en-US", { style: "currency", currency }).resolvedOptions();
    this.digits = maximumFractionDigits;
    this.format = new Intl.NumberFormat("en-US", { minimumFractionDigits: this.digits, maximumFractionDigits: this.digits });
  }

  /** @param {number} price as JSON has it */
  minor(price) {
    return Math.round(price * 10 ** this.digits);
  }

  /** `$85.00` @param {number} amount */
  text(amount) {
    return `${amount < 0 ? "−" : ""}${this.sign}${this.format.format(Math.abs(amount) / 10 ** this.digits)}`;
  }

  /** `$85` without cents if they are zero: for small spaces. @param {number} amount */
  short(amount) {
    const whole = amount % 10 ** this.digits === 0;
    return whole ? this.text(amount).replace(/[.,]0+$/, "") : this.text(amount);
  }

  /** `$40–$120` @param {[number, number]} range */
  range([low, high]) {
    return low === high ? this.short(low) : `${this.short(low)}–${this.short(high)}`;
  }

  /** Fees on an order of seats with these prices, in minor units; free seats have none. @param {Fees} fees @param {number[]} prices */
  fees({ per_ticket = 0, per_order = 0, percent = 0 }, prices) {
    const tickets = prices.filter((price) => price > 0).length;
    if (tickets === 0) return 0;
    const sum = prices.reduce((total, price) => total + price, 0);
    const share = Math.floor((sum * Math.round(percent * 100) + 5_000) / 10_000);
    return this.minor(per_ticket) * tickets + this.minor(per_order) + share;
  }
}

export class Prices {
  /** @param {Geometry} plan @param {Record<string, number>} byName @param {Money} money */
  constructor(plan, byName, money) {
    this.plan = plan;
    /** For each seat what it is priced by: its tier, or its category in a plan that has no prices yet. */
    this.tier = plan.tierNames.length > 0 ? plan.tier : plan.category;
    /** From the highest to the lowest price, seats without a price last. @type {Price[]} */
    this.list = [];
    /** The index in the list for each tier. @type {Map<number, number>} */
    this.ofTier = new Map();
    this.ofSeat = new Uint8Array(plan.count);
    /** The lowest and the highest price in each section; null if no seat has a price. @type {([number, number] | null)[]} */
    this.ranges = plan.sections.map(() => null);
    this.#group(byName, money);
  }

  /** The price of a seat. @param {number} seat */
  of(seat) {
    return this.list[this.ofSeat[seat]]?.amount ?? null;
  }

  /** @param {Record<string, number>} byName @param {Money} money */
  #group(byName, money) {
    const { plan } = this;
    const tiers = tiersOf(plan, this.tier);
    /** @type {Map<string, {amount: number | null, names: Set<string>, colors: Set<string | undefined>, tiers: number[]}>} */
    const groups = new Map();
    for (const [tier, { name, color }] of tiers) {
      const amount = tier >= 0 && name in byName ? money.minor(byName[name]) : null;
      // Without known prices, each tier counts as a price of its own.
      const key = amount === null ? `${tier < 0 ? "none" : name}` : String(amount);
      const group = groups.get(key) ?? { amount, names: new Set(), colors: new Set(), tiers: [] };
      groups.set(key, group);
      group.names.add(name);
      group.colors.add(color);
      group.tiers.push(tier);
    }
    const sorted = [...groups.values()].sort((a, b) => (b.amount ?? -1) - (a.amount ?? -1)).slice(0, 255);
    sorted.forEach((group, at) => {
      this.list.push({ amount: group.amount, name: commonName([...group.names]), color: group.colors.size === 1 ? [...group.colors][0] : undefined });
      for (const tier of group.tiers) this.ofTier.set(tier, at);
    });
    for (let seat = 0; seat < plan.count; seat += 1) {
      this.ofSeat[seat] = this.ofTier.get(this.tier[seat]) ?? 0;
      const amount = this.list[this.ofSeat[seat]]?.amount;
      const section = plan.section[seat];
      if (amount === null || amount === undefined || section < 0) continue;
      const range = (this.ranges[section] ??= [amount, amount]);
      if (amount < range[0]) range[0] = amount;
      if (amount > range[1]) range[1] = amount;
    }
  }
}

/**
 * The name of each tier, and the color of its seats' category.
 * @param {Geometry} plan @param {Int32Array} tierOf
 */
function tiersOf(plan, tierOf) {
  /** @type {Map<number, {name: string, color: string | undefined}>} */
  const tiers = new Map();
  const names = tierOf === plan.tier ? plan.tierNames : plan.categories.map(({ name }) => name);
  for (let seat = 0; seat < plan.count; seat += 1) {
    const tier = tierOf[seat];
    if (plan.section[seat] < 0 || tiers.has(tier)) continue;
    const category = plan.categories[plan.category[seat]];
    tiers.set(tier, { name: names[tier] ?? "", color: category?.color });
  }
  return tiers;
}

/** The words that all names begin with: "Lower" for "Lower 1" to "Lower 40"; empty if there are none. @param {string[]} names */
export function commonName(names) {
  const named = names.filter((name) => name && !MACHINE_NAME.test(name));
  if (named.length !== names.length || named.length === 0) return "";
  const first = named[0].split(/\s+/);
  let shared = first.length;
  for (const name of named) {
    const words = name.split(/\s+/);
    let same = 0;
    while (same < shared && words[same] === first[same]) same += 1;
    shared = same;
  }
  return first.slice(0, shared).join(" ");
}

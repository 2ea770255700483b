// The targets of the arrow keys: the next seat in a direction, along the row if it runs that way, across rows otherwise; the ends of a
// row; the seat most similar to one that was taken.

/** @import { Geometry } from "./geometry.js" */
/** @import { Grid } from "./grid.js" */
/** @import { Point } from "./types.js" */

/** @typedef {"left" | "right" | "up" | "down"} Direction */

/** @type {Record<Direction, [number, number]>} */
const WAYS = { left: [-1, 0], right: [1, 0], up: [0, -1], down: [0, 1] };
/** The weight of distance sideways against distance ahead. */
const ASIDE = 2;
/** A seat in another row counts as this many times its distance, so that the same row is preferred. */
const OTHER_ROW = 1.3;

/** The next seat from `seat` in a direction; -1 at the edge of the plan. @param {Geometry} plan @param {Grid} grid @param {number} seat @param {Direction} direction */
export function nextSeat(plan, grid, seat, direction) {
  const [wayX, wayY] = WAYS[direction];
  const row = plan.row[seat];
  return grid.best(plan.x[seat], plan.y[seat], (other, dx, dy) => {
    const ahead = dx * wayX + dy * wayY;
    const aside = Math.abs(dx * wayY) + Math.abs(dy * wayX);
    if (ahead < plan.pitch * 0.2 || aside > ahead * 2) return Infinity;
    return (ahead + ASIDE * aside) * (plan.row[other] === row ? 1 : OTHER_ROW);
  });
}

/** The first or last seat of a row as it is read: left to right, or downwards where it stands upright. @param {Geometry} plan @param {number} seat @param {"first" | "last"} end */
export function rowEnd(plan, seat, end) {
  const { seats } = plan.rows[plan.row[seat]];
  let [left, right, top, bottom] = [seat, seat, seat, seat];
  for (const other of seats) {
    if (plan.x[other] < plan.x[left]) left = other;
    if (plan.x[other] > plan.x[right]) right = other;
    if (plan.y[other] < plan.y[top]) top = other;
    if (plan.y[other] > plan.y[bottom]) bottom = other;
  }
  const upright = plan.y[bottom] - plan.y[top] > plan.x[right] - plan.x[left];
  if (end === "first") return upright ? top : left;
  return upright ? bottom : right;
}

/** The index of the next section in a direction, by the sections' middles; -1 if there is none. @param {Geometry} plan @param {number} section @param {Direction} direction */
export function nextSection(plan, section, direction) {
  const [wayX, wayY] = WAYS[direction];
  const from = middle(plan, section);
  let [found, least] = [-1, Infinity];
  for (let other = 0; other < plan.sections.length; other += 1) {
    if (other === section || !plan.sections[other].seats) continue;
    const to = middle(plan, other);
    const ahead = (to.x - from.x) * wayX + (to.y - from.y) * wayY;
    const aside = Math.abs((to.x - from.x) * wayY) + Math.abs((to.y - from.y) * wayX);
    const cost = ahead > 0 ? ahead + ASIDE * aside : Infinity;
    if (cost < least) [found, least] = [other, cost];
  }
  return found;
}

/** @param {Geometry} plan @param {number} section @returns {Point} */
export function middle(plan, section) {
  const { left, right, top, bottom } = plan.sections[section].box;
  return { x: (left + right) / 2, y: (top + bottom) / 2 };
}

/** Seats further apart than this many of their row's usual steps have an aisle between them, as on the server. */
export const APART = 1.6;
/** A seat that is not beside another chosen one counts as this many times its distance. */
const NOT_BESIDE = 8;

/**
 * The nearest available seat with the price and accessibility of a seat that was taken: beside other chosen seats if there is one, since the
 * tickets of one order sit together; else in the same row rather than in another. -1 if there is none.
 * @param {Geometry} plan @param {Grid} grid @param {number} lost
 * @param {(seat: number) => boolean} free @param {(seat: number) => number | null} price @param {Set<number>} [chosen] the others
 */
export function nearestAlike(plan, grid, lost, free, price, chosen = new Set()) {
  const wanted = price(lost);
  const alike = (/** @type {number} */ seat) =>
    seat !== lost && free(seat) && price(seat) === wanted && plan.accessible[seat] === plan.accessible[lost];
  const near = new Set([...chosen].flatMap((seat) => beside(plan, seat)));
  return grid.best(plan.x[lost], plan.y[lost], (seat, dx, dy) => {
    if (!alike(seat)) return Infinity;
    const together = near.size === 0 || near.has(seat) ? 1 : NOT_BESIDE;
    return Math.hypot(dx, dy) * together * (plan.row[seat] === plan.row[lost] ? 1 : 1.1);
  });
}

/** @type {WeakMap<Geometry, Map<number, number>>} */
const steps = new WeakMap();

/** The usual distance between neighbours in a row. @param {Geometry} plan @param {number} row */
export function stepOf(plan, row) {
  const known = steps.get(plan) ?? new Map();
  steps.set(plan, known);
  let step = known.get(row);
  if (step === undefined) {
    const { seats } = plan.rows[row];
    const apart = [...seats].slice(1).map((seat, at) => Math.hypot(plan.x[seat] - plan.x[seats[at]], plan.y[seat] - plan.y[seats[at]]));
    apart.sort((a, b) => a - b);
    known.set(row, (step = apart[(apart.length - 1) >> 1] ?? plan.pitch));
  }
  return step;
}

/** The seats beside a seat, at most two. @param {Geometry} plan @param {number} seat @returns {number[]} */
export function beside(plan, seat) {
  const row = plan.rows[plan.row[seat]];
  if (!row || !plan.placed(seat)) return [];
  const most = APART * stepOf(plan, plan.row[seat]);
  const apart = (/** @type {number} */ other) => Math.hypot(plan.x[other] - plan.x[seat], plan.y[other] - plan.y[seat]);
  const near = [...row.seats].filter((other) => other !== seat && apart(other) <= most);
  return near.sort((a, b) => apart(a) - apart(b)).slice(0, 2);
}

/**
 * The seats that this choice would leave alone between taken ones, though another choice of as many seats there would not. Wheelchair places
 * are not counted.
 * @param {Geometry} plan @param {(seat: number) => boolean} available @param {Set<number>} chosen @returns {number[]}
 */
export function leftAlone(plan, available, chosen) {
  const isLeft = (/** @type {number} */ seat) => available(seat) && !chosen.has(seat);
  const alone = new Set([...chosen].flatMap((seat) => beside(plan, seat)).filter((seat) => isLeft(seat) && !plan.accessible[seat] && !beside(plan, seat).some(isLeft)));
  return [...alone].filter((seat) => {
    const run = new Set([seat]);
    for (const member of run) for (const other of beside(plan, member)) if (available(other) || chosen.has(other)) run.add(other);
    const taken = [...run].filter((member) => chosen.has(member)).length;
    return run.size - taken > 1;
  });
}

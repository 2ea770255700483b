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

/**
 * The nearest available seat with the price and accessibility of a seat that was taken; if equally near, one beside another chosen seat. -1
 * if there is none.
 * @param {Geometry} plan @param {Grid} grid @param {number} lost
 * @param {(seat: number) => boolean} free @param {(seat: number) => number | null} price
 */
export function nearestAlike(plan, grid, lost, free, price) {
  const wanted = price(lost);
  const alike = (/** @type {number} */ seat) =>
    seat !== lost && free(seat) && price(seat) === wanted && plan.accessible[seat] === plan.accessible[lost];
  return grid.best(plan.x[lost], plan.y[lost], (seat, dx, dy) => {
    if (!alike(seat)) return Infinity;
    // At the same distance, a seat in the same row is closer to the others of a group.
    return Math.hypot(dx, dy) * (plan.row[seat] === plan.row[lost] ? 1 : 1.1);
  });
}

// Types of pretix's seating plans, and a few helpers for making them.

/**
 * @typedef {{x: number, y: number}} Point
 * @typedef {{seat_guid: string, seat_number?: string | number, position?: Point, category?: string, radius?: number, fairseat_accessible?: boolean}} Seat
 * @typedef {{row_number?: string | number, position?: Point, seats: Seat[]}} Row
 * @typedef {{shape: string, position?: Point, color?: string, border_color?: string, rotation?: number, rectangle?: {width: number, height: number}, circle?: {radius: number}, ellipse?: {radius?: Point}, polygon?: {points?: Point[]}, text?: {text?: string, position?: Point, color?: string, size?: number}}} Area
 * @typedef {{name?: string, zone_id?: string, position?: Point, rows: Row[], areas?: Area[], fairseat_general_admission?: boolean}} Zone
 * @typedef {{name: string, color?: string}} Category
 * @typedef {{name?: string, size?: {width: number, height: number}, categories?: Category[], zones: Zone[], fairseat_focus?: Point}} Plan
 */

/** The distance between neighbours in pretix's editor. */
export const PITCH = 25;
/** The margin around the plan. */
const MARGIN = 40;

/** Colours of categories, in the order they appear. */
const COLOURS = ["#7a1f5c", "#2457c5", "#0b7a75", "#a84a00", "#5b4bb5", "#5d6b12", "#b3246b", "#24667f"];

/** The categories that seats name, each with a colour. @param {Zone[]} zones @returns {Category[]} */
export function categoriesOf(zones) {
  const names = new Set(zones.flatMap((zone) => zone.rows.flatMap((row) => row.seats.map((seat) => seat.category ?? ""))));
  return [...names].filter(Boolean).map((name, at) => ({ name, color: COLOURS[at % COLOURS.length] }));
}

/**
 * A plan of these zones, moved so that its top left corner is the origin. `focus` is the point that people look at, if nothing drawn says it.
 * @param {string} name @param {Zone[]} zones @param {Point} [focus] @returns {Plan}
 */
export function planOf(name, zones, focus) {
  const box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  const widen = (/** @type {number} */ x, /** @type {number} */ y) => {
    box.left = Math.min(box.left, x);
    box.right = Math.max(box.right, x);
    box.top = Math.min(box.top, y);
    box.bottom = Math.max(box.bottom, y);
  };
  for (const zone of zones) {
    for (const row of zone.rows) for (const { position } of row.seats) if (position) widen(position.x, position.y);
    for (const { position, rectangle } of zone.areas ?? []) {
      if (!position || !rectangle) continue;
      widen(position.x, position.y);
      widen(position.x + rectangle.width, position.y + rectangle.height);
    }
  }
  const [dx, dy] = [MARGIN - box.left, MARGIN - box.top];
  const move = (/** @type {Point | undefined} */ point) => point && { x: round(point.x + dx), y: round(point.y + dy) };
  const moved = zones.map((zone) => ({
    ...zone,
    position: { x: 0, y: 0 },
    rows: zone.rows.map((row) => ({ ...row, position: { x: 0, y: 0 }, seats: row.seats.map((seat) => ({ ...seat, position: move(seat.position) })) })),
    ...(zone.areas ? { areas: zone.areas.map((area) => ({ ...area, position: move(area.position) })) } : {}),
  }));
  const size = { width: round(box.right - box.left + 2 * MARGIN), height: round(box.bottom - box.top + 2 * MARGIN) };
  return { name, size: Number.isFinite(size.width) ? size : { width: 2 * MARGIN, height: 2 * MARGIN }, categories: categoriesOf(zones), zones: moved, ...(focus ? { fairseat_focus: move(focus) } : {}) };
}

/** Rounds to a hundredth of a unit, which is finer than visible. @param {number} value */
export function round(value) {
  return Math.round(value * 100) / 100;
}

/** A, B … Z, AA …; or numbers. @param {string} first @param {number} after */
export function rowLabel(first, after) {
  const label = first.trim() || "A";
  if (/^\d+$/.test(label)) return String(Number(label) + after);
  if (!/^[A-Za-z]+$/.test(label)) return after === 0 ? label : `${label}${after + 1}`;
  let number = after;
  for (const [at, letter] of [...label.toUpperCase()].reverse().entries()) number += (letter.charCodeAt(0) - 64) * 26 ** at;
  let text = "";
  for (; number > 0; number = Math.floor((number - 1) / 26)) text = String.fromCharCode(65 + ((number - 1) % 26)) + text;
  return text;
}

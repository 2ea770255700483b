// Builds a plan from blocks: straight rows, arcs around a stage, standing places. The stage is at small y; rows lead away from it.

import { PITCH, planOf, rowLabel } from "./pretix.js";

/** @import { Area, Plan, Point, Row, Seat, Zone } from "./pretix.js" */

/**
 * @typedef {object} Block
 * @property {"rows" | "arc" | "standing"} kind
 * @property {string} name
 * @property {string} category
 * @property {number} rows
 * @property {number} seats in the first row
 * @property {number} grow more seats in each row
 * @property {string} firstRow
 * @property {number} firstSeat
 * @property {"left" | "right" | "odd"} numbering
 * @property {number} aisle after how many seats there is one; 0 for none
 * @property {number} span degrees of an arc that its first row takes
 * @property {number} turn degrees
 * @property {number} places of a standing block
 * @property {string} accessible seats as `A-1 A-2`
 * @property {"below" | "right" | "left"} place
 */

/** @type {Omit<Block, "kind" | "name">} */
export const USUAL = { category: "", rows: 8, seats: 20, grow: 0, firstRow: "A", firstSeat: 1, numbering: "left", aisle: 0, span: 90, turn: 0, places: 200, accessible: "", place: "below" };

const ROW_GAP = 30;
const AISLE = 40;
/** The distance between blocks. */
const GAP = 90;
const STAGE = { width: 300, height: 60 };
/** The largest number of seats in a plan, as on the server. */
export const MOST_SEATS = 250_000;

/** How many seats a row has. @param {Block} block @param {number} row */
const seatsIn = (block, row) => Math.max(1, block.seats + row * block.grow);

/** How many seats a block has. @param {Block} block */
export function seatsOf(block) {
  if (block.kind === "standing") return block.places;
  let sum = 0;
  for (let row = 0; row < block.rows; row += 1) sum += seatsIn(block, row);
  return sum;
}

/** The number of a seat, counted from the left. @param {Block} block @param {number} at @param {number} count */
export function seatNumber({ numbering, firstSeat }, at, count) {
  if (numbering === "right") return firstSeat + count - 1 - at;
  if (numbering === "left") return firstSeat + at;
  // From the middle, odd numbers to the left and even ones to the right: … 5 3 1 2 4 6 …
  const left = Math.ceil(count / 2);
  return at < left ? (left - 1 - at) * 2 + 1 : (at - left) * 2 + 2;
}

/** A seat's position along its row, from the middle. @param {Block} block @param {number} at @param {number} count */
function along({ aisle }, at, count) {
  const wide = aisle > 0 && aisle < count ? AISLE : 0;
  const place = at * PITCH + (wide && at >= aisle ? wide : 0);
  return place - ((count - 1) * PITCH + wide) / 2;
}

/** A block's seats, centred on x = 0, with the front at y = 0. @param {Block} block @returns {Row[]} */
function rowsOf(block) {
  if (block.kind === "standing") return standing(block);
  const accessible = new Set(block.accessible.toUpperCase().split(/[\s,;]+/).filter(Boolean));
  const radius = radiusOf(block);
  const rows = [];
  for (let row = 0; row < block.rows; row += 1) {
    const label = rowLabel(block.firstRow, row);
    const count = seatsIn(block, row);
    /** @type {Seat[]} */
    const seats = [];
    for (let at = 0; at < count; at += 1) {
      const number = String(seatNumber(block, at, count));
      seats.push({
        seat_guid: `${block.name}-${label}-${number}`,
        seat_number: number,
        position: turned(spot(block, radius, row, along(block, at, count)), block.turn),
        ...(block.category ? { category: block.category } : {}),
        ...(accessible.has(`${label}-${number}`.toUpperCase()) ? { fairseat_accessible: true } : {}),
      });
    }
    rows.push({ row_number: label, seats });
  }
  return rows;
}

/** The radius at which an arc's first row spans its degrees. @param {Block} block */
function radiusOf(block) {
  const length = along(block, block.seats - 1, block.seats) * 2 + PITCH;
  return Math.max(PITCH, length / ((Math.max(5, block.span) * Math.PI) / 180));
}

/** @param {Block} block @param {number} radius @param {number} row @param {number} across @returns {Point} */
function spot(block, radius, row, across) {
  if (block.kind === "rows") return { x: across, y: row * ROW_GAP };
  const reach = radius + row * ROW_GAP;
  // The distance between neighbours is constant, so rows further back span a smaller angle unless they have more seats.
  const angle = across / (block.grow === 0 ? radius : reach);
  return { x: reach * Math.sin(angle), y: reach * Math.cos(angle) - radius };
}

/** @param {Point} point @param {number} degrees @returns {Point} */
function turned({ x, y }, degrees) {
  if (!degrees) return { x, y };
  const angle = (degrees * Math.PI) / 180;
  return { x: x * Math.cos(angle) - y * Math.sin(angle), y: x * Math.sin(angle) + y * Math.cos(angle) };
}

/** Standing places, arranged in a square; their numbers are not shown. @param {Block} block @returns {Row[]} */
function standing(block) {
  const side = Math.ceil(Math.sqrt(block.places));
  const seats = Array.from({ length: block.places }, (_, at) => ({
    seat_guid: `${block.name}-${at + 1}`,
    seat_number: String(at + 1),
    position: turned({ x: ((at % side) - (side - 1) / 2) * PITCH, y: Math.floor(at / side) * PITCH }, block.turn),
  }));
  return [{ row_number: "", seats }];
}

/** @param {Row[]} rows */
function boxOf(rows) {
  const box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (const row of rows) {
    for (const seat of row.seats) {
      const { x, y } = /** @type {Point} */ (seat.position);
      box.left = Math.min(box.left, x);
      box.right = Math.max(box.right, x);
      box.top = Math.min(box.top, y);
      box.bottom = Math.max(box.bottom, y);
    }
  }
  return box;
}

/** @param {Row[]} rows @param {number} dx @param {number} dy @returns {Row[]} */
function shifted(rows, dx, dy) {
  return rows.map((row) => ({ ...row, seats: row.seats.map((seat) => ({ ...seat, position: { x: (seat.position?.x ?? 0) + dx, y: (seat.position?.y ?? 0) + dy } })) }));
}

/** Messages about errors in the blocks. @param {Block[]} blocks */
export function complaints(blocks) {
  const wrong = [];
  if (blocks.length === 0) wrong.push("Add at least one block.");
  blocks.forEach((block, at) => {
    if (!block.name.trim()) wrong.push(`Block ${at + 1} needs the name of its section.`);
    if (!(seatsOf(block) >= 1)) wrong.push(`Block ${at + 1} has no seats.`);
  });
  const seats = blocks.reduce((sum, block) => sum + (seatsOf(block) || 0), 0);
  if (seats > MOST_SEATS) wrong.push(`${seats.toLocaleString("en-US")} seats are more than a plan may have (${MOST_SEATS.toLocaleString("en-US")}).`);
  return wrong;
}

/** On which side of the seats the stage is drawn; in the middle, nothing is drawn, and people look there. @typedef {"front" | "back" | "left" | "right" | "middle" | "none"} Stage */

/** The plan of the blocks; blocks with the same name become one section. @param {string} name @param {Block[]} blocks @param {Stage} stage @returns {Plan} */
export function build(name, blocks, stage) {
  /** @type {Map<string, Zone>} */
  const zones = new Map();
  let before = { left: 0, top: 0, right: 0, bottom: -GAP };
  for (const block of blocks) {
    const rows = rowsOf(block);
    const box = boxOf(rows);
    const beside = block.place !== "below" && before.bottom > before.top;
    const dx = beside ? (block.place === "right" ? before.right + GAP - box.left : before.left - GAP - box.right) : 0;
    const dy = beside ? before.top - box.top : before.bottom + GAP - box.top;
    const placed = shifted(rows, dx, dy);
    before = boxOf(placed);
    const known = zones.get(block.name);
    if (known) known.rows.push(...placed);
    else zones.set(block.name, { name: block.name, rows: placed, ...(block.kind === "standing" ? { fairseat_general_admission: true } : {}) });
  }
  const all = [...zones.values()];
  if (all.length === 0 || stage === "none") return planOf(name, all);
  const box = boxOf(all.flatMap((zone) => zone.rows));
  if (stage === "middle") return planOf(name, all, { x: (box.left + box.right) / 2, y: (box.top + box.bottom) / 2 });
  all[0].areas = [stageBeside(box, stage)];
  return planOf(name, all);
}

/** @param {{left: number, top: number, right: number, bottom: number}} box of all seats @param {"front" | "back" | "left" | "right"} side @returns {Area} */
function stageBeside(box, side) {
  const [across, down] = [box.right - box.left, box.bottom - box.top];
  const upright = side === "left" || side === "right";
  const long = Math.max(STAGE.width, (upright ? down : across) * 0.4);
  const [width, height] = upright ? [STAGE.height, long] : [long, STAGE.height];
  const [middleX, middleY] = [box.left + across / 2, box.top + down / 2];
  const x = side === "left" ? box.left - GAP - width : side === "right" ? box.right + GAP : middleX - width / 2;
  const y = side === "front" ? box.top - GAP - height : side === "back" ? box.bottom + GAP : middleY - height / 2;
  return {
    shape: "rectangle",
    position: { x, y },
    rectangle: { width, height },
    color: "#d9d2c7",
    border_color: "#a2978f",
    text: { text: "Stage", position: { x: width / 2, y: height / 2 }, color: "#1d1722", size: upright ? 18 : 20 },
  };
}

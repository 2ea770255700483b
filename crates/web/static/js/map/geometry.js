// The plan as flat arrays by seat index, read from the geometry document in slices so that a hundred thousand seats never block the page.
// Lengths are the document's: tenths of the editor's unit. Seats without a position (standing, removed) have `NaN`.

/** @import { Box, GeometryDocument, RowDocument, RunDocument, Along, SectionDocument, DecorationDocument } from "./types.js" */

/** The distance between seats when there are too few to measure it. */
const USUAL_PITCH = 250;
/** How long a slice of work may take before other work of the page may run. */
const SLICE_MS = 6;

/**
 * @typedef {{corners: number[], along: number, across: number, cos: number, sin: number}} Block length and depth with its rim, and the rotation of its rows
 * @typedef {{name: string, standing: boolean, rows: number[], seats: number, box: Box, reach: number, block?: Block}} Section `reach`: distance from its seats to its rim; `block`: present if its rows form a rectangle
 * @typedef {{label: string, section: number, seats: Uint32Array, runs: number[]}} Row
 */

export class Geometry {
  /** @param {GeometryDocument} document */
  constructor(document) {
    const seats = document.seats;
    this.name = document.name;
    this.count = seats;
    this.categories = document.categories;
    /** The names of the price tiers; none for a plan without prices. */
    this.tierNames = document.tiers ?? [];
    /** @type {DecorationDocument[]} */
    this.decorations = document.decorations;
    this.x = new Float32Array(seats).fill(NaN);
    this.y = new Float32Array(seats).fill(NaN);
    this.row = new Int32Array(seats).fill(-1);
    this.section = new Int32Array(seats).fill(-1);
    this.tier = new Int32Array(seats).fill(-1);
    this.category = new Int32Array(seats).fill(-1);
    this.accessible = new Uint8Array(seats);
    this.run = new Int32Array(seats).fill(-1);
    /** @type {{from: number, numbers: RunDocument["numbers"]}[]} */
    this.runs = [];
    /** @type {Row[]} */
    this.rows = [];
    /** @type {Section[]} */
    this.sections = [];
    this.pitch = USUAL_PITCH;
    /** @type {Box} */
    this.box = { left: 0, top: 0, right: document.size[0], bottom: document.size[1] };
  }

  /** Whether a seat can be shown as one. @param {number} seat */
  placed(seat) {
    return this.x[seat] === this.x[seat];
  }

  /** The text on a seat. @param {number} seat */
  number(seat) {
    const run = this.runs[this.run[seat]];
    if (!run?.numbers) return "";
    const [first, second] = run.numbers;
    if (typeof first === "number") return String(first + Number(second) * (seat - run.from));
    return String(run.numbers[seat - run.from] ?? "");
  }
}

/** Lets other work of the page run. @returns {Promise<void>} */
export function breathe() {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => (port1.close(), port2.close(), resolve());
    port2.postMessage(0);
  });
}

/** Iterates over `items` in slices, and lets other work of the page run after each. @template T @param {T[]} items @param {(item: T, at: number) => void} each */
export async function sliced(items, each) {
  let began = performance.now();
  for (let at = 0; at < items.length; at += 1) {
    each(items[at], at);
    if (performance.now() - began > SLICE_MS) {
      await breathe();
      began = performance.now();
    }
  }
}

/** Reads a document. @param {GeometryDocument} document @returns {Promise<Geometry>} */
export async function readGeometry(document) {
  const plan = new Geometry(document);
  const reader = { next: 0 };
  /** @type {{section: number, label: string, runs: RunDocument[], standing: boolean}[]} */
  const rows = [];
  document.sections.forEach((section, at) => {
    plan.sections.push(emptySection(section));
    if (section.runs) rows.push({ section: at, label: "", runs: section.runs, standing: true });
    for (const row of (section.rows ?? []).flatMap(everyRow)) rows.push({ section: at, ...row, standing: false });
  });
  await sliced(rows, (row) => readRow(plan, row, reader));
  plan.pitch = typicalPitch(plan);
  await sliced(plan.sections, (section) => finishSection(plan, section));
  plan.box = wholeBox(plan);
  return plan;
}

/** The rows of a group: of rows that are alike only the first one is written, with the step from each to the next. @param {RowDocument} row @returns {{label: string, runs: RunDocument[]}[]} */
function everyRow({ label = "", runs, labels, step: [stepX, stepY] = [0, 0] }) {
  if (!labels) return [{ label, runs }];
  const moved = (/** @type {[number, number] | undefined} */ values, /** @type {number} */ by) => values && /** @type {[number, number]} */ ([values[0] + by, values[1]]);
  const each = (/** @type {number[] | undefined} */ values, /** @type {number} */ by) => values && [values[0] + by, ...values.slice(1)];
  return labels.map((name, at) => ({
    label: name,
    runs: at === 0 ? runs : runs.map(({ from: _, ...run }) => ({ ...run, x: moved(run.x, stepX * at), xs: each(run.xs, stepX * at), y: moved(run.y, stepY * at), ys: each(run.ys, stepY * at) })),
  }));
}

/** @param {SectionDocument} section */
function emptySection(section) {
  const [left, top, width, height] = section.box ?? [Infinity, Infinity, -Infinity, -Infinity];
  const box = section.box
    ? { left, top, right: left + width, bottom: top + height }
    : { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  return { name: section.name, standing: Boolean(section.general_admission), rows: [], seats: 0, box, reach: 0 };
}

/** @param {Geometry} plan @param {{section: number, label: string, runs: RunDocument[], standing: boolean}} row @param {{next: number}} reader */
function readRow(plan, row, reader) {
  const at = plan.rows.length;
  const section = plan.sections[row.section];
  const size = row.runs.reduce((sum, run) => sum + run.count, 0);
  const seats = new Uint32Array(size);
  const runs = [];
  let filled = 0;
  for (const run of row.runs) {
    const from = run.from ?? reader.next;
    reader.next = from + run.count;
    runs.push(plan.runs.length);
    readRun(plan, run, from, at, row.section);
    for (let seat = from; seat < from + run.count; seat += 1) {
      seats[filled++] = seat;
      if (!row.standing) widen(section.box, plan.x[seat], plan.y[seat]);
    }
  }
  section.rows.push(at);
  section.seats += size;
  plan.rows.push({ label: row.label, section: row.section, seats, runs });
}

/** @param {Geometry} plan @param {RunDocument} run @param {number} from @param {number} row @param {number} section */
function readRun(plan, run, from, row, section) {
  const { count } = run;
  plan.row.fill(row, from, from + count);
  plan.section.fill(section, from, from + count);
  plan.run.fill(plan.runs.length, from, from + count);
  plan.runs.push({ from, numbers: run.numbers });
  readCoordinates(plan.x, from, count, run.x, run.xs);
  readCoordinates(plan.y, from, count, run.y, run.ys);
  readAlong(plan.tier, from, count, run.tier);
  readAlong(plan.category, from, count, run.category);
  for (const place of run.accessible ?? []) plan.accessible[from + place] = 1;
}

/** @param {Float32Array} into @param {number} from @param {number} count @param {[number, number]} [evenly] @param {number[]} [each] */
function readCoordinates(into, from, count, evenly, each) {
  if (evenly) {
    for (let at = 0; at < count; at += 1) into[from + at] = evenly[0] + evenly[1] * at;
  } else if (each) {
    let value = 0;
    for (let at = 0; at < count; at += 1) into[from + at] = value += each[at];
  }
}

/** @param {Int32Array} into @param {number} from @param {number} count @param {Along} [along] */
function readAlong(into, from, count, along) {
  if (along === undefined) return;
  if (typeof along === "number") {
    into.fill(along, from, from + count);
    return;
  }
  let at = from;
  for (const [many, value] of along) into.fill(value ?? -1, at, (at += many));
}

/** @param {Box} box @param {number} x @param {number} y */
function widen(box, x, y) {
  if (x < box.left) box.left = x;
  if (x > box.right) box.right = x;
  if (y < box.top) box.top = y;
  if (y > box.bottom) box.bottom = y;
}

/** The median distance between neighbours in a row. @param {Geometry} plan */
function typicalPitch(plan) {
  const distances = [];
  const step = Math.max(1, Math.floor(plan.count / 2000));
  for (let seat = 0; seat + 1 < plan.count; seat += step) {
    if (plan.run[seat] !== plan.run[seat + 1] || !plan.placed(seat)) continue;
    const distance = Math.hypot(plan.x[seat + 1] - plan.x[seat], plan.y[seat + 1] - plan.y[seat]);
    if (distance > 0) distances.push(distance);
  }
  distances.sort((a, b) => a - b);
  return distances[distances.length >> 1] ?? USUAL_PITCH;
}

/**
 * How far a section's surface extends beyond its seats: far enough to join neighbouring rows, but not so far that an aisle
 * disappears.
 * @param {Geometry} plan @param {Section} section
 */
function finishSection(plan, section) {
  const { pitch } = plan;
  const gaps = [];
  // A few pairs of rows are enough to measure.
  const step = Math.max(1, Math.floor(section.rows.length / 6));
  for (let at = 1; at < section.rows.length && !section.standing; at += step) {
    const above = plan.rows[section.rows[at - 1]].seats;
    const seat = plan.rows[section.rows[at]].seats[0];
    let nearest = Infinity;
    for (const other of above) {
      nearest = Math.min(nearest, Math.hypot(plan.x[other] - plan.x[seat], plan.y[other] - plan.y[seat]));
    }
    gaps.push(nearest);
  }
  gaps.sort((a, b) => a - b);
  const gap = gaps[gaps.length >> 1] ?? pitch;
  section.reach = Math.min(Math.max(pitch * 0.85, gap * 0.56), pitch * 1.5);
  const { box, reach } = section;
  section.block = blockOf(plan, section);
  const margin = section.standing ? pitch * 0.5 : reach;
  section.box = { left: box.left - margin, top: box.top - margin, right: box.right + margin, bottom: box.bottom + margin };
}

/** @param {Geometry} plan @param {Section} section @returns {Block | undefined} */
function blockOf({ x, y, rows, pitch }, { rows: own, standing, seats, reach }) {
  const [first, last] = [rows[own[0]]?.seats, rows[own[own.length - 1]]?.seats];
  if (standing || own.length < 2 || first.length < 2 || seats !== own.length * first.length) return;
  const corners = [first[0], first[first.length - 1], last[last.length - 1], last[0]];
  const [a, b, c, d] = corners;
  const middle = first[first.length >> 1];
  const apart = (/** @type {number} */ from, /** @type {number} */ to) => Math.hypot(x[to] - x[from], y[to] - y[from]);
  const [long, deep] = [apart(a, b), apart(a, d)];
  const straight = apart(a, middle) + apart(middle, b) < long + 1 && long < pitch * first.length * 1.2;
  const square = Math.abs(apart(a, c) - Math.hypot(long, deep)) + Math.abs(apart(b, c) - deep) < pitch / 4;
  if (straight && square && deep < 2.2 * reach * own.length) return { corners, along: long + 2 * reach, across: deep + 2 * reach, cos: Math.abs(x[b] - x[a]) / long, sin: Math.abs(y[b] - y[a]) / long };
}

/** The box of everything that must be visible: the sections, and decorations that touch the paper. @param {Geometry} plan */
function wholeBox(plan) {
  const box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (const section of plan.sections) {
    if (!(section.box.left <= section.box.right)) continue;
    widen(box, section.box.left, section.box.top);
    widen(box, section.box.right, section.box.bottom);
  }
  for (const decoration of plan.decorations) {
    const bounds = decorationBox(decoration);
    if (bounds.right < 0 || bounds.bottom < 0 || bounds.left > plan.box.right || bounds.top > plan.box.bottom) continue;
    widen(box, Math.max(bounds.left, 0), Math.max(bounds.top, 0));
    widen(box, Math.min(bounds.right, plan.box.right), Math.min(bounds.bottom, plan.box.bottom));
  }
  return box.left <= box.right ? box : plan.box;
}

/** A box that contains a decoration at any rotation. @param {DecorationDocument} decoration @returns {Box} */
export function decorationBox({ shape, at: [x, y], size = [], points = [], rotation, text }) {
  const box = { left: x, top: y, right: x, bottom: y };
  if (shape === "rectangle") widen(box, x + size[0], y + size[1]);
  if (shape === "circle" || shape === "ellipse") {
    widen(box, x - size[0], y - (size[1] ?? size[0]));
    widen(box, x + size[0], y + (size[1] ?? size[0]));
  }
  for (let at = 0; at + 1 < points.length; at += 2) widen(box, x + points[at], y + points[at + 1]);
  if (text) {
    const half = text.text.length * text.size * 0.35;
    widen(box, x + text.at[0] - half, y + text.at[1] - text.size);
    widen(box, x + text.at[0] + half, y + text.at[1] + text.size);
  }
  if (!rotation) return box;
  const reach = Math.hypot(Math.max(x - box.left, box.right - x), Math.max(y - box.top, box.bottom - y));
  return { left: x - reach, top: y - reach, right: x + reach, bottom: y + reach };
}

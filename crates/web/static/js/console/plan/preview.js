// Converts a pretix plan to the map's document (format 1 of the API's seat map), and finds errors before the plan is sent.

/** @import { Area, Plan, Point, Row } from "./pretix.js" */
/** @import { DecorationDocument, GeometryDocument, RunDocument, SectionDocument } from "../../map/types.js" */

/** Converts to the map's unit, a tenth of the editor's. @param {number} value */
const tenths = (value) => Math.round(value * 10);
/** @param {(Point | undefined)[]} points @returns {Point} */
const sum = (...points) => points.reduce((/** @type {Point} */ all, point) => ({ x: all.x + Number(point?.x ?? 0), y: all.y + Number(point?.y ?? 0) }), { x: 0, y: 0 });

/** Parses a text as a plan; returns the plan or the error. @param {string} text @returns {{plan: Plan} | {error: string}} */
export function readPlan(text) {
  let plan;
  try {
    plan = JSON.parse(text);
  } catch (error) {
    return { error: `This file is not JSON: ${/** @type {Error} */ (error).message}` };
  }
  const inner = plan?.seating_plan ?? plan;
  if (!Array.isArray(inner?.zones)) return { error: "This file is not a pretix seating plan: it has no zones." };
  const broken = inner.zones.findIndex((/** @type {any} */ zone) => !Array.isArray(zone?.rows) || zone.rows.some((/** @type {any} */ row) => !Array.isArray(row?.seats)));
  if (broken >= 0) return { error: `Zone ${broken + 1} has no rows with seats.` };
  if (canBeShown(inner)) return { plan: inner };
  const strange = inner.zones.findIndex((/** @type {any} */ zone) => !canBeShown({ zones: [zone] }));
  const where = strange < 0 ? "Its name, its categories or their order" : `Something in zone ${strange + 1}`;
  return { error: `${where} is not what a seating plan of pretix has there.` };
}

/** Whether the plan has all parts that the preview reads. @param {Plan} plan */
function canBeShown(plan) {
  try {
    const { size, sections } = geometryOf(plan);
    const numbers = sections.flatMap(({ rows = [] }) => rows.flatMap(({ runs }) => runs.flatMap(({ xs = [], ys = [] }) => [...xs, ...ys])));
    return duplicatesOf(plan) && duplicateLabelsOf(plan) && countsOf(plan) && [...size, ...numbers].every(Number.isFinite);
  } catch {
    return false;
  }
}

/** The document for the map. @param {Plan} plan @returns {GeometryDocument} */
export function geometryOf(plan) {
  const categories = plan.categories ?? [];
  const numbers = new Map(categories.map((category, at) => [category.name, at]));
  let next = 0;
  let [right, bottom] = [0, 0];
  /** @param {Row} row @param {Point} origin @returns {RunDocument} */
  const run = (row, origin) => {
    const from = next;
    next += row.seats.length;
    let [x, y] = [0, 0];
    /** @type {number[]} */ const xs = [];
    /** @type {number[]} */ const ys = [];
    /** @type {[number, number][]} */ const category = [];
    /** @type {number[]} */ const accessible = [];
    row.seats.forEach((seat, at) => {
      const place = sum(origin, row.position, seat.position);
      const [px, py] = [tenths(place.x), tenths(place.y)];
      xs.push(px - x);
      ys.push(py - y);
      [x, y] = [px, py];
      [right, bottom] = [Math.max(right, px), Math.max(bottom, py)];
      const known = numbers.get(seat.category ?? "") ?? -1;
      const last = category.at(-1);
      if (last && last[1] === known) last[0] += 1;
      else category.push([1, known]);
      if (seat.fairseat_accessible) accessible.push(at);
    });
    return { from, count: row.seats.length, numbers: row.seats.map((seat) => String(seat.seat_number ?? "")), xs, ys, category, accessible };
  };
  /** @type {SectionDocument[]} */
  const sections = plan.zones.map((zone, at) => {
    const origin = sum(zone.position);
    const name = zone.name || zone.zone_id || `Zone ${at + 1}`;
    const rows = zone.rows.map((row) => ({ label: String(row.row_number ?? ""), runs: [run(row, origin)] }));
    if (!zone.fairseat_general_admission) return { name, rows };
    const runs = rows.flatMap((row) => row.runs);
    // Standing places are drawn as one area, not one by one.
    return { name, general_admission: true, box: boxOf(runs), runs: runs.map(({ xs, ys, ...rest }) => rest) };
  });
  const size = /** @type {[number, number]} */ (plan.size ? [tenths(plan.size.width), tenths(plan.size.height)] : [right + 400, bottom + 400]);
  const decorations = plan.zones.flatMap((zone) => (zone.areas ?? []).map((area) => decoration(area, sum(zone.position, area.position))));
  return { name: plan.name ?? "Plan", seats: next, size, categories, sections, decorations: decorations.filter((one) => one !== null) };
}

/** The box around standing places. @param {RunDocument[]} runs @returns {[number, number, number, number]} */
function boxOf(runs) {
  const box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (const { xs = [], ys = [] } of runs) {
    let [x, y] = [0, 0];
    xs.forEach((dx, at) => {
      [x, y] = [x + dx, y + ys[at]];
      Object.assign(box, { left: Math.min(box.left, x), right: Math.max(box.right, x), top: Math.min(box.top, y), bottom: Math.max(box.bottom, y) });
    });
  }
  return [box.left, box.top, Math.max(0, box.right - box.left), Math.max(0, box.bottom - box.top)];
}

/** @param {Area} area @param {Point} at @returns {DecorationDocument | null} */
function decoration({ shape, color, border_color, rotation, rectangle, circle, ellipse, polygon, text }, at) {
  /** @type {DecorationDocument} */
  const drawn = { shape, at: [tenths(at.x), tenths(at.y)] };
  if (color) drawn.color = color;
  if (border_color) drawn.border_color = border_color;
  if (rotation) drawn.rotation = rotation;
  if (shape === "rectangle" && rectangle) drawn.size = [tenths(rectangle.width), tenths(rectangle.height)];
  else if (shape === "circle" && circle) drawn.size = [tenths(circle.radius)];
  else if (shape === "ellipse" && ellipse?.radius) drawn.size = [tenths(ellipse.radius.x), tenths(ellipse.radius.y)];
  else if (shape === "polygon" && polygon?.points) drawn.points = polygon.points.flatMap((point) => [tenths(point.x), tenths(point.y)]);
  else if (!text?.text) return null;
  if (text?.text) drawn.text = { text: text.text, at: [tenths(text.position?.x ?? 0), tenths(text.position?.y ?? 0)], color: text.color, size: tenths(text.size ?? 16) };
  return drawn;
}

/** The guids that several seats have, with the labels of those seats. @param {Plan} plan @returns {{guid: string, places: string[]}[]} */
export function duplicatesOf(plan) {
  /** @type {Map<string, string[]>} */
  const places = new Map();
  for (const zone of plan.zones) {
    for (const row of zone.rows) {
      for (const seat of row.seats) {
        const place = [zone.name ?? "", row.row_number ?? "", seat.seat_number ?? ""].filter((part) => part !== "").join(" · ");
        const known = places.get(seat.seat_guid);
        if (known) known.push(place);
        else places.set(seat.seat_guid, [place]);
      }
    }
  }
  return [...places].filter(([, all]) => all.length > 1).map(([guid, all]) => ({ guid, places: all }));
}

/** The labels (section, row and number) that several seats have, with the guids of those seats. @param {Plan} plan @returns {{label: string, guids: string[]}[]} */
export function duplicateLabelsOf(plan) {
  /** @type {{label: string, guids: string[]}[]} */
  const doubles = [];
  // Zones with one name become sections with different names, so each zone is counted by itself.
  for (const zone of plan.zones) {
    if (zone.fairseat_general_admission) continue;
    /** @type {Map<string, string[]>} */
    const known = new Map();
    for (const row of zone.rows) {
      for (const { seat_guid, seat_number } of row.seats) {
        if (String(seat_number ?? "") === "") continue;
        const label = [zone.name, row.row_number, seat_number].map((part) => String(part ?? "")).filter(Boolean).join(" · ");
        const guids = known.get(label);
        if (guids) guids.push(seat_guid);
        else known.set(label, [seat_guid]);
      }
    }
    doubles.push(...[...known].filter(([, guids]) => guids.length > 1).map(([label, guids]) => ({ label, guids })));
  }
  return doubles;
}

/** Counts for people. @param {Plan} plan */
export function countsOf(plan) {
  const rows = plan.zones.flatMap((zone) => zone.rows);
  const seatsIn = (/** @type {Row[]} */ some) => some.reduce((all, row) => all + row.seats.length, 0);
  const standing = seatsIn(plan.zones.filter((zone) => zone.fairseat_general_admission).flatMap((zone) => zone.rows));
  const seated = plan.zones.filter((zone) => !zone.fairseat_general_admission).flatMap((zone) => zone.rows);
  return { sections: plan.zones.length, rows: seated.length, seats: seatsIn(rows) - standing, standing };
}

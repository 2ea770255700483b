// The overlay, drawn again every frame: names of sections beside their seats, the visitor's seats, the focus, the seat under the pointer, a
// rectangle being drawn.

import { inside, seen, toView } from "./camera.js";
import { touches } from "./ground.js";
import { anchor, shorter } from "./labels.js";
import { ROW_LABELS_FROM } from "./painter.js";
import { paintSeat } from "./sprites.js";

/** @import { Geometry } from "./geometry.js" */
/** @import { Theme } from "./theme.js" */
/** @import { Target, View } from "./view.js" */

/** From this zoom, in pixels between seats, the name of the section around the view stays at the edge. */
const NAMES_STAY_FROM = 9;
/** Below this zoom, the marks of chosen seats are larger than the seats. */
const PINS_BELOW = 17;
/** The radius of such a mark, in CSS pixels: the legend's. */
const PIN = 7.5;
/** With more chosen seats than this there are no marks, because they would hide the plan. */
const MOST_PINS = 60;
/** The height of a name's plate, in CSS pixels. */
const PLATE = 22;

/** The height of the head with a section's name, in CSS pixels. */
const HEAD = 26;

/** Painted names, by theme. @type {WeakMap<Theme, Map<string, HTMLCanvasElement>>} */
const plates = new WeakMap();

/** @param {CanvasRenderingContext2D} context in pixels of the page @param {View} view */
export function paintMarks(context, view) {
  const { theme } = view.painter;
  if (view.level !== "sections") paintNames(context, view);
  if (view.pitch < PINS_BELOW && view.model.chosen.size <= MOST_PINS) paintPins(context, view);
  // Seats that the visitor holds already look like chosen ones, with a ring around them.
  for (const seat of view.model.held.size <= MOST_PINS ? view.model.held : []) {
    if (view.model.isHeld(seat) && view.model.plan.placed(seat)) ring(context, view, { kind: "seat", seat }, theme.ink, 1.5, 2.5);
  }
  if (view.hover && view.hover !== view.focus) ring(context, view, view.hover, theme.ink, 1.75, 1.5);
  if (view.focus && view.focusShown) {
    ring(context, view, view.focus, theme.surface, 5.5, 3);
    ring(context, view, view.focus, theme.focus, 3, 3);
  }
  if (view.band) paintBand(context, view.band, theme.accent);
}

/** @param {CanvasRenderingContext2D} context @param {View} view */
function paintNames(context, view) {
  const { dpr, size, camera } = view;
  const { plan } = view.model;
  // A plan with a single section needs no names.
  if (plan.sections.length < 2) return;
  const snap = (/** @type {number} */ at) => Math.round(at * dpr) / dpr;
  const long = camera.scale >= roomForNames(plan);
  /** @type {import("./types.js").Box[]} */
  const written = [];
  plan.sections.forEach(({ name, standing, box, seats }, section) => {
    if (standing || seats === 0) return;
    // When the view is inside a section, its name stays visible at the edge.
    const here = view.pitch >= NAMES_STAY_FROM && inside(box, camera);
    const pinned = here && toView(camera, size, 0, box.top).y - PLATE < 0;
    if (here && view.pitch >= ROW_LABELS_FROM) paintRows(context, view, section);
    const from = toView(camera, size, box.left, box.top);
    const to = toView(camera, size, box.right, box.bottom);
    if (to.x < -60 || to.y < -40 || from.x > size.width + 60 || from.y > size.height + 40) return;
    const plate = plateOf(long ? name : /** @type {string} */ (shorter(name).at(-1)), view.painter.theme, dpr);
    const [width, height] = [plate.width / dpr, plate.height / dpr];
    if (width > (box.right - box.left) * camera.scale) return;
    const spot = pinned ? { x: (from.x + to.x) / 2, y: HEAD / 2 } : spotOf(view, section, width, height);
    if (!spot) return;
    const { y } = spot;
    const x = here ? Math.min(Math.max(spot.x, 60), size.width - 60) : spot.x;
    const plateBox = { left: x - width / 2, top: y - height / 2, right: x + width / 2, bottom: y + height / 2 };
    // No letters over letters.
    if (written.some((other) => touches(other, plateBox))) return;
    written.push(plateBox);
    if (pinned) paintHead(context, view, size.width, HEAD);
    context.drawImage(plate, snap(plateBox.left), snap(plateBox.top), width, height);
  });
}

/** The places of names that do not depend on what the view shows: by the scale, in the plan's units. @type {WeakMap<View, {scale: number, of: Map<number, import("./types.js").Point | null>}>} */
const spots = new WeakMap();

/** The middle of a place for a section's name, in pixels: in the section where it has a hole, else above, below or beside it, where the name covers neither seats nor texts of the plan; null if there is none. @param {View} view @param {number} section @param {number} width @param {number} height */
function spotOf(view, section, width, height) {
  const { camera, size } = view;
  let known = spots.get(view);
  if (!known || known.scale !== camera.scale) spots.set(view, (known = { scale: camera.scale, of: new Map() }));
  if (!known.of.has(section)) {
    const { box } = view.model.plan.sections[section];
    const middle = { x: (box.left + box.right) / 2, y: (box.top + box.bottom) / 2 };
    const [right, down] = [width / 2 / camera.scale, height / 2 / camera.scale];
    const gap = view.model.plan.pitch * 0.45;
    const places = [middle, { x: middle.x, y: box.top - gap - down }, { x: middle.x, y: box.bottom + gap + down }, { x: box.left - gap - right, y: middle.y }, { x: box.right + gap + right, y: middle.y }];
    const isFree = (/** @type {import("./types.js").Point} */ { x, y }) => {
      const plate = { left: x - right, top: y - down, right: x + right, bottom: y + down };
      return !covers(view, plate) && !view.painter.ground.words.some((words) => touches(words, plate));
    };
    known.of.set(section, places.find(isFree) ?? null);
  }
  const at = known.of.get(section);
  return at ? toView(camera, size, at.x, at.y) : null;
}

/** Whether a box covers a seat. @param {View} view @param {import("./types.js").Box} box */
function covers({ model }, { left, top, right, bottom }) {
  const room = model.plan.pitch * 0.4;
  let found = false;
  model.grid.within({ left: left - room, top: top - room, right: right + room, bottom: bottom + room }, () => (found = true));
  return found;
}

/** Draws the labels of rows at the edge of the view, if the row's start is out of view. @param {CanvasRenderingContext2D} context @param {View} view @param {number} section */
function paintRows(context, view, section) {
  const { dpr, size, camera } = view;
  const { x, y, rows, sections } = view.model.plan;
  const { left, top, bottom } = seen(camera, size);
  /** @type {{plate: HTMLCanvasElement, y: number}[]} */
  const labels = [];
  for (const row of sections[section].rows) {
    const { label, seats } = rows[row];
    let [first, beyond] = [-1, false];
    for (const seat of seats) {
      if (x[seat] < left) beyond = true;
      else if (y[seat] > top && y[seat] < bottom && (first < 0 || x[seat] < x[first])) first = seat;
    }
    const at = toView(camera, size, x[first], y[first]);
    if (!label || !beyond || first < 0 || at.x > view.pitch * 2) continue;
    labels.push({ plate: plateOf(label, view.painter.theme, dpr), y: at.y - PLATE / 2 });
  }
  if (labels.length === 0) return;
  paintHead(context, view, Math.max(...labels.map(({ plate }) => plate.width / dpr)), size.height);
  for (const { plate, y } of labels) context.drawImage(plate, 0, y, plate.width / dpr, plate.height / dpr);
}

/** Paints the ground of names at the edge of the view, as of a table's head that stays: letters that hide half of a seat could not be told from its number. @param {CanvasRenderingContext2D} context @param {View} view @param {number} width @param {number} height */
function paintHead(context, { painter: { theme } }, width, height) {
  context.fillStyle = theme.surface;
  context.fillRect(0, 0, width, height);
  context.fillStyle = theme.line;
  if (height > width) context.fillRect(width, 0, 1, height);
  else context.fillRect(0, height, width, 1);
}

/** @type {WeakMap<Geometry, number>} */
const rooms = new WeakMap();

/** The scale from which all sections have room for their full names; a mixture of short and full names would look like a mistake. @param {Geometry} plan */
function roomForNames(plan) {
  let room = rooms.get(plan);
  if (room === undefined) {
    const needed = plan.sections.map(({ name, standing, box }) => (standing || shorter(name).length < 2 ? 0 : (name.length * 7 + 16) / (box.right - box.left)));
    rooms.set(plan, (room = Math.max(...needed)));
  }
  return room;
}

/** A name on its plate: painted once, since writing it costs more than everything else that a frame copies. @param {string} name @param {Theme} theme @param {number} dpr */
function plateOf(name, theme, dpr) {
  const known = plates.get(theme) ?? new Map();
  plates.set(theme, known);
  const key = `${dpr} ${name}`;
  let canvas = known.get(key);
  if (canvas) return canvas;
  known.set(key, (canvas = document.createElement("canvas")));
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const font = (context.font = `700 12px ${theme.font}`);
  const width = context.measureText(name).width + 16;
  [canvas.width, canvas.height] = [Math.ceil(width * dpr), Math.ceil(PLATE * dpr)];
  context.scale(dpr, dpr);
  context.globalAlpha = 0.92;
  context.fillStyle = theme.surface;
  context.beginPath();
  context.roundRect(0, 0, width, PLATE, PLATE / 2);
  context.fill();
  context.globalAlpha = 1;
  context.font = font;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillStyle = theme.ink;
  context.fillText(name, width / 2, PLATE / 2 + 0.5);
  return canvas;
}

/** Marks the seats that are chosen or held, as the legend shows them, at a size that can be seen from afar. @param {CanvasRenderingContext2D} context @param {View} view */
function paintPins(context, view) {
  const { model, painter, size } = view;
  for (const seat of new Set([...model.chosen, ...model.held])) {
    if (model.look(seat) !== "chosen" || !model.plan.placed(seat)) continue;
    const { x, y } = beside(view, seat, view.place({ kind: "seat", seat }));
    if (x < 0 || y < 0 || x > size.width || y > size.height) continue;
    context.save();
    context.translate(x, y);
    paintSeat(context, painter.theme, PIN, "chosen", model.prices.ofSeat[seat], model.plan.accessible[seat] === 1, true);
    context.restore();
  }
}

/** The place of a seat's mark: above or below its section's label, if it would cover that. The sizes of labels are estimates. @param {View} view @param {number} seat @param {import("./types.js").Point} at */
function beside({ level, camera, size, model: { plan, grid } }, seat, at) {
  if (level !== "sections") return at;
  const section = plan.section[seat];
  const { box } = plan.sections[section];
  const named = anchor(plan, grid, section);
  const label = toView(camera, size, named.x, named.y);
  const hasLines = (box.right - box.left) * camera.scale > 70 && (box.bottom - box.top) * camera.scale > 50;
  const [across, down] = hasLines ? [26, 28] : [14, 7];
  if (Math.abs(at.x - label.x) > across + PIN || Math.abs(at.y - label.y) > down + PIN) return at;
  return { x: at.x, y: label.y + (at.y < label.y ? -1 : 1) * (down + PIN) };
}

/** @param {CanvasRenderingContext2D} context @param {import("./types.js").Box} band @param {string} color */
function paintBand(context, { left, top, right, bottom }, color) {
  context.strokeStyle = context.fillStyle = color;
  context.lineWidth = 1.5;
  context.globalAlpha = 0.14;
  context.fillRect(left, top, right - left, bottom - top);
  context.globalAlpha = 1;
  context.strokeRect(left, top, right - left, bottom - top);
}

/** @param {CanvasRenderingContext2D} context @param {View} view @param {Target} target @param {string} color @param {number} width @param {number} gap */
function ring(context, view, target, color, width, gap) {
  context.strokeStyle = color;
  context.lineWidth = width;
  context.beginPath();
  if (target.kind === "seat") {
    const { x, y } = view.place(target);
    context.arc(x, y, Math.max(view.pitch * 0.41, 4) + gap, 0, 2 * Math.PI);
  } else {
    const { box } = view.model.plan.sections[target.section];
    const { scale } = view.camera;
    const from = toView(view.camera, view.size, box.left, box.top);
    context.roundRect(from.x - gap, from.y - gap, (box.right - box.left) * scale + 2 * gap, (box.bottom - box.top) * scale + 2 * gap, 8);
  }
  context.stroke();
}

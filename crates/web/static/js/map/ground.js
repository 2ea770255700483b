// Everything drawn below the seats: decorations such as the stage, the surface of each section, and the labels of rows. A section's
// surface is the union of thick strokes along its rows, so that a horseshoe stays a horseshoe.

import { decorationBox } from "./geometry.js";
import { APART, rowEnd, stepOf } from "./neighbours.js";
import { contrast, hex, luminance, mix, parseColor } from "./theme.js";

/** @import { Geometry } from "./geometry.js" */
/** @import { Grid } from "./grid.js" */
/** @import { Theme } from "./theme.js" */
/** @import { Box, DecorationDocument } from "./types.js" */

/** Seats further apart than this many pitches have an aisle between them. */
const AISLE = 1.9;
/** The smallest bend that counts as a corner, as the sine of its angle. */
const TURN = 0.1;
const SHAPE_COLOR = "#d9dee4";
/** A seat's radius, as a share of the distance to the next seat, with a little room around it. */
const SEAT_ROOM = 0.44;

/** A place for a row's label: at (x, y) and outwards from there, or in the middle of a gap of this size. @typedef {{x: number, y: number, outX: number, outY: number, gap: number}} LabelPlace */

/** @param {Box} a @param {Box} b */
export function touches(a, b) {
  return a.left <= b.right && a.right >= b.left && a.top <= b.bottom && a.bottom >= b.top;
}

export class Ground {
  /** @param {Geometry} plan @param {Grid} grid */
  constructor(plan, grid) {
    this.plan = plan;
    this.grid = grid;
    this.decorations = plan.decorations.map((decoration) => {
      const words = wordsBox(decoration);
      return { decoration, box: decorationBox(decoration), words, free: isFree(words, grid) };
    });
    /** The boxes of texts on the plan. @type {Box[]} */
    this.words = this.decorations.flatMap(({ words, free }) => (words && free ? words : []));
    /** @type {Map<number, Path2D>} */
    this.paths = new Map();
    /** @type {Map<number, LabelPlace[]>} */
    this.ends = new Map();
  }

  /** The lines along a section's rows; for standing places, the section's box. @param {number} section */
  path(section) {
    let path = this.paths.get(section);
    if (!path) this.paths.set(section, (path = this.#trace(section)));
    return path;
  }

  /** @param {number} section */
  #trace(section) {
    const { plan } = this;
    const path = new Path2D();
    const { standing, box, rows, block } = plan.sections[section];
    if (standing) {
      path.roundRect(box.left, box.top, box.right - box.left, box.bottom - box.top, plan.pitch);
      return path;
    }
    if (block) {
      for (const seat of block.corners) path.lineTo(plan.x[seat], plan.y[seat]);
      path.closePath();
    } else for (const row of rows) this.#traceRow(path, plan.rows[row].seats);
    return path;
  }

  /** Lines from aisle to aisle, with a corner only where the bend would be visible. @param {Path2D} path @param {Uint32Array} seats */
  #traceRow(path, seats) {
    const { x, y, pitch } = this.plan;
    let [corner, before] = [-1, -1];
    for (const seat of seats) {
      const [dx, dy] = [x[seat] - x[before], y[seat] - y[before]];
      if (before < 0 || dx * dx + dy * dy > (pitch * AISLE) ** 2) {
        if (before >= 0) path.lineTo(x[before], y[before]);
        // A stroke without length would not be drawn.
        path.moveTo(x[seat] - 1, y[seat]);
        path.lineTo(x[seat], y[seat]);
        corner = seat;
      } else if (bend(x, y, corner, before, seat) > TURN) {
        path.lineTo(x[before], y[before]);
        corner = before;
      }
      before = seat;
    }
    if (before >= 0) path.lineTo(x[before], y[before]);
  }

  /** Decorations in a box. @param {CanvasRenderingContext2D} context in the plan's units @param {Box} box @param {Theme} theme @param {number} scale */
  paintDecorations(context, box, theme, scale) {
    for (const { decoration, box: bounds } of this.decorations) {
      if (!touches(bounds, box)) continue;
      // Skip what is smaller than a pixel.
      if (Math.max(bounds.right - bounds.left, bounds.bottom - bounds.top) * scale > 1.5) paintDecoration(context, decoration, theme, scale);
    }
  }

  /** Paints the plan's texts, above the surfaces and below the seats. @param {CanvasRenderingContext2D} context in the plan's units @param {Box} box @param {Theme} theme @param {number} scale */
  paintWords(context, box, theme, scale) {
    for (const { decoration, box: bounds, free } of this.decorations) {
      const { text, at, rotation, shape, color } = decoration;
      if (!text || !free || text.size * scale < 5 || !touches(bounds, box)) continue;
      context.save();
      context.translate(at[0], at[1]);
      context.rotate(((rotation ?? 0) * Math.PI) / 180);
      paintText(context, text, shape === "text" ? parseColor(theme.surface) : quiet(color ?? SHAPE_COLOR, theme), theme);
      context.restore();
    }
  }

  /**
   * The surfaces of sections: all rims first, so that none is drawn over a neighbour's seats.
   * @param {CanvasRenderingContext2D} context in the plan's units @param {number[]} sections @param {number} scale
   * @param {(section: number) => {fill: string, rim: string}} look @param {("rim" | "fill")[]} [passes]
   */
  paintSurfaces(context, sections, scale, look, passes = ["rim", "fill"]) {
    context.lineCap = context.lineJoin = "round";
    for (const pass of passes) {
      for (const section of sections) {
        const { standing, reach, block } = this.plan.sections[section];
        const extra = pass === "rim" ? 2 / scale : 0;
        context.strokeStyle = context.fillStyle = look(section)[pass];
        context.lineWidth = standing ? Math.max(extra, 0.01) : 2 * reach + extra;
        if (standing || block) context.fill(this.path(section));
        context.stroke(this.path(section));
      }
    }
  }

  /** Paints the labels of rows, at both ends of each and in its aisles. @param {CanvasRenderingContext2D} context in pixels @param {number[]} sections @param {Box} box on the plan @param {number} scale @param {Theme} theme @param {number} size */
  paintRowLabels(context, sections, box, scale, theme, size) {
    const margin = size / scale;
    context.font = `600 ${size}px ${theme.font}`;
    context.fillStyle = theme.muted;
    context.textAlign = "center";
    context.textBaseline = "middle";
    for (const section of sections) {
      for (const row of this.plan.sections[section].rows) {
        const { label } = this.plan.rows[row];
        if (!label) continue;
        for (const place of this.#rowEnds(row)) {
          const far = place.x < box.left - margin || place.x > box.right + margin || place.y < box.top - margin || place.y > box.bottom + margin;
          const at = far ? null : this.#fit(place, context.measureText(label).width / scale, size / scale);
          if (at) context.fillText(label, at.x * scale, at.y * scale);
        }
      }
    }
  }

  /** The middle of a label of this size; null if it would cover a seat. @param {LabelPlace} place @param {number} width @param {number} height on the plan */
  #fit({ x, y, outX, outY, gap }, width, height) {
    // A label of one or two letters is centred in a narrow aisle; a long one needs the room beside a row's end.
    if (gap > 0) return width <= gap ? { x, y } : null;
    const reach = (Math.abs(outX) * width + Math.abs(outY) * height) / 2;
    const at = { x: x + outX * reach, y: y + outY * reach };
    const room = this.plan.pitch * SEAT_ROOM;
    let free = true;
    this.grid.within({ left: at.x - width / 2 - room, right: at.x + width / 2 + room, top: at.y - height / 2 - room * 0.8, bottom: at.y + height / 2 + room * 0.8 }, () => (free = false));
    return free ? at : null;
  }

  /** The places of a row's label: beyond its ends and in its aisles. @param {number} row */
  #rowEnds(row) {
    let ends = this.ends.get(row);
    if (!ends) this.ends.set(row, (ends = this.#findEnds(row)));
    return ends;
  }

  /** @param {number} row */
  #findEnds(row) {
    const { plan } = this;
    const { x, y, pitch } = plan;
    const { seats, section } = plan.rows[row];
    if (seats.length === 0 || !plan.placed(seats[0])) return [];
    const [first, last] = [rowEnd(plan, seats[0], "first"), rowEnd(plan, seats[0], "last")];
    const away = pitch * (SEAT_ROOM + 0.2);
    const chord = Math.hypot(x[last] - x[first], y[last] - y[first]);
    const [alongX, alongY] = chord > 0 ? [(x[last] - x[first]) / chord, (y[last] - y[first]) / chord] : [1, 0];
    const places = [this.#beyond(seats, first, -alongX, -alongY, away), this.#beyond(seats, last, alongX, alongY, away)];
    // The parts of a row may come in any order in a plan: sort them, to find the aisles between neighbours.
    const apart = (/** @type {number} */ a, /** @type {number} */ b) => Math.hypot(x[a] - x[b], y[a] - y[b]);
    // A gap is one that is wide for this row: the rows of an arc that get longer have wider spaces everywhere.
    const aisle = APART * Math.max(pitch, stepOf(plan, row));
    /** @type {[number, number][]} */ const blocks = [];
    seats.forEach((seat, at) => {
      const block = blocks.at(-1);
      if (block && apart(seats[at - 1], seat) <= aisle) block[1] = seat;
      else blocks.push([seat, seat]);
    });
    const along = (/** @type {number} */ seat) => (x[seat] - x[first]) * alongX + (y[seat] - y[first]) * alongY;
    blocks.sort(([a], [b]) => along(a) - along(b));
    for (let at = 1; at < blocks.length; at += 1) {
      const [[a, b]] = blocks[at - 1].flatMap((a) => blocks[at].map((b) => [a, b])).sort(([a, b], [c, d]) => apart(a, b) - apart(c, d));
      const gap = apart(a, b) - 2 * pitch * SEAT_ROOM;
      if (apart(a, b) > aisle) places.push({ x: (x[a] + x[b]) / 2, y: (y[a] + y[b]) / 2, outX: 0, outY: 0, gap });
    }
    return places;
  }

  /** The place beyond a row's end: further along the row as it runs there, since a curved row ends in another direction than its chord. @param {Uint32Array} seats @param {number} end @param {number} alongX @param {number} alongY @param {number} away @returns {LabelPlace} */
  #beyond(seats, end, alongX, alongY, away) {
    const { x, y, pitch } = this.plan;
    let [next, least] = [-1, pitch * AISLE];
    for (const seat of seats) {
      const apart = Math.hypot(x[seat] - x[end], y[seat] - y[end]);
      if (seat !== end && apart < least) [next, least] = [seat, apart];
    }
    const [outX, outY] = next < 0 || least === 0 ? [alongX, alongY] : [(x[end] - x[next]) / least, (y[end] - y[next]) / least];
    return { x: x[end] + outX * away, y: y[end] + outY * away, outX, outY, gap: 0 };
  }
}

/** The place of a decoration's text. @param {DecorationDocument} decoration @returns {Box | null} */
function wordsBox({ at, rotation = 0, text }) {
  if (!text) return null;
  const [sin, cos] = [Math.sin((rotation * Math.PI) / 180), Math.cos((rotation * Math.PI) / 180)];
  const [x, y] = [at[0] + text.at[0] * cos - text.at[1] * sin, at[1] + text.at[0] * sin + text.at[1] * cos];
  const half = [text.text.length * text.size * 0.3, text.size * 0.6];
  const reach = [Math.abs(half[0] * cos) + Math.abs(half[1] * sin), Math.abs(half[0] * sin) + Math.abs(half[1] * cos)];
  return { left: x - reach[0], right: x + reach[0], top: y - reach[1], bottom: y + reach[1] };
}

/** Whether no seat covers the text, since half a word cannot be read. @param {Box | null} words @param {Grid} grid */
function isFree(words, grid) {
  let free = true;
  if (words) grid.within(words, () => (free = false));
  return free;
}

/** The sine of the bend at `b` on the way from `a` to `c`. @param {Float32Array} x @param {Float32Array} y @param {number} a @param {number} b @param {number} c */
function bend(x, y, a, b, c) {
  const [ux, uy, vx, vy] = [x[b] - x[a], y[b] - y[a], x[c] - x[b], y[c] - y[b]];
  return Math.abs(ux * vy - uy * vx) / Math.sqrt((ux * ux + uy * uy) * (vx * vx + vy * vy) || 1);
}

/** A decoration's colour for the colour scheme, less vivid than any seat's; dark colours stay dark. @param {string} color @param {Theme} theme */
function quiet(color, theme) {
  const given = parseColor(color);
  const light = luminance(given) > 0.15;
  return mix(given, parseColor(theme.paper), theme.dark ? (light ? 0.93 : 0.25) : light ? 0.5 : 0);
}

/** @param {CanvasRenderingContext2D} context @param {DecorationDocument} decoration @param {Theme} theme @param {number} scale */
function paintDecoration(context, decoration, theme, scale) {
  const { shape, at, rotation, size = [], points = [] } = decoration;
  if (shape === "text") return;
  const fill = quiet(decoration.color ?? SHAPE_COLOR, theme);
  const rim = decoration.border_color ? quiet(decoration.border_color, theme) : fill;
  context.save();
  context.translate(at[0], at[1]);
  context.rotate(((rotation ?? 0) * Math.PI) / 180);
  context.beginPath();
  if (shape === "rectangle") context.rect(0, 0, size[0], size[1]);
  else if (shape === "circle") context.arc(0, 0, Math.abs(size[0]), 0, 2 * Math.PI);
  else if (shape === "ellipse") context.ellipse(0, 0, Math.abs(size[0]), Math.abs(size[1]), 0, 0, 2 * Math.PI);
  else for (let point = 0; point + 1 < points.length; point += 2) context.lineTo(points[point], points[point + 1]);
  context.closePath();
  context.fillStyle = theme.forced ? "Canvas" : hex(fill);
  context.fill();
  context.strokeStyle = theme.forced ? "CanvasText" : hex(rim);
  context.lineWidth = 1.25 / scale;
  context.stroke();
  context.restore();
}

/** @param {CanvasRenderingContext2D} context @param {NonNullable<DecorationDocument["text"]>} text @param {import("./theme.js").Rgb} ground @param {Theme} theme */
function paintText(context, text, ground, theme) {
  const given = text.color ? parseColor(text.color) : null;
  const best = luminance(ground) > 0.3 ? "#2b2430" : "#f5efe6";
  context.fillStyle = theme.forced ? "CanvasText" : given && contrast(given, ground) >= 4.5 ? hex(given) : best;
  context.font = `600 ${text.size}px ${theme.font}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  const lines = text.text.split("\n");
  lines.forEach((line, number) => {
    context.fillText(line, text.at[0], text.at[1] + (number - (lines.length - 1) / 2) * text.size * 1.2);
  });
}

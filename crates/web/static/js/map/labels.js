// What stands on a section when its seats are too small to see: its name, its prices, what is left of it. Only as much as has room; never
// wider than the section.

import { middle } from "./neighbours.js";

/** @import { Geometry } from "./geometry.js" */
/** @import { Grid } from "./grid.js" */
/** @import { Theme } from "./theme.js" */
/** @import { Point } from "./types.js" */

const NAME_PX = [15, 13, 11.5, 10];
const LEAST_PX = 9.5;

/** Where a section's words stand: its middle, or the seat nearest to it where the middle is empty. @param {Geometry} plan @param {Grid} grid @param {number} section @returns {Point} */
export function anchor(plan, grid, section) {
  const at = middle(plan, section);
  const { standing, reach } = plan.sections[section];
  if (standing) return at;
  const seat = grid.nearest(at.x, at.y, undefined, (other) => plan.section[other] === section);
  if (seat < 0 || Math.hypot(plan.x[seat] - at.x, plan.y[seat] - at.y) <= reach * 2) return at;
  return { x: plan.x[seat], y: plan.y[seat] };
}

/** Ever shorter ways to say a name: "Lower 101", "101"; "Pitch Standing", "Pitch". @param {string} name */
export function shorter(name) {
  const words = name.split(/\s+/);
  const last = words[words.length - 1];
  if (words.length < 2) return [name];
  return [name, last.length <= 5 ? last : words[0]];
}

/**
 * @typedef {{name: string, price: string, left: string, share: number}} Words `share`: of its seats that are free
 */

/**
 * Writes on a section as much as its room allows.
 * @param {CanvasRenderingContext2D} context in pixels @param {Point} at @param {{width: number, height: number}} room @param {Words} words
 * @param {Theme} theme @param {string} ink @returns {{width: number, height: number} | null} the room that words of numbers took
 */
export function paintLabel(context, at, room, words, theme, ink) {
  const width = room.width - 2;
  const lines = [words.price, words.left].filter(Boolean);
  const layout = arrange(context, words.name, lines, width, room.height - 3, theme);
  if (!layout) return null;
  const { text, px, small, shown } = layout;
  const bar = shown > 1 && words.share > 0 && room.height > px * 1.25 + shown * small * 1.3 + 16;
  const height = px * 1.25 + shown * small * 1.3 + (bar ? 8 : 0);
  let y = at.y - height / 2 + px * 0.65;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillStyle = ink;
  context.font = `700 ${px}px ${theme.font}`;
  context.fillText(text, at.x, y);
  y += px * 0.6 + small * 0.65;
  context.font = `500 ${small}px ${theme.font}`;
  for (const line of lines.slice(0, shown)) {
    context.fillText(line, at.x, y);
    y += small * 1.3;
  }
  if (bar) paintBar(context, at.x, y - small * 0.65 + 5, Math.min(width, 48), words.share, ink);
  const widest = Math.max(measure(context, `700 ${px}px ${theme.font}`, text), ...lines.map((line) => measure(context, `500 ${small}px ${theme.font}`, line)));
  return shown > 0 ? { width: widest + 6, height } : null;
}

/** @type {Map<string, number>} */
const widths = new Map();

/** Letters may be others from now on. */
export function forgetWidths() {
  widths.clear();
}

/** A text's width, taking all digits to be as wide as a zero: numbers change all the time. @param {CanvasRenderingContext2D} context @param {string} font @param {string} text */
function measure(context, font, text) {
  const key = `${font} ${text.replace(/\d/g, "0")}`;
  let width = widths.get(key);
  if (width === undefined) {
    if (widths.size > 5000) widths.clear();
    context.font = font;
    widths.set(key, (width = context.measureText(text.replace(/\d/g, "0")).width));
  }
  return width;
}

/**
 * The most lines that fit, the longer name before the shorter, the larger letters before the smaller.
 * @param {CanvasRenderingContext2D} context @param {string} name @param {string[]} lines @param {number} width @param {number} height @param {Theme} theme
 */
function arrange(context, name, lines, width, height, theme) {
  for (let shown = lines.length; shown >= 0; shown -= 1) {
    const names = shorter(name);
    for (const [at, text] of names.entries()) {
      for (const px of NAME_PX) {
        // A number that can be read says more than a name that hardly can.
        if (at + 1 < names.length && px === NAME_PX.at(-1)) continue;
        const small = Math.max(Math.min(px * 0.85, 12.5), LEAST_PX);
        if (px * 1.25 + shown * small * 1.3 > height) continue;
        if (measure(context, `700 ${px}px ${theme.font}`, text) > width) continue;
        if (lines.slice(0, shown).every((line) => measure(context, `500 ${small}px ${theme.font}`, line) <= width)) return { text, px, small, shown };
      }
    }
  }
  return null;
}

/** How much is left, as a length. @param {CanvasRenderingContext2D} context @param {number} x @param {number} y @param {number} width @param {number} share @param {string} ink */
function paintBar(context, x, y, width, share, ink) {
  context.save();
  context.fillStyle = ink;
  context.globalAlpha = 0.22;
  context.beginPath();
  context.roundRect(x - width / 2, y - 1.5, width, 3, 1.5);
  context.fill();
  context.globalAlpha = 0.9;
  context.beginPath();
  context.roundRect(x - width / 2, y - 1.5, Math.max(width * share, 3), 3, 1.5);
  context.fill();
  context.restore();
}

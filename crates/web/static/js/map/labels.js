// The label of a section while its seats are too small to see: name, prices, seats left. It has as many lines as fit, the
// same on similar sections; never wider than the section.

import { middle } from "./neighbours.js";

/** @import { Geometry } from "./geometry.js" */
/** @import { Grid } from "./grid.js" */
/** @import { Theme } from "./theme.js" */
/** @import { Point } from "./types.js" */

const NAME_PX = [15, 13, 11.5, 10, 9];
const LEAST_PX = 9.5;

/** The place of a section's label: its middle, or the seat nearest to it if the middle is empty. @param {Geometry} plan @param {Grid} grid @param {number} section @returns {Point} */
export function anchor(plan, grid, section) {
  const at = middle(plan, section);
  const { standing, reach } = plan.sections[section];
  if (standing) return at;
  const seat = grid.nearest(at.x, at.y, undefined, (other) => plan.section[other] === section);
  if (seat < 0 || Math.hypot(plan.x[seat] - at.x, plan.y[seat] - at.y) <= reach * 2) return at;
  return { x: plan.x[seat], y: plan.y[seat] };
}

/** A name and its shorter forms: "Lower 101", "101"; "Pitch Standing", "Pitch". @param {string} name */
export function shorter(name) {
  const words = name.split(/\s+/);
  const last = words[words.length - 1];
  if (words.length < 2) return [name];
  return [name, last.length <= 5 ? last : words[0]];
}

/**
 * @typedef {{name: string, price: string, left: string}} Words
 */

/** @typedef {{along: number, across: number, cos: number, sin: number}} Room a rectangle in pixels, and how it is turned */
/** @typedef {{short: boolean, px: number, shown: number}} Layout */

/** The font size of the lines below a name of this size. @param {number} px */
const smallOf = (px) => Math.max(Math.min(px * 0.85, 12.5), LEAST_PX);

/** Whether an upright box of this size fits into the room. @param {Room} room @param {number} width @param {number} height */
const fits = ({ along, across, cos, sin }, width, height) => width * cos + height * sin <= along && width * sin + height * cos <= across;

/**
 * Draws a section's label.
 * @param {CanvasRenderingContext2D} context in pixels @param {Point} at @param {Words} words @param {Layout} layout
 * @param {Theme} theme @param {string} ink @returns {{width: number, height: number} | null} the size of the lines with numbers
 */
export function paintLabel(context, at, words, { short, px, shown }, theme, ink) {
  const small = smallOf(px);
  const text = shorter(words.name)[short ? 1 : 0] ?? words.name;
  const lines = linesOf(words).slice(0, shown);
  const height = px * 1.25 + lines.length * small * 1.3;
  let y = at.y - height / 2 + px * 0.65;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillStyle = ink;
  context.font = `700 ${px}px ${theme.font}`;
  context.fillText(text, at.x, y);
  y += px * 0.6 + small * 0.65;
  context.font = `500 ${small}px ${theme.font}`;
  for (const line of lines) {
    context.fillText(line, at.x, y);
    y += small * 1.3;
  }
  const widest = Math.max(measure(context, `700 ${px}px ${theme.font}`, text), ...lines.map((line) => measure(context, `500 ${small}px ${theme.font}`, line)));
  return lines.length > 0 ? { width: widest + 6, height } : null;
}

/** @param {Words} words */
const linesOf = (words) => [words.price, words.left].filter(Boolean);

/** @type {Map<string, number>} */
const widths = new Map();

/** Forgets measured widths, after a font has been loaded. */
export function forgetWidths() {
  widths.clear();
}

/** A text's width with every digit as wide as a zero, so that changing numbers need no new measurement. @param {CanvasRenderingContext2D} context @param {string} font @param {string} text */
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
 * The layout with the most lines that fit; longer names and larger letters are preferred.
 * @param {CanvasRenderingContext2D} context @param {Room} room @param {Words} words @param {Theme} theme @returns {Layout | null}
 */
export function arrange(context, room, words, theme) {
  const lines = linesOf(words);
  const names = shorter(words.name);
  for (let shown = lines.length; shown >= 0; shown -= 1) {
    for (const [at, text] of names.entries()) {
      for (const px of NAME_PX) {
        // Readable numbers are better than a name in letters that are too small.
        if (at + 1 < names.length && px < 11) continue;
        const small = smallOf(px);
        const widest = Math.max(measure(context, `700 ${px}px ${theme.font}`, text), ...lines.slice(0, shown).map((line) => measure(context, `500 ${small}px ${theme.font}`, line)));
        if (fits(room, widest, px * (shown ? 1.25 : 1) + shown * small * 1.3)) return { short: at > 0, px, shown };
      }
    }
  }
  return null;
}

/** A layout that fits all of these sections, because similar sections must look alike. @param {(Layout | null)[]} layouts @returns {Layout | null} */
export function alike(layouts) {
  return layouts.reduce((all, one) => all && one && { short: all.short || one.short, px: Math.min(all.px, one.px), shown: Math.min(all.shown, one.shown) });
}

// Sprites of seats in each state, drawn once per size and colour scheme and then copied. No state differs by colour alone: available is a full
// disc, chosen has a tick and a ring, reserved is half full, sold is a small cross, blocked is hatched, a wheelchair place is square.

import { AVAILABLE, RESERVED, SOLD } from "./statuses.js";

/** @import { Theme } from "./theme.js" */

/** @typedef {"free" | "chosen" | "faded" | "reserved" | "sold" | "blocked"} Look */

/** @type {Look[]} */
const LOOKS = ["free", "chosen", "faded", "reserved", "sold", "blocked"];
/** A seat's radius, as a share of the distance to the next seat. */
const RADIUS = 0.41;
/** Seats with a smaller diameter in pixels have no signs. */
const SIGNS_FROM = 4;

/** The look for a status. @param {number} status @returns {Look} */
export function lookOf(status) {
  return status === AVAILABLE ? "free" : status === RESERVED ? "reserved" : status === SOLD ? "sold" : "blocked";
}

export class Sprites {
  /** @param {Theme} theme @param {number} pitch pixels from seat to seat @param {number} dpr */
  constructor(theme, pitch, dpr) {
    this.radius = Math.max(pitch * RADIUS, 1.1);
    /** A sprite's side in CSS pixels, and in pixels of the canvas. */
    this.side = 2 * (this.radius + 2);
    this.pixels = Math.ceil(this.side * dpr);
    this.canvas = document.createElement("canvas");
    this.canvas.width = this.pixels * LOOKS.length * 2;
    // Prices of the same colour share a line of sprites.
    const colors = [...new Set(theme.prices)];
    this.lines = theme.prices.map((color) => colors.indexOf(color));
    this.canvas.height = this.pixels * Math.max(colors.length, 1);
    const context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    for (let line = 0; line < Math.max(colors.length, 1); line += 1) {
      for (let column = 0; column < LOOKS.length * 2; column += 1) {
        const scale = this.pixels / this.side;
        const middle = this.side / 2;
        context.setTransform(scale, 0, 0, scale, column * this.pixels, line * this.pixels);
        context.translate(middle, middle);
        paintSeat(context, theme, this.radius, LOOKS[column >> 1], this.lines.indexOf(line), column % 2 === 1, true);
      }
    }
  }

  /** Stamps a seat around (x, y). @param {CanvasRenderingContext2D} context @param {Look} look @param {number} price @param {number} accessible 0 or 1 @param {number} x @param {number} y */
  stamp(context, look, price, accessible, x, y) {
    const column = LOOKS.indexOf(look) * 2 + accessible;
    const { side, pixels } = this;
    context.drawImage(this.canvas, column * pixels, (this.lines[price] ?? 0) * pixels, pixels, pixels, x - side / 2, y - side / 2, side, side);
  }
}

/**
 * Draws a seat around the origin; with `onSurface` it first clears what was there.
 * @param {CanvasRenderingContext2D} context @param {Theme} theme @param {number} radius @param {Look} look @param {number} price
 * @param {boolean} accessible @param {boolean} [onSurface]
 */
export function paintSeat(context, theme, radius, look, price, accessible, onSurface = false) {
  context.lineCap = context.lineJoin = "round";
  context.globalAlpha = 1;
  if (onSurface) {
    context.fillStyle = theme.surface;
    outline(context, radius + 1.2, accessible);
    context.fill();
  }
  const signs = radius >= SIGNS_FROM;
  if (look === "free") paintFree(context, theme, radius, price, accessible && signs, accessible);
  else if (look === "chosen") paintChosen(context, theme, radius, accessible);
  else if (look === "faded") paintFaded(context, theme, radius, price, accessible);
  else if (look === "reserved") paintReserved(context, theme, radius, accessible);
  else if (look === "sold") paintSold(context, theme, radius);
  else paintBlocked(context, theme, radius, accessible);
}

/** @param {CanvasRenderingContext2D} context @param {number} radius @param {boolean} square */
function outline(context, radius, square) {
  context.beginPath();
  if (square) context.roundRect(-radius, -radius, 2 * radius, 2 * radius, radius * 0.35);
  else context.arc(0, 0, radius, 0, 2 * Math.PI);
}

/** @param {CanvasRenderingContext2D} context @param {Theme} theme @param {number} radius @param {number} price @param {boolean} glyph @param {boolean} square */
function paintFree(context, theme, radius, price, glyph, square) {
  outline(context, square ? radius * 0.94 : radius, square);
  context.fillStyle = theme.prices[price] ?? theme.muted;
  context.fill();
  if (glyph) paintWheelchair(context, radius * 0.62, theme.priceInks[price] ?? theme.surface);
}

/** @param {CanvasRenderingContext2D} context @param {Theme} theme @param {number} radius @param {boolean} square */
function paintChosen(context, theme, radius, square) {
  const rim = Math.max(radius * 0.17, 1);
  outline(context, radius + 0.6 - rim / 2, square);
  context.fillStyle = theme.surface;
  context.fill();
  context.strokeStyle = theme.ink;
  context.lineWidth = rim;
  context.stroke();
  outline(context, Math.max(radius - rim * 1.75, radius * 0.5), square);
  context.fillStyle = theme.ink;
  context.fill();
  if (radius < SIGNS_FROM) return;
  context.strokeStyle = theme.surface;
  context.lineWidth = Math.max(radius * 0.17, 1.2);
  context.beginPath();
  context.moveTo(-radius * 0.3, radius * 0.02);
  context.lineTo(-radius * 0.08, radius * 0.25);
  context.lineTo(radius * 0.32, -radius * 0.23);
  context.stroke();
}

/** Draws a seat that is available but does not match the filter. @param {CanvasRenderingContext2D} context @param {Theme} theme @param {number} radius @param {number} price @param {boolean} square */
function paintFaded(context, theme, radius, price, square) {
  outline(context, radius * 0.62, square);
  context.fillStyle = theme.priceTints[price] ?? theme.line;
  context.fill();
  if (!theme.forced) return;
  context.strokeStyle = theme.muted;
  context.lineWidth = 1;
  context.stroke();
}

/** @param {CanvasRenderingContext2D} context @param {Theme} theme @param {number} radius @param {boolean} square */
function paintReserved(context, theme, radius, square) {
  const inner = radius * 0.82;
  context.save();
  context.strokeStyle = context.fillStyle = theme.muted;
  context.globalAlpha = theme.forced ? 1 : 0.75;
  context.lineWidth = Math.max(radius * 0.13, 0.7);
  outline(context, inner, square);
  context.stroke();
  context.clip();
  context.fillRect(-radius, 0, 2 * radius, radius);
  context.restore();
}

/** @param {CanvasRenderingContext2D} context @param {Theme} theme @param {number} radius */
function paintSold(context, theme, radius) {
  const arm = Math.max(radius * 0.3, 0.9);
  context.strokeStyle = theme.muted;
  context.globalAlpha = theme.forced ? 1 : 0.75;
  context.lineWidth = Math.max(radius * 0.14, 0.7);
  context.beginPath();
  context.moveTo(-arm, -arm);
  context.lineTo(arm, arm);
  context.moveTo(arm, -arm);
  context.lineTo(-arm, arm);
  context.stroke();
  context.globalAlpha = 1;
}

/** @param {CanvasRenderingContext2D} context @param {Theme} theme @param {number} radius @param {boolean} square */
function paintBlocked(context, theme, radius, square) {
  const inner = radius * 0.8;
  context.save();
  context.strokeStyle = theme.muted;
  context.globalAlpha = theme.forced ? 1 : 0.55;
  context.lineWidth = Math.max(radius * 0.1, 0.6);
  outline(context, inner, square);
  context.stroke();
  context.clip();
  context.beginPath();
  const step = Math.max(inner * 0.55, 1.6);
  for (let at = -2 * inner; at <= 2 * inner; at += step) {
    context.moveTo(at - inner, inner);
    context.lineTo(at + inner, -inner);
  }
  context.stroke();
  context.restore();
}

/** A person in a wheelchair: head, back and seat, leg, wheel. @param {CanvasRenderingContext2D} context @param {number} size half its height @param {string} color */
export function paintWheelchair(context, size, color) {
  context.save();
  context.scale(size, size);
  context.strokeStyle = context.fillStyle = color;
  context.lineWidth = 0.24;
  context.beginPath();
  context.arc(-0.18, -0.82, 0.2, 0, 2 * Math.PI);
  context.fill();
  context.beginPath();
  context.moveTo(-0.18, -0.42);
  context.lineTo(-0.14, 0.14);
  context.lineTo(0.36, 0.14);
  context.lineTo(0.62, 0.74);
  context.lineTo(0.84, 0.66);
  context.moveTo(-0.16, -0.14);
  context.lineTo(0.28, -0.14);
  context.stroke();
  context.beginPath();
  context.arc(-0.12, 0.4, 0.5, -0.15 * Math.PI + Math.PI / 2 - 0.9, 1.32 * Math.PI);
  context.stroke();
  context.restore();
}

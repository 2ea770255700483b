// Paints the map at each level of detail: sections as shapes with labels, dots, or seats with numbers. Paints whole tiles and
// single seats that changed.

import { levelOf } from "./camera.js";
import { sliced } from "./geometry.js";
import { alike, anchor, arrange, forgetWidths, paintLabel } from "./labels.js";
import { Ground, touches } from "./ground.js";
import { Sprites } from "./sprites.js";
import { hex, luminance, mix, parseColor } from "./theme.js";

/** @import { Layout } from "./labels.js" */
/** @import { Model } from "./model.js" */
/** @import { Theme } from "./theme.js" */
/** @import { Box, Point } from "./types.js" */

/** The zoom, in pixels between neighbouring seats, from which rows have labels and seats have numbers. */
export const ROW_LABELS_FROM = 9;

export class Painter {
  /** @param {Model} model @param {Theme} theme */
  constructor(model, theme) {
    this.model = model;
    this.theme = theme;
    this.ground = new Ground(model.plan, model.grid);
    /** @type {Map<string, Sprites>} */
    this.sprites = new Map();
    /** @type {Map<number, Point>} */
    this.anchors = new Map();
    /** Layouts of labels, by scale and kind of section. @type {Map<string, Layout | null>} */
    this.layouts = new Map();
    /** The label last written on each section: its background colour, and the size of the lines that change with the number of free seats (null if none do). @type {Map<number, {fill: string, block: {width: number, height: number} | null}>} */
    this.written = new Map();
  }

  /** Prepares painting in slices, so that the first frame need not do all of the work. */
  prepare() {
    return sliced(this.model.plan.sections, (_, section) => {
      this.ground.path(section);
      this.anchor(section);
    });
  }

  /** @param {Theme} theme */
  setTheme(theme) {
    this.theme = theme;
    this.sprites.clear();
    this.layouts.clear();
    forgetWidths();
  }

  /** @param {number} scale @param {number} dpr */
  #spritesFor(scale, dpr) {
    const key = `${scale} ${dpr}`;
    let sprites = this.sprites.get(key);
    if (!sprites) {
      // Sprites for the current scale, and for the one it replaces.
      if (this.sprites.size > 1) this.sprites.clear();
      this.sprites.set(key, (sprites = new Sprites(this.theme, scale * this.model.plan.pitch, dpr)));
    }
    return sprites;
  }

  /** How far a seat's drawing extends from its middle, in pixels. @param {number} scale @param {number} dpr */
  seatReach(scale, dpr) {
    return this.#spritesFor(scale, dpr).side / 2;
  }

  /** The layout of a section's label. @param {number} section */
  anchor(section) {
    let at = this.anchors.get(section);
    if (!at) this.anchors.set(section, (at = anchor(this.model.plan, this.model.grid, section)));
    return at;
  }

  /**
  * Paints a tile.
   * @param {CanvasRenderingContext2D} context @param {Point} origin the piece's corner, in pixels of the whole map @param {number} size its side, in pixels
   * @param {number} scale @param {number} dpr
   */
  paintTile(context, origin, size, scale, dpr) {
    const { plan } = this.model;
    const pitch = scale * plan.pitch;
    const level = levelOf(pitch, this.model.near);
    const box = { left: origin.x / scale, top: origin.y / scale, right: (origin.x + size) / scale, bottom: (origin.y + size) / scale };
    const sections = this.#sectionsIn(box, level === "sections" ? 2 / scale : plan.pitch * 2);
    context.setTransform(dpr, 0, 0, dpr, 0, 0);
    context.fillStyle = this.theme.paper;
    context.fillRect(0, 0, size, size);
    context.setTransform(dpr * scale, 0, 0, dpr * scale, -origin.x * dpr, -origin.y * dpr);
    this.ground.paintDecorations(context, box, this.theme, scale);
    this.ground.paintSurfaces(context, sections, scale, level === "sections" ? (section) => this.#shape(section) : (section) => this.#surface(section));
    this.ground.paintWords(context, box, this.theme, scale);
    context.setTransform(dpr, 0, 0, dpr, -origin.x * dpr, -origin.y * dpr);
    const seated = level === "sections" ? [] : sections.filter((section) => !plan.sections[section].standing);
    for (const section of sections) if (!seated.includes(section)) this.paintSection(context, section, scale);
    if (seated.length === 0) return;
    if (pitch >= ROW_LABELS_FROM) {
      const size = Math.min(Math.max(pitch * 0.4, 9), 13);
      this.ground.paintRowLabels(context, seated, box, scale, this.theme, size);
    }
    this.#paintSeats(context, box, scale, dpr);
  }

  /** Paints sections without labels, for the small picture of the plan. @param {CanvasRenderingContext2D} context already in the plan's units @param {number[]} sections @param {number} scale */
  paintOverview(context, sections, scale) {
    this.ground.paintSurfaces(context, sections, scale, (section) => this.#shape(section), ["fill"]);
  }

  /** Paints a section's label over the old one. False if the section's shape has to be painted as well. @param {CanvasRenderingContext2D} context @param {Point} origin @param {number} section @param {number} scale @param {number} dpr */
  patchWords(context, origin, section, scale, dpr) {
    const { fill } = this.#shape(section);
    const before = this.written.get(section);
    if (before?.fill !== fill) return false;
    if (!before.block) return true;
    context.setTransform(dpr, 0, 0, dpr, -origin.x * dpr, -origin.y * dpr);
    const at = this.anchor(section);
    const { width, height } = before.block;
    context.fillStyle = fill;
    context.fillRect(at.x * scale - width / 2 - 1, at.y * scale - height / 2 - 1, width + 2, height + 2);
    this.paintSection(context, section, scale);
    return true;
  }

  /** @param {Box} box @param {number} margin */
  #sectionsIn(box, margin) {
    const wide = { left: box.left - margin, top: box.top - margin, right: box.right + margin, bottom: box.bottom + margin };
    const found = [];
    const { sections } = this.model.plan;
    for (let at = 0; at < sections.length; at += 1) if (sections[at].seats > 0 && touches(sections[at].box, wide)) found.push(at);
    return found;
  }

  /** @param {CanvasRenderingContext2D} context in pixels of the whole map @param {Box} box @param {number} scale @param {number} dpr */
  #paintSeats(context, box, scale, dpr) {
    const { plan, grid } = this.model;
    const margin = plan.pitch * 0.6;
    const wide = { left: box.left - margin, top: box.top - margin, right: box.right + margin, bottom: box.bottom + margin };
    const sprites = this.#spritesFor(scale, dpr);
    const numbers = this.#prepareNumbers(context, scale);
    grid.within(wide, (seat) => this.#paintSeat(context, sprites, seat, plan.x[seat] * scale, plan.y[seat] * scale, numbers));
  }

  /** Paints seats that changed. @param {CanvasRenderingContext2D} context @param {Point} origin @param {Iterable<number>} seats @param {number} scale @param {number} dpr */
  patchSeats(context, origin, seats, scale, dpr) {
    const { plan } = this.model;
    context.setTransform(dpr, 0, 0, dpr, -origin.x * dpr, -origin.y * dpr);
    const sprites = this.#spritesFor(scale, dpr);
    const numbers = this.#prepareNumbers(context, scale);
    for (const seat of seats) this.#paintSeat(context, sprites, seat, plan.x[seat] * scale, plan.y[seat] * scale, numbers);
  }

  /** @param {CanvasRenderingContext2D} context @param {number} scale @returns {number} the letters' size, 0 for none */
  #prepareNumbers(context, scale) {
    const pitch = scale * this.model.plan.pitch;
    if (levelOf(pitch) !== "seats") return 0;
    context.textAlign = "center";
    context.textBaseline = "middle";
    const px = Math.min(Math.max(pitch * 0.36, 8), 15);
    context.font = `600 ${px}px ${this.theme.font}`;
    return px;
  }

  /** @param {CanvasRenderingContext2D} context @param {Sprites} sprites @param {number} seat @param {number} x @param {number} y @param {number} numbers */
  #paintSeat(context, sprites, seat, x, y, numbers) {
    const { model, theme } = this;
    const look = model.look(seat);
    const price = model.prices.ofSeat[seat];
    const accessible = model.plan.accessible[seat];
    sprites.stamp(context, look, price, accessible, x, y);
    if (numbers === 0 || look !== "free" || accessible) return;
    const number = model.plan.number(seat);
    if (!number) return;
    context.fillStyle = theme.priceInks[price] ?? theme.surface;
    // Narrow long numbers by a width instead of a smaller font: setting a font for every seat is slow.
    context.fillText(number, x, y + numbers * 0.06, numbers * 1.75);
  }

  /** Paints a section's label over its shape. @param {CanvasRenderingContext2D} context in pixels of the whole map @param {number} section @param {number} scale */
  paintSection(context, section, scale) {
    const { fill, ink } = this.#shape(section);
    const at = this.anchor(section);
    const layout = this.#layout(context, section, scale);
    const block = layout && paintLabel(context, { x: at.x * scale, y: at.y * scale }, this.#words(section), layout, this.theme, ink);
    this.written.set(section, { fill, block });
  }

  /** The layout of the labels of all sections of a kind, such as "Lower 1" and "Lower 2". @param {CanvasRenderingContext2D} context @param {number} section @param {number} scale */
  #layout(context, section, scale) {
    const { sections } = this.model.plan;
    const kind = kindOf(sections[section].name);
    const key = `${scale} ${Boolean(this.model.heat)} ${kind}`;
    let layout = this.layouts.get(key);
    if (layout === undefined) {
      if (this.layouts.size > 500) this.layouts.clear();
      const same = [...sections.keys()].filter((other) => sections[other].seats > 0 && kindOf(sections[other].name) === kind);
      layout = alike(same.map((other) => arrange(context, this.#room(other, scale), this.#words(other), this.theme)));
      this.layouts.set(key, layout);
    }
    return layout;
  }

  /** The room for a section's label. @param {number} section @param {number} scale */
  #room(section, scale) {
    const { box, seats, standing, block } = this.model.plan.sections[section];
    if (block) return { ...block, along: block.along * scale - 2, across: block.across * scale - 2 };
    const [width, height] = [box.right - box.left, box.bottom - box.top];
    // A slanted or curved section fills only a part of its bounding box.
    const filled = standing ? 1 : Math.min((seats * this.model.plan.pitch ** 2 * 1.1) / (width * height), 1);
    const part = scale * Math.sqrt(filled > 0.75 ? 0.92 : filled);
    return { along: width * part - 2, across: height * part - 2, cos: 1, sin: 0 };
  }

  /** @param {number} section */
  #words(section) {
    const { model } = this;
    const { name } = model.plan.sections[section];
    const free = model.statuses.free[section];
    const range = model.prices.ranges[section];
    const heat = model.heat?.get(section);
    const left = model.heat ? (heat === undefined ? "" : `${Math.round(heat * 100)} %`) : free > 0 ? `${free.toLocaleString("en-US")} left` : "Full";
    return { name, price: range && free > 0 && !model.heat ? model.money.range(range) : "", left };
  }

  /** The colours of a section while its seats are not shown. @param {number} section */
  #shape(section) {
    const { model, theme } = this;
    const price = model.mainPrice(section);
    const free = model.statuses.free[section] > 0;
    if (model.heat && !theme.forced) return this.#warm(section);
    if (!free) return { fill: mixed(theme.surface, theme.line, 0.45), rim: theme.line, ink: theme.muted };
    if (!model.sectionPasses(section)) return { fill: theme.surface, rim: theme.line, ink: theme.muted };
    return { fill: theme.priceTints[price] ?? theme.surface, rim: theme.prices[price] ?? theme.line, ink: theme.ink };
  }

  /** The colours of a section's surface below its seats. @param {number} section */
  #surface(section) {
    const { theme, model } = this;
    if (model.heat) return this.#warm(section);
    if (model.plan.sections[section].standing) return this.#shape(section);
    return { fill: theme.surface, rim: theme.line };
  }

  /** @param {number} section */
  #warm(section) {
    const { theme, model } = this;
    const heat = Math.min(Math.max(model.heat?.get(section) ?? 0, 0), 1);
    const fill = heat > 0 ? mix(parseColor(theme.surface), parseColor(theme.accent), 0.15 + 0.77 * heat) : parseColor(theme.line);
    return { fill: hex(fill), rim: mixed(theme.line, theme.accent, heat), ink: luminance(fill) > 0.2 ? "#17121b" : "#ffffff" };
  }
}

/** "Lower" for "Lower 12". @param {string} name */
const kindOf = (name) => name.replace(/\s*\d+$/, "");

/** @param {string} a @param {string} b @param {number} part */
function mixed(a, b, part) {
  return /^[A-Z]/.test(a) ? a : hex(mix(parseColor(a), parseColor(b), part));
}

// The canvas: at most one frame per refresh, made of copied tiles and the overlay (the focus, the seat under the pointer, a
// rectangle being drawn). Owns the camera and its animations.

import * as cameras from "./camera.js";
import { paintMarks } from "./marks.js";
import { Overview } from "./overview.js";
import { Tiles } from "./tiles.js";

/** @import { Camera, Size, World } from "./camera.js" */
/** @import { Model } from "./model.js" */
/** @import { Painter } from "./painter.js" */
/** @import { Box, Point } from "./types.js" */

/** Time that a frame may spend on painting tiles, so that the page stays responsive. */
const WORK_MS = 7;
/** How long the scale must stay the same before tiles are painted for it. */
const REST_MS = 90;
/** Tiles scaled by more than this look too coarse or too dense. */
const STRETCH = 1.9;
/** How often labels of sections are updated with the seats left, and how many at a time. */
const WORDS_MS = 120;
const WORDS_AT_ONCE = 24;
const FLIGHT_MS = 280;
/** The largest device pixel ratio: more pixels cost time and are not visible. */
const MOST_DPR = 2;

/** @typedef {{kind: "seat", seat: number} | {kind: "section", section: number}} Target */

export class View {
  /** @param {HTMLCanvasElement} canvas @param {Model} model @param {Painter} painter */
  constructor(canvas, model, painter) {
    this.canvas = canvas;
    this.context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { alpha: false }));
    this.model = model;
    this.painter = painter;
    this.tiles = new Tiles(painter);
    /** @type {Size} */
    this.size = { width: 0, height: 0 };
    this.dpr = 1;
    /** @type {World} */
    this.world = { box: model.plan.box, pitch: model.plan.pitch, inset: 0 };
    /** @type {Camera} */
    this.camera = { x: 0, y: 0, scale: 0 };
    /** The target with the keyboard focus. @type {Target | null} */
    this.focus = null;
    this.focusShown = false;
    /** The target under the pointer. @type {Target | null} */
    this.hover = null;
    /** Pixels of a rectangle being drawn. @type {Box | null} */
    this.band = null;
    /** Whether dragging draws a rectangle instead of moving the map. */
    this.banding = false;
    this.still = matchMedia("(prefers-reduced-motion: reduce)");
    /** @type {Set<() => void>} */
    this.moved = new Set();
    /** Seats to patch, and sections whose labels must be painted again. @type {Set<number>} */
    this.changed = new Set();
    /** @type {Set<number>} */
    this.sections = new Set();
    this.wordsDue = 0;
    this.scaledAt = 0;
    this.frame = 0;
    this.flight = 0;
    this.untouched = true;
    /** Whether everything needed for drawing has been loaded. */
    this.ready = false;
    this.overview = new Overview(painter, this.world.box);
    this.measured = canvas.closest("[data-measure]") !== null;
    this.observer = new ResizeObserver(() => this.#resize());
    this.observer.observe(canvas);
  }

  stop() {
    cancelAnimationFrame(this.frame);
    cancelAnimationFrame(this.flight);
    this.ready = false;
    clearTimeout(this.wordsDue);
    this.observer.disconnect();
  }

  get pitch() {
    return this.camera.scale * this.world.pitch;
  }

  get level() {
    return cameras.levelOf(this.pitch, this.model.near);
  }

  /** Whether all of the plan is in view. */
  get whole() {
    return this.size.width > 0 && this.camera.scale <= cameras.scaleLimits(this.world, this.size).least * 1.001;
  }

  #resize() {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (width === 0 || height === 0) return;
    this.dpr = Math.min(devicePixelRatio || 1, MOST_DPR);
    this.world.inset = width < 640 ? 14 : 28;
    const [pixelWidth, pixelHeight] = [Math.round(width * this.dpr), Math.round(height * this.dpr)];
    if (this.canvas.width !== pixelWidth || this.canvas.height !== pixelHeight) [this.canvas.width, this.canvas.height] = [pixelWidth, pixelHeight];
    this.size = { width, height };
    this.camera = this.untouched ? cameras.fit(this.world, this.size) : cameras.clamp(this.camera, this.world, this.size);
    this.scaledAt = 0;
    this.#warm();
    this.#notify();
  }

  /** With a heat map, sections are shown up to a closer zoom, and always while the whole plan is in view. */
  #warm() {
    this.model.near = this.model.heat ? Math.max(15, cameras.fit(this.world, this.size).scale * this.world.pitch * 1.1) : 4.5;
  }

  /** A seat looks different. @param {number} seat */
  seatChanged(seat) {
    this.changed.add(seat);
    this.sections.add(this.model.plan.section[seat]);
    this.draw();
  }

  /** Paints everything again. */
  allChanged() {
    this.#warm();
    this.tiles.markAll();
    this.overview.restart();
    this.draw();
  }

  draw() {
    if (this.frame === 0 && this.ready) this.frame = requestAnimationFrame(() => this.#drawFrame());
  }

  #notify() {
    this.draw();
    for (const tell of this.moved) tell();
  }

  /** Sets the camera at once. @param {Camera} camera */
  look(camera) {
    const next = cameras.clamp(camera, this.world, this.size);
    if (next.scale !== this.camera.scale) this.scaledAt = performance.now();
    this.camera = next;
    this.untouched = false;
    this.#notify();
  }

  /** Moves the camera there in an animation, or at once if the visitor prefers reduced motion. @param {Camera} camera */
  fly(camera) {
    cancelAnimationFrame(this.flight);
    const to = cameras.clamp(camera, this.world, this.size);
    const from = this.camera;
    if (this.still.matches || (Math.abs(to.scale / from.scale - 1) < 1e-3 && Math.hypot(to.x - from.x, to.y - from.y) * to.scale < 2)) {
      this.scaledAt = 0;
      return this.look(to);
    }
    const began = performance.now();
    const step = () => {
      const t = Math.min((performance.now() - began) / FLIGHT_MS, 1);
      this.look(t === 1 ? to : cameras.between(from, to, 1 - (1 - t) ** 3));
      if (t < 1) this.flight = requestAnimationFrame(step);
    };
    this.flight = requestAnimationFrame(step);
  }

  /** Stops a camera animation, because the visitor moves the map. */
  hold() {
    cancelAnimationFrame(this.flight);
  }

  /** @param {number} factor @param {number} [x] @param {number} [y] */
  zoom(factor, x = this.size.width / 2, y = this.size.height / 2) {
    this.fly(cameras.zoomAt(this.camera, this.size, factor, x, y, this.world));
  }

  fit() {
    this.fly(cameras.fit(this.world, this.size));
    this.untouched = true;
  }

  /** Zooms in on a section until its seats can be picked. @param {number} section */
  showSection(section) {
    const { box } = this.model.plan.sections[section];
    const camera = cameras.fit(this.world, this.size, box, 40);
    this.fly({ ...camera, scale: Math.max(camera.scale, 6 / this.world.pitch) });
  }

  /** Brings a seat into view, large enough to be read. @param {number} seat @param {number} [pitch] */
  showSeat(seat, pitch = 24) {
    const { x, y } = this.#seatPoint(seat);
    const scale = Math.max(this.camera.scale, pitch / this.world.pitch);
    const at = cameras.toView(this.camera, this.size, x, y);
    const rim = 48;
    const inside = at.x > rim && at.y > rim && at.x < this.size.width - rim && at.y < this.size.height - rim;
    if (scale === this.camera.scale && inside) this.draw();
    else this.fly({ x, y, scale });
  }

  /** The target at a point, within `slack` pixels. @param {number} x @param {number} y @param {number} [slack] @returns {Target | null} */
  at(x, y, slack = 2) {
    const { plan, grid } = this.model;
    const point = cameras.toPlan(this.camera, this.size, x, y);
    const standing = plan.sections.findIndex(({ standing, box }) => standing && cameras.inside(box, point));
    if (this.level === "sections") {
      const seat = grid.nearest(point.x, point.y, plan.pitch * 2.5);
      const section = seat >= 0 ? plan.section[seat] : standing;
      return section < 0 ? null : { kind: "section", section };
    }
    const seat = grid.nearest(point.x, point.y, Math.max(plan.pitch * 0.55, slack / this.camera.scale));
    if (seat >= 0) return { kind: "seat", seat };
    return standing < 0 ? null : { kind: "section", section: standing };
  }

  /** The position of a target in the view. @param {Target} target @returns {Point} */
  place(target) {
    const at = target.kind === "seat" ? this.#seatPoint(target.seat) : this.painter.anchor(target.section);
    return cameras.toView(this.camera, this.size, at.x, at.y);
  }

  /** @param {number} seat @returns {Point} */
  #seatPoint(seat) {
    return { x: this.model.plan.x[seat], y: this.model.plan.y[seat] };
  }

  #drawFrame() {
    const began = performance.now();
    this.frame = 0;
    if (this.size.width === 0) return;
    this.#followScale(began);
    this.#patch();
    const patched = performance.now();
    const { context } = this;
    context.setTransform(this.dpr, 0, 0, this.dpr, 0, 0);
    context.fillStyle = this.painter.theme.paper;
    context.fillRect(0, 0, this.size.width, this.size.height);
    if (!this.tiles.blit(context, this.camera, this.size)) {
      // Tiles are missing: draw the coarse picture first, then the tiles there are.
      this.#drawOverview();
      this.tiles.blit(context, this.camera, this.size);
    }
    paintMarks(context, this);
    const drawn = performance.now();
    // Tiles painted now are shown in the next frame.
    const busy = this.tiles.work(this.camera, this.size, WORK_MS);
    if (!busy && this.overview.work()) for (const tell of this.moved) tell();
    if (busy || this.scaledAt > 0 || !this.overview.done) this.draw();
    if (this.measured) {
      performance.measure("seat-map-patch", { start: began, end: patched });
      performance.measure("seat-map-blit", { start: patched, end: drawn });
      performance.measure("seat-map-frame", { start: began, detail: this.level });
    }
  }

  /** Repaints the tiles for a new scale once the scale is stable, or once the tiles look too coarse. @param {number} now */
  #followScale(now) {
    const stretch = this.camera.scale / this.tiles.scale;
    const rested = now - this.scaledAt > REST_MS;
    if (rested || stretch > STRETCH || stretch < 1 / STRETCH) this.tiles.setScale(this.camera.scale, this.dpr);
    if (rested) this.scaledAt = 0;
  }

  /** Paints changes since the last frame: seat by seat where seats are shown, else labels at intervals. */
  #patch() {
    const { plan } = this.model;
    const dotted = cameras.levelOf(this.tiles.scale * plan.pitch, this.model.near) !== "sections";
    // On a heat map, a copied sprite would leave a pale ring.
    if (dotted && this.model.heat && this.changed.size > 0) this.tiles.markAll();
    else if (dotted && this.tiles.patch(this.changed)) this.draw();
    this.changed.clear();
    if (this.sections.size === 0 || this.wordsDue !== 0) return;
    this.wordsDue = window.setTimeout(() => {
      this.wordsDue = 0;
      const near = cameras.levelOf(this.tiles.scale * plan.pitch, this.model.near) !== "sections";
      for (const section of [...this.sections].slice(0, WORDS_AT_ONCE)) {
        this.sections.delete(section);
        if (section >= 0 && (!near || plan.sections[section].standing)) this.tiles.patchWords(section, plan.sections[section].box);
      }
      this.draw();
    }, WORDS_MS);
  }

  #drawOverview() {
    const { box } = this.world;
    const from = cameras.toView(this.camera, this.size, box.left, box.top);
    const { scale } = this.camera;
    this.context.drawImage(this.overview.canvas, from.x, from.y, (box.right - box.left) * scale, (box.bottom - box.top) * scale);
  }
}

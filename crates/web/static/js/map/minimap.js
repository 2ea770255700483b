// The minimap: the whole plan beside the map, where it covers no seats, with a frame around the view; pressing or dragging moves the view. Shown only while zoomed in, and for
// pointers only: the keyboard has better commands.

import { element } from "./dom.js";
import { seen } from "./camera.js";

/** @import { View } from "./view.js" */

/** The most pixels in width and height; on a narrow map it is shown smaller. */
const [WIDEST, HIGHEST] = [150, 84];

export class Minimap {
  /** @param {View} view @param {AbortSignal} signal */
  constructor(view, signal) {
    this.view = view;
    this.canvas = element("canvas", { class: "sm-mini", "aria-hidden": "true", hidden: true });
    const { left, top, right, bottom } = view.world.box;
    this.scale = Math.min(WIDEST / (right - left), HIGHEST / (bottom - top));
    this.size = { width: Math.max((right - left) * this.scale, 24), height: Math.max((bottom - top) * this.scale, 24) };
    this.canvas.style.width = `${this.size.width}px`;
    this.canvas.style.aspectRatio = `${this.size.width} / ${this.size.height}`;
    this.queued = 0;
    view.moved.add(() => this.draw());
    const go = (/** @type {PointerEvent} */ event) => {
      if (event.buttons === 0) return;
      const box = this.canvas.getBoundingClientRect();
      const { camera } = view;
      view.hold();
      view.look({ ...camera, x: left + ((event.clientX - box.left) / box.width) * (this.size.width / this.scale), y: top + ((event.clientY - box.top) / box.height) * (this.size.height / this.scale) });
    };
    const grab = (/** @type {PointerEvent} */ event) => (this.canvas.setPointerCapture(event.pointerId), go(event));
    this.canvas.addEventListener("pointerdown", grab, { signal });
    this.canvas.addEventListener("pointermove", go, { signal });
  }

  draw() {
    this.canvas.hidden = this.view.whole || this.view.size.width === 0;
    if (!this.canvas.hidden && this.queued === 0) this.queued = requestAnimationFrame(() => this.#draw());
  }

  #draw() {
    this.queued = 0;
    const { view, canvas } = this;
    const { width, height } = this.size;
    const dpr = view.dpr;
    if (canvas.width !== Math.round(width * dpr)) [canvas.width, canvas.height] = [Math.round(width * dpr), Math.round(height * dpr)];
    const context = canvas.getContext("2d");
    if (!context) return;
    const { theme } = view.painter;
    const { box } = view.world;
    const shown = seen(view.camera, view.size);
    const [x, y] = [Math.max((shown.left - box.left) * this.scale, 1), Math.max((shown.top - box.top) * this.scale, 1)];
    const [right, bottom] = [Math.min((shown.right - box.left) * this.scale, width - 1), Math.min((shown.bottom - box.top) * this.scale, height - 1)];
    context.setTransform(dpr, 0, 0, dpr, 0, 0);
    context.globalAlpha = 1;
    context.drawImage(view.overview.canvas, 0, 0, width, height);
    context.globalAlpha = 0.5;
    context.fillStyle = theme.paper;
    context.beginPath();
    context.rect(0, 0, width, height);
    context.rect(x, y, right - x, bottom - y);
    context.fill("evenodd");
    context.globalAlpha = 1;
    context.strokeStyle = theme.ink;
    context.lineWidth = 2;
    context.strokeRect(x, y, right - x, bottom - y);
  }
}

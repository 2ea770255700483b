// A small picture of the whole plan: for the minimap, and in place of tiles that are not painted yet. Painted a few sections a
// frame, after all other painting.

/** @import { Painter } from "./painter.js" */
/** @import { Box } from "./types.js" */

const LONGEST = 480;
const SECTIONS_A_FRAME = 6;

export class Overview {
  /** @param {Painter} painter @param {Box} box */
  constructor(painter, box) {
    this.painter = painter;
    this.scale = LONGEST / Math.max(box.right - box.left, box.bottom - box.top);
    this.canvas = document.createElement("canvas");
    this.canvas.width = Math.ceil((box.right - box.left) * this.scale);
    this.canvas.height = Math.ceil((box.bottom - box.top) * this.scale);
    this.context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d", { alpha: false }));
    this.box = box;
    this.next = -1;
  }

  get done() {
    return this.next >= this.painter.model.plan.sections.length;
  }

  /** Starts painting again; the old picture stays until it is painted over. */
  restart() {
    this.next = -1;
  }

  /** Paints a little more; returns whether there was something to paint. */
  work() {
    if (this.done) return false;
    const { context, box, scale, painter } = this;
    context.setTransform(scale, 0, 0, scale, -box.left * scale, -box.top * scale);
    if (this.next < 0) {
      context.fillStyle = painter.theme.paper;
      context.fillRect(box.left, box.top, box.right - box.left, box.bottom - box.top);
      painter.ground.paintDecorations(context, box, painter.theme, scale);
      this.next = 0;
      return true;
    }
    const { sections } = painter.model.plan;
    const some = sections.slice(this.next, this.next + SECTIONS_A_FRAME).map((_, at) => this.next + at);
    this.next += SECTIONS_A_FRAME;
    painter.paintOverview(context, some, scale);
    return true;
  }
}

// Tiles of the map: squares that are painted once and then copied. A tile is painted when it comes into view, for a few milliseconds a
// frame, those nearest to the middle first. During a zoom, and until the new tiles are painted, the old ones are shown scaled.

/** @import { Painter } from "./painter.js" */
/** @import { Camera, Size } from "./camera.js" */
/** @import { Box } from "./types.js" */

/** A tile's side in CSS pixels: small enough that painting one is no long task on a slow phone. */
const SIDE = 160;
/** The margin around the view in which tiles are kept, in tiles. */
const AROUND = 1;
/** Canvases kept for reuse. */
const MOST_SPARE = 40;
/** Tiles on which changed seats are painted in one frame. */
const PATCHED_AT_ONCE = 8;

/** @typedef {{canvas: HTMLCanvasElement, context: CanvasRenderingContext2D, column: number, line: number, fresh: boolean, painted: boolean}} Tile */

export class Tiles {
  /** @param {Painter} painter */
  constructor(painter) {
    this.painter = painter;
    this.scale = 0;
    this.dpr = 1;
    /** @type {Map<number, Tile>} */
    this.tiles = new Map();
    /** The tiles of the previous scale, shown until the new ones are complete. @type {{scale: number, tiles: Map<number, Tile>} | null} */
    this.before = null;
    /** @type {Tile[]} */
    this.spare = [];
    /** Changed seats that must still be painted, by tile; the tile that has waited longest comes first. @type {Map<Tile, Set<number>>} */
    this.pending = new Map();
  }

  /** Starts over at another scale. @param {number} scale @param {number} dpr */
  setScale(scale, dpr) {
    if (scale === this.scale && dpr === this.dpr) return;
    // Unfinished tiles look no better than the ones they would replace.
    const painted = [...this.tiles.values()].filter((tile) => tile.painted).length;
    if (painted > 0 && dpr === this.dpr && (!this.before || painted * 2 >= this.tiles.size)) {
      this.#recycle(this.before?.tiles);
      this.before = { scale: this.scale, tiles: this.tiles };
    } else {
      this.#recycle(this.tiles);
    }
    if (dpr !== this.dpr) [this.spare, this.before] = [[], null];
    this.tiles = new Map();
    this.pending.clear();
    [this.scale, this.dpr] = [scale, dpr];
  }

  /** @param {Map<number, Tile>} [tiles] */
  #recycle(tiles) {
    for (const tile of tiles?.values() ?? []) if (this.spare.length < MOST_SPARE) this.spare.push(tile);
  }

  /** Marks all tiles to be painted again. */
  markAll() {
    for (const tile of this.tiles.values()) tile.fresh = false;
  }

  /** Paints a section's label again where it is shown. @param {number} section @param {Box} box the section's */
  patchWords(section, box) {
    const unit = SIDE / this.scale;
    for (const tile of this.tiles.values()) {
      const [left, top] = [tile.column * unit, tile.line * unit];
      const touched = box.left <= left + unit && box.right >= left && box.top <= top + unit && box.bottom >= top;
      if (!touched || !tile.fresh) continue;
      tile.fresh = this.painter.patchWords(tile.context, { x: tile.column * SIDE, y: tile.line * SIDE }, section, this.scale, this.dpr);
    }
  }

  /**
   * Paints changed seats on their tiles, on a limited number of tiles per frame, because painting on a tile also makes its next copy slower.
   * @param {Iterable<number>} seats the seats that changed since the last frame @returns {boolean} whether some are left for the next frame
   */
  patch(seats) {
    const { painter, scale, dpr, pending } = this;
    const { x, y } = painter.model.plan;
    const reach = painter.seatReach(scale, dpr);
    for (const seat of seats) {
      const [px, py] = [x[seat] * scale, y[seat] * scale];
      for (let line = Math.floor((py - reach) / SIDE); line <= Math.floor((py + reach) / SIDE); line += 1) {
        for (let column = Math.floor((px - reach) / SIDE); column <= Math.floor((px + reach) / SIDE); column += 1) {
          const tile = this.tiles.get(keyOf(column, line));
          if (tile?.fresh) pending.set(tile, (pending.get(tile) ?? new Set()).add(seat));
        }
      }
    }
    let left = PATCHED_AT_ONCE;
    for (const [tile, changed] of pending) {
      pending.delete(tile);
      if (tile.fresh) painter.patchSeats(tile.context, { x: tile.column * SIDE, y: tile.line * SIDE }, changed, scale, dpr);
      if ((left -= 1) === 0) break;
    }
    return pending.size > 0;
  }

  /** The tiles in view. @param {Camera} camera @param {Size} view @param {number} margin in tiles */
  #range(camera, view, margin) {
    const x = camera.x * this.scale;
    const y = camera.y * this.scale;
    const stretch = this.scale / camera.scale;
    const [halfWidth, halfHeight] = [(view.width / 2) * stretch, (view.height / 2) * stretch];
    return {
      fromColumn: Math.floor((x - halfWidth) / SIDE) - margin,
      toColumn: Math.floor((x + halfWidth) / SIDE) + margin,
      fromLine: Math.floor((y - halfHeight) / SIDE) - margin,
      toLine: Math.floor((y + halfHeight) / SIDE) + margin,
    };
  }

  /**
   * Paints missing or outdated tiles for about `budget` milliseconds, but at least one tile.
   * @param {Camera} camera @param {Size} view @param {number} budget @returns {boolean} whether anything was painted
   */
  work(camera, view, budget) {
    const began = performance.now();
    const wanted = this.#wanted(camera, view);
    for (const { column, line } of wanted) {
      this.#paint(column, line);
      if (performance.now() - began > budget) return true;
    }
    if (this.before) {
      this.#recycle(this.before.tiles);
      this.before = null;
      return true;
    }
    return wanted.length > 0;
  }

  /** The tiles to paint, the most urgent first. @param {Camera} camera @param {Size} view */
  #wanted(camera, view) {
    const around = this.#range(camera, view, AROUND);
    this.#forget(around);
    const middle = { column: (camera.x * this.scale) / SIDE - 0.5, line: (camera.y * this.scale) / SIDE - 0.5 };
    const wanted = [];
    for (let line = around.fromLine; line <= around.toLine; line += 1) {
      for (let column = around.fromColumn; column <= around.toColumn; column += 1) {
        const tile = this.tiles.get(keyOf(column, line));
        if (tile?.fresh) continue;
        const away = Math.hypot(column - middle.column, line - middle.line);
        wanted.push({ column, line, away: tile?.painted ? away + 1000 : away });
      }
    }
    return wanted.sort((a, b) => a.away - b.away);
  }

  /** @param {{fromColumn: number, toColumn: number, fromLine: number, toLine: number}} around */
  #forget(around) {
    for (const [key, tile] of this.tiles) {
      const far = tile.column < around.fromColumn - 1 || tile.column > around.toColumn + 1 || tile.line < around.fromLine - 1 || tile.line > around.toLine + 1;
      if (!far) continue;
      this.tiles.delete(key);
      if (this.spare.length < MOST_SPARE) this.spare.push(tile);
    }
  }

  /** @param {number} column @param {number} line */
  #paint(column, line) {
    const key = keyOf(column, line);
    const tile = this.tiles.get(key) ?? Object.assign(this.spare.pop() ?? this.#makeTile(), { column, line, painted: false });
    this.tiles.set(key, tile);
    this.painter.paintTile(tile.context, { x: column * SIDE, y: line * SIDE }, SIDE, this.scale, this.dpr);
    tile.fresh = tile.painted = true;
  }

  /** @returns {Tile} */
  #makeTile() {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = Math.ceil(SIDE * this.dpr);
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { alpha: false }));
    return { canvas, context, column: 0, line: 0, fresh: false, painted: false };
  }

  /** Copies the painted tiles into the view. @param {CanvasRenderingContext2D} context in pixels of the page @param {Camera} camera @param {Size} view @returns {boolean} whether all of the view was covered */
  blit(context, camera, view) {
    if (this.before) this.#blitAll(context, this.before.tiles, this.before.scale, camera, view);
    return this.#blitAll(context, this.tiles, this.scale, camera, view);
  }

  /** @param {CanvasRenderingContext2D} context @param {Map<number, Tile>} tiles @param {number} scale @param {Camera} camera @param {Size} view */
  #blitAll(context, tiles, scale, camera, view) {
    const stretch = camera.scale / scale;
    const snap = (/** @type {number} */ at) => Math.round(at * this.dpr) / this.dpr;
    // Rounding the origin instead of each edge keeps the pixels aligned at the scale for which they were painted.
    const originX = stretch === 1 ? snap(view.width / 2 - camera.x * scale) : view.width / 2 - camera.x * camera.scale;
    const originY = stretch === 1 ? snap(view.height / 2 - camera.y * scale) : view.height / 2 - camera.y * camera.scale;
    const side = SIDE * stretch;
    let covered = 0;
    for (const tile of tiles.values()) {
      if (!tile.painted) continue;
      const [left, top] = [originX + tile.column * side, originY + tile.line * side];
      if (left >= view.width || top >= view.height || left + side <= 0 || top + side <= 0) continue;
      const [x, y, right, bottom] = [snap(left), snap(top), snap(left + side), snap(top + side)];
      context.drawImage(tile.canvas, x, y, right - x, bottom - y);
      covered += (Math.min(right, view.width) - Math.max(x, 0)) * (Math.min(bottom, view.height) - Math.max(y, 0));
    }
    return covered >= view.width * view.height - 1;
  }
}

/** @param {number} column @param {number} line */
function keyOf(column, line) {
  return line * 1e6 + column;
}

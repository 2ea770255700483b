// A spatial index: a grid of square cells over the plan, each with its seats. Finds the seat under a finger, the seats
// in a rectangle, and the nearest seat that meets a condition.

/** @import { Box } from "./types.js" */

export class Grid {
  /**
   * @param {Float32Array} x @param {Float32Array} y positions; NaN is left out
   * @param {number} cell the side of a cell
   */
  constructor(x, y, cell) {
    this.x = x;
    this.y = y;
    this.cell = cell;
    let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
    for (let seat = 0; seat < x.length; seat += 1) {
      if (x[seat] < left) left = x[seat];
      if (x[seat] > right) right = x[seat];
      if (y[seat] < top) top = y[seat];
      if (y[seat] > bottom) bottom = y[seat];
    }
    const empty = !(left <= right);
    this.left = empty ? 0 : left;
    this.top = empty ? 0 : top;
    // A single seat far away must not make the grid huge.
    while (!empty && ((right - left) / this.cell + 1) * ((bottom - top) / this.cell + 1) > 4e6) this.cell *= 2;
    this.columns = empty ? 1 : Math.floor((right - left) / this.cell) + 1;
    this.lines = empty ? 1 : Math.floor((bottom - top) / this.cell) + 1;
    this.reach = empty ? 0 : Math.hypot(right - left, bottom - top) + this.cell;
    const starts = new Uint32Array(this.columns * this.lines + 1);
    for (let seat = 0; seat < x.length; seat += 1) if (x[seat] === x[seat]) starts[this.#cellOf(seat) + 1] += 1;
    for (let at = 1; at < starts.length; at += 1) starts[at] += starts[at - 1];
    this.starts = starts;
    this.seats = new Uint32Array(starts[starts.length - 1]);
    const filled = starts.slice();
    for (let seat = 0; seat < x.length; seat += 1) if (x[seat] === x[seat]) this.seats[filled[this.#cellOf(seat)]++] = seat;
  }

  /** @param {number} seat */
  #cellOf(seat) {
    const column = Math.floor((this.x[seat] - this.left) / this.cell);
    const line = Math.floor((this.y[seat] - this.top) / this.cell);
    return line * this.columns + column;
  }

  /** Visits every seat within a box, its edges included. @param {Box} box @param {(seat: number) => void} visit */
  within(box, visit) {
    const from = Math.max(0, Math.floor((box.left - this.left) / this.cell));
    const to = Math.min(this.columns - 1, Math.floor((box.right - this.left) / this.cell));
    const above = Math.max(0, Math.floor((box.top - this.top) / this.cell));
    const below = Math.min(this.lines - 1, Math.floor((box.bottom - this.top) / this.cell));
    for (let line = above; line <= below && from <= to; line += 1) {
      const end = this.starts[line * this.columns + to + 1];
      for (let at = this.starts[line * this.columns + from]; at < end; at += 1) {
        const seat = this.seats[at];
        const [x, y] = [this.x[seat], this.y[seat]];
        if (x >= box.left && x <= box.right && y >= box.top && y <= box.bottom) visit(seat);
      }
    }
  }

  /**
     * The seat with the least cost, searched in growing squares around a point. `cost` must be at least the larger of the two distances
     * along x and y; Infinity excludes a seat. -1 if no seat within `most` qualifies.
   * @param {number} x @param {number} y @param {(seat: number, dx: number, dy: number) => number} cost @param {number} [most]
   */
  best(x, y, cost, most = Infinity) {
    let found = -1;
    let least = Infinity;
    const limit = Math.min(most, Math.max(this.#farthest(x, y), this.cell));
    for (let reach = Math.min(this.cell, limit); ; reach = Math.min(reach * 2, limit)) {
      this.within({ left: x - reach, top: y - reach, right: x + reach, bottom: y + reach }, (seat) => {
        const value = cost(seat, this.x[seat] - x, this.y[seat] - y);
        if (value < least) [found, least] = [seat, value];
      });
      // Every seat outside the square costs more than the square's half side.
      if (least <= reach || !(reach < limit)) return least <= most ? found : -1;
    }
  }

  /** The nearest seat that meets the condition `will`. @param {number} x @param {number} y @param {number} [most] @param {(seat: number) => boolean} [will] */
  nearest(x, y, most, will = () => true) {
    return this.best(x, y, (seat, dx, dy) => (will(seat) ? Math.hypot(dx, dy) : Infinity), most);
  }

  /** @param {number} x @param {number} y */
  #farthest(x, y) {
    const across = Math.max(Math.abs(x - this.left), Math.abs(x - this.left - this.columns * this.cell));
    const down = Math.max(Math.abs(y - this.top), Math.abs(y - this.top - this.lines * this.cell));
    return Math.max(across, down);
  }
}

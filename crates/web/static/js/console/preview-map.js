// The preview of a plan that is not on the server yet: the map, drawn again shortly after the plan has changed.

import { mountSeatMap } from "../map/index.js";
import { geometryOf } from "./plan/preview.js";

/** @import { Plan } from "./plan/pretix.js" */

const REST_MS = 250;

export class Preview {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.waiting = 0;
    /** @type {import("../map/types.js").Controller | null} */
    this.map = null;
  }

  /** @param {Plan | null} plan */
  show(plan) {
    clearTimeout(this.waiting);
    this.waiting = window.setTimeout(() => this.#draw(plan), REST_MS);
  }

  /** @param {Plan | null} plan */
  #draw(plan) {
    this.map?.destroy();
    this.map = null;
    if (plan && plan.zones.some((zone) => zone.rows.some((row) => row.seats.length > 0))) this.map = mountSeatMap(this.root, { geometry: geometryOf(plan), mode: "show" });
  }
}

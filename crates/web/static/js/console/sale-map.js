// The map within a form of the console (`.seat-map`): the form sends the seats chosen on it.

import { mountSeatMap } from "../map/index.js";

/**
 * @param {HTMLFormElement} form @param {"buy" | "organize"} mode @param {number} most
 * @param {(indexes: number[]) => void} changed @returns {import("../map/types.js").Controller | null}
 */
export function mountFormMap(form, mode, most, changed) {
  const root = /** @type {HTMLElement | null} */ (form.querySelector(".seat-map"));
  if (!root) return null;
  const { event = "", map = "", currency = "", chosen = "" } = root.dataset;
  const api = `/api/v1/events/${event}`;
  return mountSeatMap(root, {
    eventId: event,
    seatMapUrl: map,
    availabilityUrl: `${api}/availability`,
    liveUrl: `${api}/live`,
    currency,
    maxSeats: most,
    mode,
    tray: /** @type {HTMLElement | null} */ (form.querySelector("[data-tray]")) ?? undefined,
    chosen: chosen.split(" ").filter(Boolean).map(Number),
    onChange: changed,
  });
}

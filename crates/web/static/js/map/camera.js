// The camera of the map: the point of the plan in the middle of the view, and pixels per unit. Pure: every change returns a new
// camera, kept within sensible limits.

/** @import { Box, Point } from "./types.js" */

/** @typedef {{x: number, y: number, scale: number}} Camera */
/** @typedef {{width: number, height: number}} Size */
/** @typedef {{box: Box, pitch: number, inset: number}} World `inset`: pixels left free around the whole plan */

/** The closest zoom, as pixels between neighbouring seats. */
const LARGEST_PITCH = 56;

/** The camera that shows a box, with at most `mostPitch` pixels from seat to seat. @param {World} world @param {Size} view @param {Box} [box] @param {number} [mostPitch] @returns {Camera} */
export function fit(world, view, box = world.box, mostPitch = 44) {
  const width = Math.max(box.right - box.left, world.pitch);
  const height = Math.max(box.bottom - box.top, world.pitch);
  const room = { width: Math.max(view.width - 2 * world.inset, 40), height: Math.max(view.height - 2 * world.inset, 40) };
  const scale = Math.min(room.width / width, room.height / height, mostPitch / world.pitch);
  return { x: (box.left + box.right) / 2, y: (box.top + box.bottom) / 2, scale };
}

/** @param {World} world @param {Size} view */
export function scaleLimits(world, view) {
  const least = fit(world, view).scale;
  return { least, most: Math.max(LARGEST_PITCH / world.pitch, least) };
}

/** The camera within its limits: not further out than the whole plan, the plan never out of sight. @param {Camera} camera @param {World} world @param {Size} view @returns {Camera} */
export function clamp(camera, world, view) {
  const { least, most } = scaleLimits(world, view);
  const scale = Math.min(Math.max(camera.scale, least), most);
  const along = (/** @type {number} */ at, /** @type {number} */ low, /** @type {number} */ high, /** @type {number} */ room) => {
    const half = (room / 2 - world.inset) / scale;
    if (high - low <= 2 * half) return (low + high) / 2;
    return Math.min(Math.max(at, low + half), high - half);
  };
  const { box } = world;
  return { scale, x: along(camera.x, box.left, box.right, view.width), y: along(camera.y, box.top, box.bottom, view.height) };
}

/** @param {Camera} camera @param {Size} view @param {number} x pixels @param {number} y pixels @returns {Point} on the plan */
export function toPlan(camera, view, x, y) {
  return { x: camera.x + (x - view.width / 2) / camera.scale, y: camera.y + (y - view.height / 2) / camera.scale };
}

/** @param {Camera} camera @param {Size} view @param {number} x on the plan @param {number} y on the plan @returns {Point} pixels */
export function toView(camera, view, x, y) {
  return { x: (x - camera.x) * camera.scale + view.width / 2, y: (y - camera.y) * camera.scale + view.height / 2 };
}

/** The visible part of the plan, with `margin` pixels around it. @param {Camera} camera @param {Size} view @param {number} [margin] @returns {Box} */
export function seen(camera, view, margin = 0) {
  const from = toPlan(camera, view, -margin, -margin);
  const to = toPlan(camera, view, view.width + margin, view.height + margin);
  return { left: from.x, top: from.y, right: to.x, bottom: to.y };
}

/** Zooms by `factor`; the point under (x, y) stays there. @param {Camera} camera @param {Size} view @param {number} factor @param {number} x @param {number} y @param {World} world @returns {Camera} */
export function zoomAt(camera, view, factor, x, y, world) {
  const { least, most } = scaleLimits(world, view);
  const scale = Math.min(Math.max(camera.scale * factor, least), most);
  const under = toPlan(camera, view, x, y);
  const moved = { scale, x: under.x - (x - view.width / 2) / scale, y: under.y - (y - view.height / 2) / scale };
  return clamp(moved, world, view);
}

/** @param {Camera} camera @param {number} dx pixels @param {number} dy pixels @returns {Camera} */
export function pan(camera, dx, dy) {
  return { ...camera, x: camera.x - dx / camera.scale, y: camera.y - dy / camera.scale };
}

/** Interpolates between two cameras, `t` from 0 to 1. The scale changes by equal factors, so that zooming feels even. @param {Camera} from @param {Camera} to @param {number} t @returns {Camera} */
export function between(from, to, t) {
  const scale = from.scale * (to.scale / from.scale) ** t;
  // Moving in proportion to the scale keeps the common point in its place.
  const moved = to.scale === from.scale ? t : (1 / scale - 1 / from.scale) / (1 / to.scale - 1 / from.scale);
  return { scale, x: from.x + (to.x - from.x) * moved, y: from.y + (to.y - from.y) * moved };
}

/** The three levels of detail, by pixels between neighbouring seats; from `near` on, single seats are drawn. @param {number} pitch @param {number} [near] @returns {"sections" | "dots" | "seats"} */
export function levelOf(pitch, near = 4.5) {
  return pitch < near ? "sections" : pitch < 19 ? "dots" : "seats";
}

/** @param {Box} box @param {Point} point */
export function inside(box, point) {
  return point.x >= box.left && point.x <= box.right && point.y >= box.top && point.y <= box.bottom;
}

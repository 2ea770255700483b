// Pointer input: drag to move, pinch or wheel to zoom, tap to choose. A tap where seats are too small to hit zooms
// in instead. While the whole plan is in view, a finger scrolls the page as usual.

import { pan, toPlan, zoomAt } from "./camera.js";

/** @import { Target, View } from "./view.js" */
/** @import { Box, Point } from "./types.js" */

/** A shorter movement, in pixels, is a tap. */
const TAP_PX = { mouse: 4, touch: 9 };
/** The smallest distance between seats, in pixels, at which a tap chooses one. */
const PICK_PX = { mouse: 8, touch: 15 };
/** The share of its speed that the map keeps per millisecond after it is flung. */
const GLIDE = 0.995;

/**
 * @typedef {object} Hands
 * @property {(target: Target) => void} pick
 * @property {(target: Target | null) => void} point
 * @property {((box: Box) => void) | null} band called when a rectangle was drawn on the plan; null where that is not possible
 */

/** @param {View} view @param {Hands} hands @param {AbortSignal} signal */
export function listenToPointers(view, hands, signal) {
  const { canvas } = view;
  /** @type {Map<number, Point>} */
  const down = new Map();
  /** @type {{start: Point, moved: boolean, pinched: boolean, banding: boolean, speed: Point, at: number} | null} */
  let gesture = null;
  let gliding = 0;

  const place = (/** @type {MouseEvent} */ event) => {
    const box = canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const coarse = (/** @type {PointerEvent} */ event) => (event.pointerType === "mouse" ? "mouse" : "touch");
  const followTouch = () => {
    canvas.style.touchAction = view.whole && !view.banding ? "pan-y" : "none";
  };
  view.moved.add(followTouch);

  const stopGlide = () => cancelAnimationFrame(gliding);
  const glide = (/** @type {Point} */ speed) => {
    let [last, vx, vy] = [performance.now(), speed.x, speed.y];
    const step = () => {
      const now = performance.now();
      const passed = Math.min(now - last, 40);
      last = now;
      view.look(pan(view.camera, vx * passed, vy * passed));
      const kept = GLIDE ** passed;
      [vx, vy] = [vx * kept, vy * kept];
      if (Math.hypot(vx, vy) > 0.03) gliding = requestAnimationFrame(step);
    };
    gliding = requestAnimationFrame(step);
  };

  const onDown = (/** @type {PointerEvent} */ event) => {
    if (event.button !== 0) return;
    stopGlide();
    view.hold();
    view.focusShown = false;
    canvas.setPointerCapture(event.pointerId);
    const at = place(event);
    down.set(event.pointerId, at);
    if (down.size === 1) {
      gesture = { start: at, moved: false, pinched: false, banding: Boolean(hands.band) && (event.shiftKey || view.banding), speed: { x: 0, y: 0 }, at: event.timeStamp };
    } else if (gesture) {
      gesture.pinched = gesture.moved = true;
    }
  };

  const onMove = (/** @type {PointerEvent} */ event) => {
    const before = down.get(event.pointerId);
    const at = place(event);
    if (!before || !gesture) {
      if (event.pointerType === "mouse") hands.point(view.pitch >= PICK_PX.mouse || view.level === "sections" ? view.at(at.x, at.y) : null);
      return;
    }
    if (down.size === 2) pinch(event.pointerId, before, at);
    else if (gesture.moved || Math.hypot(at.x - gesture.start.x, at.y - gesture.start.y) > TAP_PX[coarse(event)]) drag(event, before, at);
    else return;
    down.set(event.pointerId, at);
  };

  /** @param {PointerEvent} event @param {Point} before @param {Point} at */
  const drag = (event, before, at) => {
    if (!gesture) return;
    hands.point(null);
    if (gesture.banding) {
      const { start } = gesture;
      view.band = { left: Math.min(start.x, at.x), top: Math.min(start.y, at.y), right: Math.max(start.x, at.x), bottom: Math.max(start.y, at.y) };
      view.draw();
    } else {
      const passed = Math.max(event.timeStamp - gesture.at, 1);
      const part = Math.min(passed / 60, 1);
      gesture.speed.x += ((at.x - before.x) / passed - gesture.speed.x) * part;
      gesture.speed.y += ((at.y - before.y) / passed - gesture.speed.y) * part;
      view.look(pan(view.camera, at.x - before.x, at.y - before.y));
    }
    gesture.moved = true;
    gesture.at = event.timeStamp;
  };

  /** @param {number} id @param {Point} before @param {Point} at */
  const pinch = (id, before, at) => {
    const other = [...down].find(([otherId]) => otherId !== id)?.[1];
    if (!other) return;
    const apart = (/** @type {Point} */ point) => Math.max(Math.hypot(point.x - other.x, point.y - other.y), 10);
    const [middleX, middleY] = [(at.x + other.x) / 2, (at.y + other.y) / 2];
    const zoomed = zoomAt(view.camera, view.size, apart(at) / apart(before), middleX, middleY, view.world);
    view.look(pan(zoomed, (at.x - before.x) / 2, (at.y - before.y) / 2));
  };

  const onUp = (/** @type {PointerEvent} */ event) => {
    if (!down.delete(event.pointerId) || !gesture || down.size > 0) return;
    const { moved, pinched, banding, speed, at, start } = gesture;
    gesture = null;
    if (banding && view.band) {
      const { left, top, right, bottom } = view.band;
      const [from, to] = [toPlan(view.camera, view.size, left, top), toPlan(view.camera, view.size, right, bottom)];
      view.band = null;
      view.draw();
      hands.band?.({ left: from.x, top: from.y, right: to.x, bottom: to.y });
    } else if (!moved && event.type === "pointerup") {
      tap(start, coarse(event));
    } else if (moved && !pinched && !view.still.matches && event.timeStamp - at < 60 && Math.hypot(speed.x, speed.y) > 0.25) {
      glide(speed);
    }
  };

  /** @param {Point} at @param {"mouse" | "touch"} kind */
  const tap = (at, kind) => {
    const target = view.at(at.x, at.y, kind === "touch" ? 16 : 3);
    if (target?.kind === "seat" && view.pitch < PICK_PX[kind]) {
      const { x, y } = toPlan(view.camera, view.size, at.x, at.y);
      view.fly({ x, y, scale: Math.max(26 / view.world.pitch, view.camera.scale * 1.8) });
    } else if (target) {
      hands.pick(target);
    }
  };

  const onWheel = (/** @type {WheelEvent} */ event) => {
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 18 : 1;
    // When the map cannot zoom out further, the wheel scrolls the page.
    if (event.deltaY > 0 && view.whole && !event.ctrlKey) return;
    event.preventDefault();
    stopGlide();
    view.hold();
    const { x, y } = place(event);
    const strength = event.ctrlKey ? 0.01 : 0.0022;
    const factor = Math.exp(-Math.max(Math.min(event.deltaY * lines, 240), -240) * strength);
    view.look(zoomAt(view.camera, view.size, factor, x, y, view.world));
  };

  canvas.addEventListener("pointerdown", onDown, { signal });
  canvas.addEventListener("pointermove", onMove, { signal });
  canvas.addEventListener("pointerup", onUp, { signal });
  canvas.addEventListener("pointercancel", onUp, { signal });
  canvas.addEventListener("pointerleave", () => hands.point(null), { signal });
  canvas.addEventListener("wheel", onWheel, { signal, passive: false });
  canvas.addEventListener("dblclick", (event) => event.preventDefault(), { signal });
  signal.addEventListener("abort", stopGlide);
}

// Camera arithmetic: conversions in both directions, limits, zooming around a point, animations.

import assert from "node:assert/strict";
import test from "node:test";
import { between, clamp, fit, levelOf, pan, toPlan, toView, zoomAt } from "../../static/js/map/camera.js";

const view = { width: 400, height: 300 };
const world = { box: { left: 0, top: 0, right: 100_000, bottom: 50_000 }, pitch: 250, inset: 10 };
const near = (a, b) => assert.ok(Math.abs(a - b) < 1e-6 * Math.max(1, Math.abs(b)), `${a} is not ${b}`);

test("pixels and the plan's units are inverse to each other", () => {
  const camera = { x: 1234, y: 567, scale: 0.07 };
  const at = toPlan(camera, view, 33, 44);
  const back = toView(camera, view, at.x, at.y);
  near(back.x, 33);
  near(back.y, 44);
});

test("the whole plan fits into the view, with a margin", () => {
  const camera = fit(world, view);
  near(toView(camera, view, 0, 25_000).x, 10);
  near(toView(camera, view, 100_000, 25_000).x, 390);
});

test("a tiny plan is not enlarged", () => {
  const tiny = { ...world, box: { left: 0, top: 0, right: 250, bottom: 250 } };
  assert.ok(fit(tiny, view).scale * 250 <= 44);
});

test("zooming keeps the point under the finger", () => {
  const camera = zoomAt(fit(world, view), view, 6, 200, 150, world);
  const before = toPlan(camera, view, 120, 130);
  const after = toPlan(zoomAt(camera, view, 1.7, 120, 130, world), view, 120, 130);
  near(after.x, before.x);
  near(after.y, before.y);
});

test("the camera stays within its limits", () => {
  const lost = clamp({ x: 9e9, y: -9e9, scale: 1e-9 }, world, view);
  near(lost.scale, fit(world, view).scale);
  near(lost.x, 50_000);
  const close = clamp({ x: 9e9, y: 0, scale: 99 }, world, view);
  assert.ok(close.scale * world.pitch <= 56.001);
  assert.ok(toView(close, view, 100_000, 0).x <= 390.001);
});

test("an animation starts and ends at its cameras and does not overshoot", () => {
  const from = fit(world, view);
  const to = { x: 20_000, y: 10_000, scale: from.scale * 30 };
  near(between(from, to, 0).x, from.x);
  near(between(from, to, 1).y, to.y);
  near(between(from, to, 1).scale, to.scale);
  const middle = between(from, to, 0.5);
  assert.ok(middle.scale > from.scale && middle.scale < to.scale);
  near(between(from, { ...from, x: 0 }, 0.25).x, from.x * 0.75);
});

test("a drag moves the plan by as many pixels", () => {
  const camera = { x: 50_000, y: 25_000, scale: 0.05 };
  const before = toView(camera, view, 40_000, 20_000);
  const after = toView(pan(camera, 12, -7), view, 40_000, 20_000);
  near(after.x - before.x, 12);
  near(after.y - before.y, -7);
});

test("levels of detail", () => {
  assert.deepEqual([2, 8, 30].map((pitch) => levelOf(pitch)), ["sections", "dots", "seats"]);
});

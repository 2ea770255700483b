// Reading a plan, and finding seats in it.

import assert from "node:assert/strict";
import test from "node:test";
import { decorationBox } from "../../static/js/map/geometry.js";
import { Grid } from "../../static/js/map/grid.js";
import { testPlan } from "./plan.mjs";

test("runs give positions, numbers, tiers and accessible seats", async () => {
  const { plan } = await testPlan();
  assert.equal(plan.pitch, 250);
  assert.deepEqual([plan.x[3], plan.y[3], plan.x[8], plan.y[8]], [1250, 500, 1250, 750]);
  assert.deepEqual([0, 4, 7, 10, 14].map((seat) => plan.number(seat)), ["1", "5", "2a", "9", "1"]);
  assert.deepEqual([...plan.tier.slice(0, 11)], [0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1]);
  assert.deepEqual([...plan.accessible.keys()].filter((seat) => plan.accessible[seat]), [4]);
  assert.deepEqual(plan.sections.map(({ name, seats, standing }) => [name, seats, standing]), [["Front", 10, false], ["Back", 5, false], ["Floor", 3, true]]);
});

test("standing places have no position", async () => {
  const { plan } = await testPlan();
  assert.equal(plan.placed(15), false);
  assert.equal(plan.number(15), "");
  assert.equal(plan.section[15], 2);
});

test("a seat is found under a finger, and nothing where there is none", async () => {
  const { grid } = await testPlan();
  assert.equal(grid.nearest(760, 510, 125), 1);
  assert.equal(grid.nearest(500, 1100, 125), -1);
  assert.equal(grid.nearest(-5000, -5000), 0);
});

test("the grid finds the same seats as a search over all", () => {
  let state = 7;
  const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
  const count = 3000;
  const x = Float32Array.from({ length: count }, () => random() * 50000);
  const y = Float32Array.from({ length: count }, () => random() * 9000);
  x[5] = y[5] = NaN;
  const grid = new Grid(x, y, 500);
  for (let trial = 0; trial < 200; trial += 1) {
    const [px, py] = [random() * 60000 - 5000, random() * 12000 - 1500];
    const will = (seat) => seat % 7 === trial % 7;
    let least = Infinity;
    for (let seat = 0; seat < count; seat += 1) if (will(seat) && x[seat] === x[seat]) least = Math.min(least, Math.hypot(x[seat] - px, y[seat] - py));
    const found = grid.nearest(px, py, undefined, will);
    assert.equal(Math.hypot(x[found] - px, y[found] - py), least);
    const box = { left: px, right: px + 4000, top: py, bottom: py + 900 };
    const seen = new Set();
    grid.within(box, (seat) => seen.add(seat));
    for (let seat = 0; seat < count; seat += 1) {
      assert.equal(seen.has(seat), x[seat] >= box.left && x[seat] <= box.right && y[seat] >= box.top && y[seat] <= box.bottom);
    }
  }
});

test("an empty plan and a single distant seat are cheap", () => {
  const nowhere = new Grid(new Float32Array([NaN]), new Float32Array([NaN]), 500);
  assert.equal(nowhere.nearest(0, 0), -1);
  const far = new Grid(new Float32Array([0, 1e9]), new Float32Array([0, 1e9]), 1);
  assert.ok(far.starts.length < 5e6);
  assert.equal(far.nearest(9e8, 9e8), 1);
});

test("a decoration's box holds it however it is turned", () => {
  const box = decorationBox({ shape: "rectangle", at: [100, 100], size: [200, 50], rotation: 180 });
  assert.ok(box.left <= -100 && box.top <= 50);
  assert.deepEqual(decorationBox({ shape: "circle", at: [10, 10], size: [5] }), { left: 5, top: 5, right: 15, bottom: 15 });
});

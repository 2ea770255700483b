// The targets of arrow keys, and the seat that is most similar to one that was taken.

import assert from "node:assert/strict";
import test from "node:test";
import { beside, leftAlone, nearestAlike, nextSeat, nextSection, rowEnd } from "../../static/js/map/neighbours.js";
import { readGeometry } from "../../static/js/map/geometry.js";
import { Grid } from "../../static/js/map/grid.js";
import { testPlan } from "./plan.mjs";

test("arrows go along rows and across them", async () => {
  const { plan, grid } = await testPlan();
  const go = (seat, direction) => nextSeat(plan, grid, seat, direction);
  assert.deepEqual([go(1, "right"), go(1, "left"), go(1, "down"), go(6, "up")], [2, 0, 6, 1]);
  assert.equal(go(7, "down"), 12, "over the aisle into the next section");
  assert.deepEqual([go(0, "left"), go(0, "up"), go(14, "right"), go(12, "down")], [-1, -1, -1, -1]);
});

test("every seat can be reached with arrows", async () => {
  const { plan, grid } = await testPlan();
  const reached = new Set([0]);
  for (const seat of reached) {
    for (const way of ["left", "right", "up", "down"]) {
      const next = nextSeat(plan, grid, seat, way);
      if (next >= 0) reached.add(next);
    }
  }
  assert.equal(reached.size, 15);
});

test("Home and End go to the ends of a row", async () => {
  const { plan } = await testPlan();
  assert.deepEqual([rowEnd(plan, 7, "first"), rowEnd(plan, 7, "last"), rowEnd(plan, 12, "first")], [5, 9, 10]);
});

test("arrows move between sections by the direction of their middles", async () => {
  const { plan } = await testPlan();
  assert.deepEqual([nextSection(plan, 0, "down"), nextSection(plan, 1, "up"), nextSection(plan, 0, "left")], [1, 0, -1]);
});

test("the replacement of a taken seat is the nearest with the same price", async () => {
  const { plan, grid } = await testPlan();
  const price = (seat) => plan.tier[seat];
  assert.equal(nearestAlike(plan, grid, 1, () => true, price), 0, "the same row first");
  assert.equal(nearestAlike(plan, grid, 1, (seat) => seat === 6 || seat === 3, price), 6);
  assert.equal(nearestAlike(plan, grid, 1, (seat) => seat >= 7, price), -1, "none at the price");
  assert.equal(nearestAlike(plan, grid, 4, () => true, price), -1, "no other wheelchair place");
});

/** A row of ten seats with an aisle after the sixth. */
async function row() {
  const runs = [{ count: 6, numbers: [1, 1], x: [0, 250], y: [0, 0], tier: 0 }, { count: 4, numbers: [7, 1], x: [2000, 250], y: [0, 0], tier: 0 }, { from: 10, count: 10, numbers: [1, 1], x: [0, 250], y: [250, 0], tier: 0 }];
  const rows = [{ label: "A", runs: runs.slice(0, 2) }, { label: "B", runs: runs.slice(2) }];
  const plan = await readGeometry({ format: 1, name: "Hall", seats: 20, size: [3000, 500], categories: [], tiers: ["A"], sections: [{ name: "Stalls", rows }], decorations: [] });
  return { plan, grid: new Grid(plan.x, plan.y, plan.pitch * 2) };
}

test("the replacement of a lost seat is beside the others of the choice", async () => {
  const { plan, grid } = await row();
  const take = (lost, chosen, taken = []) => nearestAlike(plan, grid, lost, (seat) => ![lost, ...chosen, ...taken].includes(seat), () => 1, new Set(chosen));
  assert.equal(take(3, [1, 2]), 0, "not the seat behind, which is nearer");
  assert.equal(take(2, [3, 4]), 5);
  assert.equal(take(2, [3, 4], [5]), 1, "the same row where nothing beside them is left");
  assert.deepEqual(beside(plan, 5), [4], "an aisle is beside nobody");
});

test("a choice that leaves a single seat is noticed, unless it cannot be helped", async () => {
  const { plan } = await row();
  const alone = (chosen, taken = []) => leftAlone(plan, (seat) => !taken.includes(seat), new Set(chosen));
  assert.deepEqual(alone([1, 2]), [0], "at the end of a row");
  assert.deepEqual(alone([0, 1]), []);
  assert.deepEqual(alone([2], [0]), [1], "beside a taken seat");
  assert.deepEqual(alone([1, 3]), [0, 2].sort(), "between chosen seats, too");
  assert.deepEqual(alone([7, 8, 9]), [], "three of four leave one in any case");
  assert.deepEqual(alone([8, 9]), []);
  assert.deepEqual(alone([4], [5]), [], "a seat that was alone before is nobody's fault");
});

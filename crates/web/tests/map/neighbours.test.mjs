// The targets of arrow keys, and the seat that is most similar to one that was taken.

import assert from "node:assert/strict";
import test from "node:test";
import { nearestAlike, nextSeat, nextSection, rowEnd } from "../../static/js/map/neighbours.js";
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

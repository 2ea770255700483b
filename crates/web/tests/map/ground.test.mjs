// The positions of row labels.

import assert from "node:assert/strict";
import test from "node:test";
import { readGeometry } from "../../static/js/map/geometry.js";
import { Ground } from "../../static/js/map/ground.js";
import { Grid } from "../../static/js/map/grid.js";

/** The positions of a row's label if the row has blocks of three seats that begin at these places. @param {number[]} starts */
async function lettersOf(starts) {
  const runs = starts.map((x) => ({ count: 3, numbers: [1, 1], x: [x, 250], y: [500, 0], tier: 0, category: 0 }));
  const plan = await readGeometry({ format: 1, name: "Hall", seats: 3 * starts.length, size: [6000, 1000], categories: [], sections: [{ name: "Stalls", rows: [{ label: "A", runs }] }], decorations: [] });
  const ground = new Ground(plan, new Grid(plan.x, plan.y, plan.pitch * 2));
  const written = [];
  const context = { measureText: (text) => ({ width: text.length * 7 }), fillText: (text, x) => written.push(x) };
  ground.paintRowLabels(context, [0], { left: 0, top: 0, right: 6000, bottom: 1000 }, 1, { font: "x", muted: "#000" }, 10);
  return written.map(Math.round).sort((a, b) => a - b);
}

test("row labels stand at both ends of a row and in its aisles, in whatever order its blocks come", async () => {
  // Blocks from 500 to 1000, 1500 to 2000 and 2500 to 3000.
  const inOrder = await lettersOf([500, 1500, 2500]);
  assert.equal(inOrder.length, 4);
  assert.deepEqual(inOrder.slice(1, 3), [1250, 2250]);
  assert.ok(inOrder[0] < 500 && inOrder[3] > 3000);
  for (const order of [[1500, 500, 2500], [2500, 1500, 500], [1500, 2500, 500]]) assert.deepEqual(await lettersOf(order), inOrder);
  assert.equal((await lettersOf([500, 1250])).length, 2, "one block in two parts has no aisle");
});

// A small plan for the tests: two straight sections one below the other and a standing one, read as the map reads it.

import { readGeometry } from "../../static/js/map/geometry.js";
import { Grid } from "../../static/js/map/grid.js";

/** Seats 0 to 9 are Front row A and B, 10 to 14 Back row 1, 15 to 17 stand; everything is 250 apart. */
export const document = {
  format: 1,
  name: "Test hall",
  seats: 18,
  size: [2000, 2000],
  categories: [{ name: "Good", color: "#ff0000" }, { name: "Fair" }],
  tiers: ["Good", "Fair"],
  sections: [
    {
      name: "Front",
      rows: [
        { label: "A", runs: [{ count: 5, numbers: [1, 1], x: [500, 250], y: [500, 0], tier: 0, category: 0, accessible: [4] }] },
        { label: "B", runs: [{ count: 5, numbers: ["1", "2", "2a", "3", "4"], xs: [500, 250, 250, 250, 250], y: [750, 0], tier: [[2, 0], [3, 1]], category: [[2, 0], [3, 1]] }] },
      ],
    },
    { name: "Back", rows: [{ label: "1", runs: [{ count: 5, numbers: [9, -2], x: [500, 250], y: [1500, 0], tier: 1, category: 1 }] }] },
    { name: "Floor", general_admission: true, box: [0, 1700, 2000, 300], runs: [{ count: 3, tier: 1, category: 1 }] },
  ],
  decorations: [],
};

export async function testPlan() {
  const plan = await readGeometry(document);
  return { plan, grid: new Grid(plan.x, plan.y, plan.pitch * 2) };
}

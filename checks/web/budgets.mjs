// The size of a first visit to each public page, as sent over the network. A page that exceeds its budget fails.
// `node budgets.mjs FAIRSEAT`

import assert from "node:assert/strict";
import { test } from "node:test";
import { PUBLIC } from "./lib/pages.mjs";
import { startDemo } from "./lib/server.mjs";
import { launch, withVisitor } from "./lib/watch.mjs";

/** Budgets in kilobytes, compressed. */
const BUDGETS = { html: 14, styles: 14, scripts: 8, map: 34, data: 40 };

/** Pages that may be larger. A stadium's page names every section and row, so that seats can be chosen without scripts. @type {Record<string, Partial<typeof BUDGETS>>} */
const LARGER = { "seats of a stadium": { html: 26 } };

/** @typedef {keyof typeof BUDGETS} Part */

/** Bytes that the open page has loaded, by part. Runs in the page. @returns {Record<Part, number>} */
function weigh() {
  /** @type {Record<Part, number>} */
  const bytes = { html: 0, styles: 0, scripts: 0, map: 0, data: 0 };
  const timings = /** @type {PerformanceResourceTiming[]} */ ([...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]);
  for (const { entryType, name, encodedBodySize } of timings) {
    const { pathname } = new URL(name);
    if (entryType === "navigation") bytes.html += encodedBodySize;
    else if (pathname.startsWith("/api/") && !pathname.endsWith(".svg")) bytes.data += encodedBodySize;
    else if (pathname.endsWith(".css")) bytes.styles += encodedBodySize;
    else if (pathname.includes("/js/map/")) bytes.map += encodedBodySize;
    else if (pathname.endsWith(".js")) bytes.scripts += encodedBodySize;
  }
  return bytes;
}

test("every public page keeps its budget", { timeout: 180_000 }, async () => {
  const demo = await startDemo();
  const browser = await launch();
  /** @type {string[]} */
  const over = [];
  /** @type {Record<string, Record<Part, number>>} */
  const weights = {};
  try {
    for (const { name, open } of PUBLIC) {
      // A new browser with an empty cache.
      await withVisitor(browser, { serviceWorkers: "block" }, async (visitor) => {
        visitor.expect(/Service Worker registration blocked/);
        const page = await visitor.page();
        await open(page, demo.base);
        await page.waitForLoadState("load");
        weights[name] = await page.evaluate(weigh);
      });
    }
  } finally {
    await browser.close();
    await demo.stop();
  }
  console.table(weights);
  for (const [name, bytes] of Object.entries(weights)) {
    assert.ok(bytes.html > 0 && bytes.styles > 0 && bytes.scripts > 0, `${name}: nothing was weighed`);
    for (const [part, most] of /** @type {[Part, number][]} */ (Object.entries({ ...BUDGETS, ...LARGER[name] }))) {
      if (bytes[part] > most * 1024) over.push(`${name}: ${bytes[part]} bytes of ${part}, at most ${most} KB`);
    }
  }
  assert.ok(Object.values(weights).some(({ map, data }) => map > 0 && data > 0), "some page has a map");
  assert.deepEqual(over, []);
});

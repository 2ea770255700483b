// Nothing moves while a page is loaded: the layout shift of the pages on the way to a ticket, on a phone and on a desktop, where every answer
// comes late. At most 0.1 counts as good (web.dev/cls). `node stillness.mjs FAIRSEAT`

import assert from "node:assert/strict";
import { test } from "node:test";
import { mapReady } from "./lib/seat_map.mjs";
import { startDemo } from "./lib/server.mjs";
import { eventAddress, holdBest, signIn } from "./lib/shop.mjs";
import { DEVICES, launch, withVisitor } from "./lib/watch.mjs";

const MOST = 0.1;
/** How late fonts, styles of the map, scripts and data come, in milliseconds: all kinds at different times. */
const LATE = { fonts: 900, data: 600, scripts: 300 };

/** @typedef {import("playwright-core").Page} Page */

/** Adds up what moves, from the first picture on. Runs in the page before its own scripts. */
function watch() {
  const seen = /** @type {any} */ (window);
  [seen.moved, seen.movedBy] = [0, []];
  new PerformanceObserver((list) => {
    for (const entry of /** @type {any[]} */ (list.getEntries())) {
      if (entry.hadRecentInput) continue;
      seen.moved += entry.value;
      seen.movedBy.push(...entry.sources.map((/** @type {any} */ { node }) => `${node?.nodeName} ${node?.className ?? ""}`.trim()));
    }
  }).observe({ type: "layout-shift", buffered: true });
}

/** @type {[string, (page: Page, base: string) => Promise<unknown>][]} */
const PAGES = [
  ["start", (page, base) => page.goto(`${base}/`)],
  ["event", async (page, base) => page.goto(await eventAddress(page, base, "A Cello Alone"))],
  ["seats of a hall", async (page, base) => (await page.goto(`${await eventAddress(page, base, "A Cello Alone")}/seats`), mapReady(page))],
  ["seats of a stadium", async (page, base) => (await page.goto(`${await eventAddress(page, base, "Aurora: The Northern Lights Tour")}/seats`), mapReady(page))],
  ["seats of an arena", async (page, base) => (await page.goto(`${await eventAddress(page, base, "Ice Fantasia")}/seats`), mapReady(page))],
  ["standing places", async (page, base) => page.goto(`${await eventAddress(page, base, "Vinyl Only")}/seats`)],
  ["chosen seats", async (page, base) => (await page.goto(`${await eventAddress(page, base, "A Cello Alone")}/seats?seat=40&seat=41`), mapReady(page))],
];

/** @param {Page} page */
async function slowly(page) {
  const wait = (/** @type {number} */ ms) => async (/** @type {import("playwright-core").Route} */ route) => {
    await new Promise((resolve) => setTimeout(resolve, ms));
    await route.continue().catch(() => undefined);
  };
  await page.route(/\.woff2$/, wait(LATE.fonts));
  await page.route(/\/api\/v1\//, wait(LATE.data));
  await page.route(/\.js$/, wait(LATE.scripts));
}

test("nothing moves while a page is loaded", { timeout: 300_000 }, async () => {
  const demo = await startDemo();
  const browser = await launch();
  /** @type {Record<string, Record<string, number>>} */
  const moved = {};
  /** @type {string[]} */
  const over = [];
  try {
    for (const [device, options] of Object.entries(DEVICES)) {
      moved[device] = {};
      await withVisitor(browser, { ...options, serviceWorkers: "block" }, async (visitor) => {
        visitor.expect(/Service Worker registration blocked/);
        await visitor.context.addInitScript(watch);
        const measure = async (/** @type {string} */ name, /** @type {(page: Page) => Promise<unknown>} */ open) => {
          const page = await visitor.page();
          await slowly(page);
          await open(page);
          await page.waitForLoadState("networkidle");
          const [value, by] = await page.evaluate(() => [/** @type {any} */ (window).moved, /** @type {any} */ (window).movedBy]);
          moved[device][name] = Math.round(value * 1000) / 1000;
          if (value > MOST) over.push(`${name}, ${device}: ${value.toFixed(3)} by ${[...new Set(by)].join(", ")}`);
          await page.close();
        };
        for (const [name, open] of PAGES) await measure(name, (page) => open(page, demo.base));
        const buyer = await visitor.page();
        await signIn(buyer, demo.base, "buyer@demo.test");
        await buyer.goto(`${await eventAddress(buyer, demo.base, "A Cello Alone")}/seats`);
        await mapReady(buyer);
        await holdBest(buyer, 2);
        await measure("checkout", (page) => page.goto(buyer.url()));
        await buyer.getByRole("button", { name: "Cancel and release the seats" }).click();
        await buyer.waitForURL(/released/);
      });
    }
  } finally {
    await browser.close();
    await demo.stop();
  }
  console.table(moved);
  assert.deepEqual(over, []);
});

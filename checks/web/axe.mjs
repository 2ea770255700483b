// axe-core checks every page, light and dark, at the width of a phone and of a desktop: no violation, and nothing wider than the screen.
// `node axe.mjs FAIRSEAT [public|personal|console]`

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { GUEST, PERSONAL, PUBLIC, REFUSALS, consolePages } from "./lib/pages.mjs";
import { startDemo } from "./lib/server.mjs";
import { axeSource } from "./lib/tools.mjs";
import { DEVICES, launch, withVisitor } from "./lib/watch.mjs";

/** @typedef {import("playwright-core").Page} Page */

const AXE = axeSource();
const SCHEMES = /** @type {const} */ (["light", "dark"]);

/** @type {{browser: import("playwright-core").Browser, base: string, ends: (() => Promise<void>)[]}} */
const stage = /** @type {any} */ ({ ends: [] });

before(async () => {
  const demo = await startDemo();
  stage.ends.push(demo.stop);
  stage.base = demo.base;
  stage.browser = await launch();
  stage.ends.push(() => stage.browser.close());
});

after(async () => {
  for (const end of stage.ends.reverse()) await end();
});

/** The problems of the open page, in each combination of width and colours. @param {Page} page @param {string} name @returns {Promise<string[]>} */
async function wrong(page, name) {
  const found = new Set();
  await page.evaluate(AXE);
  for (const [device, { viewport }] of Object.entries(DEVICES)) {
    await page.setViewportSize(viewport);
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      for (const offence of await page.evaluate(judge)) found.add(`${name}, ${device}, ${colorScheme}: ${offence}`);
    }
  }
  return [...found];
}

/** Runs in the page. */
async function judge() {
  // Colours follow the colour scheme at the next frame, those of the map too.
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  const { violations } = await /** @type {any} */ (window).axe.run(document, { resultTypes: ["violations"] });
  /** @type {string[]} */
  const found = violations.flatMap((/** @type {any} */ { id, nodes }) =>
    nodes.map((/** @type {any} */ { target, failureSummary }) => `${id} at ${target.join(" ")}: ${failureSummary.split("\n").slice(1).join("; ").trim()}`),
  );
  const { scrollWidth } = document.documentElement;
  if (scrollWidth > innerWidth) found.push(`wider than the screen: ${scrollWidth} of ${innerWidth} pixels`);
  return found;
}

/** @param {import("./lib/pages.mjs").Stop[]} stops @param {RegExp[]} expected */
async function walk(stops, expected = []) {
  /** @type {string[]} */
  const found = [];
  await withVisitor(stage.browser, {}, async (visitor) => {
    for (const pattern of expected) visitor.expect(pattern);
    const page = await visitor.page();
    for (const { name, open } of stops) {
      await page.setViewportSize(DEVICES.desktop.viewport);
      await open(page, stage.base);
      found.push(...(await wrong(page, name)));
    }
  });
  assert.deepEqual(found, []);
}

const timeout = 300_000;
const [, , , wanted = ""] = process.argv;
const check = (/** @type {string} */ name, /** @type {() => Promise<void>} */ run) => name.includes(wanted) && test(name, { timeout }, run);

check("public pages", () => walk(PUBLIC));
check("refusals", () => walk(REFUSALS, [/status of 404/]));
check("personal pages", () => walk(PERSONAL));
check("pages of a guest", () => walk(GUEST));
check("the console", async () => {
  /** @type {string[]} */
  const found = [];
  await withVisitor(stage.browser, {}, async (visitor) => {
    const page = await visitor.page();
    for await (const name of consolePages(page, stage.base)) found.push(...(await wrong(page, name)));
  });
  assert.deepEqual(found, []);
});

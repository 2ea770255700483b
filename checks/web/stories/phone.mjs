// On a phone, by touch, with forced colours: zoom the plan with two fingers, choose a seat, hear the remaining time
// announced, pay, and download a ticket's files.

import assert from "node:assert/strict";
import { eventAddress, paid, pay, signIn } from "../lib/shop.mjs";
import { mapReady, placeOf, planOf, seatOf } from "../lib/seat_map.mjs";
import { DEVICES, withVisitor } from "../lib/watch.mjs";

/** @typedef {import("../story.mjs").Stage} Stage */
/** @typedef {import("playwright-core").Page} Page */

/** @type {[number, string][]} Seconds before the end, and the announcement at that time. */
const SAID = [[300, "5 minutes left"], [120, "2 minutes left"], [60, "one minute left"], [30, "30 seconds left"]];

/** @param {Stage} stage */
export async function buyOnAPhone({ browser, base }) {
  await withVisitor(browser, { ...DEVICES.phone, forcedColors: "active", reducedMotion: "reduce" }, async (buyer) => {
    const page = await buyer.page();
    await page.clock.install();
    await signIn(page, base, "buyer@demo.test");
    await page.goto(`${await eventAddress(page, base, "A Cello Alone")}/seats`);
    await mapReady(page);
    const plan = await planOf(page);
    const { x, y } = await placeOf(page, plan, seatOf(plan, "Stalls", "F", 10));
    await comeNearer(page, x, y);
    await page.touchscreen.tap(x, y);
    await page.locator("[data-tray]").getByText("1 ticket").waitFor();
    await page.getByRole("button", { name: "Hold these seats" }).first().tap();
    await page.waitForURL(/\/reservations\//);
    await theTimeIsSaid(page);
    await pay(page);
    await paid(page, 1);
    await page.getByRole("link", { name: /^Show ticket/ }).tap();
    await filesGoAlong(page);
  });
}

/** Spreads two fingers to zoom in; while only a part of the plan is in view, the minimap is shown. @param {Page} page @param {number} x @param {number} y */
async function comeNearer(page, x, y) {
  const browser = await page.context().newCDPSession(page);
  const fingers = (/** @type {number} */ apart) => [-apart, apart].map((aside, id) => ({ x: x + aside, y, id }));
  await browser.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: fingers(20) });
  for (const apart of [30, 45, 60]) await browser.send("Input.dispatchTouchEvent", { type: "touchMove", touchPoints: fingers(apart) });
  await browser.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
  await page.locator(".sm-mini").waitFor();
  await page.getByRole("button", { name: "Show everything" }).tap();
  await page.locator(".sm-mini").waitFor({ state: "hidden" });
}

/** @param {Page} page */
async function theTimeIsSaid(page) {
  const end = Date.parse((await page.locator("[data-expires]").getAttribute("data-expires")) ?? "");
  for (const [seconds, words] of SAID) {
    const now = await page.evaluate(() => Date.now());
    await page.clock.fastForward(end - now - seconds * 1000);
    await page.locator("[data-announce]").getByText(words, { exact: true }).waitFor({ state: "attached" });
  }
  assert.ok(await page.locator("[data-expires].soon").count(), "the end is near, and looks so");
}

/** @param {Page} page */
async function filesGoAlong(page) {
  for (const [name, kind, begins] of [["Save as PDF", "application/pdf", "%PDF-"], ["Add to calendar", "text/calendar", "BEGIN:VCALENDAR"]]) {
    const address = await page.getByRole("link", { name }).getAttribute("href");
    const file = await page.request.get(new URL(address ?? "", page.url()).href);
    assert.ok(file.headers()["content-type"].startsWith(kind), `${name}: ${file.status()} ${file.headers()["content-type"]}`);
    assert.ok((await file.text()).startsWith(begins), name);
  }
}

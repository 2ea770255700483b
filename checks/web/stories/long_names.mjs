// Names as long as an organizer may give them, on the narrowest phone: an unbroken word, a category and a section that fill several lines.
// No page grows wider than the screen: for the public, the buyer and the organizer.

import assert from "node:assert/strict";
import { buys, post } from "../lib/crowd.mjs";
import { mapReady } from "../lib/seat_map.mjs";
import { PASSWORD, paid, pay, signIn } from "../lib/shop.mjs";
import { withVisitor } from "../lib/watch.mjs";

/** @typedef {import("../story.mjs").Stage} Stage */
/** @typedef {import("playwright-core").Page} Page */

const WORD = "Donaudampfschifffahrtsgesellschaftsk"; // 36 letters
const CATEGORY = "Sichtbehinderungsermaessigungsplatzkategorie"; // 44
const SECTION = "Hochparterrelogenplaetzemitteingeschraenktersichtaufdiehauptbueh"; // 64
const ROW = "REIHEHINTERDEMTECHNIKPULT"; // 25
const NARROW = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

/** @param {Stage} stage */
export async function longNames({ browser, base }) {
  const event = await longEvent(base);
  await withVisitor(browser, NARROW, async (visitor) => {
    const page = await visitor.page();
    const fits = (/** @type {string} */ path) => page.goto(base + path).then(() => within(page));
    await fits(`/events?q=${WORD}`);
    await fits(`/events/${event}`);
    await fits(`/events/${event}/seats`);
    await mapReady(page);
    await within(page);
    await fits(`/events/${event}/seats?section=${SECTION}&row=${ROW}&seat=0&seat=1`);
    await page.locator(".sm-total").waitFor();
    await within(page);
    await signIn(page, base, "buyer@demo.test");
    await page.goto(`${base}/events/${event}/seats?seat=0&seat=1`);
    await mapReady(page);
    await page.getByRole("button", { name: "Hold these seats" }).first().click();
    await page.waitForURL(/\/reservations\//);
    await within(page);
    await pay(page);
    await paid(page, 2);
    await within(page);
    await page.getByRole("link", { name: /^Show ticket/ }).first().click();
    await page.getByRole("link", { name: "Save as PDF" }).waitFor();
    await within(page);
    await fits("/orders");
  });
  await withVisitor(browser, NARROW, async (organizer) => {
    const page = await organizer.page();
    await signIn(page, base, "organizer@demo.test");
    for (const path of CONSOLE) {
      await page.goto(`${base}/console${path.replace("EVENT", event)}`);
      await within(page);
    }
    await page.goto(`${base}/console/events/${event}/orders`);
    await page.locator("main a[href*='/orders/']").first().click();
    await within(page);
  });
}

/** The organizer's pages that show these names. */
const CONSOLE = ["", "/venues", "/events/EVENT", "/events/EVENT/edit", "/events/EVENT/orders", "/events/EVENT/seats", "/events/EVENT/box-office", "/events/EVENT/clone"];

/** An event with long names, for which one order exists. @param {string} base @returns {Promise<string>} its id */
async function longEvent(base) {
  const { access_token: token } = await post(base, "/auth/login", { email: "organizer@demo.test", password: PASSWORD });
  const seat = (/** @type {number} */ number) => ({ seat_guid: `long-${number}`, seat_number: String(number), category: CATEGORY, position: { x: number * 30, y: 0 } });
  const rows = [{ row_number: ROW, position: { x: 0, y: 0 }, seats: [0, 1, 2, 3, 4, 5].map(seat) }];
  const seating_plan = { name: WORD, categories: [{ name: CATEGORY, color: "#369" }], zones: [{ name: SECTION, position: { x: 0, y: 0 }, rows }] };
  const mine = await fetch(`${base}/api/v1/organizations`, { headers: { authorization: `Bearer ${token}` } });
  const [{ organization_id }] = (await mine.json()).organizations;
  const place = { address: WORD, city: WORD, state: "NY", country: "US", layout_type: "theater" };
  const { venue_id } = await post(base, "/venues", { organization_id, name: WORD, ...place, seating_plan }, token);
  const times = { start_time: "2036-12-16T01:00:00Z", end_time: "2036-12-16T04:00:00Z", on_sale_time: "2026-01-01T00:00:00Z" };
  const texts = { name: WORD, description: WORD, category: "theater" };
  const { event_id } = await post(base, "/events", { ...texts, organization_id, venue_id, ...times, price_tiers: { [CATEGORY]: 1234.5 } }, token);
  await buys(base, event_id, { seat_indexes: [5] });
  return event_id;
}

/** Fails when the page is wider than the screen, or something on it reaches beyond its edge. @param {Page} page */
async function within(page) {
  const beyond = await page.evaluate(() => {
    const { scrollWidth } = document.documentElement;
    const scrolls = (/** @type {Element | null} */ it) => it !== null && (getComputedStyle(it).overflowX !== "visible" || scrolls(it.parentElement));
    const outside = [...document.querySelectorAll("main *")].filter((it) => {
      const { left, right, width } = it.getBoundingClientRect();
      return width > 1 && (right > innerWidth + 1 || left < -1) && !scrolls(it.parentElement);
    });
    const wide = scrollWidth > innerWidth ? [`${scrollWidth} pixels wide`] : [];
    return [...wide, ...outside.map((it) => `${it.tagName}.${it.className}: ${it.textContent?.trim().slice(0, 40)}`)];
  });
  assert.deepEqual(beyond, [], page.url());
}

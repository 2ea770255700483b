// An organizer's evening: a plan is imported, a sale opened and watched, an order refunded, two tickets sold at the box office.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { buys } from "../lib/crowd.mjs";
import { signIn } from "../lib/shop.mjs";
import { ROOT } from "../lib/tools.mjs";
import { withVisitor } from "../lib/watch.mjs";

/** @typedef {import("../story.mjs").Stage} Stage */
/** @typedef {import("playwright-core").Page} Page */

/** The plan of a real theatre, which we may not publish; where it is missing, an invented one is used. */
const REAL = `${ROOT}../shared/plans/theatre-real-1132-seats.json`;
const PLAN = existsSync(REAL) ? REAL : `${ROOT}examples/plans/small-theatre.json`;
const HOUSE = "The House on Paper";
const DAY_MS = 24 * 3_600 * 1_000;

/** @param {Stage} stage */
export async function organizersEvening({ browser, base }) {
  await withVisitor(browser, {}, async (organizer) => {
    const page = await organizer.page();
    await signIn(page, base, "organizer@demo.test");
    await page.goto(`${base}/console/venues`);
    // The answer that this test loses on purpose.
    organizer.expect(/net::ERR_FAILED.*api\/v1\/venues/);
    const venue = await importPlan(page);
    await page.goto(`${base}/console/venues`);
    assert.equal(await page.getByRole("link", { name: HOUSE }).count(), 1, "sent twice, made once");
    const event = await openSale(page, base, venue);
    await watchSale(page, base, event);
    await refundOrder(page);
    await sellAtTheBoxOffice(page, base, event);
  });
}

/** @param {Page} page @returns {Promise<string>} the venue's id */
async function importPlan(page) {
  await page.getByRole("link", { name: "New venue" }).first().click();
  await page.getByLabel("Name", { exact: true }).fill(HOUSE);
  await page.getByLabel("City").fill("Berlin");
  await page.getByLabel("Country").fill("Germany");
  await page.getByLabel("Kind of venue").selectOption("theater");
  await page.getByLabel("Time zone").fill("Europe/Berlin");
  await page.getByLabel("Plan file (JSON)", { exact: true }).check();
  await page.getByLabel("A seating plan in pretix’s format").setInputFiles(PLAN);
  const { zones } = JSON.parse(await readFile(PLAN, "utf8"));
  const seats = zones.flatMap((/** @type {any} */ zone) => zone.rows).reduce((/** @type {number} */ sum, /** @type {any} */ row) => sum + row.seats.length, 0);
  await page.getByText(`${seats.toLocaleString("en-US")} seats in`).waitFor();
  await page.locator("[data-preview][data-ready]").waitFor();
  // The real plan has duplicate seat numbers; the page shows how they were repaired.
  const repair = page.getByLabel(/Renumber them/);
  const repairs = await repair.isVisible();
  if (repairs) await repair.check();
  const enter = page.getByRole("button", { name: "Create the venue" });
  await page.route("**/api/v1/venues*", async (route) => (await route.fetch(), await route.abort()), { times: 1 });
  await enter.click();
  await page.getByText("Send it again: it takes effect only once.").waitFor();
  await enter.click();
  if (repairs) await page.getByRole("link", { name: "Go on" }).click();
  await page.waitForURL(/\/console\/venues\/[0-9a-f-]{36}/);
  await page.getByRole("heading", { name: HOUSE }).waitFor();
  return page.url().match(/venues\/([0-9a-f-]{36})/)?.[1] ?? "";
}

/** A time in the format of its form field. @param {number} days from now */
const inDays = (days) => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 16);

/** @param {Page} page @param {string} base @param {string} venue @returns {Promise<string>} the event's id */
async function openSale(page, base, venue) {
  await page.goto(`${base}/console/events/new?venue=${venue}`);
  await page.getByLabel("Name", { exact: true }).fill("One Night Only");
  await page.getByLabel("Category").fill("theater");
  await page.getByLabel("Starts").fill(inDays(30));
  await page.getByLabel("Ends").fill(inDays(30.125));
  await page.getByLabel("On sale from").fill(inDays(-1));
  await page.getByLabel("Currency").fill("EUR");
  for (const price of await page.locator("#prices .prices").first().locator("input").all()) await price.fill("25");
  await page.getByRole("button", { name: "Publish now" }).click();
  await page.waitForURL(/\/console\/events\/[0-9a-f-]{36}/);
  await page.getByText("The event is published").waitFor();
  assert.ok(!page.url().includes("done="), "said once");
  await page.getByText("Nothing sold yet.").waitFor();
  return page.url().match(/events\/([0-9a-f-]{36})/)?.[1] ?? "";
}

/** The figures follow sales to other buyers. @param {Page} page @param {string} base @param {string} event */
async function watchSale(page, base, event) {
  const figure = (/** @type {string} */ name) => page.locator(".figures div", { has: page.getByText(name, { exact: true }) }).locator("dd").first();
  assert.equal(await figure("Tickets sold").innerText(), "0");
  await page.locator(".sm[data-ready]").waitFor();
  await buys(base, event, { best_available: { quantity: 2 } });
  await buys(base, event, { best_available: { quantity: 3 } }, false);
  await figure("Tickets sold").getByText("2", { exact: true }).waitFor();
  await figure("In carts").getByText("3", { exact: true }).waitFor();
}

/** @param {Page} page */
async function refundOrder(page) {
  const order = page.locator("main table a.strong").first();
  await page.getByRole("link", { name: "Orders", exact: true }).click();
  await order.waitFor();
  await order.click();
  await page.getByRole("link", { name: "Cancel and refund" }).click();
  await page.getByRole("button", { name: "Cancel the order" }).click();
  await page.waitForURL(/\/console\/orders\/[0-9a-f-]{36}$/);
  await page.getByText("The order was cancelled").waitFor();
  await page.getByText("Refund", { exact: true }).waitFor();
  assert.equal(await page.getByRole("link", { name: "Cancel and refund" }).count(), 0);
}

/** @param {Page} page @param {string} base @param {string} event */
async function sellAtTheBoxOffice(page, base, event) {
  await page.goto(`${base}/console/events/${event}/box-office`);
  await page.locator(".sm[data-ready]").waitFor();
  await page.getByLabel("How many").fill("2");
  await page.getByRole("button", { name: /^Sell/ }).click();
  await page.getByText("Sold.", { exact: true }).waitFor();
  assert.equal(await page.getByRole("link", { name: /^Print(?! both)/ }).count(), 2);
  const both = await page.getByRole("link", { name: "Print both tickets" }).getAttribute("href");
  const answer = await page.request.get(`${base}${both}`);
  assert.equal(answer.headers()["content-type"], "application/pdf");
}

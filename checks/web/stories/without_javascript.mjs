// Buying without JavaScript: seats from a list by section and row, the best available seats, and standing places by number.

import assert from "node:assert/strict";
import { eventAddress, identify, paid, pay, registerAndHold, signIn, somebody } from "../lib/shop.mjs";
import { withVisitor } from "../lib/watch.mjs";

/** @typedef {import("../story.mjs").Stage} Stage */
/** @typedef {import("playwright-core").Page} Page */

const PLAIN = { javaScriptEnabled: false };

/** @param {Stage} stage */
export async function buyFromTheList({ browser, base }) {
  await withVisitor(browser, PLAIN, async (buyer) => {
    const page = await buyer.page();
    await page.goto(base);
    await page.getByLabel("What would you like to see?").fill("sea");
    await page.getByRole("button", { name: "Search" }).click();
    await page.getByRole("link", { name: "Songs of the Sea" }).click();
    await page.getByRole("link", { name: "Choose seats" }).first().click();
    await chooseInTwoRows(page);
    const who = somebody();
    await registerAndHold(page, who);
    assert.equal(await page.getByRole("button", { name: /^Remove / }).count(), 3);
    await heldEverywhere(page, base);
    await giveOneBack(page);
    await pay(page);
    await paid(page, 2);
    await page.getByRole("link", { name: /^Show ticket/ }).first().click();
    await page.getByText("Show this at the door.").waitFor();
    await signOutAndIn(page, base, who);
  });
}

/** @param {Page} page */
async function chooseInTwoRows(page) {
  const list = page.locator("#list");
  await list.getByRole("link", { name: /^Stalls / }).click();
  await list.getByRole("link", { name: /^Row D · / }).click();
  await list.getByLabel(/^Row D, seat 5,/).check();
  await list.getByLabel(/^Row D, seat 6,/).check();
  await list.getByRole("button", { name: "Add seats from another row" }).click();
  await list.getByRole("link", { name: /^Row E · / }).click();
  await list.getByLabel(/^Row E, seat 5,/).check();
  await list.getByRole("button", { name: "Hold these seats" }).click();
}

/** Public pages, too, show until when the seats are held, and lead to the checkout. @param {Page} page @param {string} base */
async function heldEverywhere(page, base) {
  const checkout = page.url();
  // Looking for text skips what is in a `noscript`.
  assert.match(await page.locator(".countdown").innerText(), /^Held for you until \d\d:\d\d /);
  await page.goto(`${base}/events`);
  const bar = page.getByRole("link", { name: "Seats that you hold" });
  assert.ok(((await bar.locator("img").boundingBox())?.width ?? 0) > 300, "the bar is shown");
  await bar.click();
  await page.waitForURL(checkout);
}

/** @param {Page} page */
async function giveOneBack(page) {
  await page.getByRole("button", { name: /^Remove Stalls.* E\b/ }).click();
  await page.getByRole("button", { name: /^Remove / }).nth(1).waitFor();
  assert.equal(await page.getByRole("button", { name: /^Remove / }).count(), 2);
}

/** @param {Page} page @param {string} base @param {ReturnType<typeof somebody>} who */
async function signOutAndIn(page, base, { email, password }) {
  await page.goto(`${base}/account`);
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await page.goto(`${base}/orders`);
  await page.waitForURL(/\/sign-in\?next=/);
  await identify(page, { email, password });
  await page.waitForURL(/\/orders$/);
  await page.getByRole("link", { name: "Songs of the Sea" }).waitFor();
}

/** @param {Stage} stage */
export async function buyTheBest({ browser, base }) {
  await withVisitor(browser, PLAIN, async (buyer) => {
    const page = await buyer.page();
    await signIn(page, base, "buyer@demo.test");
    const event = await eventAddress(page, base, "Jazz at Vespers");
    await page.goto(`${event}/seats`);
    const best = page.locator("form", { has: page.getByRole("heading", { name: "Best available" }) });
    await best.getByLabel("Price up to").fill("£1");
    await best.getByRole("button").click();
    await page.getByRole("alert").waitFor();
    await best.getByLabel("Tickets").fill("2");
    await best.getByLabel("Price up to").fill("£80");
    await best.getByLabel("Where").selectOption("Circle");
    await best.getByRole("button", { name: "Find best seats" }).click();
    // The page says where they are before it holds them.
    await page.getByRole("status").getByText(/Best available seats: Circle/).waitFor();
    assert.equal(await page.locator("[data-tray] li").count(), 2);
    await page.getByRole("button", { name: "Hold these seats" }).first().click();
    await page.waitForURL(/\/reservations\//);
    const labels = await page.getByRole("button", { name: /^Remove Circle/ }).count();
    assert.equal(labels, 2, "two seats in the circle");
    await pay(page);
    await paid(page, 2);
  });
}

/** @param {Stage} stage */
export async function standByNumber({ browser, base }) {
  await withVisitor(browser, PLAIN, async (buyer) => {
    const page = await buyer.page();
    await signIn(page, base, "buyer@demo.test");
    await page.goto(`${await eventAddress(page, base, "Vinyl Only")}/seats`);
    const floor = page.locator("form", { has: page.getByRole("heading", { name: "Floor" }) });
    await floor.getByLabel("Tickets").fill("3");
    await floor.getByRole("button", { name: "Get tickets" }).click();
    await page.waitForURL(/\/reservations\//);
    await pay(page);
    await paid(page, 3);
  });
}

// Declines and refunds: a declined card, a payment that the bank asks to approve, a reservation extended once, a cancelled reservation,
// a refunded order.

import assert from "node:assert/strict";
import { CARDS, eventAddress, holdBest, paid, pay, signIn } from "../lib/shop.mjs";
import { withVisitor } from "../lib/watch.mjs";

/** @typedef {import("../story.mjs").Stage} Stage */
/** @typedef {import("playwright-core").Page} Page */

/** Reserves one of the remaining seats. @param {Page} page @param {string} base @param {string} event */
async function hold(page, base, event) {
  await page.goto(`${await eventAddress(page, base, event)}/seats`);
  await holdBest(page, 2);
}

/** @param {Stage} stage */
export async function declinedAndAskedByTheBank({ browser, base }) {
  await withVisitor(browser, {}, async (buyer) => {
    const page = await buyer.page();
    await signIn(page, base, "buyer@demo.test");
    await hold(page, base, "The Story of the Orchestra");
    await pay(page, CARDS.declined);
    await page.getByRole("alert").getByText("declined").waitFor();
    await page.waitForURL(/\/reservations\/[^/]+\?declined=/);
    assert.equal(await page.getByRole("button", { name: /^Remove / }).count(), 2, "the seats are still held");
    assert.match(await page.locator("[data-left]").innerText(), /^\d+:\d\d$/);
    await pay(page, CARDS.asksTheBank);
    await page.waitForURL(/\/orders\//);
    await page.getByRole("link", { name: "Continue to your bank" }).click();
    await page.getByRole("button", { name: "Approve" }).click();
    await paid(page, 2);
  });
}

/** @param {Stage} stage */
export async function moreTimeAndBack({ browser, base }) {
  await withVisitor(browser, {}, async (buyer) => {
    buyer.expect(/\/extend: error: Failed to load resource: the server responded with a status of 409/);
    const page = await buyer.page();
    await signIn(page, base, "buyer@demo.test");
    await hold(page, base, "The Winter Keeper");
    const left = page.locator("[data-expires]");
    const before = Date.parse((await left.getAttribute("data-expires")) ?? "");
    await page.getByRole("button", { name: "Get more time" }).click();
    await page.waitForFunction((before) => Date.parse(document.querySelector("[data-expires]")?.getAttribute("data-expires") ?? "") > before, before);
    const again = page.getByRole("button", { name: "Get more time" });
    if (await again.isVisible()) {
      await again.click();
      await page.getByRole("alert").waitFor();
    }
    await page.getByRole("button", { name: "Cancel and release the seats" }).click();
    await page.getByText("Your seats have been released.").waitFor();
  });
}

/** @param {Stage} stage */
export async function refunded({ browser, base }) {
  await withVisitor(browser, {}, async (buyer) => {
    const page = await buyer.page();
    await signIn(page, base, "buyer@demo.test");
    await hold(page, base, "Twelfth Night");
    await pay(page);
    await paid(page, 2);
    await page.getByText("Saved on this device").waitFor();
    const ticket = await page.getByRole("link", { name: /^Show ticket/ }).first().getAttribute("href");
    const isKept = () => page.evaluate(async (path) => Boolean(await caches.match(new URL(path, location.href))), ticket ?? "");
    assert.ok(await isKept());
    await page.getByText("Cancel this order").click();
    const promised = await page.locator("form strong.figure").textContent();
    await page.getByRole("button", { name: "Cancel and refund" }).click();
    await page.getByRole("heading", { name: "You cancelled this order" }).waitFor();
    await page.getByText(`Refunded to your card: ${promised}`).waitFor();
    await page.waitForFunction(async (path) => !(await caches.match(new URL(path, location.href))), ticket ?? "");
    await page.getByRole("link", { name: /^View/ }).first().click();
    await page.getByText("no longer valid for entry").waitFor();
  });
}

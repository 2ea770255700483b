// Back from the checkout: one's own seats are one's own, on every way into the page, with and without scripts, and the way to the checkout is in
// view. Seats that somebody else took are named as such.

import assert from "node:assert/strict";
import { eventAddress, signIn } from "../lib/shop.mjs";
import { mapReady, planOf, seatOf } from "../lib/seat_map.mjs";
import { DEVICES, withVisitor } from "../lib/watch.mjs";

/** @typedef {import("../story.mjs").Stage} Stage */
/** @typedef {import("playwright-core").Page} Page */

/** @param {Page} page @param {number[]} seats */
const withSeats = (page, seats) => `${page.url().split("?")[0]}?${seats.map((seat) => `seat=${seat}`).join("&")}`;

/** @param {Page} page */
async function ownSeatsAreOwn(page) {
  await page.waitForURL(/\/seats/);
  await mapReady(page);
  assert.equal(await page.locator(".sm-bad").count(), 0, "nothing was taken by somebody else");
  await page.getByRole("link", { name: "Go to checkout" }).filter({ visible: true }).first().waitFor();
  assert.ok(await page.locator("[data-chosen-form] button.primary").isDisabled(), "nothing is chosen, so nothing can be held");
}

/** @param {Stage} stage */
export async function backFromCheckout({ browser, base }) {
  for (const device of [DEVICES.desktop, DEVICES.phone]) {
    await withVisitor(browser, device, async (buyer) => {
      const page = await buyer.page();
      await signIn(page, base, "buyer@demo.test");
      await page.goto(`${await eventAddress(page, base, "The Story of the Orchestra")}/seats`);
      await mapReady(page);
      assert.ok(await page.locator("[data-chosen-form] button.primary").isDisabled());
      const plan = await planOf(page);
      const seats = [3, 4].map((number) => seatOf(plan, "Stalls", device === DEVICES.phone ? "I" : "J", number));
      await page.goto(withSeats(page, seats));
      await mapReady(page);
      await page.locator("[data-tray]").getByText("2 tickets").waitFor();
      if (device === DEVICES.phone) assert.ok(await page.locator("[data-tray] li").first().getByText("Stalls").isVisible(), "the tray names the section");
      await page.getByRole("button", { name: "Hold these seats" }).first().click();
      await page.waitForURL(/\/reservations\//);
      const checkout = page.url();
      // With the Back button, by the old address, and in another tab.
      await page.goBack();
      await ownSeatsAreOwn(page);
      await page.goto(withSeats(page, seats));
      await ownSeatsAreOwn(page);
      await page.getByRole("link", { name: "Go to checkout" }).filter({ visible: true }).first().click();
      await page.waitForURL(checkout);
      await page.getByRole("button", { name: "Cancel and release the seats" }).click();
      await page.waitForURL(/released/);
    });
  }
}

/** Seats that are chosen in two tabs are not “taken” in the second one when the first one holds them. @param {Stage} stage */
export async function heldInAnotherTab({ browser, base }) {
  await withVisitor(browser, {}, async (buyer) => {
    const page = await buyer.page();
    await signIn(page, base, "buyer@demo.test");
    await page.goto(`${await eventAddress(page, base, "The Story of the Orchestra")}/seats`);
    await mapReady(page);
    const plan = await planOf(page);
    const address = withSeats(page, [5, 6].map((number) => seatOf(plan, "Stalls", "H", number)));
    const other = await buyer.page();
    for (const tab of [page, other]) {
      await tab.goto(address);
      await tab.locator("[data-tray]").getByText("2 tickets").waitFor();
    }
    await page.getByRole("button", { name: "Hold these seats" }).first().click();
    await page.waitForURL(/\/reservations\//);
    await other.getByRole("link", { name: "Go to checkout" }).filter({ visible: true }).first().waitFor();
    await ownSeatsAreOwn(other);
    await page.getByRole("button", { name: "Cancel and release the seats" }).click();
    await page.waitForURL(/released/);
  });
}

/** Without scripts, the upper button takes the ticked seats, and Back shows one's own seats as such. @param {Stage} stage */
export async function backWithoutScripts({ browser, base }) {
  await withVisitor(browser, { javaScriptEnabled: false }, async (buyer) => {
    const page = await buyer.page();
    await signIn(page, base, "buyer@demo.test");
    await page.goto(`${await eventAddress(page, base, "The Story of the Orchestra")}/seats?section=Stalls&row=G`);
    await page.getByRole("checkbox", { name: /seat 7,/ }).check();
    await page.locator("[data-chosen-form]").getByRole("button", { name: "Hold these seats" }).click();
    await page.waitForURL(/\/reservations\//);
    await page.goBack();
    await page.getByText("You hold 1 ticket").first().waitFor();
    await page.getByText("Seat 7 is held for you").waitFor({ state: "attached" });
    // Sent once more, the form leads to the checkout.
    await page.getByRole("link", { name: "Go to checkout" }).first().click();
    await page.getByRole("button", { name: "Cancel and release the seats" }).click();
    await page.waitForURL(/released/);
  });
}

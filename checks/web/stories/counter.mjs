// At the counter and in the office: the price is said before selling, also by number, with the button in sight; many seats are blocked by
// dragging, with a mouse and with a finger.

import assert from "node:assert/strict";
import { mapReady } from "../lib/seat_map.mjs";
import { eventAddress, signIn } from "../lib/shop.mjs";
import { DEVICES, withVisitor } from "../lib/watch.mjs";

/** @typedef {import("../story.mjs").Stage} Stage */
/** @typedef {import("playwright-core").Page} Page */

/** @param {Page} page @param {string} base @param {string} event @param {string} part */
async function openConsole(page, base, event, part) {
  const id = (await eventAddress(page, base, event)).split("/").at(-1);
  await page.goto(`${base}/console/events/${id}/${part}`);
  await mapReady(page);
}

/** @param {Stage} stage */
export async function priceAtTheCounter({ browser, base }) {
  for (const device of [DEVICES.desktop, DEVICES.phone]) {
    await withVisitor(browser, device, async (seller) => {
      const page = await seller.page();
      await signIn(page, base, "organizer@demo.test");
      await openConsole(page, base, "Jazz at Vespers", "box-office");
      await page.getByLabel("How many").fill("2");
      const sell = page.getByRole("button", { name: /^Sell 2 tickets · £\d+\.\d\d$/ });
      await sell.waitFor();
      await page.locator("[data-quote]").getByText(/ to .* · £/).waitFor();
      if (device === DEVICES.desktop) {
        const box = await sell.boundingBox();
        assert.ok(box && box.y >= 0 && box.y + box.height <= 900, "the button is in sight");
      } else {
        await page.locator("[data-basket]").getByText(/2 tickets · £/).waitFor();
      }
      await page.getByRole("radio", { name: "Complimentary" }).check({ force: true });
      await page.getByRole("button", { name: "Sell 2 tickets · for nothing" }).waitFor();
    });
  }
}

/** @param {Page} page @param {boolean} touch */
async function dragOverTheMap(page, touch) {
  const box = await page.locator(".sm-canvas").boundingBox();
  assert.ok(box);
  const at = (/** @type {number} */ share) => ({ x: box.x + box.width * share, y: box.y + box.height * share });
  const [from, to] = [at(0.3), at(0.6)];
  if (touch) {
    const browser = await page.context().newCDPSession(page);
    const touches = (/** @type {{x: number, y: number}} */ point) => [{ ...point, id: 1 }];
    await browser.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: touches(from) });
    for (const share of [0.4, 0.5, 0.6]) await browser.send("Input.dispatchTouchEvent", { type: "touchMove", touchPoints: touches(at(share)) });
    await browser.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
  } else {
    await page.mouse.move(from.x, from.y);
    await page.mouse.down();
    await page.mouse.move(to.x, to.y, { steps: 5 });
    await page.mouse.up();
  }
}

/** @param {Stage} stage */
export async function blockByDragging({ browser, base }) {
  for (const device of [DEVICES.desktop, DEVICES.phone]) {
    await withVisitor(browser, device, async (organizer) => {
      const page = await organizer.page();
      await signIn(page, base, "organizer@demo.test");
      await openConsole(page, base, "Jazz at Vespers", "seats");
      await page.locator("[data-tray]").getByText(/Choose by dragging/).waitFor();
      await page.getByRole("button", { name: "Choose by dragging" }).click();
      await dragOverTheMap(page, device === DEVICES.phone);
      await page.getByRole("button", { name: /^Clear all \d+/ }).waitFor();
      const chosen = Number(/\d+/.exec((await page.getByRole("button", { name: /^Clear all/ }).textContent()) ?? "")?.[0]);
      assert.ok(chosen > 8, `${chosen} seats in the box`);
      await page.getByRole("button", { name: "Block", exact: true }).click();
      await page.getByRole("status").getByText(`${chosen} seats are blocked.`).waitFor();
      await mapReady(page);
      await page.getByRole("button", { name: "Choose by dragging" }).click();
      await dragOverTheMap(page, device === DEVICES.phone);
      await page.getByRole("button", { name: /^Clear all \d+/ }).waitFor();
      await page.getByRole("button", { name: "Put on sale" }).click();
      await page.getByRole("status").getByText(`${chosen} seats are for sale again.`).waitFor();
    });
  }
}

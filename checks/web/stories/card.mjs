// The card form keeps what was typed when something is wrong, and understands months of expiry as people write them.

import assert from "node:assert/strict";
import { mapReady } from "../lib/seat_map.mjs";
import { CARDS, eventAddress, paid, signIn } from "../lib/shop.mjs";
import { withVisitor } from "../lib/watch.mjs";

/** @param {import("../story.mjs").Stage} stage */
export async function cardIsKept({ browser, base }) {
  for (const javaScriptEnabled of [true, false]) {
    await withVisitor(browser, { javaScriptEnabled }, async (buyer) => {
      buyer.expect(/status of 422/);
      const page = await buyer.page();
      await signIn(page, base, "buyer@demo.test");
      await page.goto(`${await eventAddress(page, base, "Twelfth Night")}/seats?best=1`);
      if (javaScriptEnabled) await mapReady(page);
      await page.getByRole("button", { name: "Hold these seats" }).first().click();
      await page.waitForURL(/\/reservations\//);
      await page.getByLabel("Card number").fill(CARDS.good);
      await page.getByLabel("Expires").fill("1230");
      await page.getByLabel("Security code").fill("1");
      await page.getByRole("button", { name: /^Pay / }).click();
      await page.getByText("must have 3 or 4 digits").waitFor();
      assert.equal(await page.getByLabel("Expires").inputValue(), javaScriptEnabled ? "12/30" : "1230");
      assert.equal(await page.getByLabel("Card number").inputValue(), javaScriptEnabled ? CARDS.good : "", "the server never sends the number back");
      if (!javaScriptEnabled) await page.getByLabel("Card number").fill(CARDS.good);
      await page.getByLabel("Security code").fill("123");
      await page.getByRole("button", { name: /^Pay / }).click();
      await paid(page, 1);
    });
  }
}

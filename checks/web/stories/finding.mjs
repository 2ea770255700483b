// Finding an event: near the visitor, by position or by a typed city, at a venue, of an artist; and a seat page that leaves the screen to the seats.

import assert from "node:assert/strict";
import { mapReady } from "../lib/seat_map.mjs";
import { eventAddress } from "../lib/shop.mjs";
import { DEVICES, withVisitor } from "../lib/watch.mjs";

/** @typedef {import("../story.mjs").Stage} Stage */

const POTSDAM = { latitude: 52.4, longitude: 13.06 };
const REYKJAVIK = { latitude: 64.15, longitude: -21.94 };

/** @param {Stage} stage */
export async function nearMe({ browser, base }) {
  await withVisitor(browser, { geolocation: POTSDAM, permissions: ["geolocation"] }, async (visitor) => {
    const page = await visitor.page();
    /** @type {string[]} */
    const asked = [];
    page.on("request", (request) => void asked.push(request.url()));
    await page.goto(base);
    await page.getByRole("link", { name: "Near me" }).click();
    await page.getByRole("button", { name: "Use my location" }).click();
    await page.waitForURL(/location=Berlin/);
    await page.getByRole("heading", { name: /^\d+ events in Berlin$/ }).waitFor();
    assert.ok(asked.every((url) => url.startsWith(base) && !url.includes("52.4")), "the position stays in the browser");

    await visitor.context.setGeolocation(REYKJAVIK);
    await page.goto(base);
    await page.getByRole("link", { name: "Near me" }).click();
    await page.getByRole("button", { name: "Use my location" }).click();
    await page.getByText(/Nothing within 150 km. The nearest city with events is London/).waitFor();
  });
}

/** @param {Stage} stage */
export async function byCityVenueAndArtist({ browser, base }) {
  await withVisitor(browser, { javaScriptEnabled: false }, async (visitor) => {
    const page = await visitor.page();
    await page.goto(base);
    await page.getByRole("link", { name: "Near me" }).click();
    await page.getByLabel("City").fill("london");
    await page.getByRole("button", { name: "Show events" }).click();
    await page.getByRole("link", { name: "A Cello Alone" }).click();
    await page.getByRole("link", { name: "St Cecilia Hall", exact: true }).click();
    await page.getByRole("heading", { name: "St Cecilia Hall" }).waitFor();
    await page.getByRole("link", { name: "Messiah" }).click();
    await page.getByRole("link", { name: "St Cecilia Singers" }).click();
    await page.getByRole("heading", { name: "St Cecilia Singers" }).waitFor();
    assert.equal(await page.getByRole("listitem").count(), 2, "Messiah, and Songs of the Sea");
    await page.goto(base);
    await page.getByRole("link", { name: "This weekend" }).click();
    await page.getByRole("heading", { name: /^This weekend: \d+ events?$/ }).waitFor();
    const states = await page.locator("main .card").evaluateAll((cards) => cards.map((card) => card.classList.contains("gone")));
    assert.deepEqual(states, [...states].sort(), "what can be bought comes first");
  });
}

/** @param {Stage} stage */
export async function roomForSeats({ browser, base }) {
  await withVisitor(browser, DEVICES.phone, async (visitor) => {
    const page = await visitor.page();
    for (const event of ["A Cello Alone", "Aurora: The Northern Lights Tour", "City Hawks vs River Kings"]) {
      await page.goto(`${await eventAddress(page, base, event)}/seats`);
      await mapReady(page);
      const canvas = await page.locator(".sm-canvas").boundingBox();
      assert.ok(canvas && canvas.y <= DEVICES.phone.viewport.height / 3, `${event}: the seats begin at ${canvas?.y}`);
      await page.getByRole("button", { name: "Zoom in" }).tap();
      const mini = await page.locator(".sm-mini").boundingBox();
      assert.ok(mini && mini.y + mini.height <= canvas.y, `${event}: the minimap covers no seats`);
    }
  });
}

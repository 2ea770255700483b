// Buying with a mouse: search, choose two seats on the canvas while somebody else sees them go, pay, and show a ticket offline.

import assert from "node:assert/strict";
import { lineTo } from "../lib/line.mjs";
import { paid, pay, registerAndHold, signIn, somebody } from "../lib/shop.mjs";
import { mapReady, picture, placeOf, planOf, pointAt, seatOf } from "../lib/seat_map.mjs";
import { visitor, withVisitor } from "../lib/watch.mjs";

/** @typedef {import("../story.mjs").Stage} Stage */

const EVENT = "A Cello Alone";

/** @param {Stage} stage */
export async function buyOnTheMap({ browser, base }) {
  const line = await lineTo(base);
  await withVisitor(browser, {}, async (buyer) => {
    const page = await buyer.page();
    await findBySearching(page, line.base);
    await page.getByRole("link", { name: "Choose seats" }).first().click();
    await mapReady(page);
    const plan = await planOf(page);
    const seats = [seatOf(plan, "Stalls", "C", 7), seatOf(plan, "Stalls", "C", 8)];
    const other = await visitor(browser);
    const watching = await watch(other, page.url(), plan, seats[0]);
    await choose(page, plan, seats);
    await page.getByRole("button", { name: "Hold these seats" }).first().click();
    await registerAndHold(page, somebody());
    await watching.sawItHeld();
    await other.close();
    await page.reload();
    assert.equal(await page.getByRole("button", { name: /^Remove / }).count(), 2, "the cart survives a reload");
    await knowsItsOwn(page, plan, seats[0]);
    await pay(page);
    await paid(page, 2);
    await showOffline(page, line);
    await leaveNothing(page, line.base);
  });
  line.cut();
}

/** @param {import("playwright-core").Page} page @param {string} base */
async function findBySearching(page, base) {
  await page.goto(base);
  await page.getByLabel("What would you like to see?").pressSequentially("cello");
  await page.getByRole("heading", { name: "1 event" }).waitFor();
  assert.match(page.url(), /\/events\?q=cello/);
  await page.getByRole("link", { name: EVENT }).click();
  await page.getByRole("heading", { name: EVENT, level: 1 }).waitFor();
}

/** The map shows a visitor's reserved seats as theirs, and they count towards the limit. @param {import("playwright-core").Page} page @param {any} plan @param {number} seat */
async function knowsItsOwn(page, plan, seat) {
  const checkout = page.url();
  await page.getByRole("link", { name: EVENT }).click();
  await page.getByRole("link", { name: "Choose seats" }).first().click();
  await mapReady(page);
  await page.getByText("Up to 6 more.").waitFor();
  const { x, y } = await placeOf(page, plan, seat);
  await page.mouse.click(x, y);
  await page.locator(".seat-map [aria-live=polite]").getByText("Stalls, row C, seat 7 is held for you.").waitFor();
  await page.goto(checkout);
}

/** @param {import("playwright-core").Page} page @param {any} plan @param {number[]} seats */
async function choose(page, plan, seats) {
  for (const seat of seats) {
    const { x, y } = await placeOf(page, plan, seat);
    await page.mouse.click(x, y);
  }
  const tray = page.locator("[data-tray]");
  await tray.getByText("Row C · Seat 8").waitFor();
  // One seat is removed, and the removal is undone.
  await tray.getByRole("button", { name: "Remove Stalls, row C, seat 8" }).click();
  await tray.getByText("1 ticket", { exact: false }).waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await tray.getByText("2 tickets", { exact: false }).waitFor();
  assert.equal(new URL(page.url()).searchParams.getAll("seat").length, 2, "a reload finds the seats again");
}

/**
 * A visitor in another browser who has chosen one of the same seats.
 * @param {import("../lib/watch.mjs").Visitor} other @param {string} url @param {any} plan @param {number} seat
 */
async function watch(other, url, plan, seat) {
  const page = await other.page();
  await page.goto(url);
  await mapReady(page);
  await page.locator(".seat-map[data-link=live]").waitFor();
  const { x, y } = await placeOf(page, plan, seat);
  const drawn = await picture(page, plan, seat);
  await page.mouse.click(x, y);
  await page.locator("[data-tray]").getByText("Row C · Seat 7").waitFor();
  await page.mouse.move(0, 0);
  await drawn.changed();
  const chosen = await picture(page, plan, seat);
  const sawItHeld = async () => {
    await chosen.changed();
    await page.getByText("Stalls, row C, seat 7 was just taken.").first().waitFor();
    await page.locator("[data-tray]").getByText("Pick your seats").waitFor();
    await (await pointAt(page, plan, seat)).getByText("Reserved").waitFor();
    await page.getByRole("button", { name: /^Take seat \d+ instead$/ }).click();
    await page.locator("[data-tray]").getByText("1 ticket").waitFor();
  };
  return { sawItHeld };
}

/** @param {import("playwright-core").Page} page @param {Awaited<ReturnType<typeof lineTo>>} line */
async function showOffline(page, line) {
  await page.getByText("Saved on this device: they open even offline.").waitFor();
  // None of the tickets has been opened before.
  line.cut();
  await page.getByRole("link", { name: /^Show ticket/ }).first().click();
  await page.getByRole("heading", { name: EVENT }).waitFor();
  assert.match(await page.locator(".ticket .seat").innerText(), /^Row C · Seat 7$/);
  const code = page.getByAltText("Code of this ticket for the scanner at the door");
  assert.ok(await code.evaluate((image) => /** @type {HTMLImageElement} */ (image).naturalWidth > 100), "the code is readable offline");
  const styled = await page.locator(".ticket").evaluate((ticket) => getComputedStyle(ticket).display);
  assert.equal(styled, "grid", "the ticket looks like one offline");
  await page.goto(new URL("/", page.url()).href).catch(() => undefined);
  await page.getByRole("heading", { name: "No network" }).waitFor();
  assert.equal(await page.getByRole("link", { name: new RegExp(`^Ticket .* · ${EVENT}$`) }).count(), 2);
  await page.getByRole("link", { name: /^Ticket .*C-7/ }).click();
  await page.getByRole("heading", { name: EVENT }).waitFor();
  await line.mend();
}

/** The next person to sign in on this device finds no tickets of a person who forgot to sign out. @param {import("playwright-core").Page} page @param {string} base */
async function leaveNothing(page, base) {
  const ticket = page.url();
  const isKept = () => page.evaluate(async (url) => Boolean(await caches.match(url)), ticket);
  assert.ok(await isKept());
  await signIn(page, base, "organizer@demo.test");
  assert.ok(!(await isKept()));
}

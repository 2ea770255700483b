// Other tasks of an organizer: clones an event, uploads its picture, blocks a row and releases it, exports lists, invites and removes
// members, cancels the event, and reads the audit log of these actions.

import assert from "node:assert/strict";
import { buys } from "../lib/crowd.mjs";
import { mapReady } from "../lib/seat_map.mjs";
import { followLetter } from "../lib/mailbox.mjs";
import { eventAddress, identify, signIn } from "../lib/shop.mjs";
import { ROOT } from "../lib/tools.mjs";
import { withVisitor } from "../lib/watch.mjs";

/** @typedef {import("../story.mjs").Stage} Stage */
/** @typedef {import("playwright-core").Page} Page */

const PICTURE = `${ROOT}docs/screenshots/start-desktop-light.webp`;
const NAME = "The Second House";
/** A text that a spreadsheet would run as a formula. */
const FORMULA = "=1+1";

/** @param {Stage} stage */
export async function organizersDuties({ browser, base }) {
  await withVisitor(browser, {}, async (organizer) => {
    const page = await organizer.page();
    await signIn(page, base, "organizer@demo.test");
    const original = (await eventAddress(page, base, "Jazz at Vespers")).split("/").at(-1) ?? "";
    const event = await copyEvent(page, base, original);
    await givePicture(page, base, event);
    await blockARow(page);
    await putOnSale(page);
    await buys(base, event, { best_available: { quantity: 2 } });
    await takeListsHome(page, base, event);
    await letSomebodyWork(browser, page, base);
    await cancelIt(page, base, event);
    await readTheLog(page, base, event);
  });
}

/** @param {Page} page @param {string} base @param {string} original @returns {Promise<string>} the copy's id */
async function copyEvent(page, base, original) {
  await page.goto(`${base}/console/events/${original}`);
  await page.getByRole("link", { name: "Copy this event" }).click();
  await page.getByLabel("Name", { exact: true }).fill(NAME);
  const [starts, ends] = [page.getByLabel("Starts"), page.getByLabel("Ends")];
  const later = (/** @type {string} */ time) => new Date(Date.parse(`${time}Z`) + 7 * 86_400_000).toISOString().slice(0, 16);
  const [start, end] = [later(await starts.inputValue()), later(await ends.inputValue())];
  await starts.fill(start);
  await page.getByLabel("On sale from").fill("2026-01-01T09:00");
  assert.equal(await ends.inputValue(), end, "the end moves along");
  await page.getByRole("button", { name: "Make the copy" }).click();
  await page.getByText("The copy is a draft.").waitFor();
  await page.getByText("A draft: only your organization sees it.").waitFor();
  await page.getByRole("link", { name: "Delete the event" }).waitFor();
  await page.getByRole("button", { name: "Publish" }).click();
  await page.getByRole("link", { name: "Public page" }).waitFor();
  return page.url().match(/events\/([0-9a-f-]{36})/)?.[1] ?? "";
}

/** @param {Page} page @param {string} base @param {string} event */
async function givePicture(page, base, event) {
  await page.getByRole("link", { name: "Picture", exact: true }).click();
  await page.getByLabel("A picture of your own").setInputFiles(PICTURE);
  await page.getByRole("button", { name: "Use this picture" }).click();
  await page.getByAltText("The event’s picture").waitFor();
  await page.goto(`${base}/events/${event}`);
  const width = await page.locator(".poster img").evaluate(async (/** @type {HTMLImageElement} */ image) => (await image.decode(), image.naturalWidth));
  assert.equal(width, 1200);
  await page.goto(`${base}/console/events/${event}`);
}

/** @param {Page} page */
async function blockARow(page) {
  await page.getByRole("link", { name: "Block seats" }).click();
  await mapReady(page);
  const block = page.getByRole("button", { name: "Block", exact: true });
  assert.ok(await block.isDisabled(), "nothing is chosen yet");
  await page.locator(".sm-canvas").focus();
  // Enter the section, which focuses its middle seat, then choose that seat's row.
  for (const key of ["ArrowRight", "Enter", "r"]) await page.keyboard.press(key);
  await page.getByText(/^Chosen: \d+ seats/).first().waitFor();
  await page.getByLabel("Reason").fill("Press");
  await block.click();
  await page.getByText(/^\d+ seats are blocked\.$/).waitFor();
  const row = page.getByRole("region", { name: "Blocked seats" }).getByRole("row", { name: /Press/ });
  // The page names the person from the audit log, which follows a moment later.
  while ((await row.getByText("organizer").count()) === 0) await page.reload();
}

/** @param {Page} page */
async function putOnSale(page) {
  await mapReady(page);
  await page.getByRole("button", { name: /^Choose .* Press$/ }).click();
  await page.getByRole("button", { name: "Put on sale" }).click();
  await page.getByText(/^\d+ seats are for sale again\.$/).waitFor();
  await page.getByText("Nothing is blocked.").waitFor();
}

/** A name at the box office may be anything; a spreadsheet must not run it. @param {Page} page @param {string} base @param {string} event */
async function takeListsHome(page, base, event) {
  await page.goto(`${base}/console/events/${event}/box-office`);
  await mapReady(page);
  const sell = page.getByRole("button", { name: /^Sell/ });
  assert.ok(await sell.isDisabled(), "nothing is chosen yet");
  await page.getByLabel("How many").fill("1");
  await page.getByText("Customer and note").click();
  await page.getByLabel("Name", { exact: true }).fill(FORMULA);
  await sell.click();
  await page.getByText("Sold.", { exact: true }).waitFor();
  await page.goto(`${base}/console/events/${event}`);
  assert.equal(await page.getByRole("link", { name: "Delete the event" }).count(), 0, "it has sold");
  for (const [name, lines] of /** @type {[string, number][]} */ ([["Orders as CSV", 2], ["Attendees as CSV", 3]])) {
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name, exact: true }).click()]);
    const chunks = [];
    for await (const chunk of await download.createReadStream()) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString("utf8");
    assert.equal(text.trim().split("\n").length - 1, lines, text);
    assert.ok(text.includes(`'${FORMULA}`) && !text.includes(`,${FORMULA}`), text);
  }
}

/** @param {import("playwright-core").Browser} browser @param {Page} page @param {string} base */
async function letSomebodyWork(browser, page, base) {
  await page.getByRole("link", { name: "Members", exact: true }).click();
  const owner = page.getByRole("row", { name: /organizer@demo\.test/ });
  assert.equal(await owner.getByRole("link", { name: "Remove" }).count(), 0, "the last owner stays");
  await page.getByLabel("E-mail").fill("admin@demo.test");
  await page.getByRole("radio", { name: /^finance/ }).check();
  await page.getByRole("button", { name: "Send the invitation" }).click();
  const member = page.getByRole("row", { name: /admin@demo\.test/ });
  await member.getByText(/^open until/).waitFor();
  await withVisitor(browser, {}, async (colleague) => {
    const there = await colleague.page();
    await followLetter(there, base, "admin@demo.test", /You are invited/, /\/invitations\//);
    await there.getByRole("main").getByRole("link", { name: "Sign in" }).click();
    await identify(there, { email: "admin@demo.test" });
    await there.getByRole("button", { name: "Accept" }).click();
    await there.waitForURL(/\/console/);
  });
  await page.reload();
  await member.getByRole("combobox").selectOption("manager");
  await member.getByRole("button", { name: "Set" }).click();
  await page.waitForLoadState();
  assert.equal(await member.getByRole("combobox").inputValue(), "manager");
  await member.getByRole("link", { name: "Remove" }).click();
  await page.getByRole("button", { name: "Remove" }).click();
  await page.getByRole("heading", { name: "Members" }).waitFor();
  assert.equal(await member.count(), 0);
}

/** @param {Page} page @param {string} base @param {string} event */
async function cancelIt(page, base, event) {
  await page.goto(`${base}/console/events/${event}`);
  await page.getByRole("link", { name: "Cancel the event" }).click();
  const figure = (/** @type {string} */ name) => page.locator(".figures div", { has: page.getByText(name, { exact: true }) }).locator("dd").first();
  assert.equal(await figure("Tickets void").innerText(), "3");
  assert.equal(await figure("Orders ended").innerText(), "2");
  await page.getByLabel(/write the event’s name/).fill(NAME);
  await page.getByRole("button", { name: "Cancel the event and refund everybody" }).click();
  await page.getByText(/^Cancelled\. Refunds go out/).waitFor();
  await page.goto(`${base}/events/${event}`);
  await page.getByText("This event is cancelled.").waitFor();
}

/** @param {Page} page @param {string} base @param {string} event */
async function readTheLog(page, base, event) {
  await page.goto(`${base}/console/events/${event}`);
  await page.getByRole("link", { name: "Audit log" }).click();
  const log = await page.getByRole("main").innerText();
  for (const deed of ["cancelled the event", "blocked seats", "removed"]) assert.ok(log.includes(deed), `${deed}: ${log}`);
}

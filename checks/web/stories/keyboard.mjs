// Buying with a keyboard alone: Tab, arrows, Enter and typing. The focus must be visible everywhere.

import assert from "node:assert/strict";
import { CARDS, somebody } from "../lib/shop.mjs";
import { mapReady } from "../lib/seat_map.mjs";
import { withVisitor } from "../lib/watch.mjs";

/** @typedef {import("../story.mjs").Stage} Stage */
/** @typedef {import("playwright-core").Page} Page */

/** More than the tab stops of any page. */
const MOST_STOPS = 150;

/** @param {Stage} stage */
export async function buyByKeyboard({ browser, base }) {
  await withVisitor(browser, {}, async (buyer) => {
    const page = await buyer.page();
    await page.goto(base);
    await skipToTheContent(page);
    await tabTo(page, "searchbox", /What would you like/);
    await page.keyboard.type("messiah");
    await page.getByRole("heading", { name: "1 event" }).waitFor();
    await follow(page, "link", /^Messiah$/);
    await follow(page, "link", /^Choose seats$/);
    await mapReady(page);
    await chooseOnTheMap(page);
    await follow(page, "button", /^Hold these seats$/);
    await payWithKeys(page);
    await page.getByRole("heading", { name: "You’re going!" }).waitFor();
    await follow(page, "link", /^Show ticket/);
    await page.getByText("Show this at the door.").waitFor();
  });
}

/** @param {Page} page */
async function skipToTheContent(page) {
  await page.keyboard.press("Tab");
  assert.match((await focused(page)).name, /^Skip to the content$/);
  await page.keyboard.press("Enter");
}

/** @param {Page} page */
async function chooseOnTheMap(page) {
  const map = page.locator(".seat-map");
  await tabTo(page, "application", /Seat map/);
  const said = map.locator("[aria-live=polite]");
  // Into a section, to a seat, and along its row.
  await page.keyboard.press("ArrowDown");
  await said.getByText(/left/).waitFor();
  await page.keyboard.press("Enter");
  await said.getByText(/available/).waitFor();
  await page.keyboard.press("Enter");
  await said.getByText(/1 in all/).waitFor();
  await page.keyboard.press("ArrowRight");
  await said.getByText(/available/).waitFor();
  await page.keyboard.press("Enter");
  await said.getByText(/2 in all/).waitFor();
  await page.locator("[data-tray]").getByText("2 tickets").waitFor();
}

/** @param {Page} page */
async function payWithKeys(page) {
  await page.waitForURL(/\/reservations\//);
  await typeInto(page, /^E-mail$/, somebody().email);
  await typeInto(page, /^Card number$/, CARDS.good);
  await typeInto(page, /^Expires$/, "12/39");
  await typeInto(page, /^Security code$/, "123");
  await page.keyboard.press("Enter");
}

/** @param {Page} page @param {RegExp} label @param {string} text */
async function typeInto(page, label, text) {
  await tabTo(page, "textbox", label);
  await page.keyboard.type(text);
}

/** Moves the focus to an element with Tab, and presses Enter. @param {Page} page @param {string} role @param {RegExp} name */
async function follow(page, role, name) {
  await tabTo(page, role, name);
  await page.keyboard.press("Enter");
}

/** Presses Tab until the element has the focus; the focus must be visible at every stop. @param {Page} page @param {string} role @param {RegExp} name */
async function tabTo(page, role, name) {
  await page.getByRole(/** @type {any} */ (role), { name }).first().waitFor();
  for (let stop = 0; stop < MOST_STOPS; stop += 1) {
    await page.keyboard.press("Tab");
    const at = await focused(page);
    assert.ok(at.body || at.seen, `the focus on "${at.name}" (${at.tag}) of ${page.url()} cannot be seen`);
    if (at.roles.includes(role) && name.test(at.name)) return;
  }
  assert.fail(`Tab never comes to ${role} ${name} on ${page.url()}`);
}

/** The focused element, and whether the focus is visible: by an outline of the element or of one around it. @param {Page} page */
function focused(page) {
  return page.evaluate(() => {
    const element = document.activeElement ?? document.body;
    const outlined = (/** @type {Element | null} */ it) => it !== null && getComputedStyle(it).outlineStyle !== "none" && parseFloat(getComputedStyle(it).outlineWidth) >= 2;
    const labels = /** @type {HTMLInputElement} */ (element).labels;
    const name = element.getAttribute("aria-label") ?? labels?.[0]?.textContent ?? element.textContent ?? "";
    const roles = [element.getAttribute("role") ?? "", { A: "link", BUTTON: "button", INPUT: "textbox", SUMMARY: "button" }[element.tagName] ?? ""];
    if (/** @type {HTMLInputElement} */ (element).type === "search") roles.push("searchbox");
    const box = element.getBoundingClientRect();
    const inView = box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight;
    const around = [element, element.closest(".card, .words, label, li"), element.parentElement];
    return { tag: element.tagName, name: name.replaceAll("\u00a0", " ").trim(), roles, body: element === document.body, seen: inView && around.some(outlined) };
  });
}

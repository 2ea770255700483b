// Steps that every buyer takes, with any input device: signing in, reading the checkout, paying with a card of the sandbox.

import assert from "node:assert/strict";

/** @typedef {import("playwright-core").Page} Page */

export const CARDS = { good: "4242 4242 4242 4242", declined: "4000 0000 0000 0002", asksTheBank: "4000 0025 0000 3155" };
export const PASSWORD = "demo-password";

let people = 0;

/** A person without an account. */
export function somebody() {
  people += 1;
  return { email: `visitor-${process.pid}-${people}@example.test`, name: `Visitor ${people}`, password: "four words in a row" };
}

/** The address of a demo event. @param {Page} page @param {string} base @param {string} name */
export async function eventAddress(page, base, name) {
  const answer = await page.request.get(`${base}/api/v1/events?q=${encodeURIComponent(name)}&limit=50`);
  const { events } = await answer.json();
  const found = events.find((/** @type {any} */ event) => event.name === name);
  assert.ok(found, `no event ${name}`);
  return `${base}/events/${found.event_id}`;
}

/** Fills the form for signing in or for registering, depending on which is shown. @param {Page} page @param {{email: string, password?: string, name?: string}} who */
export async function identify(page, { email, password = PASSWORD, name }) {
  await page.getByLabel("E-mail").fill(email);
  if (name) await page.getByLabel("Name").fill(name);
  await page.getByLabel("Password").fill(password);
  await page.locator("main button.primary").click();
}

/** @param {Page} page @param {string} base @param {string} email */
export async function signIn(page, base, email) {
  await page.goto(`${base}/sign-in?next=/events`);
  await identify(page, { email });
  await page.waitForURL(/\/events$/);
}

/** Makes an account at the checkout, which keeps the seats. @param {Page} page @param {ReturnType<typeof somebody>} who */
export async function registerAndHold(page, who) {
  await page.waitForURL(/\/reservations\//);
  await page.getByRole("button", { name: "Create an account" }).click();
  await page.waitForURL(/\/register/);
  await identify(page, who);
  await page.waitForURL(/\/reservations\//);
}

/** Asks for the best seats, sees which ones they are, and holds them. @param {Page} page @param {number} tickets */
export async function holdBest(page, tickets) {
  const best = page.locator("form", { has: page.getByRole("heading", { name: "Best available" }) });
  await best.getByLabel("Tickets").fill(String(tickets));
  await best.getByRole("button", { name: "Find best seats" }).click();
  await page.locator("[data-tray] li").nth(tickets - 1).waitFor();
  await page.getByRole("button", { name: "Hold these seats" }).first().click();
  await page.waitForURL(/\/reservations\//);
}

/** @param {Page} page @param {string} card */
export async function pay(page, card = CARDS.good) {
  await page.getByLabel("Card number").fill(card);
  await page.getByLabel("Expires").fill("12/39");
  await page.getByLabel("Security code").fill("123");
  await page.getByRole("button", { name: /^Pay / }).click();
}

/** Checks the order's page after paying. @param {Page} page @param {number} tickets */
export async function paid(page, tickets) {
  await page.waitForURL(/\/orders\/[^/]+$/);
  await page.getByRole("heading", { name: "You’re going!" }).waitFor();
  assert.equal(await page.getByRole("link", { name: /^Show ticket/ }).count(), tickets);
}

// Buying without an account: the seats are held at once, an e-mail address is enough, and signing in, registering or a new password keep the seats with their
// one time.

import assert from "node:assert/strict";
import { eventAddress, holdBest, identify, paid, pay, somebody } from "../lib/shop.mjs";
import { withVisitor } from "../lib/watch.mjs";

/** @typedef {import("../story.mjs").Stage} Stage */
/** @typedef {import("playwright-core").Page} Page */

/** Holds the best seats; returns the checkout's address. @param {Page} page @param {string} base @param {string} event @param {number} tickets */
async function hold(page, base, event, tickets) {
  await page.goto(`${await eventAddress(page, base, event)}/seats`);
  await holdBest(page, tickets);
  return page.url();
}

/** When the seats on the page go back. @param {Page} page */
async function end(page) {
  return Date.parse((await page.locator("[data-expires]").first().getAttribute("data-expires")) ?? "");
}

/** @param {Page} page @param {number} count */
async function holds(page, count) {
  const lines = page.getByRole("complementary", { name: "Your seats" }).locator("li", { hasText: /Row|Seat/ });
  await lines.nth(count - 1).waitFor();
  assert.equal(await lines.count(), count);
}

/** @param {Page} page @param {string} email */
async function payAsGuest(page, email) {
  await page.getByLabel("E-mail").fill(email);
  await pay(page);
}

/** @param {Stage} stage */
export async function buyAsAGuest({ browser, base }) {
  await withVisitor(browser, {}, async (guest) => {
    const page = await guest.page();
    const { email } = somebody();
    await hold(page, base, "Messiah", 2);
    const until = await end(page);
    await page.goto(`${base}/events`);
    await page.getByRole("complementary", { name: "Seats held for you" }).getByText(/2 seats held for you: \d+:\d\d/).waitFor();
    assert.equal(await end(page), until, "one time on every page");
    await page.getByRole("link", { name: "Checkout" }).click();
    await payAsGuest(page, email);
    await paid(page, 2);
    assert.equal(await page.getByRole("complementary", { name: "Seats held for you" }).count(), 0);
    await openFromTheLetter(browser, base, email);
  });
}

/** Opens the newest letter to somebody. @param {Page} page @param {string} base @param {string} email @param {RegExp} subject */
async function openLetter(page, base, email, subject) {
  const letter = page.locator("main li", { hasText: email }).getByRole("link", { name: subject }).first();
  // Letters are sent in the background.
  do await page.goto(`${base}/demo/mailbox`);
  while ((await letter.count()) === 0);
  await letter.click();
}

/** Opens the tickets on another device, with the link in the letter. @param {import("playwright-core").Browser} browser @param {string} base @param {string} email */
async function openFromTheLetter(browser, base, email) {
  await withVisitor(browser, {}, async (phone) => {
    const page = await phone.page();
    await openLetter(page, base, email, /Your tickets/);
    await page.locator("article").getByRole("link", { name: /\/orders\// }).first().click();
    await page.getByText("You opened this with the link from your e-mail.").waitFor();
    await page.getByRole("link", { name: /^Show ticket/ }).first().click();
    await page.getByText("Show this at the door.").waitFor();
    await page.goBack();
    await page.getByRole("link", { name: "Create an account to keep them" }).click();
    await page.getByLabel("E-mail").fill(email);
    await page.getByLabel("Name").fill("Ada");
    await page.getByRole("button", { name: "Create an account" }).click();
    await page.getByText("Your account is nearly ready.").waitFor();
    await openLetter(page, base, email, /password/i);
    await page.locator("article").getByRole("link", { name: /reset-password\?token=/ }).click();
    await page.getByLabel("New password").fill("four words of my own");
    await page.getByRole("button", { name: "Change the password" }).click();
    await page.getByRole("main").getByRole("link", { name: "Sign in" }).click();
    await identify(page, { email, password: "four words of my own" });
    await page.waitForURL(/\/orders$/);
    await page.getByRole("link", { name: "Messiah" }).waitFor();
  });
}

/** Without scripts: an e-mail address is enough, and signing in at the checkout merges the carts. @param {Stage} stage */
export async function signInAtCheckout({ browser, base }) {
  await withVisitor(browser, { javaScriptEnabled: false }, async (buyer) => {
    const page = await buyer.page();
    const who = somebody();
    await page.goto(`${base}/register?next=/events`);
    await identify(page, who);
    await page.waitForURL(/\/events$/);
    const own = await hold(page, base, "Messiah", 1);
    await withVisitor(browser, { javaScriptEnabled: false }, async (guest) => {
      const other = await guest.page();
      await hold(other, base, "Messiah", 2);
      await other.getByLabel("E-mail").fill(who.email);
      await other.getByRole("button", { name: "Sign in instead" }).click();
      await other.getByText("2 seats held for you").waitFor();
      assert.equal(await other.getByLabel("E-mail").inputValue(), who.email, "the address is kept");
      await identify(other, { email: who.email, password: who.password });
      await other.waitForURL(own);
      await holds(other, 3);
      await pay(other);
      await paid(other, 3);
    });
    await page.reload();
    await page.getByRole("heading", { name: "You’re going!" }).waitFor();
  });
}

/** @param {Stage} stage */
export async function passwordForgottenAtCheckout({ browser, base }) {
  await withVisitor(browser, {}, async (buyer) => {
    const page = await buyer.page();
    const who = somebody();
    await page.goto(`${base}/register?next=/account`);
    await identify(page, who);
    await page.getByRole("button", { name: "Sign out", exact: true }).click();
    const checkout = await hold(page, base, "Messiah", 2);
    const until = await end(page);
    await page.getByLabel("E-mail").fill(who.email);
    await page.getByRole("button", { name: "Sign in instead" }).click();
    await page.waitForURL(/\/sign-in/);
    await page.getByRole("button", { name: "Forgot your password?" }).click();
    await page.waitForURL(/\/forgot-password/);
    assert.equal(await page.getByLabel("E-mail").inputValue(), who.email);
    await page.getByRole("button", { name: "Send the link" }).click();
    await page.getByRole("heading", { name: "Check your e-mail" }).waitFor();
    await openLetter(page, base, who.email, /password/i);
    await page.locator("article").getByRole("link", { name: /reset-password\?token=/ }).click();
    assert.equal(await end(page), until, "the time goes on, in one place");
    await page.getByLabel("New password").fill("another four words here");
    await page.getByRole("button", { name: "Change the password" }).click();
    await page.getByRole("main").getByRole("link", { name: "Sign in" }).click();
    await page.waitForURL(/\/sign-in/);
    assert.equal(await page.getByLabel("E-mail").inputValue(), who.email);
    await identify(page, { email: who.email, password: "another four words here" });
    await page.waitForURL(checkout);
    await holds(page, 2);
    assert.equal(await end(page), until);
    await pay(page);
    await paid(page, 2);
  });
}

/** @param {Stage} stage */
export async function oneCartOneTime({ browser, base }) {
  await withVisitor(browser, {}, async (guest) => {
    const page = await guest.page();
    const checkout = await hold(page, base, "Messiah", 1);
    const until = await end(page);
    await page.getByRole("link", { name: "Add more seats" }).click();
    await page.waitForURL(/\/seats/);
    await hold(page, base, "Messiah", 2);
    assert.equal(page.url(), checkout, "one cart");
    await holds(page, 3);
    assert.equal(await end(page), until, "one time");
    await page.getByRole("button", { name: /^Remove / }).first().click();
    await holds(page, 2);
    assert.equal(await end(page), until);
  });
}

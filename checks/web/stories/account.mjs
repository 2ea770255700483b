// The life of an account: registered, confirmed by mail, password reset, signed in on two devices, data exported,
// deleted.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { followLetter } from "../lib/mailbox.mjs";
import { identify, somebody } from "../lib/shop.mjs";
import { visitor, withVisitor } from "../lib/watch.mjs";

/** @typedef {import("../story.mjs").Stage} Stage */
/** @typedef {import("playwright-core").Page} Page */

const OWN_WORDS = "the owner has the last word";

/** @param {Stage} stage */
export async function fromFirstToLast({ browser, base }) {
  await withVisitor(browser, {}, async (member) => {
    // In the end the account no longer exists.
    member.expect(/\/sign-in: error: .* status of 401/);
    const page = await member.page();
    const who = somebody();
    await page.goto(`${base}/register?next=/account`);
    await refusedFirst(page, member, who);
    await identify(page, who);
    await page.waitForURL(/\/account$/);
    await page.getByText("not confirmed yet").waitFor();
    await confirm(page, base, who);
    const password = await lostAndFound(page, base, who);
    await otherDevice(browser, page, base, { ...who, password });
    await rename(page);
    await takeAlong(page, who);
    const { password: last } = await takenOverAndBack(browser, page, base, { ...who, password });
    await leave(page, base, { ...who, password: last });
  });
}

/** A password that is one of the most common ones is refused. @param {Page} page @param {import("../lib/watch.mjs").Visitor} member @param {ReturnType<typeof somebody>} who */
async function refusedFirst(page, member, who) {
  member.expect(/\/register: error: .* status of 422/);
  await identify(page, { ...who, password: "password123" });
  await page.locator("[aria-invalid=true]").waitFor();
  assert.equal(await page.getByLabel("E-mail").inputValue(), who.email, "what was typed is still there");
}

/** @param {Page} page @param {string} base @param {ReturnType<typeof somebody>} who */
async function confirm(page, base, { email }) {
  await followLetter(page, base, email, /address|confirm|verify/i, /verify-email\?token=/);
  await page.getByRole("button", { name: "Confirm my address" }).click();
  await page.getByRole("heading", { name: "Your address is confirmed" }).waitFor();
  await page.goto(`${base}/account`);
  await page.getByText("confirmed", { exact: true }).waitFor();
}

/** @param {Page} page @param {string} base @param {ReturnType<typeof somebody>} who */
async function lostAndFound(page, base, { email, password: old }) {
  const password = "quite another four words";
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await page.goto(`${base}/sign-in`);
  await page.getByRole("button", { name: "Forgot your password?" }).click();
  await page.getByLabel("E-mail").fill(email);
  await page.getByRole("button", { name: "Send the link" }).click();
  await page.getByRole("heading", { name: "Check your e-mail" }).waitFor();
  await followLetter(page, base, email, /password/i, /reset-password\?token=/);
  await page.getByLabel("New password").fill(password);
  await page.getByRole("button", { name: "Change the password" }).click();
  await page.getByRole("heading", { name: "The password is changed" }).waitFor();
  await page.getByRole("main").getByRole("link", { name: "Sign in" }).click();
  await identify(page, { email, password });
  await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
  assert.notEqual(old, password);
  return password;
}

/** Signs in on another device, and ends that session from here. @param {import("playwright-core").Browser} browser @param {Page} page @param {string} base @param {{email: string, password: string}} who */
async function otherDevice(browser, page, base, { email, password }) {
  const phone = await visitor(browser);
  const there = await phone.page();
  await there.goto(`${base}/sign-in?next=/account`);
  await identify(there, { email, password });
  await there.waitForURL(/\/account$/);
  await page.goto(`${base}/account`);
  await page.getByText("This device").waitFor();
  await page.getByRole("button", { name: /^End/ }).first().click();
  await page.getByText("Another browser").waitFor({ state: "detached" });
  await there.reload();
  await there.waitForURL(/\/sign-in/);
  await phone.close();
}

/** @param {Page} page */
async function rename(page) {
  await page.getByLabel("Name").fill("Somebody Else");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved.").waitFor();
  assert.equal(await page.getByLabel("Name").inputValue(), "Somebody Else");
}

/** @param {Page} page @param {{email: string}} who */
async function takeAlong(page, { email }) {
  const coming = page.waitForEvent("download");
  await page.getByRole("link", { name: "Export" }).click();
  const path = await (await coming).path();
  assert.ok((await readFile(path, "utf8")).includes(email), "the export is about them");
}

/** Somebody who knows the password changes it, and the address. The letter to the former address takes the account back.
 * @param {import("playwright-core").Browser} browser @param {Page} page @param {string} base @param {{email: string, password: string}} who */
async function takenOverAndBack(browser, page, base, { email, password }) {
  await withVisitor(browser, {}, async (thief) => {
    thief.expect(/\/account\/email: error: .* status of 401/);
    const there = await thief.page();
    await there.goto(`${base}/sign-in?next=/account`);
    await identify(there, { email, password });
    await there.waitForURL(/\/account$/);
    const address = async (/** @type {string} */ secret) => {
      await there.getByLabel("New e-mail address").fill(`thief-${email}`);
      await there.getByLabel("Your password").fill(secret);
      await there.getByRole("button", { name: "Change the address" }).click();
    };
    await there.getByText("Change the e-mail address").click();
    await address("not the password");
    await there.getByText("Your current password is wrong.").waitFor();
    assert.equal(await there.getByLabel("New e-mail address").inputValue(), `thief-${email}`, "what was typed is still there");
    await address(password);
    await there.getByText("We have sent a link to the new address").waitFor();
    await there.getByText("Change the password").first().click();
    await there.getByLabel("Current password").fill(password);
    await there.getByLabel("New password").fill("three stolen words");
    await there.getByRole("button", { name: "Change the password" }).click();
    await there.getByText("Your password is changed.").waitFor();
    await followLetter(page, base, email, /new e-mail address/i, /undo-email\?token=/);
    await page.getByLabel("New password").fill(OWN_WORDS);
    await page.getByRole("button", { name: "Take my account back" }).click();
    await page.getByRole("heading", { name: "Your account is yours again" }).waitFor();
    await there.reload();
    await there.waitForURL(/\/sign-in/);
  });
  await page.getByRole("main").getByRole("link", { name: "Sign in" }).click();
  await identify(page, { email, password: OWN_WORDS });
  await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
  await page.goto(`${base}/account`);
  await page.getByText("confirmed", { exact: true }).waitFor();
  return { password: OWN_WORDS };
}

/** @param {Page} page @param {string} base @param {{email: string, password: string}} who */
async function leave(page, base, { email, password }) {
  await page.getByText("Delete the account").click();
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Delete for ever" }).click();
  await page.waitForURL((url) => !url.pathname.startsWith("/account"));
  await page.goto(`${base}/sign-in`);
  await identify(page, { email, password });
  await page.getByRole("alert").waitFor();
}

// The life of an account: registered, confirmed by mail, password reset, signed in on two devices, data exported,
// deleted.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { followLetter } from "../lib/mailbox.mjs";
import { identify, somebody } from "../lib/shop.mjs";
import { visitor, withVisitor } from "../lib/watch.mjs";

/** @typedef {import("../story.mjs").Stage} Stage */
/** @typedef {import("playwright-core").Page} Page */

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
    await leave(page, base, { ...who, password });
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
  await page.getByRole("button", { name: "This is my address" }).click();
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
  await page.getByRole("heading", { name: "Check your mail" }).waitFor();
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

/** @param {Page} page @param {string} base @param {{email: string, password: string}} who */
async function leave(page, base, { email, password }) {
  await page.getByText("Delete the account").click();
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Delete for ever" }).click();
  await page.waitForURL((url) => !url.pathname.startsWith("/account"));
  await page.goto(`${base}/sign-in`);
  await identify(page, { email, password });
  await page.getByRole("alert").waitFor();
}

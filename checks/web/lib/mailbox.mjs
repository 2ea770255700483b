// The demo's mailbox, in which the stories read letters.

/** @typedef {import("playwright-core").Page} Page */

/** Opens the newest letter to somebody and follows its link. @param {Page} page @param {string} base @param {string} email @param {RegExp} subject @param {RegExp} link */
export async function followLetter(page, base, email, subject, link) {
  const letter = page.locator("main li", { hasText: email }).getByRole("link", { name: subject }).first();
  // Letters are sent in the background.
  await reloadUntil(page, `${base}/demo/mailbox`, letter);
  await letter.click();
  await page.locator("article").getByRole("link", { name: link }).click();
}

/** Reloads the page until the element exists, or the test times out. @param {Page} page @param {string} url @param {import("playwright-core").Locator} what */
async function reloadUntil(page, url, what) {
  do await page.goto(url);
  while ((await what.count()) === 0);
}

// Browsers that record every complaint in the console. Only complaints that a check expects are allowed.

import assert from "node:assert/strict";
import { chromium } from "./tools.mjs";

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const DESKTOP = { viewport: { width: 1280, height: 900 } };
export const DEVICES = { phone: PHONE, desktop: DESKTOP };

/** Debian's Chromium. */
export function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
}

/** A visitor: a browser context and the complaints recorded in it. */
export class Visitor {
  /** @param {import("playwright-core").BrowserContext} context */
  constructor(context) {
    this.context = context;
    /** @type {string[]} */
    this.complaints = [];
    /** @type {RegExp[]} */
    this.expected = [];
  }

  /** A new page of this visitor. */
  async page() {
    const page = await this.context.newPage();
    page.setDefaultTimeout(30_000);
    page.on("pageerror", (error) => this.complaints.push(`${page.url()}: error: ${error.stack ?? error.message}`));
    page.on("console", (message) => {
      const text = message.text();
      const bad = message.type() === "error" || message.type() === "warning" || text.startsWith(VIOLATION);
      if (bad) this.complaints.push(`${page.url()}: ${message.type()}: ${text} (${message.location().url})`);
    });
    page.on("crash", () => this.complaints.push(`${page.url()}: crashed`));
    return page;
  }

  /** From now on complaints that match are expected: a refused form, for example, is a 4xx, which the console shows. @param {RegExp} pattern */
  expect(pattern) {
    this.expected.push(pattern);
  }

  async close() {
    await this.context.close();
    const left = this.complaints.filter((complaint) => !this.expected.some((pattern) => pattern.test(complaint)));
    assert.deepEqual(left, [], "the console stays empty");
  }
}

const VIOLATION = "securitypolicyviolation";

/**
 * A new visitor.
 * @param {import("playwright-core").Browser} browser @param {import("playwright-core").BrowserContextOptions} [options]
 */
export async function visitor(browser, options = {}) {
  const context = await browser.newContext({ ...DESKTOP, locale: "en-US", ...options });
  await context.addInitScript((name) => {
    addEventListener("securitypolicyviolation", (event) => console.error(`${name}: ${event.violatedDirective} ${event.blockedURI}`));
  }, VIOLATION);
  return new Visitor(context);
}

/** Runs `story` with a visitor, and then checks the visitor's console. @param {import("playwright-core").Browser} browser @param {object} options @param {(visitor: Visitor) => Promise<void>} story */
export async function withVisitor(browser, options, story) {
  const somebody = await visitor(browser, options);
  try {
    await story(somebody);
  } catch (error) {
    for (const complaint of somebody.complaints) console.error(complaint);
    for (const page of somebody.context.pages()) await evidence(page);
    await somebody.context.close();
    throw error;
  }
  await somebody.close();
}

let failures = 0;

/** Saves a picture of the page at the time of a failure. @param {import("playwright-core").Page} page */
async function evidence(page) {
  const path = `target/pages/failure-${(failures += 1)}.png`;
  const taken = await page.screenshot({ path, fullPage: true, timeout: 5_000 }).then(() => path, String);
  console.error(`the page was ${page.url()}, see ${taken}`);
}

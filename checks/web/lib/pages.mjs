// All pages, as a list of functions that open them: for checks of every page.

import { buys } from "./crowd.mjs";
import { CARDS, eventAddress, paid, pay, signIn } from "./shop.mjs";
import { mapReady } from "./seat_map.mjs";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {{name: string, open: (page: Page, base: string) => Promise<unknown>}} Stop */

/** @param {string} path @returns {Stop["open"]} */
const at = (path) => (page, base) => page.goto(`${base}${path}`);

/** @param {string} event @param {string} [rest] @returns {Stop["open"]} */
const ofEvent = (event, rest = "") => async (page, base) => {
  await page.goto((await eventAddress(page, base, event)) + rest);
  // An event with standing places alone has no map.
  if (await page.locator(".seat-map").count()) await mapReady(page);
};

/** The page of an event's venue. @param {string} event @returns {Stop["open"]} */
function venueOf(event) {
  return async (page, base) => {
    await page.goto(await eventAddress(page, base, event));
    await page.locator("a[href^='/venues/']").first().click();
    await page.waitForURL(/\/venues\//);
  };
}

/** Public pages. @type {Stop[]} */
export const PUBLIC = [
  { name: "start", open: at("/") },
  { name: "found", open: at("/events?q=sea&category=classical&sort=price") },
  { name: "tonight", open: at("/events?when=today") },
  { name: "near me", open: at("/#near") },
  { name: "prices in several currencies", open: at("/events?max_price=40") },
  { name: "artist", open: at("/artists/City%20Hawks") },
  { name: "venue", open: venueOf("A Cello Alone") },
  { name: "nothing found", open: at("/events?q=zzzzzz") },
  { name: "event on sale", open: ofEvent("A Cello Alone") },
  { name: "event not yet on sale", open: ofEvent("Halcyon") },
  { name: "event sold out", open: ofEvent("Opening Gala") },
  { name: "seats", open: ofEvent("A Cello Alone", "/seats") },
  { name: "seats of a list", open: ofEvent("A Cello Alone", "/seats?section=Stalls&row=C&seat=33") },
  { name: "seats of a stadium", open: ofEvent("Aurora: The Northern Lights Tour", "/seats") },
  { name: "seats of an arena", open: ofEvent("Ice Fantasia", "/seats") },
  { name: "standing places", open: ofEvent("Vinyl Only", "/seats") },
  { name: "seats not yet on sale", open: ofEvent("Halcyon", "/seats") },
  { name: "sign in", open: at("/sign-in") },
  { name: "register", open: at("/register") },
  { name: "forgotten password", open: at("/forgot-password") },
  { name: "new password", open: at("/reset-password?token=x") },
  { name: "confirm address", open: at("/verify-email?token=x") },
  { name: "mailbox", open: at("/demo/mailbox") },
];

/** Error pages; browsers report their status in the console. @type {Stop[]} */
export const REFUSALS = [
  { name: "not found", open: at("/nowhere") },
  { name: "event not found", open: at("/events/00000000-0000-4000-8000-000000000000") },
];

/** Pages of a guest, in the order of buying. @type {Stop[]} */
export const GUEST = [
  { name: "seats chosen by a guest", open: ofEvent("Vinyl Only", "/seats") },
  { name: "checkout of a guest", open: holdPlaces },
  { name: "seats held while signing in", open: (page) => page.getByRole("button", { name: "Sign in instead" }).click() },
  { name: "seats held on a public page", open: at("/events") },
  { name: "guest's account", open: at("/account") },
];

/** Pages of a signed-in buyer, in the order of buying. @type {Stop[]} */
export const PERSONAL = [
  { name: "signed in", open: (page, base) => signIn(page, base, "buyer@demo.test") },
  { name: "no tickets", open: at("/orders") },
  { name: "seats chosen", open: ofEvent("A Cello Alone", "/seats?seat=40&seat=41") },
  { name: "checkout", open: hold },
  { name: "declined", open: (page) => payAndSee(page, CARDS.declined, /\?declined=/) },
  { name: "asked by the bank", open: (page) => payAndSee(page, CARDS.asksTheBank, /\/orders\//) },
  { name: "bank", open: (page) => page.getByRole("link", { name: "Continue to your bank" }).click() },
  { name: "order", open: approve },
  { name: "ticket", open: (page) => page.getByRole("link", { name: /^Show ticket/ }).first().click() },
  { name: "orders", open: at("/orders") },
  { name: "account", open: at("/account") },
  { name: "message", open: readNewest },
];

/** @param {Page} page */
async function holdPlaces(page) {
  await page.getByRole("button", { name: "Get tickets" }).click();
  await page.waitForURL(/\/reservations\//);
}

/** @param {Page} page */
async function hold(page) {
  await page.getByRole("button", { name: "Hold these seats" }).first().click();
  await page.waitForURL(/\/reservations\//);
  await page.getByText("Test cards").click();
}

/** @param {Page} page @param {string} card @param {RegExp} then */
async function payAndSee(page, card, then) {
  await pay(page, card);
  await page.waitForURL(then);
}

/** @param {Page} page */
async function approve(page) {
  await page.getByRole("button", { name: "Approve" }).click();
  await paid(page, 2);
}

/** @param {Page} page @param {string} base */
async function readNewest(page, base) {
  await page.goto(`${base}/demo/mailbox`);
  await page.locator("main li a").first().click();
  await page.locator("article").waitFor();
}

const IDS = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
const MOST_PAGES = 60;

/**
 * Every kind of page that is linked from the console's first page, with a name; for events, those of an event that has sold something.
 * @param {Page} page @param {string} base
 */
export async function* consolePages(page, base) {
  const event = (await eventAddress(page, base, "A Cello Alone")).split("/").at(-1) ?? "";
  await buys(base, event, { best_available: { quantity: 2 } });
  await signIn(page, base, "organizer@demo.test");
  /** @type {Map<string, string>} */
  const known = new Map([["/console", "/console"], ["/console/events/…", `/console/events/${event}`]]);
  for (const [kind, address] of known) {
    const answer = await page.goto(base + address);
    if (!answer?.headers()["content-type"]?.startsWith("text/html")) continue;
    const map = page.locator(".sm[data-ready]");
    if (await page.locator(".sm").count()) await map.first().waitFor();
    yield kind;
    for (const link of await linksOf(page, base)) {
      const kind = link.pathname.replace(IDS, "…");
      if (!known.has(kind) && known.size < MOST_PAGES) known.set(kind, link.pathname + link.search);
    }
  }
}

/** The pages of the console that this page links to. @param {Page} page @param {string} base */
async function linksOf(page, base) {
  const links = page.locator("a[href]:not([download])");
  const addresses = await links.evaluateAll((links) => links.map((link) => /** @type {HTMLAnchorElement} */ (link).href));
  const urls = addresses.map((address) => new URL(address));
  return urls.filter(({ origin, pathname }) => origin === base && pathname.startsWith("/console") && !/\.\w+$/.test(pathname));
}

// The pictures in docs/screenshots, from a demo that has sold a little: light and dark, phone and desktop. `node screenshots.mjs FAIRSEAT`

import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { buys } from "./lib/crowd.mjs";
import { mapReady, placeOf, planOf, seatOf } from "./lib/seat_map.mjs";
import { startDemo } from "./lib/server.mjs";
import { eventAddress, paid, pay, signIn } from "./lib/shop.mjs";
import { ROOT } from "./lib/tools.mjs";
import { DEVICES, launch, visitor } from "./lib/watch.mjs";

/** @typedef {import("playwright-core").Page} Page */

const FOLDER = `${ROOT}docs/screenshots`;
const EVENT = "Jazz at Vespers";
/** The largest picture, in bytes: a README must load quickly. */
const MOST_BYTES = 150 * 1024;

/** The middle seats of the rows in the pictures stay free. */
const isLeft = (/** @type {number} */ seat) => [9, 10].includes(seat % 16) && seat < 160;
/** Indexes of sold seats: groups of two and three, more in the stalls than in the circle. */
const SOLD = Array.from({ length: 44 }, (_, at) => (at < 34 ? [0, 1, 2].slice(at % 3 ? 0 : 1).map((seat) => at * 5 - (at * at) % 3 + 2 + seat) : [0, 1].map((seat) => 164 + (at - 34) * 7 + seat)))
  .map((seats) => seats.filter((seat) => !isLeft(seat) && seat < 240))
  .filter((seats) => seats.length > 0);
const HELD = [[232, 233], [236, 237]];

/** @param {string} base @param {string} event */
async function sellALittle(base, event) {
  for (const seat_indexes of SOLD) await buys(base, event, { seat_indexes });
  for (const seat_indexes of HELD) await buys(base, event, { seat_indexes }, false);
}

/** @param {Page} page @param {string} name */
async function picture(page, name) {
  await page.evaluate(() => document.fonts.ready);
  await page.waitForLoadState("networkidle");
  const browser = await page.context().newCDPSession(page);
  // Take the first quality that gives a small enough file.
  for (const quality of [82, 65, 45]) {
    const { data } = await browser.send("Page.captureScreenshot", { format: "webp", quality });
    const bytes = Buffer.from(data, "base64");
    if (bytes.length > MOST_BYTES) continue;
    await writeFile(`${FOLDER}/${name}.webp`, bytes);
    return;
  }
  assert.fail(`${name} is larger than ${MOST_BYTES} bytes`);
}

/** Takes all pictures for one device and colour scheme. @param {import("playwright-core").Browser} browser @param {string} base @param {keyof typeof DEVICES} device @param {"light" | "dark"} colorScheme */
async function take(browser, base, device, colorScheme) {
  const look = { ...DEVICES[device], colorScheme, reducedMotion: /** @type {const} */ ("reduce"), deviceScaleFactor: device === "phone" ? 2 : 1.25 };
  const somebody = await visitor(browser, look);
  const page = await somebody.page();
  const shot = (/** @type {string} */ name) => picture(page, `${name}-${device}-${colorScheme}`);
  await page.goto(base);
  await shot("start");
  const event = await eventAddress(page, base, EVENT);
  await page.goto(event);
  await shot("event");
  await signIn(page, base, "buyer@demo.test");
  await page.goto(`${event}/seats`);
  await chooseTwo(page);
  await shot("seats");
  await page.getByRole("button", { name: "Hold these seats" }).first().click();
  await page.waitForURL(/\/reservations\//);
  await shot("checkout");
  await pay(page);
  await paid(page, 2);
  await page.getByRole("link", { name: /^Show ticket/ }).first().click();
  await page.getByText("Saved on this device").waitFor();
  await shot("ticket");
  await dashboard(page, base, event, shot);
  await somebody.close();
}

let row = 0;

/** Chooses two seats in the middle of a row from which no earlier round bought. @param {Page} page */
async function chooseTwo(page) {
  await mapReady(page);
  const plan = await planOf(page);
  const label = "CEGI"[row++] ?? "A";
  for (const number of [10, 11]) {
    const { x, y } = await placeOf(page, plan, seatOf(plan, "Stalls", label, number));
    await page.mouse.click(x, y);
  }
  await page.locator("[data-tray]").getByText("2 tickets").waitFor();
  await page.mouse.move(0, 0);
  await page.evaluate(() => scrollTo(0, 0));
}

/** @param {Page} page @param {string} base @param {string} event @param {(name: string) => Promise<void>} shot */
async function dashboard(page, base, event, shot) {
  await page.context().clearCookies();
  await signIn(page, base, "organizer@demo.test");
  await page.goto(`${base}/console/events/${event.split("/").at(-1)}`);
  await page.locator(".sm[data-ready]").first().waitFor();
  // The height shows the house below the sales, and nothing after it.
  const { width } = page.viewportSize() ?? { width: 1280 };
  await page.setViewportSize({ width, height: 1400 });
  const end = await page.locator("[data-heat-legend]").evaluate((legend) => legend.getBoundingClientRect().bottom);
  await page.setViewportSize({ width, height: Math.ceil(end) + 24 });
  await shot("dashboard");
}

const demo = await startDemo();
const browser = await launch();
try {
  await mkdir(FOLDER, { recursive: true });
  const address = await eventAddress(await (await visitor(browser)).page(), demo.base, EVENT);
  await sellALittle(demo.base, address.split("/").at(-1) ?? "");
  for (const device of /** @type {const} */ (["desktop", "phone"])) {
    for (const colorScheme of /** @type {const} */ (["light", "dark"])) await take(browser, demo.base, device, colorScheme);
  }
} finally {
  await browser.close();
  await demo.stop();
}

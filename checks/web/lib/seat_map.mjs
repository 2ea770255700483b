// The positions of seats on the screen, computed by the map's own geometry and camera outside the browser, from the same plan.

import assert from "node:assert/strict";
import { ROOT } from "./tools.mjs";

const { readGeometry } = await import(`${ROOT}crates/web/static/js/map/geometry.js`);
const { fit, toView } = await import(`${ROOT}crates/web/static/js/map/camera.js`);

/** @typedef {import("playwright-core").Page} Page */

/** Waits until the map can be used. @param {Page} page */
export async function mapReady(page) {
  await page.locator(".seat-map[data-ready]").waitFor();
}

/** The plan of the seats page that is shown. @param {Page} page */
export async function planOf(page) {
  const path = await page.locator(".seat-map").getAttribute("data-map");
  assert.ok(path);
  const answer = await page.request.get(new URL(path, page.url()).href);
  assert.ok(answer.ok());
  return readGeometry(await answer.json());
}

/** The number of a seat by its names. @param {any} plan @param {string} section @param {string} row @param {string | number} number */
export function seatOf(plan, section, row, number) {
  const at = plan.rows.findIndex((/** @type {any} */ it) => it.label === row && plan.sections[it.section].name === section);
  assert.ok(at >= 0, `no row ${row} in ${section}`);
  const seat = [...plan.rows[at].seats].find((it) => String(plan.number(it)) === String(number));
  assert.ok(seat !== undefined, `no seat ${number} in row ${row}`);
  return seat;
}

/** The position of a seat on the page while the whole plan is shown. @param {Page} page @param {any} plan @param {number} seat */
export async function placeOf(page, plan, seat) {
  const canvas = page.locator(".sm-canvas");
  await canvas.scrollIntoViewIfNeeded();
  const box = await canvas.boundingBox();
  assert.ok(box);
  const size = { width: box.width, height: box.height };
  const at = toView(fit({ box: plan.box, pitch: plan.pitch, inset: box.width < 640 ? 14 : 28 }, size), size, plan.x[seat], plan.y[seat]);
  return { x: box.x + at.x, y: box.y + at.y };
}

/** The map's tooltip for a seat under the pointer. @param {Page} page @param {any} plan @param {number} seat */
export async function pointAt(page, plan, seat) {
  const { x, y } = await placeOf(page, plan, seat);
  await page.mouse.move(x, y);
  return page.locator(".sm-card");
}

/**
 * Remembers how a seat is drawn now. `changed` waits until it is drawn differently.
 * @param {Page} page @param {any} plan @param {number} seat
 */
export async function picture(page, plan, seat) {
  const { x, y } = await placeOf(page, plan, seat);
  const read = (/** @type {{x: number, y: number, before?: string}} */ { x, y, before }) => {
    const canvas = /** @type {HTMLCanvasElement} */ (document.querySelector(".sm-canvas"));
    const box = canvas.getBoundingClientRect();
    const dense = canvas.width / box.width;
    const side = 12 * dense;
    // Reads from a copy, because reading from the map's own canvas would make that canvas slow.
    const copy = new OffscreenCanvas(side, side).getContext("2d", { willReadFrequently: true });
    copy?.drawImage(canvas, (x - box.left - 6) * dense, (y - box.top - 6) * dense, side, side, 0, 0, side, side);
    const now = copy?.getImageData(0, 0, side, side).data.join();
    return now !== before && now;
  };
  const before = await page.evaluate(read, { x, y });
  return { changed: () => page.waitForFunction(read, { x, y, before: String(before) }) };
}

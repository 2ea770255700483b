// Records how fast the pages on the way to a ticket are: Lighthouse's scores on a phone and on a desktop, and when the map of 100,000 seats is drawn
// over Fast 3G on a processor four times slower. Writes the last section of docs/benchmarks.md; nothing is asserted. `node lighthouse.mjs FAIRSEAT`

import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { startDemo } from "./lib/server.mjs";
import { mapReady } from "./lib/seat_map.mjs";
import { eventAddress, holdBest, signIn } from "./lib/shop.mjs";
import { ROOT, chromium } from "./lib/tools.mjs";
import { DEVICES } from "./lib/watch.mjs";

const VERSION = "13.5.0";
const FOLDER = `${ROOT}target/lighthouse`;
const PORT = 9333;
const TITLE = "## Pages in the browser";
const RUNS = Number(process.env.RUNS ?? 3);
/** Chrome's Fast 3G: bytes a second, milliseconds. */
const FAST_3G = { offline: false, downloadThroughput: (1.6 * 1024 * 1024 * 0.9) / 8, uploadThroughput: (750 * 1024 * 0.9) / 8, latency: 150 * 3.75 };

/** Lighthouse is large and needed by nobody else, so it is installed here. */
async function lighthouse() {
  if (!existsSync(`${FOLDER}/node_modules/lighthouse`)) {
    mkdirSync(FOLDER, { recursive: true });
    execFileSync("npm", ["install", "--silent", "--no-audit", "--no-fund", "--prefix", FOLDER, `lighthouse@${VERSION}`], { stdio: "inherit" });
  }
  const path = createRequire(`${FOLDER}/package.json`).resolve("lighthouse");
  return import(path);
}

/** @param {number[]} values */
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

/** @param {any} run @param {any} desktop @param {string} url @param {boolean} phone @param {string} cookie */
async function scores(run, desktop, url, phone, cookie) {
  const flags = { port: PORT, logLevel: "error", output: "json", disableStorageReset: cookie !== "", extraHeaders: cookie ? { Cookie: cookie } : {} };
  /** @type {Record<string, number[]>} */
  const all = {};
  for (let at = 0; at < RUNS; at += 1) {
    const { lhr } = await run(url, { ...flags, onlyCategories: ["performance", "accessibility", "best-practices", "seo"] }, phone ? undefined : desktop);
    const measured = {
      performance: lhr.categories.performance.score * 100,
      accessibility: lhr.categories.accessibility.score * 100,
      practices: lhr.categories["best-practices"].score * 100,
      seo: lhr.categories.seo.score * 100,
      lcp: lhr.audits["largest-contentful-paint"].numericValue / 1000,
      tbt: lhr.audits["total-blocking-time"].numericValue,
      cls: lhr.audits["cumulative-layout-shift"].numericValue,
      bytes: lhr.audits["total-byte-weight"].numericValue / 1024,
    };
    for (const [name, value] of Object.entries(measured)) (all[name] ??= []).push(value);
  }
  return Object.fromEntries(Object.entries(all).map(([name, values]) => [name, median(values)]));
}

/** When the map can be used, in seconds from the start of the navigation. @param {import("playwright-core").Browser} browser @param {string} url */
async function mapDrawn(browser, url) {
  const times = [];
  for (let at = 0; at < RUNS; at += 1) {
    const context = await browser.newContext({ ...DEVICES.phone, serviceWorkers: "block" });
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    await session.send("Network.enable");
    await session.send("Network.emulateNetworkConditions", FAST_3G);
    await session.send("Emulation.setCPUThrottlingRate", { rate: 4 });
    await page.addInitScript(() => addEventListener("seat-map-ready", () => (/** @type {any} */ (window).drawn = performance.now()), true));
    await page.goto(url, { waitUntil: "commit" });
    await mapReady(page);
    times.push((await page.evaluate(() => /** @type {any} */ (window).drawn)) / 1000);
    await context.close();
  }
  return median(times);
}

const { default: run, desktopConfig } = await lighthouse();
const demo = await startDemo();
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", `--remote-debugging-port=${PORT}`] });
try {
  const context = await browser.newContext({});
  const page = await context.newPage();
  const event = await eventAddress(page, demo.base, "A Cello Alone");
  const stadium = await eventAddress(page, demo.base, "Aurora: The Northern Lights Tour");
  await signIn(page, demo.base, "buyer@demo.test");
  await page.goto(`${event}/seats`);
  await mapReady(page);
  await holdBest(page, 2);
  const cookie = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
  const pages = [["start", `${demo.base}/`, ""], ["event", event, ""], ["seats of a hall", `${event}/seats`, ""], ["seats of a stadium", `${stadium}/seats`, ""], ["checkout", page.url(), cookie]];
  const lines = [];
  for (const [name, url, session] of pages) {
    for (const phone of [true, false]) {
      const { performance, accessibility, practices, seo, lcp, tbt, cls, bytes } = await scores(run, desktopConfig, url, phone, session);
      lines.push(`| ${name} | ${phone ? "phone" : "desktop"} | ${performance.toFixed(0)} | ${accessibility.toFixed(0)} | ${practices.toFixed(0)} | ${seo.toFixed(0)} | ${lcp.toFixed(2)} | ${tbt.toFixed(0)} | ${cls.toFixed(3)} | ${bytes.toFixed(0)} |`);
      console.log(lines.at(-1));
    }
  }
  const drawn = [["A Cello Alone", event], ["Aurora, 100,000 seats", stadium]];
  const maps = [];
  for (const [name, url] of drawn) maps.push(`| ${name} | ${(await mapDrawn(browser, `${url}/seats`)).toFixed(2)} |`);
  console.log(maps.join("\n"));
  const when = new Date().toISOString().slice(0, 10);
  const document = `${ROOT}docs/benchmarks.md`;
  // The benchmark writes the sections before this one, and keeps it.
  const [others] = readFileSync(document, "utf8").split(`\n${TITLE}\n`);
  writeFileSync(document, `${others}
${TITLE}

How fast the pages on the way to a ticket are. Written by \`node checks/web/lighthouse.mjs target/debug/fairseat\`, which is run by hand: a time depends on the machine, so
no test asserts it. What moves while a page is loaded and how many bytes it sends are tested (\`checks/web/stillness.mjs\`, \`checks/web/budgets.mjs\`).

Measured on ${when}, ${cpus().length} × ${cpus()[0]?.model ?? "?"}, Chromium ${browser.version()}, Lighthouse ${VERSION}, medians of ${RUNS} runs. The server runs on the same
machine${/\bdebug\b/.test(process.argv[2] ?? "") ? ", built for debugging" : ""}. The phone is Lighthouse's: slow 4G, a processor four times slower.

| page | | performance | accessibility | best practices | SEO | LCP, s | blocked, ms | layout shift | KB |
| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
${lines.join("\n")}

Seats, checkout and account pages ask search engines not to index them, which lowers their SEO.

When the map can be used after a first visit over Fast 3G (1.44 Mbit/s, 563 ms), on a processor four times slower:

| map | s |
| --- | ---: |
${maps.join("\n")}
`);
} finally {
  await browser.close();
  await demo.stop();
}

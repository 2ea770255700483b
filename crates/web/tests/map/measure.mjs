// How fast the seat map is on a slow phone: `node measure.mjs URL [--throttle 4] [--json]`, where URL is an event's seats page. Needs
// playwright-core (PLAYWRIGHT_CORE names its folder, else it is resolved as usual) and Chromium (CHROMIUM, else /usr/bin/chromium). Fails
// when a bound is broken; with --json it prints one line and checks no bound.
//
// Measures from navigation to a usable map, what a frame costs at each level, with the shares of copying tiles and painting changed seats, and
// the longest task while the map is dragged under 5,000 made-up changes a second, which come through the map's own WebSocket. Tasks are those
// of the page's main thread in the browser's own trace.

import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const BOUNDS = { blitMs: 4, taskMs: 100 };
const CHANGES_PER_SECOND = 5_000;
const PAN_SECONDS = 6;

const url = process.argv[2];
const throttle = Number(process.argv[process.argv.indexOf("--throttle") + 1] || 4) || 4;
const asJson = process.argv.includes("--json");
if (!url) throw new Error("which page? node measure.mjs URL");

async function playwright() {
  const require = createRequire(process.env.PLAYWRIGHT_CORE ? `${process.env.PLAYWRIGHT_CORE}/` : import.meta.url);
  const path = require.resolve(process.env.PLAYWRIGHT_CORE || "playwright-core");
  const loaded = await import(pathToFileURL(path));
  return loaded.chromium ?? loaded.default.chromium;
}

/** Runs in the page before anything else: says when the map is ready, and lets made-up frames come out of real sockets. */
function instrument() {
  // The map measures its frames inside an element with `data-measure`.
  const ask = () => document.documentElement?.setAttribute("data-measure", "");
  ask();
  new MutationObserver((_, observer) => document.documentElement && (ask(), observer.disconnect())).observe(document, { childList: true });
  // Written to the console, because asking the page for values costs as much time as the map itself.
  new PerformanceObserver((list) => {
    const [ready] = list.getEntriesByName("seat-map-ready");
    if (ready) console.log(`seat-map-ready ${Math.round(ready.startTime)}`);
  }).observe({ type: "mark", buffered: true });
  const Real = window.WebSocket;
  window.sockets = [];
  window.WebSocket = class extends Real {
    constructor(...parts) {
      super(...parts);
      window.sockets.push(this);
    }
  };
  // Versions above any of the server and growing with every frame, because the map ignores older versions.
  let version = 2 ** 40;
  window.flood = (seats, perSecond) => {
    const [socket] = window.sockets;
    // As the server does: gathered for a tenth of a second, one frame.
    return setInterval(() => {
      const count = perSecond / 10;
      const bytes = new ArrayBuffer(20 + count * 4);
      const view = new DataView(bytes);
      [0x46, 0x53, 0x41, 0x31, 1].forEach((byte, at) => view.setUint8(at, byte));
      view.setBigUint64(8, BigInt((version += 1)), true);
      view.setUint32(16, count, true);
      for (let at = 0; at < count; at += 1) view.setUint32(20 + at * 4, Math.floor(Math.random() * seats) * 4 + Math.floor(Math.random() * 3), true);
      socket.dispatchEvent(new MessageEvent("message", { data: bytes }));
    }, 100);
  };
  window.timings = (name) => {
    const all = performance.getEntriesByName(name).map((entry) => entry.duration).sort((a, b) => a - b);
    performance.clearMeasures(name);
    const at = (part) => Number((all[Math.min(Math.floor(all.length * part), all.length - 1)] ?? 0).toFixed(2));
    return { frames: all.length, median: at(0.5), p95: at(0.95), most: at(1) };
  };
}

/** The longest tasks of the page between the marks `NAME:begin` and `NAME:end`, by name; loading begins with the trace. */
function longestTasks(trace, names) {
  const marks = new Map(trace.filter(({ cat }) => cat?.includes("blink.user_timing")).map((event) => [event.name, event]));
  const page = marks.get("seat-map-ready");
  const tasks = trace.filter(({ name, pid, tid }) => name === "ThreadControllerImpl::RunTask" && pid === page.pid && tid === page.tid);
  // Chromium 156 writes no duration for tasks that took no time.
  const longest = (from, to) => Math.round(Math.max(0, ...tasks.filter(({ ts }) => ts >= from && ts < to).map(({ dur = 0 }) => dur / 1000)));
  const during = (name) => [name, longest(marks.get(`${name}:begin`).ts, marks.get(`${name}:end`).ts)];
  return Object.fromEntries([["loading", longest(0, page.ts)], ...names.map(during)]);
}

async function drag(page, seconds, middle) {
  const until = Date.now() + seconds * 1000;
  let turn = 0;
  while (Date.now() < until) {
    const angle = (turn += 1) * 0.9;
    await page.mouse.move(middle.x, middle.y);
    await page.mouse.down();
    for (let step = 1; step <= 12; step += 1) await page.mouse.move(middle.x + Math.cos(angle) * step * 9, middle.y + Math.sin(angle) * step * 9);
    await page.mouse.up();
  }
}

const browser = await (await playwright()).launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
try {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 });
  const page = await context.newPage();
  await page.addInitScript(instrument);
  const devtools = await context.newCDPSession(page);
  await devtools.send("Emulation.setCPUThrottlingRate", { rate: throttle });
  await browser.startTracing(page, { categories: ["toplevel", "devtools.timeline", "blink.user_timing"] });
  const said = page.waitForEvent("console", { predicate: (message) => message.text().startsWith("seat-map-ready"), timeout: 60_000 });
  await page.goto(url, { waitUntil: "commit" });
  const readyMs = Number((await said).text().split(" ")[1]);
  await page.waitForTimeout(1500);
  const result = { url, throttle, readyMs, levels: {} };

  const canvas = page.locator(".sm-canvas");
  await canvas.scrollIntoViewIfNeeded();
  const box = await canvas.boundingBox();
  const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  const seats = Number(process.env.SEATS ?? 100_000);
  for (const level of ["sections", "dots", "seats"]) {
    if (level !== "sections") {
      await page.mouse.move(middle.x, middle.y);
      for (let turn = 0; turn < 40; turn += 1) {
        const now = await page.evaluate(() => performance.getEntriesByName("seat-map-frame").at(-1)?.detail);
        if (now === level) break;
        await page.mouse.wheel(0, -120);
        await page.waitForTimeout(250);
      }
    }
    await page.waitForTimeout(1500);
    await page.evaluate(() => ["patch", "blit", "frame"].forEach((part) => window.timings(`seat-map-${part}`)));
    const flood = await page.evaluate(([count, perSecond]) => window.flood(count, perSecond), [seats, CHANGES_PER_SECOND]);
    // The work that the question above caused has ended before this mark.
    await page.evaluate((name) => void setTimeout(() => performance.mark(name), 100), `${level}:begin`);
    await page.waitForTimeout(200);
    await drag(page, PAN_SECONDS, middle);
    result.levels[level] = await page.evaluate(([timer, name]) => {
      performance.mark(name);
      clearInterval(timer);
      return Object.fromEntries(["patch", "blit", "frame"].map((part) => [part, window.timings(`seat-map-${part}`)]));
    }, [flood, `${level}:end`]);
  }
  const { traceEvents } = JSON.parse(String(await browser.stopTracing()));
  const { loading, ...panning } = longestTasks(traceEvents, Object.keys(result.levels));
  result.longestTaskLoadingMs = loading;
  for (const [level, ms] of Object.entries(panning)) result.levels[level].longestTaskMs = ms;
  console.log(asJson ? JSON.stringify(result) : JSON.stringify(result, null, 2));
  const broken = [];
  for (const [level, { blit, longestTaskMs }] of Object.entries(result.levels)) {
    if (blit.p95 > BOUNDS.blitMs) broken.push(`${level}: 5 % of cached frames take more than ${blit.p95} ms`);
    if (longestTaskMs > BOUNDS.taskMs) broken.push(`${level}: a task took ${longestTaskMs} ms`);
  }
  for (const line of broken) console.error(line);
  process.exitCode = broken.length === 0 || asJson ? 0 : 1;
} finally {
  await browser.close();
}

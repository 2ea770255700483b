// A chart over time, drawn by uPlot in the page's colours: a bar for each interval, and a line for the running
// total, on one axis. A table beside it has the same numbers.

/** @import uPlot from "uplot" */

/** @typedef {{step: number, zone?: string, bars: string, line?: string, text: (value: number) => string, short?: (value: number) => string}} Words */

/** @returns {typeof uPlot | undefined} */
const library = () => /** @type {any} */ (window).uPlot;

/** @param {HTMLElement} box */
function colours(box) {
  const style = getComputedStyle(box);
  const of = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
  return { ink: of("--ink"), muted: of("--muted"), line: of("--line"), accent: of("--accent"), font: `13px ${of("--text")}` };
}

export class Chart {
  /** @param {HTMLElement} box @param {Words} words @param {"bars" | "steps"} kind */
  constructor(box, words, kind) {
    this.box = box;
    this.words = words;
    this.kind = kind;
    /** @type {(number | null)[][]} */
    this.data = [[], [], []];
    /** @type {uPlot | null} */
    this.plot = null;
    this.observer = new ResizeObserver(() => this.#fit());
    this.observer.observe(box);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.rebuild());
  }

  /** @param {number[]} times in seconds @param {number[]} values */
  show(times, values) {
    let sum = 0;
    const sums = values.map((value) => (sum += value));
    // The last interval needs an end as well.
    const ends = this.kind === "bars" ? times.slice(-1).map((time) => time + this.words.step) : [];
    this.data = [[...times, ...ends], [...values, ...ends.map(() => null)], [...sums, ...ends.map(() => sum)]];
    if (!this.plot) return this.rebuild();
    this.plot.setData(this.#series());
  }

  rebuild() {
    this.plot?.destroy();
    this.plot = null;
    const UPlot = library();
    if (!UPlot || this.data[0].length === 0) return;
    this.plot = new UPlot(this.#options(UPlot), this.#series(), this.box);
  }

  /** @returns {any} */
  #series() {
    return this.kind === "bars" ? this.data : this.data.slice(0, 2);
  }

  #size() {
    // The legend may take several lines.
    return { width: Math.max(200, this.box.clientWidth - 24), height: this.box.classList.contains("low") ? 130 : 228 };
  }

  /** Shows at least some intervals, so that the first few bars are not too wide. @param {number} from @param {number} to @returns {[number, number]} */
  #span(from, to) {
    const { step } = this.words;
    return [Math.min(from, to - 12 * step), to];
  }

  #fit() {
    this.plot?.setSize(this.#size());
  }

  /** @param {typeof uPlot} UPlot @returns {any} */
  #options(UPlot) {
    const { ink, muted, line, accent, font } = colours(this.box);
    const { words } = this;
    const { zone } = words;
    const short = words.short ?? words.text;
    const axis = { stroke: muted, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 }, font };
    const shown = (/** @type {unknown} */ _plot, /** @type {number | null} */ value) => (value == null ? "–" : words.text(value));
    const values = (/** @type {unknown} */ _plot, /** @type {number[]} */ ticks) => ticks.map((tick) => short(tick));
    const bars = { label: words.bars, stroke: accent, fill: `color-mix(in srgb, ${accent} 35%, transparent)`, width: 1, value: shown, points: { show: false } };
    const stepped = UPlot.paths.stepped?.({ align: 1 });
    const total = { label: words.line ?? "", stroke: ink, width: 2, value: shown, points: { show: false }, paths: stepped };
    const last = () => this.data[0].length - (this.kind === "bars" ? 2 : 1);
    return {
      ...this.#size(),
      tzDate: zone ? (/** @type {number} */ seconds) => UPlot.tzDate(new Date(seconds * 1000), zone) : undefined,
      scales: {
        x: { range: (/** @type {unknown} */ _plot, /** @type {number} */ from, /** @type {number} */ to) => this.#span(from, to) },
        y: { range: (/** @type {unknown} */ _plot, /** @type {number} */ _low, /** @type {number} */ high) => [0, Math.max(1, high * 1.1)] },
      },
      series: [
        { label: "Time", value: (/** @type {unknown} */ _plot, /** @type {number | null} */ time) => (time == null ? "–" : clocks(zone, [time], 60)[0].replace("\n", ", ")) },
        this.kind === "bars" ? { ...bars, paths: UPlot.paths.bars?.({ size: [0.8, 60], align: 1 }) } : { ...bars, width: 2, paths: stepped },
        ...(this.kind === "bars" ? [total] : []),
      ],
      axes: [
        { ...axis, space: 64, incrs: TICKS.filter((ticks) => ticks >= words.step), values: (/** @type {unknown} */ _plot, /** @type {number[]} */ ticks, /** @type {number} */ _axis, /** @type {number} */ _space, /** @type {number} */ apart) => clocks(zone, ticks, apart) },
        { ...axis, size: 64, values },
      ],
      cursor: { points: { size: 7 }, drag: { x: true, y: false } },
      legend: { live: true },
      // Without a pointer on the chart, the legend shows the newest interval.
      hooks: { setLegend: [(/** @type {uPlot} */ plot) => plot.cursor.idx == null && plot.setLegend({ idx: last() }, false)] },
    };
  }
}

const DAY = 86400;
/** Possible distances between two ticks, in seconds. */
const TICKS = [...[1, 5, 15, 30, 60, 300, 900, 1800, 3600, 10800, 21600], ...[1, 2, 7, 14, 30, 90, 365].map((days) => days * DAY)];
/** Labels of ticks in the console's format of times, each day once. @param {string | undefined} timeZone @param {number[]} ticks @param {number} step */
function clocks(timeZone, ticks, step) {
  const days = new Intl.DateTimeFormat("en-GB", { timeZone, day: "numeric", month: "short" });
  const hours = new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", minute: "2-digit", second: step < 60 ? "2-digit" : undefined });
  let day = "";
  return ticks.map((tick) => {
    const today = days.format(tick * 1000);
    if (step >= DAY) return today;
    const words = today === day ? hours.format(tick * 1000) : `${hours.format(tick * 1000)}\n${today}`;
    day = today;
    return words;
  });
}

// The seat map in `.seat-map`: loads a plan and keeps it current, draws it, lets visitors choose seats. Connects the other modules, and
// contains nothing about pixels or bytes itself.

import { Announcer } from "./announce.js";
import { Card } from "./card.js";
import { element } from "./dom.js";
import { renderFilters, renderLegend } from "./filters.js";
import { HELP, HELP_ORGANIZE, listenToKeys } from "./keyboard.js";
import { Live } from "./live.js";
import { load } from "./load.js";
import { Minimap } from "./minimap.js";
import { leftAlone, nearestAlike } from "./neighbours.js";
import { Painter } from "./painter.js";
import { listenToPointers } from "./pointer.js";
import { AVAILABLE } from "./statuses.js";
import { readTheme } from "./theme.js";
import { renderTray } from "./tray.js";
import { View } from "./view.js";

/** @import { Controller, Fees, Filter, Options } from "./types.js" */
/** @import { Model } from "./model.js" */
/** @import { Target } from "./view.js" */

/** With more chosen seats than this it is not checked whether they leave a single one. */
const MOST_CHECKED = 200;

/**
 * Shows a seat map in `root` and returns at once; the plan is shown when it has been loaded.
 * @param {HTMLElement} root @param {Options} options @returns {Controller}
 */
export function mountSeatMap(root, options) {
  const ended = new AbortController();
  const frame = makeFrame(root, options);
  /** @type {SeatMap | null} */
  let map = null;
  /** Calls of the controller that came before the map was loaded. @type {((map: SeatMap) => void)[]} */
  const later = [];
  const run = (/** @type {(map: SeatMap) => void} */ what) => void (map ? what(map) : later.push(what));

  const open = async () => {
    try {
      const { model, fees } = await load(options, ended.signal);
      map = new SeatMap(root, frame, options, model, fees, ended.signal);
      await map.start();
      for (const what of later.splice(0)) what(map);
    } catch (error) {
      if (ended.signal.aborted) return;
      map?.stop();
      map = null;
      frame.fail(() => void open());
      console.error(error);
    }
  };
  void open();

  return {
    chosen: () => (map ? [...map.model.chosen] : [...(options.chosen ?? [])]),
    choose: (index) => map?.choose(index) ?? false,
    remove: (index) => run((it) => it.model.remove(index)),
    replace: (indexes) => run((it) => it.replace(indexes)),
    cost: (prices) => map?.cost(prices) ?? null,
    setFilter: (filter) => run((it) => it.setFilter(filter)),
    setHeat: (heat) => run((it) => it.setHeat(heat)),
    destroy: () => {
      ended.abort();
      map?.stop();
      root.replaceChildren();
    },
  };
}

/** The elements that exist from the start. @param {HTMLElement} root @param {Options} options */
function makeFrame(root, options) {
  const helpId = `sm-help-${Math.random().toString(36).slice(2, 8)}`;
  const canvas = element("canvas", { class: "sm-canvas", tabindex: "0", role: "application", "aria-roledescription": "seat map", "aria-label": "Seat map", "aria-describedby": helpId });
  const filters = element("div", { class: "sm-filters", role: "group", "aria-label": "Show only" });
  const waiting = element("p", { class: "sm-waiting", role: "status" }, "Loading the seats…");
  const stage = element("div", { class: "sm-stage" }, canvas, waiting);
  const legend = element("ul", { class: "sm-legend", "aria-label": "What the signs mean" });
  const help = element("p", { class: "sm-unseen", id: helpId }, HELP + (options.mode === "organize" ? HELP_ORGANIZE : ""));
  const tray = options.tray ?? (options.mode === "show" || options.readOnly ? null : element("div", { class: "sm-own" }));
  filters.hidden = true;
  root.classList.add("sm");
  root.replaceChildren(filters, legend, stage, help, ...(tray && !options.tray ? [tray] : []));
  const fail = (/** @type {() => void} */ again) => {
    const retry = element("button", { type: "button", class: "sm-act", onclick: () => (waiting.replaceChildren("Loading the seats…"), again()) }, "Try again");
    waiting.hidden = false;
    waiting.replaceChildren("The seats didn’t load. ", retry);
  };
  return { canvas, filters, stage, legend, tray, waiting, fail };
}

class SeatMap {
  /** @param {HTMLElement} root @param {ReturnType<typeof makeFrame>} frame @param {Options} options @param {Model} model @param {Fees | null} fees @param {AbortSignal} signal */
  constructor(root, frame, options, model, fees, signal) {
    this.root = root;
    this.frame = frame;
    this.options = options;
    this.model = model;
    this.fees = fees;
    this.readOnly = Boolean(options.readOnly) || model.mode === "show";
    this.closing = new AbortController();
    signal.addEventListener("abort", () => this.closing.abort());
    this.painter = new Painter(model, readTheme(root, model.prices.list));
    this.view = new View(frame.canvas, model, this.painter);
    this.announcer = new Announcer(frame.stage);
    this.card = new Card(this.view, model);
    this.minimap = new Minimap(this.view, this.closing.signal);
    /** @type {Live | null} */
    this.live = null;
    frame.canvas.setAttribute("aria-label", `Seat map of ${model.plan.name}`);
    this.controls = element("div", { class: "sm-zoom", role: "group", "aria-label": "Zoom" }, ...this.#buttons());
    frame.stage.append(this.card.box, this.controls);
    root.append(this.minimap.canvas);
    this.#listen();
    this.#render();
  }

  /** Resolves when the map can be used. */
  async start() {
    const { availabilityUrl, liveUrl, geometry, heat, chosen = [] } = this.options;
    if (heat) this.setHeat(heat);
    if (availabilityUrl && !geometry) {
      this.live = new Live({ availabilityUrl, liveUrl, version: () => this.model.statuses.version, onUpdate: (update) => this.model.update(update), onLink: (link) => this.#linked(link) });
      await Promise.all([this.live.start(), this.painter.prepare()]);
    } else {
      await this.painter.prepare();
      this.model.statuses.release();
      this.model.onAll();
    }
    const gone = chosen.filter((seat) => !this.model.isHeld(seat) && this.model.choose(seat) === "taken");
    this.#chosenChanged();
    await this.#lost(gone);
    this.frame.waiting.hidden = true;
    this.view.ready = true;
    this.view.draw();
    this.root.toggleAttribute("data-ready", true);
    this.root.dispatchEvent(new Event("seat-map-ready"));
    if (this.view.measured) performance.mark("seat-map-ready");
  }

  stop() {
    this.closing.abort();
    this.live?.stop();
    this.view.stop();
    for (const made of [this.card.box, this.minimap.canvas, this.controls, this.announcer.notices, this.announcer.polite, this.announcer.urgent]) made.remove();
  }

  /** @param {number} seat @returns {boolean} */
  choose(seat) {
    const outcome = this.model.choose(seat);
    if (outcome === "limit") this.announcer.notice("limit", `At most ${this.model.maxSeats} ${this.model.held.size > 0 ? "more, with those you hold" : "seats per order"}.`);
    // A message about the seat before is over.
    if (outcome === "chosen") this.announcer.dismiss("taken");
    if (outcome === "taken") {
      const { checkoutUrl } = this.options;
      const isOwn = checkoutUrl !== undefined && this.model.isHeld(seat);
      const actions = isOwn ? [{ label: "Give it back at the checkout", run: () => location.assign(checkoutUrl) }] : [];
      this.announcer.notice("taken", `${this.model.label(seat)} is ${this.model.word(seat)}.`, { actions });
    }
    return outcome === "chosen";
  }

  /** Chooses these seats instead of the chosen ones. The whole plan is shown, where marks show them from afar. @param {number[]} seats */
  replace(seats) {
    this.model.chooseAll([...this.model.chosen], false);
    const chosen = seats.filter((seat) => this.choose(seat));
    this.view.fit();
    if (chosen.length > 0) this.announcer.say(`Chosen: ${chosen.map((seat) => this.model.label(seat)).join("; ")}.`);
  }

  /** What seats at these prices come to, with fees. @param {number[]} prices as JSON has them */
  cost(prices) {
    const { money } = this.model;
    const amounts = prices.map((price) => money.minor(price));
    const sum = amounts.reduce((all, one) => all + one, 0);
    return money.text(sum + (this.fees ? money.fees(this.fees, amounts) : 0));
  }

  /** @param {Filter} filter */
  setFilter(filter) {
    this.model.setFilter(filter);
    const held = [...this.frame.filters.children].indexOf(/** @type {Element} */ (document.activeElement));
    renderFilters(this.frame.filters, this.model, this.painter.theme, (next) => this.setFilter(next));
    if (held >= 0) /** @type {HTMLElement | undefined} */ (this.frame.filters.children[held])?.focus();
  }

  /** @param {Map<string, number> | null} heat by section name */
  setHeat(heat) {
    const numbers = new Map(this.model.plan.sections.map(({ name }, at) => [name, at]));
    const known = [...(heat ?? [])].flatMap(([name, value]) => (numbers.has(name) ? [/** @type {[number, number]} */ ([numbers.get(name), value])] : []));
    this.model.heat = heat ? new Map(known) : null;
    this.model.onAll();
  }

  #buttons() {
    const button = (/** @type {string} */ sign, /** @type {string} */ label, /** @type {() => void} */ run) =>
      element("button", { type: "button", "aria-label": label, title: label, onclick: run }, sign);
    const drag = this.model.mode === "organize" && !this.readOnly ? [this.#dragButton()] : [];
    return [...drag, button("+", "Zoom in", () => this.view.zoom(1.8)), button("−", "Zoom out", () => this.view.zoom(1 / 1.8)), button("⤢", "Show everything", () => this.view.fit())];
  }

  /** The button that turns dragging from moving the map into drawing a box around seats: for fingers, which have no Shift key. */
  #dragButton() {
    const button = element("button", { type: "button", class: "sm-drag", "aria-pressed": "false", title: "Draw a box around seats" }, "Choose by dragging");
    button.addEventListener("click", () => {
      this.view.banding = !this.view.banding;
      button.setAttribute("aria-pressed", String(this.view.banding));
      this.frame.canvas.style.cursor = this.view.banding ? "crosshair" : "";
      for (const tell of this.view.moved) tell();
      if (this.view.banding) this.announcer.notice("drag", "Drag over the seats you mean. Press the button again to move the map.");
    });
    return button;
  }

  #listen() {
    const { model, view } = this;
    const { signal } = this.closing;
    model.onSeat = (seat) => view.seatChanged(seat);
    model.onAll = () => view.allChanged();
    model.onChosen = () => this.#chosenChanged();
    model.onLost = (seats) => void this.#lost(seats);
    const organize = model.mode === "organize" && !this.readOnly;
    const pick = (/** @type {Target} */ target) => this.#pick(target);
    listenToKeys(view, model, { pick, say: (words) => this.announcer.say(words), pickMany: organize ? (what, seat) => this.#pickMany(what, seat) : null }, signal);
    listenToPointers(view, { pick, point: (target) => this.#point(target), band: organize ? (box) => this.#pickWithin(box) : null }, signal);
    for (const query of ["(prefers-color-scheme: dark)", "(forced-colors: active)"]) {
      matchMedia(query).addEventListener("change", () => this.#restyle(), { signal });
    }
    // Texts measured before their font was loaded have wrong widths.
    if (document.fonts.status !== "loaded") void document.fonts.ready.then(() => !signal.aborted && this.#restyle());
  }

  #restyle() {
    this.painter.setTheme(readTheme(this.root, this.model.prices.list));
    this.view.allChanged();
    this.minimap.draw();
    this.#render();
  }

  #render() {
    renderFilters(this.frame.filters, this.model, this.painter.theme, (filter) => this.setFilter(filter));
    renderLegend(this.frame.legend, this.model, this.painter.theme);
    this.#renderTray();
  }

  #renderTray() {
    if (!this.frame.tray) return;
    renderTray(this.frame.tray, this.model, {
      fees: this.fees,
      alone: this.#alone(),
      refuseAlone: this.options.singles === "refuse",
      readOnly: this.readOnly,
      show: (seat) => ((this.view.focus = { kind: "seat", seat }), this.view.showSeat(seat)),
      remove: (seat) => this.#remove(seat),
      clear: () => this.#many([...this.model.chosen], false, "Cleared"),
    });
  }

  /** Seats that the choice would leave alone. */
  #alone() {
    const { model } = this;
    if (model.mode !== "buy" || model.chosen.size > MOST_CHECKED) return [];
    return leftAlone(model.plan, (seat) => model.statuses.of[seat] === AVAILABLE, model.chosen);
  }

  #chosenChanged() {
    this.#renderTray();
    const indexes = [...this.model.chosen];
    this.options.onChange?.(indexes, indexes.map((seat) => this.model.info(seat)), this.#alone());
  }

  /** @param {Target | null} target */
  #point(target) {
    const { hover } = this.view;
    const same = hover === target || (hover && target && hover.kind === target.kind && JSON.stringify(hover) === JSON.stringify(target));
    if (same) return;
    this.view.hover = target;
    this.frame.canvas.style.cursor = target ? "pointer" : "";
    this.view.draw();
    this.card.follow();
  }

  /** @param {Target} target */
  #pick(target) {
    const { model, view } = this;
    view.focus = target;
    view.hover = null;
    if (target.kind === "section") {
      const { standing, name } = model.plan.sections[target.section];
      if (!standing) return this.card.follow(), view.showSection(target.section);
      this.options.onStanding?.(name);
      return this.announcer.notice("standing", `${model.spokenSection(target.section)}. How many?`);
    }
    view.draw();
    this.card.follow();
    if (this.readOnly) return this.announcer.say(model.spoken(target.seat));
    if (model.chosen.has(target.seat)) this.#remove(target.seat);
    else if (this.choose(target.seat)) this.announcer.say(`Chosen: ${model.label(target.seat)}. ${model.chosen.size} in all.`);
    this.card.follow();
  }

  /** @param {number} seat */
  #remove(seat) {
    this.model.remove(seat);
    const undo = { label: "Undo", run: () => void this.choose(seat) };
    this.announcer.notice("removed", `Removed ${this.model.label(seat)}.`, { actions: [undo] });
  }

  /** @param {"row" | "section"} what @param {number} seat */
  #pickMany(what, seat) {
    const { plan, chosen } = this.model;
    const rows = what === "row" ? [plan.row[seat]] : plan.sections[plan.section[seat]].rows;
    const seats = rows.flatMap((row) => [...plan.rows[row].seats]);
    const on = seats.some((other) => !chosen.has(other));
    this.#many(seats, on, on ? "Chosen" : "Removed");
  }

  /** @param {import("./types.js").Box} box */
  #pickWithin(box) {
    const seats = /** @type {number[]} */ ([]);
    this.model.grid.within(box, (seat) => seats.push(seat));
    const on = seats.some((seat) => !this.model.chosen.has(seat));
    this.#many(seats, on, on ? "Chosen" : "Removed");
  }

  /** @param {number[]} seats @param {boolean} on @param {string} word */
  #many(seats, on, word) {
    const before = [...this.model.chosen];
    const count = this.model.chooseAll(seats, on);
    if (count === 0) return;
    const undo = () => (this.model.chooseAll([...this.model.chosen], false), void this.model.chooseAll(before, true));
    this.announcer.notice("many", `${word}: ${count.toLocaleString("en-US")} ${count === 1 ? "seat" : "seats"}.`, { actions: [{ label: "Undo", run: undo }] });
  }

  /** @param {number[]} seats */
  async #lost(seats) {
    if (seats.length === 0 || (await this.options.onLost?.(seats))) return;
    for (const seat of seats) this.#offerAnother(seat);
  }

  /** @param {number} seat */
  #offerAnother(seat) {
    const { model } = this;
    const free = (/** @type {number} */ other) => model.statuses.of[other] === AVAILABLE && !model.chosen.has(other);
    const alike = nearestAlike(model.plan, model.grid, seat, free, (other) => model.prices.of(other), model.chosen);
    const words = `${model.label(seat)} was just taken.`;
    const swap = () => {
      // The suggested seat may have been taken meanwhile.
      const next = free(alike) ? alike : nearestAlike(model.plan, model.grid, seat, free, (other) => model.prices.of(other), model.chosen);
      if (next >= 0 && this.choose(next)) this.view.showSeat(next);
    };
    const actions = alike < 0 ? [] : [{ label: `Take ${nearName(model, seat, alike)} instead`, run: swap }];
    this.announcer.notice(`lost ${seat}`, words, { actions, kind: "bad", keep: true });
  }

  /** @param {import("./live.js").Link} link */
  #linked(link) {
    this.root.dataset.link = link;
    if (link === "offline") this.announcer.notice("link", "You’re offline. Seats may have changed.", { keep: true });
    else this.announcer.dismiss("link");
  }
}

/** The part of a seat's name that differs from another seat's. @param {Model} model @param {number} from @param {number} seat */
function nearName(model, from, seat) {
  const [a, b] = [model.info(from), model.info(seat)];
  if (a.section !== b.section) return b.label;
  return [a.row !== b.row && b.row ? `row ${b.row}` : "", b.number && `seat ${b.number}`].filter(Boolean).join(", ") || b.label;
}

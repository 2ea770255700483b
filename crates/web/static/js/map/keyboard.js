// Keyboard control: arrows move between sections or seats, Enter opens a section or chooses a seat, Escape goes back,
// Home and End go to the ends of a row; +, − and 0 zoom in, zoom out and show everything.

import { nextSeat, nextSection, rowEnd } from "./neighbours.js";
import { toPlan } from "./camera.js";
import { AVAILABLE } from "./statuses.js";

/** @import { Model } from "./model.js" */
/** @import { Target, View } from "./view.js" */
/** @import { Direction } from "./neighbours.js" */

/** @type {Record<string, Direction>} */
const ARROWS = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down" };

export const HELP =
  "Arrow keys move between sections or seats. Enter opens a section or chooses a seat. Escape goes back to the sections. Home and End go to the " +
  "ends of a row. Plus and minus zoom, zero shows the whole plan.";
export const HELP_ORGANIZE = " R chooses the row, S the section, of the seat you are on. Shift and drag chooses a rectangle.";

/**
 * @typedef {object} Listeners
 * @property {(target: Target) => void} pick
 * @property {(words: string) => void} say
 * @property {((what: "row" | "section", seat: number) => void) | null} pickMany
 */

/** @param {View} view @param {Model} model @param {Listeners} listeners @param {AbortSignal} signal */
export function listenToKeys(view, model, listeners, signal) {
  const { plan, grid } = model;

  const say = () => {
    if (view.focus) listeners.say(view.focus.kind === "seat" ? model.spoken(view.focus.seat) : model.spokenSection(view.focus.section));
  };

  const onSeat = (/** @type {number} */ seat) => {
    view.focus = { kind: "seat", seat };
    view.showSeat(seat);
    say();
  };

  const onSection = (/** @type {number} */ section) => {
    view.focus = { kind: "section", section };
    view.draw();
    say();
  };

  /** The first target: a chosen seat, else the target in the middle of the view, which is a section if the plan has several. */
  const begin = () => {
    if (plan.sections.length > 1 && view.whole) return onSection(firstSection());
    const [chosen] = model.chosen;
    const at = toPlan(view.camera, view.size, view.size.width / 2, view.size.height / 2);
    const seat = chosen ?? grid.nearest(at.x, at.y, undefined, (other) => model.statuses.of[other] === AVAILABLE);
    if (seat >= 0) onSeat(seat);
    else if (plan.sections.length > 0) onSection(firstSection());
  };

  const firstSection = () => Math.max(plan.sections.findIndex(({ seats }) => seats > 0), 0);

  const open = (/** @type {number} */ section) => {
    const { standing, box } = plan.sections[section];
    if (standing) return listeners.pick({ kind: "section", section });
    const inside = (/** @type {number} */ seat) => plan.section[seat] === section;
    const free = (/** @type {number} */ seat) => inside(seat) && model.statuses.of[seat] === AVAILABLE && model.passes(seat);
    const [x, y] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
    const seat = model.statuses.free[section] > 0 ? grid.nearest(x, y, undefined, free) : -1;
    onSeat(seat >= 0 ? seat : grid.nearest(x, y, undefined, inside));
  };

  const move = (/** @type {Direction} */ direction) => {
    const { focus } = view;
    if (!focus) return begin();
    const next = focus.kind === "seat" ? nextSeat(plan, grid, focus.seat, direction) : nextSection(plan, focus.section, direction);
    if (next < 0) return say();
    if (focus.kind === "seat") onSeat(next);
    else onSection(next);
  };

  const back = () => {
    if (view.focus?.kind === "seat" && plan.sections.length > 1) onSection(plan.section[view.focus.seat]);
    view.fit();
  };

  const pick = () => {
    if (!view.focus) return begin();
    if (view.focus.kind === "section") open(view.focus.section);
    else listeners.pick(view.focus);
  };

  /** @param {KeyboardEvent} event @returns {boolean} whether the key means something here */
  const press = (event) => {
    const { key } = event;
    const seat = view.focus?.kind === "seat" ? view.focus.seat : -1;
    if (ARROWS[key]) move(ARROWS[key]);
    else if (key === "Enter" || key === " ") pick();
    else if (key === "Escape" && (!view.whole || seat >= 0)) back();
    else if (key === "+" || key === "=") view.zoom(1.6);
    else if (key === "-" || key === "_") view.zoom(1 / 1.6);
    else if (key === "0") view.fit();
    else if ((key === "Home" || key === "End") && seat >= 0) onSeat(rowEnd(plan, seat, key === "Home" ? "first" : "last"));
    else if (key.toLowerCase() === "r" && seat >= 0 && listeners.pickMany) listeners.pickMany("row", seat);
    else if (key.toLowerCase() === "s" && seat >= 0 && listeners.pickMany) listeners.pickMany("section", seat);
    else return false;
    return true;
  };

  view.canvas.addEventListener(
    "keydown",
    (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      view.focusShown = true;
      if (press(event)) event.preventDefault();
    },
    { signal },
  );
  view.canvas.addEventListener(
    "focus",
    () => {
      if (!view.canvas.matches(":focus-visible")) return;
      view.focusShown = true;
      if (view.focus) say();
      view.draw();
    },
    { signal },
  );
  view.canvas.addEventListener("blur", () => ((view.focusShown = false), view.draw()), { signal });
}

// The filters above the map: a button for each price, which is its legend as well, and one for wheelchair places; and the legend below that
// explains the signs.

import { element, picture } from "./dom.js";
import { paintSeat } from "./sprites.js";

/** @import { Model } from "./model.js" */
/** @import { Theme } from "./theme.js" */
/** @import { Filter } from "./types.js" */
/** @import { Look } from "./sprites.js" */

/** With more prices than this no buttons are shown. */
const MOST_CHIPS = 24;

/** @param {HTMLElement} root @param {Model} model @param {Theme} theme @param {(filter: Filter) => void} change */
export function renderFilters(root, model, theme, change) {
  const priced = model.prices.list.flatMap((price, at) => (price.amount === null ? [] : [{ ...price, amount: price.amount, at }]));
  const anyAccessible = model.plan.accessible.includes(1);
  const { filter } = model;
  const chips = priced.slice(0, MOST_CHIPS).map(({ amount, name, at }) => {
    const pressed = filter.prices?.includes(amount) ?? false;
    const toggle = () => {
      const prices = new Set(filter.prices);
      if (!prices.delete(amount)) prices.add(amount);
      change({ ...filter, prices: [...prices] });
    };
    const swatch = picture(18, (context) => paintSeat(context, theme, 7, "free", at, false));
    return chip(pressed, toggle, swatch, name ? element("span", {}, name) : null, element("strong", {}, model.money.short(amount)));
  });
  const wheelchair = anyAccessible
    ? chip(
        Boolean(filter.accessible),
        () => change({ ...filter, accessible: !filter.accessible }),
        picture(18, (context) => paintSeat(context, { ...theme, prices: [theme.ink], priceInks: [theme.surface] }, 8, "free", 0, true)),
        element("span", {}, "Wheelchair places"),
      )
    : null;
  // A plan without prices has categories, which explain its colours and cannot be filtered by price.
  const categories = priced.length > 0 ? [] : model.prices.list.flatMap(({ name }, at) => (name ? [key(picture(18, (context) => paintSeat(context, theme, 7, "free", at, false)), name)] : []));
  // A single price needs no button to tell it from others, but its legend still helps.
  root.replaceChildren(...chips, ...categories.slice(0, MOST_CHIPS), ...(wheelchair ? [wheelchair] : []));
  root.hidden = root.childElementCount === 0;
}

/** @param {boolean} pressed @param {() => void} toggle @param {...(Node | null)} children */
function chip(pressed, toggle, ...children) {
  return element("button", { type: "button", class: "sm-chip", "aria-pressed": String(pressed), onclick: toggle }, ...children);
}

/** @param {Node} swatch @param {string} name */
function key(swatch, name) {
  return element("span", { class: "sm-chip sm-key" }, swatch, element("span", {}, name));
}

/** @param {HTMLElement} root @param {Model} model @param {Theme} theme */
export function renderLegend(root, model, theme) {
  /** @type {[Look, string][]} */
  const signs = [
    ["free", "Available"],
    ["chosen", model.held.size > 0 ? "Chosen, or held for you (ringed)" : "Chosen"],
    ["reserved", "In a cart"],
    ["sold", "Sold"],
    ["blocked", "Not for sale"],
  ];
  root.hidden = model.plan.sections.every(({ standing }) => standing);
  const shown = model.mode === "show" ? signs.filter(([look]) => look !== "chosen") : signs;
  const ink = { ...theme, prices: [theme.ink], priceInks: [theme.surface] };
  root.replaceChildren(
    ...shown.map(([look, words]) => element("li", {}, picture(20, (context) => paintSeat(context, ink, 7.5, look, 0, false)), words)),
  );
}

// The row above the map: one button for each price, which is its legend as well, a limit on the price, wheelchair places; and the row below that
// says what the signs mean.

import { element, picture } from "./dom.js";
import { paintSeat } from "./sprites.js";

/** @import { Model } from "./model.js" */
/** @import { Theme } from "./theme.js" */
/** @import { Filter } from "./types.js" */
/** @import { Look } from "./sprites.js" */

/** More buttons than this are no help. */
const MOST_CHIPS = 12;

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
  const limit = priced.length > 2 ? priceLimit(model, priced, filter, change) : null;
  // A single price needs no button to tell it from others, but its legend still helps.
  root.replaceChildren(...[limit, ...chips, wheelchair].filter((item) => item !== null));
  root.hidden = root.childElementCount === 0;
}

/** @param {boolean} pressed @param {() => void} toggle @param {...(Node | null)} children */
function chip(pressed, toggle, ...children) {
  return element("button", { type: "button", class: "sm-chip", "aria-pressed": String(pressed), onclick: toggle }, ...children);
}

/** @param {Model} model @param {{amount: number}[]} priced @param {Filter} filter @param {(filter: Filter) => void} change */
function priceLimit(model, priced, filter, change) {
  const select = element("select", { class: "sm-limit", "aria-label": "Highest price" }, element("option", { value: "" }, "Any price"));
  for (const { amount } of priced.slice(1)) select.append(element("option", { value: String(amount) }, `Up to ${model.money.short(amount)}`));
  select.value = String(filter.maxPrice ?? "");
  select.addEventListener("change", () => change({ ...filter, maxPrice: select.value === "" ? null : Number(select.value) }));
  return select;
}

/** @param {HTMLElement} root @param {Model} model @param {Theme} theme */
export function renderLegend(root, model, theme) {
  /** @type {[Look, string, boolean][]} */
  const signs = [
    ["free", "Available", false],
    ["chosen", model.mode === "buy" ? "Yours" : "Chosen", false],
    ["reserved", model.mode === "buy" ? "In someone’s cart" : "Reserved", false],
    ["sold", "Sold", false],
    ["blocked", model.mode === "buy" ? "Not for sale" : "Blocked", false],
  ];
  if (model.plan.accessible.includes(1)) signs.push(["free", "Wheelchair place", true]);
  root.hidden = model.plan.sections.every(({ standing }) => standing);
  const shown = model.mode === "show" ? signs.filter(([look]) => look !== "chosen") : signs;
  const ink = { ...theme, prices: [theme.ink], priceInks: [theme.surface] };
  root.replaceChildren(
    ...shown.map(([look, words, accessible]) =>
      element("li", {}, picture(20, (context) => paintSeat(context, ink, 7.5, look, 0, accessible)), words),
    ),
  );
}

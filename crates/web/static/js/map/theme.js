// The colours of the map, from the page's design system and the visitor's colour scheme. Prices get colours that differ from each other and from
// the surface, even if the plan's own colours do not.

/** @import { Price } from "./prices.js" */

/** Non-text contrast that WCAG 1.4.11 asks for. */
const CONTRAST = 3;

/** @typedef {[number, number, number]} Rgb */
/**
 * @typedef {object} Theme
 * @property {boolean} dark
 * @property {boolean} forced whether the visitor forces their own colours
 * @property {string} ink @property {string} paper @property {string} surface @property {string} line @property {string} muted
 * @property {string} accent @property {string} accentInk @property {string} focus @property {string} warn @property {string} font
 * @property {string[]} prices @property {string[]} priceInks @property {string[]} priceTints
 */

/** @param {HTMLElement} root @param {Price[]} prices @returns {Theme} */
export function readTheme(root, prices) {
  const style = getComputedStyle(root);
  const own = (/** @type {string} */ name, /** @type {string} */ fallback) => style.getPropertyValue(name).trim() || fallback;
  const forced = matchMedia("(forced-colors: active)").matches;
  if (forced) return forcedTheme(style, prices);
  const paper = own("--paper", "Canvas");
  const dark = luminance(parseColor(paper)) < 0.2;
  const surface = own("--raised", own("--surface", dark ? "#26202e" : "#ffffff"));
  const colors = priceColors(prices, own("--sm-prices", "#2457c5").split(" "), parseColor(surface));
  return {
    dark,
    forced,
    ink: own("--ink", "CanvasText"),
    paper,
    surface,
    line: own("--line", dark ? "#3a3243" : "#e5dccf"),
    muted: own("--muted", dark ? "#b3a8b4" : "#655c6b"),
    accent: own("--accent", dark ? "#ff8377" : "#a8203a"),
    accentInk: own("--accent-ink", dark ? "#2a0709" : "#ffffff"),
    focus: own("--focus", dark ? "#8cb8ff" : "#1556c9"),
    warn: own("--warn", "#8a5200"),
    font: style.fontFamily || "system-ui, sans-serif",
    prices: colors.map(hex),
    priceInks: colors.map((color) => (luminance(color) > 0.2 ? "#17121b" : "#ffffff")),
    priceTints: colors.map((color) => hex(mix(color, parseColor(surface), dark ? 0.72 : 0.8))),
  };
}

/** @param {CSSStyleDeclaration} style @param {Price[]} prices @returns {Theme} */
function forcedTheme(style, prices) {
  const all = (/** @type {string} */ color) => prices.map(() => color);
  return {
    dark: luminance(parseColor("Canvas")) < 0.2,
    forced: true,
    ink: "CanvasText",
    paper: "Canvas",
    surface: "Canvas",
    line: "CanvasText",
    muted: "GrayText",
    accent: "Highlight",
    accentInk: "HighlightText",
    focus: "Highlight",
    warn: "CanvasText",
    font: style.fontFamily,
    prices: all("LinkText"),
    priceInks: all("Canvas"),
    priceTints: all("Canvas"),
  };
}

/** @param {Price[]} prices @param {string[]} palette one hue for each price @param {Rgb} surface @returns {Rgb[]} */
function priceColors(prices, palette, surface) {
  const given = prices.map((price) => price.color).filter(Boolean);
  const distinct = new Set(given).size === prices.length;
  return prices.map((price, at) => {
    // Use the plan's own colours if they differ from each other: they mean something to the organizer.
    const color = distinct && price.color ? price.color : palette[at % palette.length];
    return legible(parseColor(color), surface);
  });
}

/** Darkens or lightens a colour until it contrasts with the surface. @param {Rgb} color @param {Rgb} surface @returns {Rgb} */
export function legible(color, surface) {
  /** @type {Rgb} */
  const away = luminance(surface) < 0.2 ? [255, 255, 255] : [0, 0, 0];
  for (let part = 0; part < 1; part += 0.08) {
    const tried = mix(color, away, part);
    if (contrast(tried, surface) >= CONTRAST) return tried;
  }
  return away;
}

/** @param {Rgb} a @param {Rgb} b */
export function contrast(a, b) {
  const [dark, light] = [luminance(a), luminance(b)].sort((one, other) => one - other);
  return (light + 0.05) / (dark + 0.05);
}

/** @param {Rgb} rgb */
export function luminance(rgb) {
  const [r, g, b] = rgb.map((value) => (value <= 10 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** @param {Rgb} a @param {Rgb} b @param {number} part of b @returns {Rgb} */
export function mix(a, b, part) {
  const at = (/** @type {0 | 1 | 2} */ place) => Math.round(a[place] + (b[place] - a[place]) * part);
  return [at(0), at(1), at(2)];
}

/** @param {Rgb} rgb */
export function hex(rgb) {
  return `#${rgb.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}

/** @type {CanvasRenderingContext2D | null} */
let reader = null;
/** @type {Map<string, Rgb>} */
const read = new Map();

/** Parses a CSS colour; grey if it is none. @param {string} color @returns {Rgb} */
export function parseColor(color) {
  const known = read.get(color);
  if (known) return known;
  if (!reader) {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 1;
    reader = canvas.getContext("2d", { willReadFrequently: true });
  }
  if (!reader) return [128, 128, 128];
  reader.fillStyle = "#7b8794";
  reader.fillStyle = color;
  reader.clearRect(0, 0, 1, 1);
  reader.fillRect(0, 0, 1, 1);
  const [r, g, b] = reader.getImageData(0, 0, 1, 1).data;
  /** @type {Rgb} */
  const rgb = [r, g, b];
  // Colours come from a plan, which may contain any number of them.
  if (read.size < 1000 && !/^[A-Z]/.test(color)) read.set(color, rgb);
  return rgb;
}

// Messages of the map: to screen readers through a live region, to everybody as notices on the map, with buttons for what can be done.

import { element } from "./dom.js";

/** How long a notice without buttons stays. */
const NOTICE_MS = 7_000;

/** @typedef {{label: string, run: () => void}} Action */

export class Announcer {
  /** @param {HTMLElement} stage where notices appear */
  constructor(stage) {
    this.polite = element("p", { class: "sm-unseen", "aria-live": "polite", role: "status" });
    this.urgent = element("p", { class: "sm-unseen", "aria-live": "assertive", role: "alert" });
    this.notices = element("div", { class: "sm-notices" });
    stage.append(this.notices, this.polite, this.urgent);
    /** @type {Map<string, {box: HTMLElement, timer: number}>} */
    this.shown = new Map();
    this.flip = false;
  }

  /** Has words read aloud when the screen reader pauses. @param {string} words */
  say(words) {
    this.#put(this.polite, words);
  }

  /** Puts words into a live region, so that the same words twice are read twice. @param {HTMLElement} region @param {string} words */
  #put(region, words) {
    this.flip = !this.flip;
    region.textContent = this.flip ? words : `${words}\u00a0`;
  }

  /**
   * Shows a notice on the map and has it read aloud at once. A notice with the same `key` is replaced.
   * @param {string} key @param {string} words @param {{actions?: Action[], kind?: "bad" | "plain", keep?: boolean, quiet?: boolean}} [how]
   */
  notice(key, words, { actions = [], kind = "plain", keep = false, quiet = false } = {}) {
    this.dismiss(key);
    if (!quiet) this.#put(kind === "bad" ? this.urgent : this.polite, [words, ...actions.map(({ label }) => `${label}?`)].join(" "));
    const close = () => this.dismiss(key);
    const buttons = actions.map(({ label, run }) => element("button", { type: "button", class: "sm-act", onclick: () => (close(), run()) }, label));
    const dismiss = element("button", { type: "button", class: "sm-close", "aria-label": "Dismiss", onclick: close }, "✕");
    const box = element("div", { class: `sm-notice sm-${kind}` }, element("p", {}, words), ...buttons, dismiss);
    this.notices.append(box);
    this.shown.set(key, { box, timer: keep ? 0 : window.setTimeout(close, NOTICE_MS) });
    // Only one notice at a time, because several would hide the map.
    const [oldest] = this.shown.keys();
    if (this.shown.size > 3 && oldest !== undefined) this.dismiss(oldest);
  }

  /** @param {string} key */
  dismiss(key) {
    const notice = this.shown.get(key);
    if (!notice) return;
    clearTimeout(notice.timer);
    notice.box.remove();
    this.shown.delete(key);
  }
}

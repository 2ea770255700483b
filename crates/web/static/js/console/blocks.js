// The forms for the blocks of a plan (`[data-blocks]`): made from the page's template, read as the input of `plan/build.js`.

import { USUAL, seatsOf } from "./plan/build.js";

/** @import { Block } from "./plan/build.js" */

const NUMBERS = new Set(["rows", "seats", "grow", "firstSeat", "aisle", "span", "turn", "places"]);
const KINDS = { rows: "Rows", arc: "Arc", standing: "Standing" };
/** Default names of sections. */
const NAMES = { rows: ["Stalls", "Circle", "Balcony", "Gallery"], arc: ["Orchestra", "Mezzanine", "Tier", "Upper Tier"], standing: ["Floor", "Pit", "Terrace"] };

export class Blocks {
  /** @param {HTMLElement} list @param {HTMLTemplateElement} template @param {() => void} changed */
  constructor(list, template, changed) {
    this.list = list;
    this.template = template;
    this.changed = changed;
    list.addEventListener("input", () => this.#changed());
    list.addEventListener("change", () => this.#changed());
    list.addEventListener("click", (event) => this.#clicked(/** @type {HTMLElement} */ (event.target)));
  }

  /** @param {Partial<Block> & {kind: Block["kind"]}} block @param {Element | null} [after] */
  add(block, after) {
    const fragment = /** @type {DocumentFragment} */ (this.template.content.cloneNode(true));
    const form = /** @type {HTMLElement} */ (fragment.firstElementChild);
    form.dataset.kind = block.kind;
    for (const part of /** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll("[data-for]"))) {
      part.hidden = !(part.dataset.for ?? "").split(" ").includes(block.kind);
    }
    const values = { ...USUAL, name: this.#freeName(block.kind), ...block };
    for (const field of fields(form)) field.value = String(values[/** @type {keyof typeof values} */ (field.dataset.field)] ?? "");
    if (after) after.after(form);
    else this.list.append(form);
    this.#changed();
    return form;
  }

  /** @returns {Block[]} */
  read() {
    return [...this.list.children].map((form) => read(/** @type {HTMLElement} */ (form)));
  }

  #changed() {
    [...this.list.children].forEach((form, at) => {
      const block = read(/** @type {HTMLElement} */ (form));
      const title = form.querySelector("[data-title]");
      if (title) title.textContent = `${at + 1}. ${block.name || "?"} · ${KINDS[block.kind]}, ${(seatsOf(block) || 0).toLocaleString("en-US")}`;
    });
    this.changed();
  }

  /** @param {HTMLElement} target */
  #clicked(target) {
    const form = /** @type {HTMLElement | null} */ (target.closest(".block-form"));
    if (!form) return;
    if (target.closest("[data-remove]")) {
      const next = /** @type {HTMLElement | null} */ ((form.nextElementSibling ?? form.previousElementSibling)?.querySelector("input") ?? null);
      form.remove();
      this.#changed();
      next?.focus();
    }
    if (target.closest("[data-copy]")) {
      const block = read(form);
      const copy = this.add({ ...block, name: this.#freeName(block.kind, block.name) }, form);
      copy.querySelector("input")?.focus();
    }
  }

  /** @param {Block["kind"]} kind @param {string} [like] */
  #freeName(kind, like) {
    const taken = new Set(this.read().map((block) => block.name));
    const named = like ? [] : NAMES[kind].filter((name) => !taken.has(name));
    if (named.length > 0) return named[0];
    const stem = (like ?? NAMES[kind][0]).replace(/ \d+$/, "");
    for (let number = 2; ; number += 1) if (!taken.has(`${stem} ${number}`)) return `${stem} ${number}`;
  }
}

/** @param {HTMLElement} form */
const fields = (form) => /** @type {NodeListOf<HTMLInputElement | HTMLSelectElement>} */ (form.querySelectorAll("[data-field]"));

/** @param {HTMLElement} form @returns {Block} */
function read(form) {
  /** @type {Record<string, unknown>} */
  const block = { kind: form.dataset.kind };
  for (const field of fields(form)) {
    const name = field.dataset.field ?? "";
    block[name] = NUMBERS.has(name) ? Math.trunc(Number(field.value) || 0) : field.value.trim();
  }
  return /** @type {Block} */ (/** @type {unknown} */ (block));
}

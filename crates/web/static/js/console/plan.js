// The form with a seating plan (`[data-plan-form]`): builds the plan from blocks, reads it from a table or a pretix file, shows it on the map, and
// sends it to the API, whose messages it shows.

import { Blocks } from "./blocks.js";
import { build, complaints } from "./plan/build.js";
import { planFromCsv } from "./plan/csv.js";
import { countsOf, duplicateLabelsOf, duplicatesOf, readPlan } from "./plan/preview.js";
import { Preview } from "./preview-map.js";
import { send } from "./send.js";

/** @import { Plan } from "./plan/pretix.js" */
/** @import { Problem } from "./send.js" */

const MOST_BYTES = 64 * 1024 * 1024;
const SHOWN = 20;
const DETAILS = ["name", "address", "city", "state", "country", "timezone", "layout_type"];

/** @param {string} tag @param {string} text @param {Record<string, string>} [attributes] */
function element(tag, text, attributes = {}) {
  const made = document.createElement(tag);
  made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

/** @param {string} title @param {string[]} lines @param {string} kind */
function notice(title, lines, kind) {
  const box = element("div", "", { class: `notice ${kind}` });
  const list = document.createElement("ul");
  list.append(...lines.slice(0, SHOWN).map((line) => element("li", line)));
  if (lines.length > SHOWN) list.append(element("li", `and ${(lines.length - SHOWN).toLocaleString("en-US")} more`));
  box.append(element("p", title, { class: "strong" }), list);
  return box;
}

/** @param {number} count @param {string} what */
const many = (count, what) => `${count.toLocaleString("en-US")} ${what}${count === 1 ? "" : "s"}`;

class PlanForm {
  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.form = form;
    /** @type {Plan | null} */
    this.plan = null;
    /** The text of a pretix file, which is sent to the server unchanged. @type {string | null} */
    this.text = null;
    this.csv = "";
    this.doubles = 0;
    this.preview = new Preview(this.one("[data-preview]"));
    const template = /** @type {HTMLTemplateElement} */ (document.getElementById("block-form"));
    this.blocks = new Blocks(this.one("[data-blocks]"), template, () => this.read());
    this.one("[data-sources]").hidden = false;
    this.#listen();
    this.blocks.add({ kind: "arc" });
    const start = form.dataset.start;
    for (const radio of /** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll('[name="source"]'))) radio.checked = radio.value === (start ?? "build");
    this.source();
  }

  /** @param {string} selector */
  one(selector) {
    return /** @type {HTMLElement} */ (this.form.querySelector(selector));
  }

  /** @param {string} selector */
  field(selector) {
    return /** @type {HTMLInputElement} */ (this.form.querySelector(selector));
  }

  #listen() {
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (this.form.querySelectorAll("[data-add]"))) {
      button.addEventListener("click", () => {
        const kind = /** @type {"rows" | "arc" | "standing"} */ (button.dataset.add);
        this.blocks.add({ kind }).querySelector("input")?.select();
      });
    }
    for (const radio of this.form.querySelectorAll('[name="source"]')) radio.addEventListener("change", () => this.source());
    this.one("[data-stage]").addEventListener("change", () => this.read());
    this.one("#csv-text").addEventListener("input", () => ((this.csv = this.field("#csv-text").value), this.read()));
    this.one("#csv-file").addEventListener("change", () => void this.#file("#csv-file", (text) => (this.csv = text ?? "")));
    this.one("#json-file").addEventListener("change", () => void this.#file("#json-file", (text) => (this.text = text)));
    // Enter in a number field must not send an incomplete form.
    this.form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && /** @type {HTMLElement} */ (event.target).closest("[data-plan-editor] input")) event.preventDefault();
    });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.submit();
    });
  }

  /** @param {string} selector @param {(text: string | null) => void} keep called with `null` if there is no text, so that an earlier file is not sent instead */
  async #file(selector, keep) {
    const file = this.field(selector).files?.[0];
    if (!file) return;
    const isTooLarge = file.size > MOST_BYTES;
    keep(isTooLarge ? null : decoded(await file.arrayBuffer()));
    this.read();
    if (isTooLarge) this.#complain([notice("This file is too large", [`It has ${(file.size / 1048576).toFixed(1)} MiB; a plan has at most 64.`], "bad")]);
  }

  /** The chosen source of the plan: blocks, table or file. */
  get way() {
    return this.field('[name="source"]:checked').value;
  }

  source() {
    for (const part of /** @type {NodeListOf<HTMLElement>} */ (this.form.querySelectorAll("[data-source]"))) part.hidden = part.dataset.source !== this.way;
    this.read();
  }

  /** Reads the plan again, shows it and its errors. */
  read() {
    const { plan, wrong, unused = [] } = this.#plan();
    this.plan = plan;
    const boxes = wrong.length > 0 ? [notice("This plan cannot be sent yet", wrong, "bad")] : [];
    if (unused.length > 0) boxes.push(notice("Columns that are not used", [`${unused.join(", ")}: if one is a part of the section, call it area, block or level`], "warn"));
    const doubles = plan ? duplicatesOf(plan) : [];
    if (doubles.length > 0) boxes.push(notice(`Given more than once: ${many(doubles.length, "seat number")}`, doubles.map(({ guid, places }) => `${guid}: ${places.slice(0, 4).join("; ")}`), "warn"));
    const labels = plan ? duplicateLabelsOf(plan) : [];
    // Seats that also share a guid are named above.
    const apart = labels.filter(({ guids }) => new Set(guids).size > 1);
    if (apart.length > 0) boxes.push(notice(`Tickets could not be told apart: ${many(apart.length, "place")} given to more than one seat`, apart.map(({ label, guids }) => `${label}: ${guids.slice(0, 4).join("; ")}`), "warn"));
    this.doubles = doubles.length + labels.length;
    this.one("[data-repair-field]").hidden = this.doubles === 0;
    this.#complain(boxes);
    const count = this.one("[data-count]");
    count.hidden = !plan;
    if (plan) {
      const { sections, rows, seats, standing } = countsOf(plan);
      const places = [seats > 0 || standing === 0 ? `${many(seats, "seat")} in ${many(rows, "row")}` : "", standing > 0 ? many(standing, "standing place") : ""];
      count.textContent = `${places.filter(Boolean).join(", ")} · ${many(sections, "section")}`;
    }
    this.preview.show(plan);
  }

  /** @returns {{plan: Plan | null, wrong: string[], unused?: string[]}} `unused`: columns of a table that are not read */
  #plan() {
    const name = this.field("#name")?.value.trim() || "Plan";
    if (this.way === "csv") {
      if (!this.csv.trim()) return { plan: null, wrong: [] };
      const { plan, errors, more, unused } = planFromCsv(name, this.csv);
      const lines = errors.map(({ line, message }) => `Line ${line}: ${message}`);
      return { plan, wrong: more > 0 ? [...lines, `and ${more} more`] : lines, unused };
    }
    if (this.way === "json") {
      if (this.text === null) return { plan: null, wrong: [] };
      const read = readPlan(this.text);
      return "plan" in read ? { plan: read.plan, wrong: [] } : { plan: null, wrong: [read.error] };
    }
    const blocks = this.blocks.read();
    const wrong = complaints(blocks);
    const stage = /** @type {import("./plan/build.js").Stage} */ (this.field("[data-stage]").value);
    return { plan: wrong.length > 0 ? null : build(name, blocks, stage), wrong };
  }

  /** @param {HTMLElement[]} boxes */
  #complain(boxes) {
    this.one("[data-complaints]").replaceChildren(...boxes);
  }

  async submit() {
    this.read();
    /** @type {HTMLElement} */ (document.querySelector("[data-refused]")).hidden = true;
    if (!this.plan) {
      if (this.one("[data-complaints]").childElementCount === 0) this.#complain([notice("There is no plan yet", ["Choose a file first."], "bad")]);
      return this.one("[data-complaints]").scrollIntoView({ block: "center" });
    }
    if (this.doubles > 0 && !this.field("[data-repair]").checked) {
      this.one("[data-repair-field]").scrollIntoView({ block: "center" });
      return this.field("[data-repair]").focus();
    }
    const plan = this.way === "json" && this.text !== null ? this.text : JSON.stringify(this.plan);
    const { method = "POST", address = "", organization } = this.form.dataset;
    if (method === "PUT" && !confirm("Replace the seating plan of this event now?")) return;
    const parts = method === "PUT" ? [plan] : [JSON.stringify({ ...this.#details(), organization_id: organization }).slice(0, -1), ',"seating_plan":', plan, "}"];
    const asked = new URLSearchParams();
    if (this.field("[data-repair]").checked) asked.set("repair", "true");
    if (this.field("[data-labels]").checked) asked.set("confirm_relabelled", "true");
    const options = asked.size > 0 ? `?${asked}` : "";
    this.#sending(0);
    // Making a venue needs an idempotency key; replacing a plan is a PUT and needs none.
    const once = this.field('[name="once"]')?.value;
    const outcome = await send(method, address + options, new Blob(parts), (share) => this.#sending(share), once);
    this.#sending(null);
    if (outcome.ok) this.#done(outcome.body);
    else this.#refused(outcome.problem);
  }

  #details() {
    const given = DETAILS.map((name) => [name, this.field(`#${name}`)?.value.trim() ?? ""]);
    return Object.fromEntries(given.filter(([name, value]) => value !== "" || name !== "timezone"));
  }

  /** @param {number | null} share */
  #sending(share) {
    this.one("[data-upload]").hidden = share === null;
    this.field("[data-submit]").disabled = share !== null;
    if (share === null) return;
    const bar = /** @type {HTMLProgressElement} */ (this.one("progress"));
    const words = this.one("[data-upload-words]");
    if (share < 1) [bar.value, words.textContent] = [share, `Sending: ${Math.round(share * 100)} %`];
    else {
      bar.removeAttribute("value");
      words.textContent = "Sent. The server reads the plan…";
    }
  }

  /** @typedef {{from: string, to: string, where: {section: string, row: string, number: string}}} Renamed */
  /** @param {{venue_id?: string, repairs?: Renamed[], renumbered?: Renamed[], relabelled?: {from: string, to: string}[], left_out?: {where: string, reason: string}[], kept?: number, added?: number, removed?: number}} answer */
  #done({ venue_id: venue, repairs = [], renumbered = [], relabelled = [], left_out: leftOut = [], kept, added, removed }) {
    const next = (this.form.dataset.next ?? "/console/venues") + (venue ? `${venue}?done=venue` : "");
    const changes = kept === undefined ? [] : [`${many(kept, "seat")} kept`, `${many(added ?? 0, "seat")} added: without a price they are blocked, so look at the prices`, `${many(removed ?? 0, "seat")} not in this plan: sold and reserved ones stay as they are, the others are blocked`];
    const renamed = [...repairs, ...renumbered];
    changes.push(...relabelled.map(({ from, to }) => `Sold as ${from}, now ${to}: the buyer is told by e-mail`));
    if (renamed.length + leftOut.length + changes.length === 0) return location.assign(next);
    const omitted = leftOut.map(({ where, reason }) => `Left out: ${where} ${reason}`);
    const lines = [...changes, ...omitted, ...renamed.map(({ from, to, where }) => `${from || "A seat without a name"} is now ${to} (${[where.section, where.row, where.number].filter(Boolean).join(" · ")})`)];
    const box = notice(renamed.length > 0 ? `Done. Renumbered: ${many(renamed.length, "seat")}` : "Done", lines, "ok");
    box.append(element("a", "Go on", { class: "button primary", href: next }));
    this.one("[data-done]").replaceChildren(box);
    this.one("[data-submit]").hidden = true;
    box.scrollIntoView({ block: "center" });
  }

  /** @param {Problem} problem */
  #refused({ title = "The server refused it", detail = "", code, errors = [], duplicates = [], duplicate_labels: labels = [], labels: inUse = [] }) {
    if (code === "idempotency_mismatch") {
      [title, detail] = ["This form was sent before", "Its venue was created: look at your venues. Sending it once more creates another venue."];
      this.field('[name="once"]').value = crypto.getRandomValues(new Uint32Array(4)).join("-");
    }
    for (const old of this.form.querySelectorAll(".wrong")) old.remove();
    const rest = errors.filter(({ field, message }) => {
      const input = DETAILS.includes(field) ? this.field(`#${field}`) : null;
      input?.setAttribute("aria-invalid", "true");
      input?.after(element("span", message, { class: "wrong" }));
      return !input;
    });
    const lines = rest.map(({ field, message }) => `${field}: ${message}`);
    const doubles = [...duplicates, ...labels].map(({ seat_guid, label, places }) => `${seat_guid ?? label}: ${places.map(({ path, section, row, number }) => (label ? path : [section, row, number].filter(Boolean).join(" · "))).join("; ")}`);
    const sold = inUse.map(({ label, becomes }) => `${label} is on a sold ticket, whose seat would be ${becomes}`);
    if (sold.length > 0) this.one("[data-labels-field]").hidden = false;
    if (doubles.length > 0) this.one("[data-repair-field]").hidden = false;
    const box = /** @type {HTMLElement} */ (document.querySelector("[data-refused]"));
    box.hidden = false;
    box.replaceChildren(element("p", errors.length > 0 ? `${title}. Please correct what is named below.` : `${title}. ${detail}${doubles.length > 0 ? " Tick “Renumber them” at the end of this list, or correct the file." : ""}`), ...notice("", [...lines, ...doubles, ...sold], "").querySelectorAll("ul"));
    // What can be done about it stands where it is said.
    if (doubles.length > 0) box.append(this.one("[data-repair-field]"));
    box.scrollIntoView({ block: "center" });
  }
}

const form = /** @type {HTMLFormElement | null} */ (document.querySelector("[data-plan-form]"));
if (form) new PlanForm(form);

/** Decodes a file as UTF-8, or as Windows-1252, which some spreadsheets write. @param {ArrayBuffer} bytes */
function decoded(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

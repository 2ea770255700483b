// Reads a plan from a table: section, row, seat and optionally category, x, y, accessible. Errors name their line. No column that has a
// meaning is dropped: several columns of the section are joined, several of anything else must agree.

import { PITCH, planOf } from "./pretix.js";
import { yesOrNo } from "./words.js";

/** @import { Plan, Point, Row, Seat, Zone } from "./pretix.js" */

/**
 * Columns in their usual order, with the names that tables give them, as `folded` writes them. A name under two columns means the first
 * of them that has no other column: German “Rang” is a tier of the house beside a “Reihe”, French “rang” is the row.
 * @type {Record<string, string[]>}
 */
const COLUMNS = {
  row: ["row", "row number", "row no", "row label", "reihe", "reihennummer", "rang", "rangee", "fila", "numero fila", "rij", "ряд"],
  section: [
    ...["section", "block", "area", "zone", "level", "floor", "tier", "stand", "part", "hall", "room", "balcony"],
    ...["bereich", "sektor", "rang", "ebene", "etage", "stock", "stockwerk", "tribune", "saal", "saalteil", "platzgruppe"],
    ...["secteur", "bloc", "niveau", "salle", "sector", "seccion", "bloque", "nivel", "planta", "zona", "sala"],
    ...["settore", "blocco", "livello", "piano", "vak", "blok", "verdieping", "zaal", "сектор", "ярус", "зона"],
  ],
  seat: [
    ...["seat", "seat number", "seat no", "seat label", "number", "platz", "platznummer", "platz nr", "sitz", "sitzplatz", "sitznummer", "nummer"],
    ...["siege", "place", "numero", "numero de place", "asiento", "butaca", "posto", "poltrona", "stoel", "plaats", "место"],
  ],
  category: ["category", "price category", "kategorie", "preiskategorie", "categorie", "categoria", "категория"],
  x: ["x"],
  y: ["y"],
  accessible: [
    ...["accessible", "wheelchair", "wheelchair place", "wheelchair accessible", "rollstuhl", "rollstuhlplatz", "barrierefrei", "pmr", "fauteuil roulant"],
    ...["accesible", "silla de ruedas", "accessibile", "sedia a rotelle", "carrozzina", "rolstoel", "toegankelijk", "доступно"],
  ],
};
/** The columns of a table without headings, in order. */
const USUAL = ["section", "row", "seat", "category", "x", "y", "accessible"];
const ROW_GAP = 30;
const GAP = 90;
/** The most errors that are listed; further ones are only counted. */
const MOST_COMPLAINTS = 50;

/** @typedef {{line: number, cells: string[]}} Line */
/** @typedef {{line: number, section: string, row: string, seat: string, category: string, at: Point | null, accessible: boolean}} Entry */

/** Detects the separator from the table's first line. @param {string} text */
function separator(text) {
  const first = text.slice(0, text.search(/[\r\n]|$/));
  const count = (/** @type {string} */ sign) => first.split(sign).length;
  return [";", "\t"].reduce((best, sign) => (count(sign) > count(best) ? sign : best), ",");
}

/** Splits a table into lines and cells (RFC 4180); empty lines are skipped. @param {string} text @returns {Line[]} */
export function readCells(text) {
  const between = separator(text);
  /** @type {Line[]} */
  const lines = [];
  let [cells, cell, quoted, line, began] = [/** @type {string[]} */ ([]), "", false, 1, 1];
  const endLine = () => {
    cells.push(cell.trim());
    if (cells.some(Boolean)) lines.push({ line: began, cells });
    [cells, cell] = [[], ""];
  };
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at];
    if (sign === "\n") line += 1;
    if (quoted) {
      if (sign !== '"') cell += sign;
      else if (text[at + 1] === '"') cell += text[++at];
      else quoted = false;
    } else if (sign === '"' && cell.trim() === "") [quoted, cell] = [true, ""];
    else if (sign === between) {
      cells.push(cell.trim());
      cell = "";
    } else if (sign === "\n") {
      endLine();
      began = line;
    } else if (sign !== "\r") cell += sign;
  }
  endLine();
  return lines;
}

/** @typedef {{heading: string, at: number}} Column */

/** A heading in small letters without accents: `Sección.` is `seccion`. @param {string} heading */
function folded(heading) {
  return heading.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/[_.\-\s]+/g, " ").trim();
}

/**
 * The columns of each meaning, from the header line, or else in the usual order; and the headings that mean nothing here.
 * @param {Line[]} lines
 */
function columns(lines) {
  const headings = (lines[0]?.cells ?? []).map((heading, at) => ({ heading, at }));
  const meanings = headings.map(({ heading }) => Object.keys(COLUMNS).filter((column) => COLUMNS[column].includes(folded(heading))));
  /** @type {Record<string, Column[]>} */
  const found = Object.fromEntries(Object.keys(COLUMNS).map((column) => [column, headings.filter((_, at) => meanings[at].length === 1 && meanings[at][0] === column)]));
  meanings.forEach((possible, at) => {
    if (possible.length < 2) return;
    found[possible.find((column) => found[column].length === 0) ?? possible[possible.length - 1]].push(headings[at]);
  });
  for (const column of Object.values(found)) column.sort((a, b) => a.at - b.at);
  if (found.section.length > 0 && found.seat.length > 0) {
    const unused = headings.filter(({ heading }, at) => heading && meanings[at].length === 0).map(({ heading }) => heading);
    return { named: true, found, rest: lines.slice(1), unused };
  }
  const usual = Object.fromEntries(USUAL.map((heading, at) => [heading, [{ heading, at }]]));
  return { named: false, found: usual, rest: lines, unused: [] };
}

/** Whether the first line is a header: it has words where all other lines have numbers. @param {Line[]} lines @param {Record<string, Column[]>} found */
function isHeading([first, ...others], found) {
  const [{ at }] = found.seat;
  const hasDigit = (/** @type {Line} */ { cells }) => /\d/.test(cells[at] ?? "");
  return others.length > 0 && Boolean(first.cells[at]) && !hasDigit(first) && others.every(hasDigit);
}

/** @param {string} text */
const number = (text) => Number(text.replace(",", "."));

/**
 * @param {string} name @param {string} text
 * @returns {{plan: Plan | null, errors: {line: number, message: string}[], seats: number, more: number, unused: string[]}} `unused`: headings of columns that are not read
 */
export function planFromCsv(name, text) {
  const { named, found, rest, unused } = columns(readCells(text.replace(/^\ufeff/, "")));
  /** @type {{line: number, message: string}[]} */
  const errors = [];
  if (!named && rest.length > 0 && isHeading(rest, found)) {
    const message = `“${rest[0].cells.join(", ")}” names the columns in words that are not known here: use section, row, seat and, if you like, category, x, y, accessible`;
    return { plan: null, errors: [{ line: rest[0].line, message }], seats: 0, more: 0, unused };
  }
  const entries = rest.map((line) => readEntry(line, found, errors)).filter((entry) => entry !== null);
  const placed = entries.filter((entry) => entry.at).length;
  if (placed > 0) {
    for (const entry of entries) if (!entry.at) errors.push({ line: entry.line, message: "has no x and y, which other lines have" });
  }
  if (entries.length === 0 && errors.length === 0) errors.push({ line: 1, message: "there is no seat; each line is section,row,seat" });
  errors.sort((a, b) => a.line - b.line);
  const more = Math.max(0, errors.length - MOST_COMPLAINTS);
  if (errors.length > 0) return { plan: null, errors: errors.slice(0, MOST_COMPLAINTS), seats: entries.length, more, unused };
  return { plan: planOf(name, zonesOf(entries, placed > 0)), errors, seats: entries.length, more, unused };
}

/** @param {Line} line @param {Record<string, Column[]>} found @param {{line: number, message: string}[]} errors @returns {Entry | null} */
function readEntry({ line, cells }, found, errors) {
  const before = errors.length;
  const complain = (/** @type {string} */ message) => errors.push({ line, message });
  const given = (/** @type {string} */ name) => [...new Set(found[name].map(({ at }) => cells[at] ?? "").filter(Boolean))];
  const cell = (/** @type {string} */ name) => {
    const values = given(name);
    if (values.length > 1) {
      const headings = found[name].map(({ heading }) => `“${heading}”`).join(" and ");
      complain(`${headings} both mean the ${name}, but say ${values.map((value) => `“${value}”`).join(" and ")}: keep one of the columns`);
    }
    return values[0] ?? "";
  };
  // Parts of the house, the larger first: “Saal, 1. Rang”.
  const section = given("section").join(", ");
  const [row, seat, category, x, y] = ["row", "seat", "category", "x", "y"].map(cell);
  for (const [column, value] of Object.entries({ section, seat })) if (!value) complain(`the ${column} is missing`);
  for (const [axis, value] of Object.entries({ x, y })) {
    if (value && !Number.isFinite(number(value))) complain(`${axis} is “${value}”, which is no number`);
  }
  if (Boolean(x) !== Boolean(y)) complain("x and y go together");
  const said = cell("accessible");
  const accessible = yesOrNo(said);
  if (accessible === null) complain(`${found.accessible[0].heading} is “${said}”, which is not understood: write yes or no`);
  if (errors.length > before) return null;
  return { line, section, row, seat, category, at: x ? { x: number(x), y: number(y) } : null, accessible: accessible === true };
}

/** @param {Entry[]} entries @param {boolean} placed @returns {Zone[]} */
function zonesOf(entries, placed) {
  /** @type {Map<string, Map<string, Entry[]>>} */
  const sections = new Map();
  for (const entry of entries) {
    const rows = sections.get(entry.section) ?? sections.set(entry.section, new Map()).get(entry.section);
    const row = rows?.get(entry.row);
    if (row) row.push(entry);
    else rows?.set(entry.row, [entry]);
  }
  const scale = placed ? scaleOf(sections) : 1;
  let top = 0;
  return [...sections].map(([name, rows]) => {
    const begin = top;
    top += rows.size * ROW_GAP + GAP;
    const zoneRows = [...rows].map(([row, seats], below) => ({
      row_number: row,
      seats: seats.map((entry, at) => seatOf(entry, entry.at ? { x: entry.at.x * scale, y: entry.at.y * scale } : { x: (at - (seats.length - 1) / 2) * PITCH, y: begin + below * ROW_GAP })),
    }));
    return { name, rows: zoneRows };
  });
}

/** @param {Entry} entry @param {Point} position @returns {Seat} */
function seatOf(entry, position) {
  return {
    seat_guid: [entry.section, entry.row, entry.seat].filter(Boolean).join("-"),
    seat_number: entry.seat,
    position,
    ...(entry.category ? { category: entry.category } : {}),
    ...(entry.accessible ? { fairseat_accessible: true } : {}),
  };
}

/** Scales positions in any unit to the editor's units, so that neighbours are one pitch apart. @param {Map<string, Map<string, Entry[]>>} sections */
function scaleOf(sections) {
  const distances = [];
  for (const rows of sections.values()) {
    for (const seats of rows.values()) {
      for (let at = 1; at < seats.length; at += 1) {
        const [a, b] = [seats[at - 1].at, seats[at].at];
        if (a && b) distances.push(Math.hypot(a.x - b.x, a.y - b.y));
      }
    }
  }
  const middle = distances.filter((distance) => distance > 0).sort((a, b) => a - b)[distances.length >> 1] ?? PITCH;
  return middle >= PITCH * 0.4 && middle <= PITCH * 4 ? 1 : PITCH / middle;
}

// Reads a plan from a table: section, row, seat and optionally category, x, y, accessible. Errors name their line.

import { PITCH, planOf } from "./pretix.js";

/** @import { Plan, Point, Row, Seat, Zone } from "./pretix.js" */

/** Columns in their usual order, with the names that tables give them. @type {Record<string, string[]>} */
const COLUMNS = {
  section: ["section", "block", "area", "zone", "bereich", "sektor", "secteur", "sector", "settore", "sección", "vak"],
  row: ["row", "row number", "reihe", "rang", "rangée", "fila", "rij"],
  seat: ["seat", "seat number", "number", "platz", "sitz", "sitzplatz", "siège", "place", "asiento", "posto", "stoel"],
  category: ["category", "kategorie", "catégorie", "categoría", "categoria", "categorie"],
  x: ["x"],
  y: ["y"],
  accessible: ["accessible", "wheelchair", "rollstuhl", "barrierefrei", "pmr"],
};
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

/** The position of each known column: from the header line, or else in the usual order. @param {Line[]} lines */
function columns(lines) {
  const names = (lines[0]?.cells ?? []).map((cell) => cell.toLowerCase().replace(/[_.-]+/g, " ").trim());
  const place = (/** @type {string} */ column) => names.findIndex((name) => COLUMNS[column].includes(name));
  const named = place("section") >= 0 && place("seat") >= 0;
  const at = Object.fromEntries(Object.keys(COLUMNS).map((column, usual) => [column, named ? place(column) : usual]));
  return { named, at, rest: named ? lines.slice(1) : lines };
}

/** Whether the first line is a header: it has words where all other lines have numbers. @param {Line[]} lines @param {Record<string, number>} at */
function isHeading([first, ...others], at) {
  const hasDigit = (/** @type {Line} */ { cells }) => /\d/.test(cells[at.seat] ?? "");
  return others.length > 0 && Boolean(first.cells[at.seat]) && !hasDigit(first) && others.every(hasDigit);
}

/** @param {string} text */
const number = (text) => Number(text.replace(",", "."));

/**
 * @param {string} name @param {string} text
 * @returns {{plan: Plan | null, errors: {line: number, message: string}[], seats: number, more: number}}
 */
export function planFromCsv(name, text) {
  const { named, at, rest } = columns(readCells(text.replace(/^\ufeff/, "")));
  /** @type {{line: number, message: string}[]} */
  const errors = [];
  if (!named && isHeading(rest, at)) {
    const message = `“${rest[0].cells.join(", ")}” names the columns in words that are not known here: use section, row, seat and, if you like, category, x, y, accessible`;
    return { plan: null, errors: [{ line: rest[0].line, message }], seats: 0, more: 0 };
  }
  const entries = rest.map((line) => readEntry(line, at, errors)).filter((entry) => entry !== null);
  const placed = entries.filter((entry) => entry.at).length;
  if (placed > 0) {
    for (const entry of entries) if (!entry.at) errors.push({ line: entry.line, message: "has no x and y, which other lines have" });
  }
  if (entries.length === 0 && errors.length === 0) errors.push({ line: 1, message: "there is no seat; each line is section,row,seat" });
  errors.sort((a, b) => a.line - b.line);
  const more = Math.max(0, errors.length - MOST_COMPLAINTS);
  if (errors.length > 0) return { plan: null, errors: errors.slice(0, MOST_COMPLAINTS), seats: entries.length, more };
  return { plan: planOf(name, zonesOf(entries, placed > 0)), errors, seats: entries.length, more };
}

/** @param {Line} line @param {Record<string, number>} at @param {{line: number, message: string}[]} errors @returns {Entry | null} */
function readEntry({ line, cells }, at, errors) {
  const cell = (/** @type {string} */ name) => cells[at[name]] ?? "";
  const before = errors.length;
  for (const name of ["section", "seat"]) if (!cell(name)) errors.push({ line, message: `the ${name} is missing` });
  const [x, y] = [cell("x"), cell("y")];
  for (const [axis, value] of [["x", x], ["y", y]]) {
    if (value && !Number.isFinite(number(value))) errors.push({ line, message: `${axis} is “${value}”, which is no number` });
  }
  if (Boolean(x) !== Boolean(y)) errors.push({ line, message: "x and y go together" });
  if (errors.length > before) return null;
  const accessible = /^(1|y|yes|true|x)$/i.test(cell("accessible"));
  return { line, section: cell("section"), row: cell("row"), seat: cell("seat"), category: cell("category"), at: x ? { x: number(x), y: number(y) } : null, accessible };
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

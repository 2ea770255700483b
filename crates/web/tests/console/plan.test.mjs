// Plans from blocks and tables, and their preview on the map.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { readGeometry } from "../../static/js/map/geometry.js";
import { USUAL, build, complaints, seatNumber, seatsOf } from "../../static/js/console/plan/build.js";
import { Grid } from "../../static/js/map/grid.js";
import { Ground } from "../../static/js/map/ground.js";
import { Money, Prices } from "../../static/js/map/prices.js";
import { planFromCsv, readCells } from "../../static/js/console/plan/csv.js";
import { rowLabel } from "../../static/js/console/plan/pretix.js";
import { countsOf, duplicateLabelsOf, duplicatesOf, geometryOf, readPlan } from "../../static/js/console/plan/preview.js";

const block = (more) => ({ ...USUAL, kind: "rows", name: "Stalls", rows: 2, seats: 3, ...more });
const seatsIn = (plan) => plan.zones.flatMap((zone) => zone.rows.flatMap((row) => row.seats));

test("rows are named by letters or numbers, from wherever they begin", () => {
  assert.deepEqual([0, 1, 25, 26, 51, 52].map((at) => rowLabel("A", at)), ["A", "B", "Z", "AA", "AZ", "BA"]);
  assert.deepEqual([0, 1, 2].map((at) => rowLabel("y", at)), ["Y", "Z", "AA"]);
  assert.deepEqual([0, 9].map((at) => rowLabel("5", at)), ["5", "14"]);
});

test("seats are numbered from either side or from the middle", () => {
  const numbers = (numbering, count, firstSeat = 1) => Array.from({ length: count }, (_, at) => seatNumber(block({ numbering, firstSeat }), at, count));
  assert.deepEqual(numbers("left", 3, 101), [101, 102, 103]);
  assert.deepEqual(numbers("right", 3), [3, 2, 1]);
  assert.deepEqual(numbers("odd", 5), [5, 3, 1, 2, 4]);
  assert.deepEqual(numbers("odd", 4), [3, 1, 2, 4]);
});

test("straight rows stand behind each other, an aisle between their seats", () => {
  const plan = build("House", [block({ aisle: 2, accessible: "a-1", category: "Gold" })], "none");
  const [first, second] = plan.zones[0].rows;
  assert.deepEqual(first.seats.map((seat) => seat.position.x), [40, 65, 130]);
  assert.equal(second.seats[0].position.y - first.seats[0].position.y, 30);
  assert.deepEqual(first.seats.map((seat) => seat.seat_guid), ["Stalls-A-1", "Stalls-A-2", "Stalls-A-3"]);
  assert.equal(first.seats[0].fairseat_accessible, true);
  assert.deepEqual(plan.categories.map(({ name }) => name), ["Gold"]);
});

test("the seats of an arc are one distance from the stage, symmetric, and no nearer to each other than in a row", () => {
  const plan = build("House", [block({ kind: "arc", rows: 3, seats: 11, span: 120, grow: 2 })], "front");
  for (const { seats } of plan.zones[0].rows) {
    const middle = seats[(seats.length - 1) / 2].position;
    for (let at = 0; at < seats.length; at += 1) {
      const [left, right] = [seats[at].position, seats[seats.length - 1 - at].position];
      assert.ok(Math.abs(left.y - right.y) < 0.05 && Math.abs(left.x + right.x - 2 * middle.x) < 0.05);
      if (at > 0) assert.ok(Math.hypot(left.x - seats[at - 1].position.x, left.y - seats[at - 1].position.y) > 23);
    }
  }
  assert.deepEqual(plan.zones[0].rows.map((row) => row.seats.length), [11, 13, 15]);
  assert.equal(plan.zones[0].areas[0].text.text, "Stage");
});

test("blocks do not overlap, wherever they are put, and blocks of one name are one section", () => {
  const plan = build("House", [block({}), block({ name: "Left", place: "left", turn: 20 }), block({ firstRow: "C" }), block({ kind: "standing", name: "Floor", places: 10 })], "none");
  assert.deepEqual(plan.zones.map(({ name }) => name), ["Stalls", "Left", "Floor"]);
  assert.equal(plan.zones[0].rows.length, 4);
  const seats = seatsIn(plan);
  assert.equal(seats.length, seatsOf(block({})) * 3 + 10);
  for (const [at, a] of seats.entries()) {
    assert.ok(a.position.x >= 39.99 && a.position.y >= 39.99 && a.position.x <= plan.size.width - 39.99);
    for (const b of seats.slice(at + 1)) assert.ok(Math.hypot(a.position.x - b.position.x, a.position.y - b.position.y) > 24, `${a.seat_guid} ${b.seat_guid}`);
  }
  assert.deepEqual(duplicatesOf(plan), []);
});

test("errors in blocks are described", () => {
  assert.deepEqual(complaints([]), ["Add at least one block."]);
  assert.deepEqual(complaints([block({ name: " " })]), ["Block 1 needs the name of its section."]);
  assert.equal(complaints([block({ rows: 0 })]).length, 1);
  assert.equal(complaints([block({ rows: 500, seats: 1000 })]).length, 1);
});

test("cells are read as spreadsheets quote them", () => {
  assert.deepEqual(readCells('a,"b ""x"", y",c\r\n\r\n"d\ne",f'), [{ line: 1, cells: ["a", 'b "x", y', "c"] }, { line: 3, cells: ["d\ne", "f"] }]);
  assert.deepEqual(readCells("a;b,c;d").map(({ cells }) => cells), [["a", "b,c", "d"]]);
  assert.deepEqual(readCells("a\tb").map(({ cells }) => cells), [["a", "b"]]);
});

test("a table becomes a plan, with or without positions and a header", () => {
  const plain = planFromCsv("House", "Stalls,A,1,Gold\nStalls,A,2,Gold\nStalls,B,1\n").plan;
  assert.deepEqual(countsOf(plain), { sections: 1, rows: 2, seats: 3, standing: 0 });
  assert.deepEqual(seatsIn(plain).map((seat) => seat.seat_guid), ["Stalls-A-1", "Stalls-A-2", "Stalls-B-1"]);
  const metres = planFromCsv("House", "\ufeffSeat;Section;Row;X;Y;Accessible\n1;Stalls;A;0,5;0;yes\n2;Stalls;A;1,0;0;\n").plan;
  const [first, second] = seatsIn(metres);
  assert.equal(second.position.x - first.position.x, 25);
  assert.equal(first.fairseat_accessible, true);
});

test("errors in a table name their line", () => {
  const { plan, errors } = planFromCsv("House", "section,row,seat,x,y\nStalls,A,1,0,0\n,A,2,1,0\nStalls,A,3,far,0\nStalls,A,4,,\nStalls,A,,1,0\nStalls,A,5,3,\n");
  assert.equal(plan, null);
  assert.deepEqual(errors.map(({ line, message }) => `${line} ${message}`), [
    "3 the section is missing",
    "4 x is “far”, which is no number",
    "5 has no x and y, which other lines have",
    "6 the seat is missing",
    "7 x and y go together",
  ]);
  assert.equal(planFromCsv("House", "section,row,seat\n").errors.length, 1);
});

const example = (name) => readFileSync(new URL(`data/${name}`, import.meta.url), "utf8");
const placesIn = (plan) => plan.zones.flatMap((zone) => zone.rows.flatMap((row) => row.seats.map((seat) => [zone.name, row.row_number, seat.seat_number].join("/"))));

test("accessible seats are marked by words of every language whose headings are known", () => {
  const { plan } = planFromCsv("House", example("05-accessible-de.csv"));
  assert.deepEqual(seatsIn(plan).map((seat) => seat.fairseat_accessible === true), [true, false, true]);
  const said = (heading, words) => {
    const { plan, errors } = planFromCsv("House", [`Section;Row;Seat;${heading}`, ...words.map((word, at) => `A;1;${at + 1};${word}`)].join("\n"));
    return errors.length > 0 ? errors.map(({ line, message }) => `${line} ${message}`) : seatsIn(plan).map((seat) => (seat.fairseat_accessible ? "yes" : "no"));
  };
  for (const [heading, yes, no] of [
    ["Accessible", ["1", "y", "Yes", "TRUE", "x", "✓", "✔️"], ["0", "n", "No", "FALSE", "", "-"]],
    ["Rollstuhl", ["ja", "Ja", "J", "WAHR"], ["nein", "Nein", "N", "FALSCH"]],
    ["Fauteuil roulant", ["oui", "VRAI"], ["non", "FAUX"]],
    ["PMR", ["Oui"], ["Non"]],
    ["Silla de ruedas", ["sí", "si", "VERDADERO"], ["no", "FALSO"]],
    ["Accessibile", ["sì", "VERO"], ["no", "FALSO"]],
    ["Rolstoel", ["ja", "WAAR"], ["nee", "ONWAAR"]],
    ["Доступно", ["да", "ИСТИНА"], ["нет", "ЛОЖЬ"]],
    ["Wheelchair", ["はい", "tak", "Ναι", "DOĞRU", "evet", "sim"], ["いいえ", "nie", "fałsz", "Hayır", "não"]],
  ]) {
    assert.deepEqual(said(heading, [...yes, ...no]), [...yes.map(() => "yes"), ...no.map(() => "no")], heading);
  }
  assert.deepEqual(said("Rollstuhl", ["ja", "vielleicht", "2"]), [
    "3 Rollstuhl is “vielleicht”, which is not understood: write yes or no",
    "4 Rollstuhl is “2”, which is not understood: write yes or no",
  ]);
});

test("columns that mean one thing are all used", () => {
  for (const [table, expected] of [
    [example("06-rang-reihe.csv"), ["Saal, Parkett/1/1", "Saal, Parkett/2/1", "Saal, 1. Rang/1/1"]],
    ["Area,Block,Row,Seat\nNorth,101,A,1\nNorth,102,A,1\nSouth,,A,1", ["North, 101/A/1", "North, 102/A/1", "South/A/1"]],
    ["Level;Section;Block;Row;Seat\n1;East;7;A;1", ["1, East, 7/A/1"]],
    ["Rang;Reihe;Platz\n1. Rang;4;12", ["1. Rang/4/12"]],
    ["Secteur;Rang;Siège\nOrchestre;C;7", ["Orchestre/C/7"]],
    ["Piso;Sección;Fila;Asiento\nx;Platea;1;2", ["Platea/1/2"]],
    ["Sezione;Settore;Fila;Posto\nx;Platea;1;2", ["Platea/1/2"]],
    ["Secteur;Étage;Rangée;Place\nNord;2;B;9", ["Nord, 2/B/9"]],
    ["Section;Row;Reihe;Seat;Platz\nStalls;A;A;1;1", ["Stalls/A/1"]],
  ]) {
    const { plan, errors } = planFromCsv("House", table);
    assert.deepEqual(errors, [], table);
    assert.deepEqual(placesIn(plan), expected, table);
  }
});

test("columns of one meaning that differ are asked about, and unknown ones are named", () => {
  const { errors } = planFromCsv("House", "Section;Row;Reihe;Seat\nStalls;A;1;1\nStalls;A;A;2");
  assert.deepEqual(errors, [{ line: 2, message: "“Row” and “Reihe” both mean the row, but say “A” and “1”: keep one of the columns" }]);
  assert.equal(planFromCsv("House", "Bereich;Platz;Nummer\nA;1;2").errors[0].message, "“Platz” and “Nummer” both mean the seat, but say “1” and “2”: keep one of the columns");
  assert.deepEqual(planFromCsv("House", "Piso;Section;Row;Seat;Notes\n1;Stalls;A;1;").unused, ["Piso", "Notes"]);
  assert.deepEqual(planFromCsv("House", "Stalls,A,1\n").unused, []);
});

test("seats with one label are found, except standing places and seats without a number", () => {
  const seat = (guid, number) => ({ seat_guid: guid, seat_number: number, position: { x: 0, y: 0 } });
  const zone = (name, rows, more = {}) => ({ name, ...more, rows: rows.map(([label, ...numbers]) => ({ row_number: label, seats: numbers.map((number, at) => seat(`${name}${label}${at}`, number)) })) });
  const found = (...zones) => duplicateLabelsOf({ zones }).map(({ label, guids }) => `${label}: ${guids.join(" ")}`);
  assert.deepEqual(found(zone("Main", [["A", "1", "2", 1]])), ["Main · A · 1: MainA0 MainA2"]);
  assert.deepEqual(found(zone("Main", [["A", "1"], ["A", "1"], ["B", "1"]])), ["Main · A · 1: MainA0 MainA0"]);
  assert.deepEqual(found(zone("Main", [["A", "1"]]), zone("Side", [["A", "1"]]), zone("Main", [["A", "1"]])), []);
  assert.deepEqual(found(zone("Pit", [["", "1", "1"]], { fairseat_general_admission: true }), zone("Table", [["1", "", undefined]])), []);
});

test("duplicates are found with all their places", () => {
  const { plan } = planFromCsv("House", "Stalls,A,1\nStalls,A,1\nStalls,A,2\n");
  assert.deepEqual(duplicatesOf(plan), [{ guid: "Stalls-A-1", places: ["Stalls · A · 1", "Stalls · A · 1"] }]);
});

test("the map reads what the preview gives it", async () => {
  const plan = build("House", [block({ category: "Gold" }), block({ kind: "standing", name: "Floor", places: 5 }), block({ name: "Rear", accessible: "B-2" })], "front");
  const shown = await readGeometry(geometryOf(plan));
  assert.equal(shown.count, 17);
  assert.deepEqual(shown.sections.map(({ name, standing, seats }) => [name, standing, seats]), [["Stalls", false, 6], ["Floor", true, 5], ["Rear", false, 6]]);
  const [seat] = plan.zones[0].rows[0].seats;
  assert.deepEqual([shown.x[0], shown.y[0]], [Math.round(seat.position.x * 10), Math.round(seat.position.y * 10)]);
  assert.deepEqual([shown.category[0], shown.category[16]], [0, -1]);
  assert.deepEqual([...shown.accessible].flatMap((on, at) => (on ? [at] : [])), [15]);
  assert.equal(shown.number(12), "2");
  assert.equal(shown.decorations[0].text?.text, "Stage");
});

test("a text that is no plan gives the reason", () => {
  assert.match(readPlan("{").error, /not JSON/);
  assert.match(readPlan("[]").error, /no zones/);
  assert.match(readPlan('{"zones":[{"rows":[{}]}]}').error, /Zone 1/);
  assert.ok(readPlan('{"seating_plan":{"zones":[]}}').plan);
});

/** Every place in a document. */
function* pathsIn(value, path = []) {
  if (path.length > 0) yield path;
  if (value === null || typeof value !== "object") return;
  for (const [key, inner] of Object.entries(value)) yield* pathsIn(inner, [...path, key]);
}

test("for any file, the preview shows it or names what it cannot show", async () => {
  const plan = build("House", [block({ rows: 1, seats: 2, category: "Gold" }), block({ kind: "standing", name: "Floor", places: 2 })], "front");
  let refused = 0;
  for (const path of pathsIn(plan)) {
    for (const junk of [null, true, "x", -1, 1e9, 1e300, [], [null], {}, { zones: 1 }]) {
      const changed = structuredClone(plan);
      path.slice(0, -1).reduce((inner, key) => inner[key], changed)[path.at(-1)] = junk;
      const read = readPlan(JSON.stringify(changed));
      const at = `${path.join(".")} = ${JSON.stringify(junk)}`;
      if (read.plan) await readGeometry(geometryOf(read.plan)).catch((error) => assert.fail(`${at}: ${error.stack}`));
      else assert.match(read.error, /\.$/, at);
      refused += read.plan ? 0 : 1;
    }
  }
  assert.ok(refused > 20, String(refused));
});

test("a header with unknown column names is no seat", () => {
  const understood = planFromCsv("House", "Block;Reihe;Platz\nParkett;A;links\nParkett;A;rechts\n").plan;
  assert.deepEqual(seatsIn(understood).map((seat) => seat.seat_guid), ["Parkett-A-links", "Parkett-A-rechts"]);
  const { plan, errors } = planFromCsv("House", "Lohko;Rivi;Paikka\nPermanto;A;1\nPermanto;A;2\n");
  assert.equal(plan, null);
  assert.match(errors[0].message, /^“Lohko, Rivi, Paikka” names the columns/);
  const short = planFromCsv("House", "section,row,seat\nA,1\nA,1,2\n").errors;
  assert.deepEqual(short, [{ line: 2, message: "the seat is missing" }]);
  assert.equal(planFromCsv("House", "Parkett;A;links\nParkett;A;rechts\n").plan?.zones[0].rows[0].seats.length, 2);
});

test("the stage is where it is said to be, and seats around a middle have it there", () => {
  const seats = [block({ rows: 4, seats: 10 })];
  const box = (plan) => plan.zones[0].rows.flatMap(({ seats }) => seats.map(({ position }) => position));
  for (const [side, outside] of [
    ["front", ({ position, rectangle }, points) => points.every(({ y }) => y > position.y + rectangle.height)],
    ["back", ({ position }, points) => points.every(({ y }) => y < position.y)],
    ["left", ({ position, rectangle }, points) => points.every(({ x }) => x > position.x + rectangle.width)],
    ["right", ({ position }, points) => points.every(({ x }) => x < position.x)],
  ]) {
    const plan = build("House", seats, side);
    assert.ok(outside(plan.zones[0].areas[0], box(plan)), side);
    assert.ok(plan.zones[0].areas[0].position.x >= 39.99 && plan.zones[0].areas[0].position.y >= 39.99, `${side}: on the plan`);
  }
  const round = build("House", seats, "middle");
  assert.equal(round.zones[0].areas, undefined);
  const points = box(round);
  assert.ok(Math.abs(round.fairseat_focus.x - (Math.min(...points.map(({ x }) => x)) + Math.max(...points.map(({ x }) => x))) / 2) < 0.02);
});

test("an arc's rows have no letters between their seats, and its categories have colours of their own", async () => {
  const arc = build("House", [block({ kind: "arc", rows: 8, seats: 20, category: "Gold" }), block({ name: "Rear", category: "Silver" })], "front");
  const plan = await readGeometry(geometryOf(arc));
  const grid = new Grid(plan.x, plan.y, plan.pitch * 2);
  const ground = new Ground(plan, grid);
  const written = [];
  const context = { measureText: (text) => ({ width: text.length * 7 }), fillText: (text, x, y) => written.push({ text, x, y }) };
  const everywhere = { left: -1e9, top: -1e9, right: 1e9, bottom: 1e9 };
  ground.paintRowLabels(context, [0, 1], everywhere, 0.1, { font: "serif", muted: "#000" }, 11);
  assert.ok(written.length >= 16, `${written.length} labels`);
  for (const { text, x, y } of written) {
    const [half, seat] = [(text.length * 7) / 2, plan.pitch * 0.41 * 0.1];
    plan.x.forEach((sx, at) => {
      const apart = Math.hypot(Math.max(Math.abs(sx * 0.1 - x) - half, 0), Math.max(Math.abs(plan.y[at] * 0.1 - y) - 3, 0));
      assert.ok(apart > seat, `${text} is over seat ${at}`);
    });
  }
  const perRow = new Map();
  for (const { text } of written) perRow.set(text, (perRow.get(text) ?? 0) + 1);
  assert.ok([...perRow.values()].every((times) => times <= 4), "at the ends of rows only");
  const prices = new Prices(plan, {}, new Money("USD"));
  assert.deepEqual(new Set(prices.list.map(({ color }) => color)).size, 2);
  assert.deepEqual(prices.list.map(({ name }) => name).sort(), ["Gold", "Silver"]);
});

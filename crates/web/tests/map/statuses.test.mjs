// The binary form of statuses, and what the map does with it: counts, versions, taken seats, waits before reconnecting.

import assert from "node:assert/strict";
import test from "node:test";
import { backoff } from "../../static/js/map/live.js";
import { Model } from "../../static/js/map/model.js";
import { Money, Prices, commonName } from "../../static/js/map/prices.js";
import { Statuses, decode } from "../../static/js/map/statuses.js";
import { testPlan } from "./plan.mjs";

function message(kind, version, count, body) {
  const bytes = new Uint8Array(20 + body.length);
  const view = new DataView(bytes.buffer);
  bytes.set([0x46, 0x53, 0x41, 0x31, kind]);
  view.setBigUint64(8, BigInt(version), true);
  view.setUint32(16, count, true);
  bytes.set(body, 20);
  return bytes.buffer;
}

const full = (version, statuses) => {
  const bits = new Uint8Array(Math.ceil(statuses.length / 4));
  statuses.forEach((status, seat) => (bits[seat >> 2] |= status << ((seat & 3) * 2)));
  return message(0, version, statuses.length, bits);
};
const changes = (version, pairs) => message(1, version, pairs.length, new Uint8Array(Uint32Array.from(pairs, ([seat, status]) => seat * 4 + status).buffer));

async function testModel() {
  const { plan, grid } = await testPlan();
  const money = new Money("USD");
  const prices = new Prices(plan, { Good: 85, Back: 40, Fair: 40 }, money);
  const statuses = new Statuses(plan.section, plan.sections.length);
  const model = new Model({ plan, grid, prices, statuses, money, mode: "buy", maxSeats: 3 });
  model.update(decode(full(5, Array.from({ length: 18 }, () => 0))));
  return model;
}

test("a full answer and changes are read as they were written", () => {
  const all = decode(full(2 ** 40, [0, 1, 2, 3, 1]));
  assert.equal(all.version, 2 ** 40);
  const statuses = new Statuses(new Int32Array([0, 0, 0, 0, -1]), 1);
  statuses.apply(all, () => undefined);
  assert.deepEqual([...statuses.of], [0, 1, 2, 3, 1]);
  assert.deepEqual([...statuses.free], [1]);
  statuses.apply(decode(changes(2 ** 40 + 1, [[0, 2], [3, 0], [2, 0]])), () => undefined);
  assert.deepEqual([...statuses.of], [2, 1, 0, 0, 1]);
  assert.deepEqual([...statuses.free], [2]);
});

test("bytes that are no answer, or a truncated one, are refused", () => {
  assert.throws(() => decode(new ArrayBuffer(8)));
  assert.throws(() => decode(message(1, 1, 9, new Uint8Array(4))));
  assert.throws(() => decode(message(0, 1, 9, new Uint8Array(2))));
});

test("older versions and seats that do not exist change nothing", async () => {
  const model = await testModel();
  model.update(decode(changes(4, [[0, 2]])));
  model.update(decode(changes(6, [[900, 2]])));
  assert.equal(model.statuses.of[0], 0);
  assert.equal(model.statuses.version, 6);
});

test("a chosen seat that somebody else takes is removed and reported", async () => {
  const model = await testModel();
  const lost = [];
  model.onLost = (seats) => lost.push(...seats);
  assert.deepEqual([model.choose(0), model.choose(1), model.choose(2), model.choose(3)], ["chosen", "chosen", "chosen", "limit"]);
  model.update(decode(changes(6, [[1, 1], [9, 1]])));
  assert.deepEqual(lost, [1]);
  assert.deepEqual([...model.chosen], [0, 2]);
  assert.equal(model.choose(1), "taken");
});

test("a seat is described in one sentence", async () => {
  const model = await testModel();
  assert.equal(model.spoken(2), "Front, row A, seat 3, $85.00, available");
  assert.equal(model.spoken(4), "Front, row A, seat 5, $85.00, available, wheelchair place");
  assert.equal(model.spokenSection(1), "Back, $40.00, 5 of 5 seats left");
});

test("tiers with the same price are one price; filters follow prices", async () => {
  const model = await testModel();
  assert.deepEqual(model.prices.list.map(({ amount }) => amount), [8500, 4000]);
  const renamed = new Prices(model.plan, { Front: 1, Good: 85, Fair: 40 }, model.money);
  assert.equal(renamed.of(0), 8500, "the map names tiers as the server does, not by their sections");
  model.setFilter({ prices: [4000] });
  assert.deepEqual([model.look(0), model.look(10)], ["faded", "free"]);
  model.setFilter({ prices: [8500], accessible: true });
  assert.deepEqual([model.look(0), model.look(4)], ["faded", "free"]);
});

test("tiers with the same price get the name they have in common", () => {
  assert.equal(commonName(["Lower 1", "Lower 2"]), "Lower");
  assert.equal(commonName(["Lower 1", "Upper 2"]), "");
  assert.equal(commonName(["0b9d6c4e-7d0a-4b57-8f0c-64b7a3f1d922"]), "");
});

test("money is whole minor units, fees are rounded as the server rounds", () => {
  const dollars = new Money("USD");
  assert.equal(dollars.minor(0.29), 29);
  assert.deepEqual([dollars.text(123450), dollars.short(8500), dollars.range([3900, 6500])], ["$1,234.50", "$85", "$39–$65"]);
  assert.equal(dollars.fees({ per_ticket: 1.5, per_order: 2, percent: 2.5 }, [50, 49]), 300 + 200 + 2);
  for (const [prices, fees] of [[[0, 0], 0], [[3000], 150], [[3000, 0], 150], [[], 0], [[0, 3000, 3000], 300]]) {
    assert.equal(dollars.fees({ per_ticket: 1.5 }, prices), fees, `free tickets carry none: ${prices}`);
  }
  assert.equal(new Money("JPY").minor(1200), 1200);
});

test("waits grow up to a limit and are random", () => {
  assert.ok(backoff(0, 0) >= 250 && backoff(0, 1) <= 1000);
  assert.ok(backoff(40, 1) <= 30_000);
  assert.notEqual(backoff(3, 0.1), backoff(3, 0.9));
});

// How the strength of a password is estimated.

import assert from "node:assert/strict";
import { test } from "node:test";
import { strength } from "../../static/js/strength.js";

const common = new Set(["password1", "iloveyou"]);

test("a password is judged by its length, the list, and what it repeats", () => {
  for (const [password, level] of [
    ["", "short"],
    ["1234567", "short"],
    ["Password1", "common"],
    [" iloveyou ", "common"],
    ["aaaaaaaaaaaaaaaaaaaaaaaa", "weak"],
    ["abcdefghijklmnopqrstuvwx", "weak"],
    ["87654321", "weak"],
    ["lovelace", "weak"],
    ["lovelace and ada", "strong"],
    ["Tr0ub4dor&3", "fair"],
    ["correct horse battery", "strong"],
    ["пароль из трёх слов", "strong"],
  ]) {
    assert.equal(strength(password, common).level, level, password);
  }
  assert.equal(strength("1234567", common).text, "One character more.");
  assert.equal(strength("12345", common).text, "3 characters more.");
});

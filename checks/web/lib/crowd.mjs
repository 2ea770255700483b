// Other people, who buy through the API while a check looks at pages.

import assert from "node:assert/strict";
import { CARDS, somebody } from "./shop.mjs";

/** Posts to the API; the answer must be a success. @param {string} base @param {string} path @param {object} body @param {string} [token] */
export async function post(base, path, body, token) {
  /** @type {Record<string, string>} */
  const headers = { "content-type": "application/json" };
  if (token) headers.authorization = `Bearer ${token}`;
  const answer = await fetch(`${base}/api/v1${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  const text = await answer.text();
  assert.ok(answer.ok, `${path}: ${answer.status} ${text}`);
  return JSON.parse(text);
}

/** A new buyer, who reserves what `wish` says, and pays unless `pays` is false. @param {string} base @param {string} event its id @param {object} wish @param {boolean} [pays] */
export async function buys(base, event, wish, pays = true) {
  const { email, name: username, password } = somebody();
  await post(base, "/auth/register", { email, username, password });
  const { access_token: token } = await post(base, "/auth/login", { email, password });
  const { reservation_id } = await post(base, `/events/${event}/reserve`, wish, token);
  if (!pays) return;
  const payment_details = { card_number: CARDS.good.replaceAll(" ", ""), expiry: "12/39", cvv: "123" };
  await post(base, "/orders", { reservation_id, payment_method: "card", payment_details }, token);
}

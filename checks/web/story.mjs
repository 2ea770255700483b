// End-to-end tests in Debian's Chromium against a demo server of their own: buying by pointer, by keyboard and without scripts; what goes
// wrong on the way; an account from registration to deletion; an organizer's tasks. `node story.mjs FAIRSEAT [NAME]`

import { after, before, test } from "node:test";
import { startDemo } from "./lib/server.mjs";
import { launch } from "./lib/watch.mjs";
import { backFromCheckout, backWithoutScripts, heldInAnotherTab } from "./stories/back.mjs";
import { fromFirstToLast } from "./stories/account.mjs";
import { buyAsAGuest, oneCartOneTime, passwordForgottenAtCheckout, signInAtCheckout } from "./stories/guest.mjs";
import { cardIsKept } from "./stories/card.mjs";
import { blockByDragging, priceAtTheCounter } from "./stories/counter.mjs";
import { organizersEvening } from "./stories/console.mjs";
import { organizersDuties } from "./stories/organizer_tasks.mjs";
import { buyByKeyboard } from "./stories/keyboard.mjs";
import { byCityVenueAndArtist, nearMe, roomForSeats } from "./stories/finding.mjs";
import { longNames } from "./stories/long_names.mjs";
import { buyOnAPhone } from "./stories/phone.mjs";
import { buyFromTheList, buyTheBest, standByNumber } from "./stories/without_javascript.mjs";
import { buyOnTheMap } from "./stories/pointer.mjs";
import { declinedAndAskedByTheBank, moreTimeAndBack, refunded } from "./stories/declines_and_refunds.mjs";

/** @typedef {{browser: import("playwright-core").Browser, base: string}} Stage */

/** @type {[string, (stage: Stage) => Promise<void>][]} */
const STORIES = [
  ["two seats are found, chosen on the canvas, seen to go by somebody else, paid, and shown offline", buyOnTheMap],
  ["by keyboard alone", buyByKeyboard],
  ["on a phone, by touch, in forced colours; the time that is left is said", buyOnAPhone],
  ["without scripts: section, row, seat", buyFromTheList],
  ["without scripts: the best available seats", buyTheBest],
  ["without scripts: standing places", standByNumber],
  ["back from the checkout, one's own seats are one's own", backFromCheckout],
  ["seats held in another tab are one's own", heldInAnotherTab],
  ["without scripts: the upper button, and back from the checkout", backWithoutScripts],
  ["the card form keeps what was typed", cardIsKept],
  ["the counter says the price before it sells, also by number", priceAtTheCounter],
  ["seats are blocked by dragging, with a mouse and a finger", blockByDragging],
  ["a declined card keeps the hold, a bank asks first", declinedAndAskedByTheBank],
  ["more time once, and the seats given back", moreTimeAndBack],
  ["an order is cancelled and refunded", refunded],
  ["a guest buys with an e-mail address alone, and opens the tickets from the letter", buyAsAGuest],
  ["without scripts: a guest signs in at the checkout, and the carts become one", signInAtCheckout],
  ["a password forgotten at the checkout keeps the seats", passwordForgottenAtCheckout],
  ["a seat added later keeps one cart and one time", oneCartOneTime],
  ["an account from its first to its last day", fromFirstToLast],
  ["an organizer's evening", organizersEvening],
  ["an organizer's other duties", organizersDuties],
  ["events near me, by position", nearMe],
  ["without scripts: events by city, venue and artist", byCityVenueAndArtist],
  ["on a phone, the seats have two thirds of the screen", roomForSeats],
  ["long names on a narrow phone", longNames],
];

/** @type {Stage} */
const stage = /** @type {any} */ ({});
/** @type {(() => Promise<void>)[]} */
const ends = [];

before(async () => {
  const demo = await startDemo();
  ends.push(demo.stop);
  stage.base = demo.base;
  stage.browser = await launch();
  ends.push(() => stage.browser.close());
});

after(async () => {
  for (const end of ends.reverse()) await end();
});

const [, , , wanted = ""] = process.argv;
for (const [name, story] of STORIES) {
  if (name.includes(wanted)) test(name, { timeout: 180_000 }, () => story(stage));
}

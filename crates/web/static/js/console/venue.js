// A venue's page: replaces the picture of its plan (`[data-plan]`) by a map of every seat.

import { readPlan } from "./plan/preview.js";
import { Preview } from "./preview-map.js";

/** Larger plans, of several megabytes, are loaded only on request; until then the picture stays. */
const MANY = 20000;

const root = /** @type {HTMLElement | null} */ (document.querySelector("[data-plan]"));

/** @param {HTMLElement} root */
async function show(root) {
  const answer = await fetch(root.dataset.plan ?? "");
  const read = answer.ok ? readPlan(await answer.text()) : null;
  if (read && "plan" in read) new Preview(root).show(read.plan);
}

if (root) {
  if (Number(root.dataset.capacity) <= MANY) show(root).catch(() => undefined);
  else {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Show every seat";
    button.addEventListener("click", () => {
      [button.disabled, button.textContent] = [true, "Loading the plan…"];
      show(root).catch(() => ([button.disabled, button.textContent] = [false, "Show every seat"]));
    });
    root.append(button);
  }
}

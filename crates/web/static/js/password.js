// A new password (`[data-new-password]`): says while typing how strong it is, in the element that its `data-new-password` names. The list of
// common passwords is loaded when the visitor comes to the field. Nothing of this replaces the server's check.

import { strength } from "./strength.js";

/** @type {Promise<ReadonlySet<string>> | undefined} */
let common;

/** @param {string} address */
async function load(address) {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${response.status}`);
  return new Set((await response.text()).split("\n"));
}

/** @param {HTMLInputElement} input @param {HTMLElement} shown */
function watch(input, shown) {
  const begin = () => {
    // Without the list, length still tells something.
    common ??= load(input.dataset.common ?? "").catch(() => new Set());
    return common;
  };
  const show = async () => {
    const list = await begin();
    if (input.value === "") {
      shown.hidden = true;
      return;
    }
    const { level, text } = strength(input.value, list);
    shown.dataset.level = level;
    shown.textContent = text;
    shown.hidden = false;
  };
  input.addEventListener("focus", begin, { once: true });
  input.addEventListener("input", show);
}

for (const input of /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll("[data-new-password]"))) {
  const shown = document.getElementById(input.dataset.newPassword ?? "");
  if (shown) watch(input, shown);
}

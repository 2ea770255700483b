// The checkout: buttons for the sandbox's cards; a second press of "Pay" does nothing; a refused form keeps what was typed, since the server
// never sends a card's number back. This tab remembers a guest's name and address until they have paid, and which seats were given back.

/** @param {string} name @param {string} value */
function fill(name, value) {
  const input = /** @type {HTMLInputElement | null} */ (document.getElementById(name));
  if (input) input.value = value;
}

for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll("[data-card]"))) {
  button.hidden = false;
  button.addEventListener("click", () => {
    fill("card_number", button.dataset.card ?? "");
    fill("expiry", `12/${String(new Date().getFullYear() + 3).slice(2)}`);
    fill("cvv", "123");
  });
}

const pay = /** @type {HTMLFormElement | null} */ (document.querySelector("[data-pay]"));

/**
 * Writes what is typed in groups, as it is printed on the card. Only at the end of a field, where the cursor stays put.
 * @param {string} id @param {(digits: string) => string} grouped
 */
function group(id, grouped) {
  const input = /** @type {HTMLInputElement | null} */ (document.getElementById(id));
  input?.addEventListener("input", (event) => {
    const isTyped = /** @type {InputEvent} */ (event).inputType?.startsWith("insert");
    if (isTyped && input.selectionStart === input.value.length && /^[\d /]*$/.test(input.value)) input.value = grouped(input.value);
  });
}
group("card_number", (text) => text.replace(/\D/g, "").replace(/(\d{4})(?=\d)/g, "$1 "));
// “123” becomes “12/3”; what is typed with a slash stays as it is.
group("expiry", (text) => (/^(0[1-9]|1[0-2])\d{1,2}$/.test(text) ? `${text.slice(0, 2)}/${text.slice(2)}` : text));

/** The tab's memory is of this reservation only. */
const contactKey = `contact.${location.pathname.split("/")[2]}`;

/** Calls `use` with the memory of this tab, which a browser may refuse. @param {(memory: Storage) => void} use */
function remember(use) {
  try {
    use(sessionStorage);
  } catch (error) {
    console.info(error);
  }
}

const contact = ["email", "name"].flatMap((id) => {
  const input = pay?.querySelector(`input#${id}`);
  return input instanceof HTMLInputElement ? [input] : [];
});
remember((memory) => {
  if (!pay) return memory.removeItem(contactKey);
  /** @type {Record<string, string>} */
  const typed = JSON.parse(memory.getItem(contactKey) ?? "{}");
  for (const input of contact) input.value ||= typed[input.id] ?? "";
});
for (const input of contact) {
  input.addEventListener("input", () => remember((memory) => memory.setItem(contactKey, JSON.stringify(Object.fromEntries(contact.map(({ id, value }) => [id, value]))))));
}

// The seats page does not choose these again when the visitor goes back to it.
for (const form of /** @type {NodeListOf<HTMLFormElement>} */ (document.querySelectorAll("[data-returns]"))) {
  form.addEventListener("submit", () =>
    remember((memory) => {
      const { event, returns } = form.dataset;
      const before = JSON.parse(memory.getItem(`returned.${event}`) ?? "[]");
      memory.setItem(`returned.${event}`, JSON.stringify([...before, Number(returns)]));
    }),
  );
}

pay?.addEventListener("submit", (event) => {
  // Signing in and registering are buttons of the same form, so that the typed address goes along.
  if (event.submitter?.hasAttribute("formaction")) return;
  event.preventDefault();
  if (!pay.dataset.sent) void send(pay);
});

/** Sends the form. When it is refused, what is wrong is shown beside the fields. @param {HTMLFormElement} pay */
async function send(pay) {
  pay.dataset.sent = "yes";
  const button = pay.querySelector("button.primary");
  const words = button?.textContent ?? "";
  if (button) button.textContent = "Paying …";
  const fields = new URLSearchParams(/** @type {[string, string][]} */ ([...new FormData(pay)]));
  const answer = await fetch(pay.action, { method: "POST", body: fields }).catch(() => null);
  // Whether it was paid is not known without an answer: the checkout's address shows the order if there is one.
  if (!answer) return location.assign(location.pathname);
  if (answer.redirected) {
    if (!new URL(answer.url).pathname.startsWith("/reservations/")) remember((memory) => memory.removeItem(contactKey));
    return location.assign(answer.url);
  }
  const page = answer.status === 422 ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
  // Other errors have a page of their own, which only a browser's own request shows. A payment is never started twice.
  if (!page?.querySelector("[data-pay]")) return pay.submit();
  showErrors(pay, page);
  delete pay.dataset.sent;
  if (button) button.textContent = words;
}

/** Takes the messages from the server's page, and leaves the fields as they are. @param {HTMLFormElement} pay @param {Document} page */
function showErrors(pay, page) {
  for (const old of document.querySelectorAll("main > .notice")) old.remove();
  const notice = page.querySelector('main > .notice[role="alert"]');
  if (notice) document.querySelector("main > .split")?.before(document.importNode(notice, true));
  for (const input of pay.querySelectorAll(".field input")) {
    const now = page.getElementById(input.id);
    for (const name of ["aria-invalid", "aria-describedby"]) {
      const value = now?.getAttribute(name);
      if (value) input.setAttribute(name, value);
      else input.removeAttribute(name);
    }
    input.parentElement?.querySelector(".wrong")?.remove();
    const wrong = now?.parentElement?.querySelector(".wrong");
    if (wrong) input.parentElement?.append(document.importNode(wrong, true));
  }
  /** @type {HTMLElement | null} */ (pay.querySelector('[aria-invalid="true"]'))?.focus();
}
// After the Back button the browser shows the form as it was left: allow sending it again.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.replace(location.pathname);
});

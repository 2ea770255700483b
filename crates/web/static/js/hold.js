// Every page: the time that held seats have left, in the page's own countdown (`[data-expires]`) or else in a bar at the bottom, from the cookie of the
// browser's carts. Where the page has a bar of its own at the bottom, the time is shown at the top. It is announced at 5, 2 and 1 minutes and 30 seconds.

const SAID_AT = [300, 120, 60, 30];

/** @param {number} seconds */
function words(seconds) {
  const minutes = Math.floor(seconds / 60);
  if (seconds < 60) return `${seconds} seconds left`;
  return minutes === 1 ? "one minute left" : `${minutes} minutes left`;
}

/** @param {HTMLElement} bar @param {() => void} over */
function countDown(bar, over) {
  const end = Date.parse(bar.dataset.expires ?? "");
  const left = bar.querySelector("[data-left]");
  const announce = bar.querySelector("[data-announce]");
  let before = Infinity;
  const tick = () => {
    const seconds = Math.max(0, Math.ceil((end - Date.now()) / 1000));
    if (left) left.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    bar.classList.toggle("soon", seconds <= 120);
    const due = SAID_AT.find((at) => seconds <= at && before > at);
    if (due !== undefined && before !== Infinity && announce) announce.textContent = words(seconds);
    if (seconds === 0) return before === Infinity ? undefined : over();
    before = seconds;
    setTimeout(tick, 1000 - (Date.now() % 1000));
  };
  tick();
}

/** The newest cart in the cookie that has not ended: `<reservation>.<event>.<end in ms>.<seats>`, several joined by `~`. */
function heldCart() {
  const value = document.cookie.split("; ").find((pair) => pair.startsWith("__Host-cart="))?.slice(12) ?? "";
  for (const text of value.split("~")) {
    const [reservation = "", , ends = "", seats = ""] = text.split(".");
    if (/^[0-9a-f-]{36}$/.test(reservation) && Number(ends) > Date.now()) return { reservation, ends: Number(ends), seats: Number(seats) };
  }
  return undefined;
}

function showBar() {
  const cart = heldCart();
  if (!cart) return;
  const bar = document.createElement("aside");
  bar.className = "countdown held";
  bar.setAttribute("aria-label", "Seats held for you");
  bar.dataset.expires = new Date(cart.ends).toISOString();
  const text = document.createElement("p");
  const left = Object.assign(document.createElement("span"), { className: "figure" });
  left.dataset.left = "";
  text.append(`${cart.seats} ${cart.seats === 1 ? "seat" : "seats"} held for you: `, left);
  const link = Object.assign(document.createElement("a"), { className: "button", href: `/reservations/${cart.reservation}`, textContent: "Checkout" });
  const announce = Object.assign(document.createElement("p"), { className: "unseen", role: "status" });
  announce.setAttribute("aria-live", "assertive");
  announce.dataset.announce = "";
  bar.append(text, link, announce);
  // The page's own button at the bottom buys another event than this bar: a finger must not find one in the place of the other.
  if (document.querySelector(".buybar, [data-chosen-form]")) {
    bar.classList.add("above");
    document.querySelector("main")?.prepend(bar);
  } else {
    document.body.append(bar);
    document.body.classList.add("holding");
  }
  countDown(bar, () => {
    bar.remove();
    document.body.classList.remove("holding");
  });
}

const [own, ...others] = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-expires]"));
if (own) {
  // Reload a moment later, so that the time is over for the server too; by address, so that no form is sent again.
  const { here = location.href } = own.dataset;
  countDown(own, () => setTimeout(() => location.replace(here), 1500));
  for (const other of others) countDown(other, () => undefined);
} else {
  showBar();
}

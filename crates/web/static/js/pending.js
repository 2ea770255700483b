// An order whose payment is not decided (`[data-pending]`): asks until it is, then shows it.

const waiting = /** @type {HTMLElement | null} */ (document.querySelector("[data-pending]"));

async function look() {
  const id = waiting?.dataset.pending;
  try {
    const response = await fetch(`/api/v1/orders/${id}`);
    if (response.ok && (await response.json()).status !== "pending") return location.reload();
  } catch {
    // Without a network the next look will do.
  }
  setTimeout(look, 2000);
}

if (waiting) look();

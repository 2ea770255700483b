// An order with a pending payment or refund (`[data-pending]`, `[data-status]`): polls its status, and reloads the page when it has changed.

const waiting = /** @type {HTMLElement | null} */ (document.querySelector("[data-pending]"));

async function look() {
  const { pending: id, status } = waiting?.dataset ?? {};
  try {
    const response = await fetch(`/api/v1/orders/${id}`, { headers: { prefer: "return=minimal" } });
    if (response.ok && (await response.json()).status !== status) return location.reload();
  } catch {
    // Without a network, the next poll tries again.
  }
  setTimeout(look, 2000);
}

if (waiting) look();

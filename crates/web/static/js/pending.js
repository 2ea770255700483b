// An order whose payment or refund is under way (`[data-pending]`, as `[data-status]`): asks until it is through, then shows it.

const waiting = /** @type {HTMLElement | null} */ (document.querySelector("[data-pending]"));

async function look() {
  const { pending: id, status } = waiting?.dataset ?? {};
  try {
    const response = await fetch(`/api/v1/orders/${id}`);
    if (response.ok && (await response.json()).status !== status) return location.reload();
  } catch {
    // Without a network the next look will do.
  }
  setTimeout(look, 2000);
}

if (waiting) look();

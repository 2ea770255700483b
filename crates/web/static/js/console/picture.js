// An event's picture (`[data-picture]`): a chosen file is shown before it is saved.

const panel = document.querySelector("[data-picture]");
const input = /** @type {HTMLInputElement | null} */ (panel?.querySelector('input[type="file"]') ?? null);
const shown = panel?.querySelector("img");
const saved = shown?.src ?? "";

input?.addEventListener("change", () => {
  const file = input.files?.[0];
  if (!shown) return;
  if (!file?.type.startsWith("image/")) {
    shown.src = saved;
    return;
  }
  const reader = new FileReader();
  reader.addEventListener("load", () => {
    shown.src = String(reader.result);
    shown.alt = "The chosen picture, not saved yet";
  });
  reader.readAsDataURL(file);
});

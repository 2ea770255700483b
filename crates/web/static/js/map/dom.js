// Creates elements without HTML strings, so that names from a plan cannot become markup.

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} name @param {Record<string, string | boolean | EventListener>} [attributes] functions listen: `onclick`
 * @param {...(Node | string | null | undefined)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(key.slice(2), value);
    else if (typeof value === "boolean") made.toggleAttribute(key, value);
    else made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/** A small picture that follows the theme. @param {number} side in pixels @param {(context: CanvasRenderingContext2D, side: number) => void} paint */
export function picture(side, paint) {
  const canvas = element("canvas", { class: "sm-picture", "aria-hidden": "true" });
  const dpr = Math.min(devicePixelRatio || 1, 3);
  canvas.width = canvas.height = side * dpr;
  canvas.style.width = canvas.style.height = `${side}px`;
  const context = canvas.getContext("2d");
  if (context) {
    context.setTransform(dpr, 0, 0, dpr, (side / 2) * dpr, (side / 2) * dpr);
    paint(context, side);
  }
  return canvas;
}

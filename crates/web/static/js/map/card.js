// The tooltip of the seat or section under the pointer or with keyboard focus. Not for screen readers: the live region announces it.

import { element } from "./dom.js";

/** @import { Model } from "./model.js" */
/** @import { Target, View } from "./view.js" */

export class Card {
  /** @param {View} view @param {Model} model */
  constructor(view, model) {
    this.view = view;
    this.model = model;
    this.box = element("div", { class: "sm-card", "aria-hidden": "true", hidden: true });
    view.moved.add(() => this.follow());
  }

  follow() {
    const target = this.view.hover ?? (this.view.focusShown ? this.view.focus : null);
    this.box.hidden = target === null;
    if (!target) return;
    this.#fill(target);
    this.#place(target);
  }

  /** @param {Target} target */
  #fill(target) {
    const { model } = this;
    if (target.kind === "section") {
      const { name, seats } = model.plan.sections[target.section];
      const range = model.prices.ranges[target.section];
      const left = `${model.statuses.free[target.section].toLocaleString("en-US")} of ${seats.toLocaleString("en-US")} left`;
      this.box.replaceChildren(element("strong", {}, name), element("span", {}, [range && model.money.range(range), left].filter(Boolean).join(" · ")));
      return;
    }
    const { section, row, number, accessible } = model.info(target.seat);
    const price = model.prices.of(target.seat);
    const word = model.word(target.seat);
    const where = [row && `Row ${row}`, number && `Seat ${number}`].filter(Boolean).join(" · ");
    const words = [price === null ? "" : model.money.text(price), word[0].toUpperCase() + word.slice(1), accessible ? "Wheelchair place" : ""];
    this.box.replaceChildren(element("small", {}, section), element("strong", {}, where || section), element("span", {}, words.filter(Boolean).join(" · ")));
  }

  /** Places the tooltip above its target, or below where there is no room. @param {Target} target */
  #place(target) {
    const { view, box } = this;
    const { x, y } = view.place(target);
    const gap = target.kind === "seat" ? Math.max(view.pitch * 0.41, 4) + 10 : 14;
    const { offsetWidth: width, offsetHeight: height } = box;
    const left = Math.min(Math.max(x - width / 2, 6), view.size.width - width - 6);
    const top = y - gap - height > 6 ? y - gap - height : y + gap;
    box.style.transform = `translate(${Math.round(left)}px, ${Math.round(Math.min(top, view.size.height - height - 6))}px)`;
  }
}

// The status of every seat: one byte a seat, patched from the binary form of `availability` and `live`, with the number available in each section
// kept beside it.

/** The names of the statuses 0 to 3. */
export const STATUS = /** @type {const} */ (["available", "reserved", "sold", "blocked"]);
export const AVAILABLE = 0;
export const RESERVED = 1;
export const SOLD = 2;
export const BLOCKED = 3;

const MAGIC = 0x31415346; // "FSA1", read as little-endian
const HEADER = 20;

/** @typedef {{version: number, full: Uint8Array | null, count: number, changes: Uint32Array | null}} Update */

/** Reads an answer or a frame; throws if the bytes are neither. @param {ArrayBuffer} buffer @returns {Update} */
export function decode(buffer) {
  const view = new DataView(buffer);
  if (buffer.byteLength < HEADER || view.getUint32(0, true) !== MAGIC) throw new Error("not an availability");
  const version = Number(view.getBigUint64(8, true));
  const count = view.getUint32(16, true);
  if (view.getUint8(4) === 0) {
    if (buffer.byteLength < HEADER + Math.ceil(count / 4)) throw new Error("a short availability");
    return { version, full: new Uint8Array(buffer, HEADER), count, changes: null };
  }
  if (buffer.byteLength < HEADER + count * 4) throw new Error("short changes");
  const changes = new Uint32Array(count);
  for (let at = 0; at < count; at += 1) changes[at] = view.getUint32(HEADER + at * 4, true);
  return { version, full: null, count, changes };
}

export class Statuses {
  /** @param {Int32Array} sections the section of each seat; -1 for none @param {number} sectionCount */
  constructor(sections, sectionCount) {
    this.sections = sections;
    this.of = new Uint8Array(sections.length).fill(BLOCKED);
    this.free = new Uint32Array(sectionCount);
    this.version = -1;
  }

  /** Whether an update has been applied. */
  get known() {
    return this.version >= 0;
  }

  /**
   * Applies an update, and calls `changed` for every seat whose status has changed. An update with an older version is ignored.
   * @param {Update} update @param {(seat: number, before: number) => void} changed
   */
  apply(update, changed) {
    if (update.version < this.version) return;
    this.version = update.version;
    if (update.full) {
      const { full } = update;
      const seats = Math.min(update.count, this.of.length);
      for (let seat = 0; seat < seats; seat += 1) this.#set(seat, (full[seat >> 2] >> ((seat & 3) * 2)) & 3, changed);
    }
    for (const change of update.changes ?? []) this.#set(change >>> 2, change & 3, changed);
  }

  /** Makes all seats available, for a plan that is only shown. */
  release() {
    this.apply({ version: 0, full: new Uint8Array((this.of.length + 3) >> 2), count: this.of.length, changes: null }, () => undefined);
  }

  /** @param {number} seat @param {number} status @param {(seat: number, before: number) => void} changed */
  #set(seat, status, changed) {
    const before = this.of[seat];
    if (before === status || before === undefined) return;
    this.of[seat] = status;
    const section = this.sections[seat];
    if (section >= 0 && status === AVAILABLE) this.free[section] += 1;
    if (section >= 0 && before === AVAILABLE) this.free[section] -= 1;
    changed(seat, before);
  }
}

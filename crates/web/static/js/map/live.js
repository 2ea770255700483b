// Keeps the seats' statuses current: through a WebSocket with binary frames, by polling while there is none, and with one request
// whenever changes may have been missed. Answers contain the current status of each changed seat, so applying one twice is harmless, and an
// older one is recognized by its version.

import { decode } from "./statuses.js";

/** @import { Update } from "./statuses.js" */

const POLL_MS = 5_000;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;
/** How long opening a socket may take. An open one needs no timeout, because the server sends pings, which the browser answers itself. */
const OPEN_MS = 10_000;

/** The wait before attempt `attempt` (from 0): random, below a limit that doubles, so that a crowd does not reconnect at once. @param {number} attempt @param {number} random from 0 to 1 */
export function backoff(attempt, random) {
  const limit = Math.min(FIRST_WAIT_MS * 2 ** attempt, LONGEST_WAIT_MS);
  return limit * (0.3 + 0.7 * random);
}

/** @typedef {"live" | "polling" | "offline"} Link */

export class Live {
  /**
   * @param {{availabilityUrl: string, liveUrl?: string, version: () => number, onUpdate: (update: Update) => void, onLink: (link: Link) => void}} options
   */
  constructor(options) {
    this.options = options;
    this.ended = new AbortController();
    /** @type {WebSocket | null} */
    this.socket = null;
    this.attempt = 0;
    /** Frames that came while a request was pending. @type {Update[] | null} */
    this.waiting = null;
    /** @type {Promise<void> | null} */
    this.asking = null;
    this.askAgain = false;
    this.timer = 0;
    this.poller = 0;
  }

  /** Loads the first answer, which the map needs. Later failures are retried. */
  async start() {
    const { signal } = this.ended;
    addEventListener("online", () => this.#reconnectNow(), { signal });
    document.addEventListener("visibilitychange", () => this.#seenAgain(), { signal });
    this.#connect();
    await this.catchUp();
  }

  stop() {
    this.ended.abort();
    clearTimeout(this.timer);
    clearTimeout(this.poller);
    this.socket?.close();
  }

  /** Requests the changes since the known version. @returns {Promise<void>} */
  catchUp() {
    if (this.asking) {
      // The pending answer may be older than the change that caused this call, so request once more after it.
      this.askAgain = true;
      return this.asking;
    }
    this.waiting = [];
    this.asking = this.#ask().finally(() => {
      const frames = this.waiting ?? [];
      this.asking = this.waiting = null;
      for (const frame of frames) this.#take(frame);
      if (this.askAgain && !this.ended.signal.aborted) {
        this.askAgain = false;
        this.catchUp().catch(() => undefined);
      }
    });
    return this.asking;
  }

  async #ask() {
    const known = this.options.version();
    const url = new URL(this.options.availabilityUrl, location.href);
    url.searchParams.set("format", "binary");
    if (known >= 0) url.searchParams.set("since", String(known));
    const answer = await fetch(url, { signal: this.ended.signal, headers: { accept: "application/octet-stream" } });
    if (!answer.ok) throw new Error(`availability: ${answer.status}`);
    this.options.onUpdate(decode(await answer.arrayBuffer()));
  }

  /** @param {Update} update */
  #take(update) {
    if (update.version <= this.options.version()) return;
    // A new version without changes may mean that the server no longer knows the changes.
    if (update.count === 0) void this.catchUp().catch(() => undefined);
    else this.options.onUpdate(update);
  }

  #connect() {
    if (!this.options.liveUrl || this.ended.signal.aborted) return this.#poll();
    const url = new URL(this.options.liveUrl, location.href);
    url.protocol = url.protocol.replace("http", "ws");
    url.searchParams.set("format", "binary");
    const socket = new WebSocket(url);
    this.socket = socket;
    socket.binaryType = "arraybuffer";
    const late = setTimeout(() => socket.close(), OPEN_MS);
    socket.onopen = () => {
      clearTimeout(late);
      clearTimeout(this.poller);
      this.poller = 0;
      this.options.onLink("live");
    };
    socket.onmessage = ({ data }) => this.#hear(data);
    socket.onclose = () => {
      clearTimeout(late);
      if (this.socket !== socket || this.ended.signal.aborted) return;
      this.socket = null;
      this.timer = window.setTimeout(() => this.#connect(), backoff(this.attempt, Math.random()));
      this.attempt += 1;
      this.#poll();
    };
  }

  /** @param {string | ArrayBuffer} data */
  #hear(data) {
    if (typeof data === "string") {
      /** @type {{version: number, reload?: boolean}} */
      const said = JSON.parse(data);
      this.attempt = 0;
      if (said.reload || said.version > this.options.version()) void this.catchUp().catch(() => undefined);
      return;
    }
    const update = decode(data);
    if (this.waiting) this.waiting.push(update);
    else this.#take(update);
  }

  /** Polls until there is a socket again. */
  #poll() {
    // Every failed attempt to connect calls this; a poll that is already scheduled stays.
    if (this.poller !== 0 || this.ended.signal.aborted) return;
    const next = () => {
      this.poller = 0;
      if (document.hidden || this.socket?.readyState === WebSocket.OPEN) return;
      this.catchUp()
        .then(() => this.options.onLink("polling"))
        .catch(() => this.options.onLink("offline"))
        .finally(() => this.#poll());
    };
    this.poller = window.setTimeout(next, POLL_MS * (0.8 + 0.4 * Math.random()));
  }

  #reconnectNow() {
    if (this.socket) return;
    clearTimeout(this.timer);
    this.attempt = 0;
    this.#connect();
  }

  #seenAgain() {
    if (document.hidden) return;
    this.#reconnectNow();
    this.catchUp().catch(() => this.options.onLink("offline"));
    if (this.socket?.readyState !== WebSocket.OPEN) this.#poll();
  }
}

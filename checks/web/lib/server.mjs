// A demo server of its own, with fresh data, for as long as the checks run.

import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** The program under test: the command's first argument. */
export function program() {
  const [, script, path] = process.argv;
  if (!path) throw new Error(`usage: node ${script} FAIRSEAT`);
  return path;
}

/**
 * Starts the demo and resolves when it answers. Limits are off: many buyers come from one address here.
 * @returns {Promise<{base: string, stop: () => Promise<void>}>}
 */
export async function startDemo(path = program()) {
  const folder = await mkdtemp(join(tmpdir(), "fairseat-pages-"));
  const options = ["--listen", "127.0.0.1:0", "--data-dir", join(folder, "data"), "--limits", "off", "--log", "warn"];
  const server = spawn(path, ["demo", ...options], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve) => server.once("close", resolve));
  const stop = async () => {
    server.kill();
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    return { base: await address(server, ended), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The address it prints once it listens. @param {import("node:child_process").ChildProcess} server @param {Promise<unknown>} ended */
function address(server, ended) {
  return new Promise((resolve, reject) => {
    const failed = (/** @type {unknown} */ why) => reject(new Error(`the server did not start: ${why}`));
    server.once("error", failed);
    void ended.then(failed);
    createInterface({ input: /** @type {import("node:stream").Readable} */ (server.stdout) }).on("line", (line) => {
      const found = /https?:\/\/127\.0\.0\.1:\d+/.exec(line);
      if (found) resolve(found[0]);
    });
  });
}

// A line between a browser and the server that can be cut: then nothing of the browser reaches the server, its service workers included, which the
// browser's own emulation of being offline does not always reach.

import { once } from "node:events";
import { connect, createServer } from "node:net";

/** A line to the server at `base`. @param {string} base */
export async function lineTo(base) {
  const { hostname, port } = new URL(base);
  /** @type {Set<import("node:net").Socket>} */
  const open = new Set();
  const server = createServer((browser) => {
    const upstream = connect(Number(port), hostname);
    for (const [one, other] of [[browser, upstream], [upstream, browser]]) {
      open.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => (open.delete(one), other.destroy()));
      one.pipe(other);
    }
  });
  /** @param {number} at */
  const listen = async (at) => {
    server.listen(at, "127.0.0.1");
    await once(server, "listening");
    return /** @type {import("node:net").AddressInfo} */ (server.address()).port;
  };
  const at = await listen(0);
  const cut = () => {
    server.close();
    for (const socket of open) socket.destroy();
  };
  return { base: `http://127.0.0.1:${at}`, cut, mend: () => listen(at) };
}

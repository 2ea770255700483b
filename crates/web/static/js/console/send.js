// Sends a large body and reports the progress.

/**
 * @typedef {{seat_guid?: string, label?: string, places: {path: string, section: string, row: string, number: string}[]}} Double
 * @typedef {{title?: string, code?: string, detail?: string, status?: number, errors?: {field: string, message: string}[], duplicates?: Double[], duplicate_labels?: Double[], labels?: {label: string, becomes: string}[]}} Problem
 * @typedef {{ok: true, body: any} | {ok: false, problem: Problem}} Outcome
 */

/**
 * @param {string} method @param {string} address @param {Blob} body @param {(share: number) => void} sent 0 to 1; 1 while the server works
 * @param {string} [once] the idempotency key
 * @returns {Promise<Outcome>}
 */
export function send(method, address, body, sent, once) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open(method, address);
    request.setRequestHeader("content-type", "application/json");
    if (once) request.setRequestHeader("idempotency-key", once);
    request.upload.addEventListener("progress", ({ loaded, total }) => sent(total > 0 ? loaded / total : 0));
    request.upload.addEventListener("load", () => sent(1));
    request.addEventListener("load", () => {
      const answer = parsed(request.responseText);
      const ok = request.status >= 200 && request.status < 300;
      resolve(ok ? { ok, body: answer } : { ok: false, problem: { title: `The server answered ${request.status}`, ...answer } });
    });
    const lost = () => resolve({ ok: false, problem: { title: "No connection", detail: once ? "Send it again: it takes effect only once." : "The request may have arrived. Check before you send it again." } });
    for (const kind of ["error", "abort", "timeout"]) request.addEventListener(kind, lost);
    request.send(body);
  });
}

/** @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

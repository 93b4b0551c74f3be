// How every page sends files: to the site by tus, or straight to the object storage. Which of the
// two, the page's server says; pages see one Uppy and one set of events.

import { Tus, Uppy } from "../vendor/uppy.min.mjs";
import { sendStraight } from "./straight.js";

const MEGABYTE = 1024 ** 2;
const TUS_OPTIONS = {
  chunkSize: 8 * MEGABYTE,
  limit: 3,
  retryDelays: [0, 1000, 2000, 5000, 10_000, 20_000, 30_000, 60_000, 60_000],
  storeFingerprintForResuming: false, // the server's list of files knows better
};

export const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_all, name) => values[name]);
export const megabytes = (bytes) => (bytes / MEGABYTE).toFixed(bytes < 100 * MEGABYTE ? 1 : 0);

// `token` returns the page's CSRF token. The page listens to `uppy`.
export function openTransfer({ isStraight, token }) {
  const headers = () => ({ "X-CSRFToken": token() });
  const uppy = new Uppy();
  const begun = new Set(); // Uppy's ids of files that it takes back by itself
  const takenBack = new Map(); // address -> what is to follow
  if (isStraight) sendStraight(uppy, headers);
  else {
    uppy.use(Tus, {
      ...TUS_OPTIONS,
      headers,
      onBeforeRequest: (_request, file) => { begun.add(file.id); },
      onAfterResponse: (request) => { if (request.getMethod() === "DELETE") takenBack.get(request.getURL())?.(); },
    });
  }

  // Sends the file to where it was announced; returns Uppy's id of it.
  function send(file, url) {
    // The address makes the id: the same file may be chosen for two places.
    const id = uppy.addFile({ name: file.name, type: file.type, data: file, meta: { relativePath: url } });
    uppy.setFileState(id, { tus: { uploadUrl: url } });
    return id;
  }

  // Takes an upload back; resolves when the server knows.
  async function cancel(id, url) {
    if (begun.has(id)) {
      const answered = new Promise((resolve) => { takenBack.set(url, resolve); });
      uppy.removeFile(id);
      await answered;
    } else {
      uppy.removeFile(id);
      await fetch(url, { method: "DELETE", headers: { "Tus-Resumable": "1.0.0", ...headers() } }).catch(() => null);
    }
  }

  return { uppy, send, cancel };
}

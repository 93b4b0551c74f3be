// An uploader for Uppy: a file goes to the object storage in parts, each to an address that the
// site signs for its number, length and SHA-256. Which parts have arrived, the storage knows: every
// attempt asks first, so a reload, a pause and a broken line all go on in the same way.

const FILES_AT_ONCE = 3;
const RETRY_MS = [0, 1000, 2000, 5000, 10_000, 20_000, 30_000, 60_000, 60_000];
const SENDS_AGAIN = (status) => status === 0 || status === 409 || status >= 500;

class Failed extends Error {
  constructor(status) {
    super(`the answer was ${status}`); // 0: there was none
    this.status = status;
  }
}

async function sha256(blob) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await blob.arrayBuffer()));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

// fetch tells of no progress upwards.
function put({ url, headers }, blob, signal, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("PUT", url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.addEventListener("progress", ({ loaded }) => onProgress(loaded));
    // What the storage refuses is tried again with a new signature; only the site ends an upload.
    request.addEventListener("load", () => (request.status < 300 ? resolve() : reject(new Failed(0))));
    for (const end of ["error", "abort", "timeout"]) request.addEventListener(end, () => reject(new Failed(0)));
    signal.addEventListener("abort", () => request.abort());
    signal.throwIfAborted();
    request.send(blob);
  });
}

function wait(ms, signal) {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
    signal.addEventListener("abort", resolve);
  });
}

export function sendStraight(uppy, headers) {
  const queue = []; // { id, failures, end } whose turn has not come
  const paused = new Map(); // Uppy's file id -> the same
  const stops = new Map(); // Uppy's file id -> what stops its sending
  let lanes = 0;

  async function ask(url, body, signal) {
    const options = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
    const answer = await fetch(url, { ...options, headers: headers(), signal }).catch(() => null);
    if (!answer || !answer.ok) throw new Failed(answer ? answer.status : 0);
    return answer.status === 204 ? null : answer.json().catch(() => { throw new Failed(0); });
  }

  // Sends the parts that lack, in order, then asks for the end.
  async function attempt(task, signal) {
    const { data, meta: { relativePath: url } } = uppy.getFile(task.id);
    const { part_bytes: length, here } = await ask(`${url}/parts`, undefined, signal);
    let sent = 0;
    const tell = (bytes) => uppy.emit("upload-progress", uppy.getFile(task.id), {
      uploadStarted: uppy.getFile(task.id)?.progress.uploadStarted, bytesUploaded: bytes, bytesTotal: data.size,
    });
    for (let number = 1; (number - 1) * length < data.size; number += 1) {
      const part = data.slice((number - 1) * length, number * length);
      if (!here.includes(number)) {
        const signed = await ask(`${url}/parts`, { number, sha256: await sha256(part) }, signal);
        const before = sent;
        await put(signed, part, signal, (bytes) => tell(before + bytes));
        task.failures = 0;
      }
      sent += part.size;
      tell(sent);
    }
    await ask(`${url}/complete`, null, signal);
    signal.throwIfAborted();
    uppy.emit("upload-success", uppy.getFile(task.id), { status: 200, uploadURL: url });
  }

  function fail(id, error) {
    uppy.emit("upload-error", uppy.getFile(id), error, { status: error.status });
  }

  // Sends until all is there, it is paused or taken back, or too much went wrong.
  async function send(task) {
    while (uppy.getFile(task.id) && !uppy.getFile(task.id).isPaused) {
      const stop = new AbortController();
      stops.set(task.id, stop);
      try {
        await attempt(task, stop.signal);
        return task.end();
      } catch (error) {
        if (stop.signal.aborted) continue;
        if (!SENDS_AGAIN(error.status) || task.failures === RETRY_MS.length) {
          fail(task.id, error);
          return task.end();
        }
        await wait(RETRY_MS[task.failures], stop.signal);
        task.failures += 1;
      }
    }
    if (!uppy.getFile(task.id)) return task.end();
    paused.set(task.id, task); // another file has its turn meanwhile
    return null;
  }

  async function work() {
    lanes += 1;
    while (queue.length) await send(queue.shift());
    lanes -= 1;
  }

  function enqueue(task) {
    queue.push(task);
    if (lanes < FILES_AT_ONCE) work();
  }

  function goOn(id) {
    const task = paused.get(id);
    if (paused.delete(id)) enqueue(task);
  }

  uppy.setState({ capabilities: { ...uppy.getState().capabilities, resumableUploads: true } });
  uppy.on("upload-pause", ({ id }, isPaused) => (isPaused ? stops.get(id)?.abort() : goOn(id)));
  uppy.on("file-removed", ({ id }) => {
    stops.get(id)?.abort();
    goOn(id);
  });
  uppy.addUploader((ids) => {
    uppy.emit("upload-start", ids.map((id) => uppy.getFile(id)));
    return Promise.all(ids.map((id) => new Promise((end) => { enqueue({ id, failures: 0, end }); })));
  });
}

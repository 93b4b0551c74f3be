// Files chosen or dropped: each is looked at, gets a row, and is sent. A row is made before the
// first byte goes, and asking for it twice makes it once, so nothing depends on this page staying.

import { refusal } from "../precheck.js";
import { fill, megabytes, openTransfer } from "../transfer.js";
import { desk, say, sendJson, token, words } from "./page.js";
import { check, expect, onRows } from "./rows.js";

const A_REQUEST = 20; // files are announced so many at a time: the first go while others are checked
const RETRY_MS = 4000;
const rules = JSON.parse(document.getElementById("desk-rules").textContent);
const active = new Map(); // Uppy's file id -> { url, size, sent, state }
const total = { files: 0, done: 0, bytes: 0, doneBytes: 0 };
let preparing = 0;

const transfer = openTransfer({ isStraight: "straight" in desk.dataset, token });
const { uppy } = transfer;
const wait = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });
export const busy = () => preparing > 0 || active.size > 0;

// --- looking at them ------------------------------------------------------------------------

const chosen = () => [...desk.querySelectorAll("[data-section-for]")].map(({ value }) => value);

function rulesFor(file) {
  const [first] = Object.values(rules);
  const format = first.format_of_extension[file.name.split(".").pop().toLowerCase()];
  const own = chosen().map((pk) => rules[pk]).find(({ formats, kind }) => formats.includes(format)
    || (kind === "video") === file.type.startsWith("video/"));
  return own || first;
}

function refuse(name, sentences) {
  const item = document.createElement("li");
  const [title, reason] = ["p", "p"].map((tag) => document.createElement(tag));
  const close = Object.assign(document.createElement("button"), { type: "button", className: "link-button", textContent: words.close });
  Object.assign(title, { className: "frame__name", textContent: name });
  Object.assign(reason, { className: "field-error", textContent: sentences.join(" ") });
  close.setAttribute("aria-label", `${words.close}: ${name}`);
  close.addEventListener("click", () => { item.remove(); count(); });
  item.append(title, close, reason);
  desk.querySelector("[data-refused-list]").append(item);
  count();
}

function count() {
  const { childElementCount } = desk.querySelector("[data-refused-list]");
  desk.querySelector("[data-refused]").hidden = !childElementCount;
  desk.querySelector("[data-refused-count]").textContent = childElementCount;
}

export async function addFiles(files) {
  preparing += 1;
  let good = [];
  for (const [index, file] of files.entries()) {
    overall(fill(words.checking, { count: index + 1, total: files.length }));
    const sentence = await refusal(file, rulesFor(file));
    if (sentence) refuse(file.name, [sentence]);
    else good.push(file);
    if (good.length < A_REQUEST && index < files.length - 1) continue;
    if (good.length) await begin(good);
    good = [];
  }
  preparing -= 1;
  overall();
}

// Announces the files until the server has heard of them: it knows what it has been told before.
async function begin(files) {
  const asked = { sections: chosen(), files: files.map(({ name, size }) => ({ name, size })) };
  let answer = null;
  while (!(answer = await sendJson(desk.dataset.filesUrl, asked)) || answer.status >= 500) {
    overall(words.stopped);
    await wait(RETRY_MS);
  }
  const said = await answer.json().catch(() => ({ messages: [words.noLine] }));
  files.forEach((file, index) => {
    const place = said.files ? said.files[index] : said;
    if (place.work) expect(place.work);
    if (place.upload) start(file, place.upload);
    else if (place.messages) refuse(file.name, place.messages); // else all of it is here already
  });
  await check();
}

// --- sending them ---------------------------------------------------------------------------

function start(file, url) {
  if ([...active.values()].some((upload) => upload.url === url)) return;
  const id = transfer.send(file, url);
  active.set(id, { url, size: file.size, sent: 0, text: words.queued });
  total.files += 1;
  total.bytes += file.size;
  uppy.upload().catch(() => {}); // each file's own event tells
}

function paint() {
  for (const { url, size, sent, text } of active.values()) {
    const item = desk.querySelector(`[data-upload-url="${url}"]`);
    if (!item) continue;
    item.querySelector("progress").value = (100 * sent) / size;
    const place = item.querySelector("[data-progress]");
    if (place.textContent !== text) place.textContent = text;
  }
}

function overall(text = "") {
  const place = desk.querySelector("[data-overall]");
  place.hidden = !busy();
  const sent = [...active.values()].reduce((sum, upload) => sum + upload.sent, total.doneBytes);
  if (total.bytes) place.querySelector("progress").value = (100 * sent) / total.bytes;
  const facts = { done: total.done, total: total.files, sent: megabytes(sent), size: megabytes(total.bytes) };
  place.querySelector("[data-overall-text]").textContent = text || fill(words.all, facts);
}

function end(file, upload) {
  active.delete(file.id);
  total.done += 1;
  total.doneBytes += upload.size;
  overall();
  if (!busy()) say(fill(words.all, { done: total.done, total: total.files, sent: megabytes(total.doneBytes), size: megabytes(total.bytes) }));
}

uppy.on("upload-progress", (file, { bytesUploaded }) => {
  const upload = active.get(file.id);
  if (!upload) return;
  upload.sent = bytesUploaded;
  upload.text = fill(words.sending, { percent: `${Math.floor((100 * bytesUploaded) / upload.size)}%` });
  paint();
  overall();
});
uppy.on("upload-success", async (file) => {
  const upload = active.get(file.id);
  if (!upload) return;
  end(file, upload);
  await check();
  uppy.removeFile(file.id); // not before: while this event goes round, it would take the upload back
});
uppy.on("upload-error", async (file, _error, response) => {
  const upload = active.get(file.id);
  if (!upload) return;
  const gone = response && [404, 410].includes(response.status);
  upload.text = gone ? words.gone : response?.status === 403 ? words.signedOut : words.stopped;
  paint();
  if (!gone) {
    setTimeout(() => uppy.retryUpload(file.id).catch(() => {}), RETRY_MS);
    return;
  }
  end(file, upload);
  refuse(file.name, [words.gone]);
  uppy.removeFile(file.id);
  await check();
});
window.addEventListener("beforeunload", (event) => { if (busy()) event.preventDefault(); });
onRows(paint);

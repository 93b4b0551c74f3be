// Sends a work's files over any line. Each has its place in the work before its first byte goes,
// so an upload outlives the page: after a reload, the same file chosen again goes on where it
// stopped. Without this script the same form sends everything at once.

import { refusal } from "./precheck.js";
import { fill, megabytes, openTransfer } from "./transfer.js";

const form = document.querySelector("[data-work-form]");
const input = form.querySelector("#files-input");
const rows = form.querySelector("[data-uploads]");
const zone = form.querySelector("[data-dropzone]");
const words = rows.dataset;
const rules = JSON.parse(document.getElementById("file-rules").textContent);
const POLL_MS = 1500;
const SLOW_POLL_MS = 6000; // somebody else's upload, or one that was left
const SPEED_MS = 6000; // the speed is that of the last seconds
const PAINT_MS = 250;
const active = new Map(); // Uppy's file id -> the upload: its row, address, and last progress
let preparing = 0; // lists of files that are being looked at, or get their places
let allIn = true; // every file since the last pause of work was taken
let pressed = null; // the button that was pressed meanwhile: it acts when the files are in

const token = () => form.querySelector("[name=csrfmiddlewaretoken]").value;
const busy = () => preparing > 0 || active.size > 0;
const say = (sentence) => { form.querySelector("[data-say]").textContent = sentence; };

const transfer = openTransfer({ isStraight: "straight" in form.dataset, token });
const { uppy } = transfer;

// --- one file -------------------------------------------------------------------------------

function row(name) {
  const template = form.querySelector("[data-upload-row]");
  const item = template.content.firstElementChild.cloneNode(true);
  item.querySelector("[data-name]").textContent = name;
  rows.append(item);
  return item;
}

function complain(item, sentences, canGoOn = false) {
  item.dataset.upload = canGoOn ? "stopped" : "refused";
  item.querySelector("[data-problem]").textContent = sentences.join(" ");
}

// This browser remembers which file an upload is of; on the server only its bytes are.
const key = (url) => `upload ${url}`;
const print = (file) => [file.name, file.size, file.lastModified].join("/");

function unfinished(file) {
  const items = [...form.querySelectorAll("[data-upload-url]")];
  const here = (url) => [...active.values()].some((upload) => upload.url === url);
  const item = items.find(({ dataset: { uploadUrl: url } }) => localStorage[key(url)] === print(file) && !here(url));
  return item && item.dataset.uploadUrl;
}

// Resolves to the upload's address; throws sentences when there is no place for the file.
async function reserve(file, replaces) {
  const known = !replaces && unfinished(file);
  if (known) return known;
  const encode = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));
  const metadata = [`filename ${encode(file.name)}`, ...(replaces ? [`replaces ${encode(replaces)}`] : [])];
  const answer = await fetch(form.dataset.newUpload, {
    method: "POST",
    headers: {
      "Tus-Resumable": "1.0.0",
      "Upload-Length": String(file.size),
      "Upload-Metadata": metadata.join(","),
      "X-CSRFToken": token(),
    },
  }).catch(() => null);
  const url = answer && answer.headers.get("Location");
  if (!url) throw ((answer && (await answer.json().catch(() => null))) || { messages: [words.noLine] }).messages;
  localStorage[key(url)] = print(file);
  return url;
}

async function add(file, item, replaces) {
  try {
    const sentence = await refusal(file, rules);
    if (sentence) throw [sentence];
    const url = await reserve(file, replaces);
    const id = transfer.send(file, url);
    active.set(id, { item, url, size: file.size, samples: [], paintedAt: 0 });
    item.dataset.upload = "waiting";
    item.dataset.file = id;
    item.querySelector("[data-facts]").textContent = words.waiting;
    await refresh();
    uppy.upload().catch(() => {}); // each file's own event tells
  } catch (sentences) {
    allIn = false;
    complain(item, Array.isArray(sentences) ? sentences : [words.noLine]);
  }
}

// The files get their places one after the other, so they stand in the order chosen.
async function addAll(files, replaces) {
  const waiting = [...files].map((file) => [file, row(file.name)]);
  preparing += 1;
  for (const [file, item] of waiting) await add(file, item, replaces);
  preparing -= 1;
  done();
}

function drop(id) {
  const upload = active.get(id);
  active.delete(id);
  if (!upload) return;
  upload.item.remove();
  localStorage.removeItem(key(upload.url));
}

function cancel(id) {
  const { url } = active.get(id);
  drop(id);
  allIn = false;
  transfer.cancel(id, url).then(cancelled);
}

async function cancelled() {
  await refresh();
  done();
}

// --- how far --------------------------------------------------------------------------------

function timeLeft(seconds) {
  if (seconds < 90) return fill(words.secondsLeft, { count: Math.max(1, Math.ceil(seconds)) });
  return fill(words.minutesLeft, { count: Math.ceil(seconds / 60) });
}

function paint(upload, sent) {
  const now = performance.now();
  const { samples, item, size } = upload;
  if (samples.length && sent < samples.at(-1).sent) samples.length = 0; // a piece is sent again
  samples.push({ now, sent });
  while (samples[0].now < now - SPEED_MS) samples.shift();
  upload.sent = sent;
  if (now - upload.paintedAt < PAINT_MS && sent < size) return;
  upload.paintedAt = now;
  item.dataset.upload = "sending";
  item.querySelector("progress").value = (100 * sent) / size;
  const facts = [fill(words.amount, { sent: megabytes(sent), total: megabytes(size) })];
  const speed = (sent - samples[0].sent) / ((now - samples[0].now) / 1000);
  if (now - samples[0].now > 1000 && speed > 0) {
    facts.push(`${megabytes(speed)} MB/s`, timeLeft((size - sent) / speed));
  }
  item.querySelector("[data-facts]").textContent = facts.join(" · ");
}

uppy.on("upload-progress", (file, { bytesUploaded }) => {
  const upload = active.get(file.id);
  if (upload && upload.item.dataset.upload !== "paused") paint(upload, bytesUploaded);
});
uppy.on("upload-success", async (file) => {
  drop(file.id);
  say(fill(words.arrived, { name: file.name }));
  await refresh();
  uppy.removeFile(file.id); // not before: while this event goes round, it would take the upload back
  done();
});
uppy.on("upload-error", async (file, _error, response) => {
  const upload = active.get(file.id);
  if (!upload) return;
  const gone = response && [404, 410].includes(response.status);
  const sentence = gone ? words.gone : response && response.status === 403 ? words.signedOut : words.noLine;
  complain(upload.item, [sentence], !gone);
  allIn = false;
  if (!gone) return;
  active.delete(file.id);
  localStorage.removeItem(key(upload.url));
  uppy.removeFile(file.id);
  await cancelled();
});
window.addEventListener("offline", () => { if (active.size) say(words.offline); });
window.addEventListener("online", () => {
  for (const [id, { item }] of active) if (item.dataset.upload === "stopped") goOn(id);
});

// --- pause, go on, cancel -------------------------------------------------------------------

function pause(id) {
  const { item, sent = 0, size } = active.get(id);
  if (!["waiting", "sending"].includes(item.dataset.upload)) return;
  item.dataset.upload = "paused";
  uppy.pauseResume(id);
  item.querySelector("[data-facts]").textContent = fill(words.paused, { percent: `${Math.floor((100 * sent) / size)}%` });
}

function goOn(id) {
  const { item, samples } = active.get(id);
  samples.length = 0;
  const was = item.dataset.upload;
  item.dataset.upload = "sending";
  item.querySelector("[data-problem]").textContent = "";
  if (was === "stopped") uppy.retryUpload(id).catch(() => {});
  if (was === "paused") uppy.pauseResume(id);
}

const deeds = { pause, "go-on": goOn, cancel, dismiss: () => {} };

form.addEventListener("click", (event) => {
  const button = event.target.closest("[data-deed]");
  if (!button) return;
  const item = button.closest("[data-upload]");
  if (button.dataset.deed === "dismiss") item.remove();
  else if (item) deeds[button.dataset.deed](item.dataset.file);
  else for (const id of active.keys()) deeds[button.dataset.deed](id);
});

// --- the list of files ----------------------------------------------------------------------

function show(html) {
  form.querySelector("[data-frames]").outerHTML = html;
  arrange();
}

function arrange() {
  const here = new Set([...active.values()].map((upload) => upload.url));
  for (const item of form.querySelectorAll("[data-upload-url]")) {
    const { uploadUrl: url } = item.dataset;
    item.hidden = here.has(url); // it has a row of its own below
    const isKnown = key(url) in localStorage;
    item.querySelector("[data-elsewhere]").hidden = isKnown;
    item.querySelector("[data-choose-again]").hidden = !isKnown;
  }
  const waits = [...form.querySelectorAll("[data-upload-url]")].some((item) => !item.hidden && key(item.dataset.uploadUrl) in localStorage);
  const [count, most] = [form.querySelectorAll("[data-asset]").length, Number(form.dataset.maxFrames)];
  zone.hidden = count >= most && !waits;
  const counter = form.querySelector("[data-count]");
  if (counter) counter.textContent = fill(counter.dataset.count, { count, most });
  form.querySelector("[data-upload-all]").hidden = active.size < 2;
  for (const button of form.querySelectorAll("[data-without-script]")) button.hidden = true;
  offerDates();
}

async function refresh() {
  const answer = await fetch(form.dataset.files).catch(() => null);
  if (answer && answer.ok && !answer.redirected) show(await answer.text());
  else arrange();
}

async function poll() {
  clearTimeout(poll.timer);
  if (!form.dataset.status) return;
  const answer = await fetch(form.dataset.status, { headers: { Accept: "application/json" } }).catch(() => null);
  let isBusy = true;
  let delay = SLOW_POLL_MS;
  if (answer && answer.ok && !answer.redirected) {
    const { frames, busy: isAtWork } = await answer.json();
    isBusy = isAtWork;
    if (frames.some(({ state }) => ["received", "processing"].includes(state))) delay = POLL_MS;
    if (frames.map(tell).includes(true)) await refresh();
  }
  if (isBusy) poll.timer = setTimeout(poll, delay);
}

// Shows how far a file is; tells whether its state has changed.
function tell({ id, state, percent }) {
  const item = form.querySelector(`[data-asset="${id}"]`);
  if (!item) return false;
  const bar = item.querySelector("progress");
  if (bar) bar.value = percent;
  const number = item.querySelector("[data-percent]");
  if (number) number.textContent = `${percent}%`;
  return item.dataset.state !== state;
}

function offerDates() {
  for (const button of form.querySelectorAll("[data-fill]")) {
    button.hidden = document.getElementById(button.dataset.fill).value !== "";
  }
}

// --- the form -------------------------------------------------------------------------------

function done() {
  arrange();
  if (busy()) return;
  if (pressed && allIn) form.requestSubmit(pressed);
  pressed = null;
  allIn = true;
  poll();
}

// A new work becomes a draft first; then its files have a place to go to. At the end the form
// is sent as it is then: what was typed meanwhile is saved too.
async function begin() {
  const fields = new FormData(form);
  fields.delete("files");
  rows.replaceChildren();
  preparing += 1;
  const said = await post(fields);
  if (said.edit) {
    Object.assign(form.dataset, { files: said.files, newUpload: said.uploads, status: said.status });
    delete form.dataset.new;
    form.action = said.edit;
    history.replaceState(null, "", said.edit);
    pressed ||= form.querySelector("[name=do][value=save]");
    const chosen = [...input.files];
    input.value = "";
    await addAll(chosen);
  } else {
    complain(row(""), said.messages);
    allIn = false;
  }
  preparing -= 1;
  done();
}

// Sends the form behind the page's back; resolves to what the server says.
async function post(fields) {
  const headers = { Accept: "application/json" };
  const answer = await fetch(form.action, { method: "POST", body: fields, headers }).catch(() => null);
  return (answer && !answer.redirected && (await answer.json().catch(() => null))) || { messages: [words.noLine] };
}

// A button pressed while files are coming: handing in and papers wait for them, and so does everything
// until a new work is a draft; all else is done now.
async function act(button) {
  if (!button || ["submit", "release"].includes(button.value) || "new" in form.dataset) {
    pressed = button;
    say(words.later);
    return;
  }
  const said = await post(new FormData(form, button));
  if (said.done) say(said.done.join(" "));
  else complain(row(""), said.messages);
  await refresh();
}

function choose(files) {
  if (!("new" in form.dataset)) {
    addAll(files);
    input.value = "";
    return;
  }
  const missing = [...form.elements].find((element) => !element.checkValidity());
  if (!missing) return begin();
  complain(row([...files].map((file) => file.name).join("、")), [words.firstTitle]);
  missing.focus();
}

form.addEventListener("change", (event) => {
  const { files, dataset } = event.target;
  if (!files || !files.length || event.target.name === "releases") return;
  if (!dataset.replace) return choose(files);
  addAll([...files], dataset.replace);
  event.target.value = "";
});
form.addEventListener("click", (event) => {
  const button = event.target.closest("[data-fill]");
  if (!button) return;
  document.getElementById(button.dataset.fill).value = button.dataset.value;
  offerDates();
});
form.addEventListener("submit", (event) => {
  const isNewWithFiles = "new" in form.dataset && input.files.length;
  if (!busy() && !isNewWithFiles) return;
  event.preventDefault();
  if (busy()) act(event.submitter);
  else begin();
});
window.addEventListener("beforeunload", (event) => { if (busy()) event.preventDefault(); });

for (const kind of ["dragover", "dragleave", "drop"]) {
  zone.addEventListener(kind, (event) => {
    event.preventDefault();
    zone.classList.toggle("is-over", kind === "dragover");
  });
}
zone.addEventListener("drop", (event) => {
  input.files = event.dataTransfer.files;
  choose(input.files);
});
arrange();
poll();

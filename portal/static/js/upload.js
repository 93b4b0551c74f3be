// Sends a work's files one by one, each with its progress, and shows how far the worker is.
// Without this script the same form sends everything at once.

const form = document.querySelector("[data-work-form]");
const input = form.querySelector("#files-input");
const rows = form.querySelector("[data-uploads]");
const zone = form.querySelector("[data-dropzone]");
const POLL_MS = 1500;
let sending = 0;
let pressed = null; // the button that was pressed meanwhile: it acts when the files are in

const token = () => form.querySelector("[name=csrfmiddlewaretoken]").value;

function row(file) {
  const template = form.querySelector("[data-upload-row]");
  const item = template.content.firstElementChild.cloneNode(true);
  item.querySelector("[data-name]").textContent = file.name;
  rows.append(item);
  return item;
}

function complain(item, sentences) {
  item.querySelector("progress").hidden = true;
  const problem = item.querySelector("[data-problem]");
  problem.textContent = sentences.join(" ");
  problem.hidden = false;
}

// Resolves to the new list of files (HTML), or to null when the file was not taken.
function send(file, item, replaced) {
  if (file.size > Number(form.dataset.maxBytes)) {
    complain(item, [form.dataset.tooLarge]);
    return Promise.resolve(null);
  }
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    const body = new FormData();
    body.append("file", file);
    if (replaced) body.append("replace", replaced);
    request.open("POST", form.dataset.upload);
    request.setRequestHeader("X-CSRFToken", token());
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) item.querySelector("progress").value = (100 * event.loaded) / event.total;
    });
    request.addEventListener("load", () => {
      if (request.status === 200 && !request.responseURL.includes("login")) {
        item.remove();
        return resolve(request.responseText);
      }
      let sentences = [form.dataset.noLine];
      try { sentences = JSON.parse(request.responseText).messages; } catch { /* not our answer */ }
      complain(item, sentences);
      resolve(null);
    });
    request.addEventListener("error", () => { complain(item, [form.dataset.noLine]); resolve(null); });
    request.send(body);
  });
}

function show(html) {
  if (!html) return;
  form.querySelector("[data-frames]").outerHTML = html;
  zone.hidden = form.querySelectorAll("[data-asset]").length >= Number(form.dataset.maxFrames);
  offerDates();
}

async function sendAll(files, replaced) {
  const waiting = [...files].map((file) => [file, row(file)]);
  sending += 1;
  let all = true;
  for (const [file, item] of waiting) {
    const html = await send(file, item, replaced);
    show(html);
    all &&= html !== null;
  }
  done();
  return all;
}

function done() {
  sending -= 1;
  if (sending) return;
  if (pressed) form.requestSubmit(pressed);
  pressed = null;
  poll();
}

// A new work becomes a draft first; then its files have a place to go to. At the end the form
// is sent as it is then: what was typed meanwhile is saved too.
async function begin() {
  const fields = new FormData(form);
  fields.delete("files");
  rows.replaceChildren();
  sending += 1;
  const headers = { Accept: "application/json" };
  const answer = await fetch(form.action, { method: "POST", body: fields, headers }).catch(() => null);
  const said = answer ? await answer.json().catch(() => null) : null;
  if (said && answer.ok) {
    Object.assign(form.dataset, { upload: said.upload, status: said.status });
    delete form.dataset.new;
    form.action = said.edit;
    history.replaceState(null, "", said.edit);
    const chosen = [...input.files];
    input.value = "";
    if (await sendAll(chosen)) pressed ||= form.querySelector("[name=do][value=save]");
  } else {
    complain(row({ name: "" }), said ? said.messages : [form.dataset.noLine]);
    pressed = null;
  }
  done();
}

async function poll() {
  if (!form.dataset.status || sending) return;
  const answer = await fetch(form.dataset.status, { headers: { Accept: "application/json" } }).catch(() => null);
  if (answer && answer.ok && !sending) {
    const { frames, busy } = await answer.json();
    let changed = false;
    for (const frame of frames) {
      const item = form.querySelector(`[data-asset="${frame.id}"]`);
      if (!item) continue;
      const bar = item.querySelector("progress");
      if (bar) bar.value = frame.percent;
      changed ||= item.dataset.state !== frame.state;
    }
    if (changed) show(await (await fetch(form.dataset.upload)).text());
    if (!busy) return;
  }
  clearTimeout(poll.timer);
  poll.timer = setTimeout(poll, POLL_MS);
}

function offerDates() {
  for (const button of form.querySelectorAll("[data-fill]")) {
    button.hidden = document.getElementById(button.dataset.fill).value !== "";
  }
  for (const button of form.querySelectorAll("[data-without-script]")) button.hidden = true;
}

function choose(files) {
  if (!("new" in form.dataset)) {
    sendAll(files);
    input.value = "";
    return;
  }
  const missing = [...form.elements].find((element) => !element.checkValidity());
  if (!missing) return begin();
  complain(row({ name: [...files].map((file) => file.name).join("、") }), [form.dataset.firstTitle]);
  missing.focus();
}

form.addEventListener("change", (event) => {
  const { files, dataset } = event.target;
  if (!files || !files.length) return;
  if (dataset.replace) sendAll(files, dataset.replace).then(() => { event.target.value = ""; });
  else choose(files);
});
form.addEventListener("click", (event) => {
  const button = event.target.closest("[data-fill]");
  if (!button) return;
  document.getElementById(button.dataset.fill).value = button.dataset.value;
  offerDates();
});
form.addEventListener("submit", (event) => {
  const isNewWithFiles = "new" in form.dataset && input.files.length;
  if (!sending && !isNewWithFiles) return;
  event.preventDefault();
  if (sending) {
    pressed = event.submitter;
    return;
  }
  begin();
});
window.addEventListener("beforeunload", (event) => { if (sending) event.preventDefault(); });

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
offerDates();
poll();

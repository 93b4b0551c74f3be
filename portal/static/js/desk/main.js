// The works desk: many works on one page. Without a script each row is a form of its own.

import { save, saveAll, watch } from "./autosave.js";
import { droppedFiles, isWanted } from "./folder.js";
import { announce, watchOrder } from "./order.js";
import { desk, send, tell, token } from "./page.js";
import { arrange, check, load, reload } from "./rows.js";
import { addFiles } from "./uploads.js";

const IS_SHEET = /\.(xlsx|csv)$/i;
const zone = desk.querySelector("[data-dropzone]");
const sheetForm = desk.querySelector("[data-sheet-form]");

// --- files and spreadsheets -----------------------------------------------------------------

// A spreadsheet among the files goes first: its rows wait for the files that follow.
async function take(files) {
  const sheet = files.find((file) => IS_SHEET.test(file.name));
  if (sheet) await sendSheet(sheet);
  const works = files.filter((file) => !IS_SHEET.test(file.name));
  if (works.length) await addFiles(works);
}

async function sendSheet(file) {
  const body = new FormData();
  body.set("csrfmiddlewaretoken", token());
  body.set("sheet", file);
  await saveAll();
  const answer = await send(sheetForm.action, { method: "POST", body });
  const said = answer && (await answer.json().catch(() => null));
  if (!said) return;
  tell(said.told);
  desk.querySelector(".desk__sheet").open = true;
  await reload();
}

if (zone) {
  zone.addEventListener("submit", (event) => event.preventDefault());
  zone.addEventListener("change", (event) => {
    if (event.target.type !== "file") return;
    take([...event.target.files].filter(isWanted));
    event.target.value = "";
  });
  for (const kind of ["dragover", "dragleave", "drop"]) {
    zone.addEventListener(kind, (event) => {
      event.preventDefault();
      zone.classList.toggle("is-over", kind === "dragover");
    });
  }
  zone.addEventListener("drop", async (event) => { take(await droppedFiles(event.dataTransfer)); });
  sheetForm.addEventListener("submit", async (event) => {
    event.preventDefault();
    const input = sheetForm.querySelector("[type=file]");
    await sendSheet(input.files[0]);
    input.value = "";
  });
}

// --- the buttons of a row -------------------------------------------------------------------

async function act(form, body) {
  const { row: pk } = form.closest("[data-row]").dataset;
  await save(pk);
  body.set("csrfmiddlewaretoken", token());
  const answer = await send(form.action, { method: "POST", body });
  const said = answer && (await answer.json().catch(() => null));
  if (!said) return;
  if (said.told.length) tell(said.told);
  await check();
  if (body.get("do") === "split") await reload();
  else await load([pk]);
}

async function press(button) {
  if (button.dataset.confirm && !window.confirm(button.dataset.confirm)) return;
  const form = button.form;
  const body = new FormData();
  body.set("do", button.value);
  const frame = button.closest("[data-frame]");
  await act(form, body);
  const [verb] = button.value.split("-");
  if (frame && ["up", "down"].includes(verb)) told(form, frame, verb);
}

function told(form, { dataset }, verb) {
  const all = [...form.querySelectorAll("[data-frame]")];
  const to = all.findIndex((one) => one.dataset.frame === dataset.frame);
  announce(to + (verb === "up" ? 1 : -1), to, all.length);
}

desk.addEventListener("submit", (event) => {
  const { submitter, target } = event;
  if (target.matches("[data-row-form]")) {
    event.preventDefault();
    if (submitter && submitter.value !== "save") press(submitter);
    else save(target.closest("[data-row]").dataset.row);
  } else if (target.matches("[data-desk-form]")) {
    event.preventDefault();
    settle(target, submitter);
  }
});

desk.addEventListener("change", (event) => {
  if (!event.target.matches("[data-section]")) return;
  const body = new FormData();
  body.set("do", "section");
  body.set("section", event.target.value);
  act(event.target.form, body);
});

// --- all of them ----------------------------------------------------------------------------

async function settle(form, submitter) {
  await saveAll();
  const body = new FormData(form);
  if (submitter) body.set("do", submitter.value);
  const answer = await send(form.action, { method: "POST", body });
  const said = answer && (await answer.json().catch(() => null));
  if (!said) return;
  tell(said.told);
  if (submitter?.value === "declare") fillIn(body);
  if (submitter?.value === "join") await reload();
  else { await check(); await load([]); }
}

/** Show in the rows what was said for all of them that said nothing. */
function fillIn(body) {
  for (const name of ["ai_use", "portraits"]) {
    const said = body.get(`all_${name}`);
    for (const input of desk.querySelectorAll(`.desk-row__texts [name="${name}"]`)) {
      if (said && !input.value) Object.assign(input, { value: said }).dataset.base = said;
    }
  }
}

watch();
watchOrder(act);
arrange();

// Saves what is typed, without a button. What could not be sent yet is kept in this browser and
// sent in order when the line is back, after a reload too. Two windows never overwrite each
// other: each change says over which text it was typed.

import { fill } from "../transfer.js";
import { desk, sendJson, words } from "./page.js";
import { arrange, onRows } from "./rows.js";

const PAUSE_MS = 700;
const RETRY_MS = 5000;
const STAYED_MS = 5000;
const sending = new Map(); // row -> the promise of what is being sent
const timers = new Map();
// The next page may have been read before what is saved now: it shall find this kept, and say it
// again, which changes nothing.
let leaving = false;

const key = (pk) => `desk ${pk}`;
const read = (pk) => JSON.parse(localStorage[key(pk)] || "{}");
function keep(pk, pending) {
  if (Object.keys(pending).length) localStorage[key(pk)] = JSON.stringify(pending);
  else localStorage.removeItem(key(pk));
}

const rowOf = (pk) => desk.querySelector(`[data-row="${pk}"]`);
const field = (pk, name) => rowOf(pk)?.querySelector(`.desk-row__texts [name="${name}"]`);
const base = (input) => input.dataset.base ?? input.defaultValue;

function note(pk, state, text) {
  const place = rowOf(pk)?.querySelector("[data-saved-note]");
  if (!place) return;
  place.dataset.saved = state;
  place.textContent = text;
}

function complain(pk, name, ...parts) {
  rowOf(pk)?.querySelector(`[data-error="${name}"]`)?.replaceChildren(...parts);
}

function typed(input) {
  const { row: pk } = input.closest("[data-row]").dataset;
  const pending = read(pk);
  pending[input.name] = { was: pending[input.name]?.was ?? base(input), now: input.value };
  keep(pk, pending);
  complain(pk, input.name);
  soon(pk, PAUSE_MS);
}

function soon(pk, delay) {
  clearTimeout(timers.get(pk));
  timers.set(pk, setTimeout(save, delay, pk));
}

// One request at a time for a row: changes arrive in the order in which they were made.
export async function save(pk) {
  clearTimeout(timers.get(pk));
  while (sending.has(pk)) await sending.get(pk);
  const changes = Object.fromEntries(Object.entries(read(pk)).filter(([, change]) => !change.waits));
  if (!Object.keys(changes).length) return;
  const work = deliver(pk, changes).finally(() => sending.delete(pk));
  sending.set(pk, work);
  await work;
}

async function deliver(pk, changes) {
  note(pk, "saving", words.saving);
  const url = rowOf(pk)?.querySelector("[data-row-form]").action;
  if (!url) return;
  const answer = await sendJson(url, { changes });
  if (!answer || answer.status >= 500) {
    note(pk, "kept", words.kept);
    soon(pk, RETRY_MS);
    return;
  }
  if (answer.status === 403) {
    note(pk, "kept", words.signedOut);
    return;
  }
  const said = await answer.json().catch(() => ({ messages: [] }));
  if (said.messages) note(pk, "refused", said.messages.join(" "));
  else settle(pk, changes, said);
}

function settle(pk, changes, { saved, refused, theirs }) {
  if (leaving) return;
  const pending = read(pk);
  for (const name of saved) {
    const input = field(pk, name);
    if (input) input.dataset.base = changes[name].now;
    if (pending[name]?.now === changes[name].now) delete pending[name];
    else if (pending[name]) pending[name].was = changes[name].now;
    complain(pk, name);
  }
  // What can't be saved stays in its field, and here, until it is changed.
  for (const name of [...Object.keys(refused), ...Object.keys(theirs)]) {
    if (pending[name]?.now === changes[name].now) pending[name].waits = true;
  }
  keep(pk, pending);
  for (const [name, sentences] of Object.entries(refused)) complain(pk, name, sentences.join(" "));
  for (const [name, text] of Object.entries(theirs)) offer(pk, name, text);
  note(pk, "saved", Object.keys(pending).length ? "" : words.saved);
}

function offer(pk, name, text) {
  const choice = (label, act) => {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "link-button", textContent: label });
    button.addEventListener("click", act);
    return button;
  };
  const mine = choice(words.keepMine, () => {
    const pending = read(pk);
    pending[name] = { was: text, now: field(pk, name).value };
    keep(pk, pending);
    save(pk);
  });
  const other = choice(words.takeTheirs, () => {
    const pending = read(pk);
    delete pending[name];
    keep(pk, pending);
    Object.assign(field(pk, name), { value: text }).dataset.base = text;
    complain(pk, name);
  });
  complain(pk, name, fill(words.theirs, { text }), " ", mine, " ", other);
}

// After a reload: what was typed and not saved stands in its field again.
function restore() {
  for (const { dataset: { row: pk } } of desk.querySelectorAll("[data-row]:not([data-restored])")) {
    rowOf(pk).dataset.restored = "yes";
    const pending = read(pk);
    for (const [name, change] of Object.entries(pending)) {
      const input = field(pk, name);
      if (input) { input.dataset.base = base(input); input.value = change.now; }
      delete change.waits;
    }
    keep(pk, pending);
    if (Object.keys(pending).length) save(pk);
  }
}

export const saveAll = () => Promise.all([...desk.querySelectorAll("[data-row]")].map((row) => save(row.dataset.row)));

export function watch() {
  const isText = (target) => target.matches(".desk-row__texts :is(input, textarea)");
  desk.addEventListener("input", (event) => { if (isText(event.target)) typed(event.target); });
  desk.addEventListener("click", (event) => {
    const button = event.target.closest("[data-fill]");
    if (button) use(button);
    if (event.target.closest("[data-all-dates]")) {
      desk.querySelectorAll("[data-fill$=taken_on]:not([hidden])").forEach(use);
    }
  });
  window.addEventListener("online", saveAll);
  window.addEventListener("beforeunload", () => {
    leaving = true;
    setTimeout(() => { leaving = false; }, STAYED_MS);
  });
  document.addEventListener("visibilitychange", () => { if (document.hidden) saveAll(); });
  onRows(restore);
}

function use(button) {
  const input = document.getElementById(button.dataset.fill);
  input.value = button.dataset.value;
  typed(input);
  arrange();
}

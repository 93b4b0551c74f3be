// The meeting: the projector turns by keys or a clicker and shows who has scored; phones follow.
// Both ask every two seconds whether anything changed. Without this file: buttons and reloading.

import { sheetOf } from "./criteria.js";

const PAUSE = 2000;
const room = document.querySelector("[data-projector], [data-phone]");
const isProjector = room.matches("[data-projector]");
let version = room.dataset.version ?? "";

async function ask() {
  const answer = await fetch(room.dataset.state, { cache: "no-cache", redirect: "error" });
  if (!answer.ok) return;
  const now = await answer.json();
  if (String(now.work ?? "") !== room.dataset.work) location.reload();
  else if (isProjector && now.version !== version) await showPanel(now.version);
}

// Only the row of people: what is being keyed in below it stays.
async function showPanel(now) {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const panel = page.querySelector("[data-panel]");
  if (!panel) return;
  room.querySelector("[data-panel]").replaceWith(document.importNode(panel, true));
  version = now;
}

async function follow() {
  if (!document.hidden) await ask().catch(() => {}); // a lost connection: the next time, perhaps
  setTimeout(follow, PAUSE);
}
setTimeout(follow, PAUSE);

const followed = room.querySelector("[data-follows]");
if (followed) {
  followed.hidden = false;
  room.querySelector("[data-following]").hidden = true;
}

// --- The projector's keys ---------------------------------------------------------------------

const press = (selector) => room.querySelector(selector)?.click();
const keying = room.querySelector("[data-keying]");

const KEYS = {
  PageDown: () => press("[data-next]"),
  ArrowRight: () => press("[data-next]"),
  PageUp: () => press("[data-previous]"),
  ArrowLeft: () => press("[data-previous]"),
  s: () => press("[data-reveal]"),
  k: () => {
    keying.open = !keying.open;
    if (keying.open) keying.querySelector("input[type=text]").focus();
  },
};

if (isProjector) {
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.isComposing) return;
    const isTyping = event.target.matches("input");
    if (isTyping && !event.key.startsWith("Page")) return;
    if (!KEYS[event.key]) return;
    event.preventDefault();
    KEYS[event.key]();
  });
}

// --- One keyboard for all ---------------------------------------------------------------------

if (keying) {
  const form = keying.querySelector("form");
  const inputs = [...form.querySelectorAll("input[type=text]")];
  const highest = Number(form.dataset.highest);
  const rowOf = (input) => input.closest("tr");

  async function save() {
    const note = form.querySelector("[data-refusals]");
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body: sheetOf(form),
        headers: { Accept: "application/json" },
      });
      note.textContent = (await answer.json()).messages.join(" ");
      return answer.ok;
    } catch {
      note.textContent = form.dataset.unsaved;
      return false;
    }
  }

  form.addEventListener("input", ({ target }) => {
    if (highest > 10 || !target.value) return; // longer numbers end with Enter or Tab
    if (target.value === "0" && highest === 10) target.value = "10";
    inputs[inputs.indexOf(target) + 1]?.focus();
    inputs[inputs.indexOf(target) + 1]?.select();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const here = document.activeElement;
    if (!(await save()) || !inputs.includes(here)) return;
    const following = inputs.find(
      (input) => inputs.indexOf(input) > inputs.indexOf(here) && rowOf(input) !== rowOf(here),
    );
    (inputs.find((input) => !input.value) ?? following)?.focus();
  });
}

// One work in the screening: digits score and are saved at once, arrows turn, letters decide.
// A phone in a meeting has the card alone. Without this file both work by links and forms.

import { chosen, criteriaIn, give, mark, sheetOf, showRefusals } from "./criteria.js";

const work = document.querySelector("[data-work]");
const form = document.querySelector("[data-scorecard]");
const decision = document.querySelector("[data-decision]");
const help = document.querySelector("[data-help]");
const ask = document.querySelector("[data-ask]");

// --- Saving -----------------------------------------------------------------------------------

const say = (text) => (form.querySelector("[data-state]").textContent = text);

function refuse(messages) {
  say(form.dataset.unsaved);
  showRefusals(form, messages);
}

async function send() {
  say(form.dataset.saving);
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      body: sheetOf(form),
      headers: { Accept: "application/json" },
      signal: AbortSignal.timeout(20000),
      keepalive: true,
    });
    const isJson = answer.headers.get("Content-Type")?.startsWith("application/json");
    if (!isJson) refuse([form.dataset.broken]);
    else if (!answer.ok) refuse((await answer.json()).messages);
    else {
      form.querySelector("[data-refusals]").replaceChildren();
      say(form.dataset.saved);
    }
    return answer.ok && isJson;
  } catch {
    refuse([form.dataset.offline]);
    return false;
  }
}

// One after another, so that the last change is the last to arrive.
let saving = Promise.resolve(true);
let isDirty = false;
const save = () => {
  isDirty = false;
  return (saving = saving.then(send));
};

// --- Keys -------------------------------------------------------------------------------------

async function turn(address) {
  if (!address) return;
  if (form && (isDirty || !(await saving))) save(); // what failed before is tried again
  if (await saving) location.assign(address);
}

function score(digit) {
  if (!form) return;
  const criterion = give(form, digit);
  const all = criteriaIn(form);
  const following = criterion && all[all.indexOf(criterion) + 1];
  if (!following) return;
  mark(form, following);
  (chosen(following) ?? following.querySelector("input")).focus({ preventScroll: true });
}

function decide(verb) {
  decision?.requestSubmit(decision.querySelector(`button[value="${verb}"]`));
}

let wanted = "";
function write(verb) {
  if (!decision?.querySelector(`button[value="${verb}"]`)) return;
  wanted = verb;
  decision.querySelector("textarea").focus();
}

const KEYS = {
  ArrowRight: () => turn(work?.dataset.next),
  ArrowLeft: () => turn(work?.dataset.previous),
  Enter: () => turn(work?.dataset.next),
  f: () => decision?.querySelector("button[value=forward]:enabled") && ask.showModal(),
  r: () => write("return"),
  d: () => write("decline"),
  "?": () => help?.showModal(),
  "？": () => help?.showModal(), // a Chinese keyboard
};

function belongsToField({ target, key }) {
  if (target.matches("textarea, select, input:not([type=radio], [type=checkbox])")) return true;
  return Boolean(target.closest("a, button, summary, video")) && (key === "Enter" || key === " ");
}

document.addEventListener("keydown", (event) => {
  if (help?.open || ask?.open || event.isComposing || event.repeat) return;
  const { key, target } = event;
  if (key === "Enter" && (event.ctrlKey || event.metaKey)) {
    if (wanted && decision.contains(target)) decide(wanted);
    return;
  }
  if (event.altKey || event.ctrlKey || event.metaKey || belongsToField(event)) return;
  if (/^\d$/.test(key)) score(key);
  else if (KEYS[key]) {
    event.preventDefault();
    KEYS[key]();
  }
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-help-open]")) help.showModal();
});

ask?.addEventListener("close", () => {
  if (ask.returnValue) decide(ask.returnValue);
});

if (help) document.querySelector("[data-help-open]").hidden = false;
if (form) {
  form.addEventListener("input", (event) => {
    if (event.target.matches("input[type=radio]")) save();
    else {
      isDirty = true;
      say(form.dataset.unsaved);
    }
  });
  form.addEventListener("change", (event) => {
    if (!event.target.matches("input[type=radio]")) save();
  });
  form.addEventListener("focusin", (event) => {
    const criterion = event.target.closest("[data-criterion]");
    if (criterion) mark(form, criterion);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    save();
  });
  mark(form, criteriaIn(form).find((one) => !chosen(one)) ?? criteriaIn(form)[0]);
}

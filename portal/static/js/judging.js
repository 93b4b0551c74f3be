// The judge's room: scores by keyboard, saves without leaving the page, the next work ready.
// The server's pages are the one truth: a work is fetched as its page, and only the room of it
// (data-room) is put in place. Without this file the same pages work by links and a form.

import { chosen, criteriaIn, give, mark, sheetOf, showRefusals } from "./criteria.js";
import { followLooking, LOOKING_KEYS } from "./judging/looking.js";
import { preloadPictures } from "./judging/preload.js";
import { leaveZoom } from "./judging/zoom.js";

const announcer = document.querySelector("[data-announcer]");
const help = document.querySelector("[data-help]");
let room = document.querySelector("[data-room]");

// --- Getting works ----------------------------------------------------------------------------

const warm = new Map(); // address -> promise of a room whose picture is already loading

async function fetchRoom(address) {
  const answer = await fetch(address, { headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const found = answer.ok && page.querySelector("[data-room]");
  if (!found) return null;
  // Imported, its pictures load and decode while the judge still looks at this work.
  const ready = { node: document.importNode(found, true), title: page.title };
  preloadPictures(ready.node);
  return ready;
}

function warmUp() {
  const wanted = [room.dataset.nextToDo, room.dataset.next].filter(Boolean);
  for (const address of warm.keys()) if (!wanted.includes(address)) warm.delete(address);
  for (const address of wanted) {
    if (!warm.has(address)) warm.set(address, fetchRoom(address).catch(() => null));
  }
}

async function go(address, { push = true, done = null } = {}) {
  let ready = null;
  const leaving = room;
  try {
    ready = (await warm.get(address)) ?? (await fetchRoom(address));
  } catch {
    const form = scorecard();
    if (form) refuse(form, [form.dataset.offline]);
    return;
  }
  if (room !== leaving) return; // a second key was quicker
  warm.delete(address);
  if (!ready) {
    location.assign(address); // signed out, or no work any more: let the browser show what it is
    return;
  }
  for (const video of room.querySelectorAll("video")) video.pause();
  leaveZoom();
  room.replaceWith(ready.node);
  room = ready.node;
  document.title = ready.title;
  if (push) history.pushState(null, "", address);
  if (done !== null) showProgress(done);
  window.scrollTo(0, 0);
  enter();
}

// --- The scorecard ----------------------------------------------------------------------------

const scorecard = () => room.querySelector("[data-scorecard]");
const criteria = () => criteriaIn(room);

function focusOn(criterion) {
  const target = criterion
    ? (chosen(criterion) ?? criterion.querySelector("input"))
    : scorecard()?.querySelector("button[type=submit]");
  mark(room, criterion);
  target?.focus({ preventScroll: true });
}

function score(digit) {
  const criterion = give(room, digit);
  const all = criteria();
  if (criterion) focusOn(all[all.indexOf(criterion) + 1]);
}

function say(form, text) {
  form.querySelector("[data-state]").textContent = text;
}

let fading;
function announce(text) {
  announcer.textContent = text;
  announcer.classList.add("toast--shown");
  clearTimeout(fading);
  fading = setTimeout(() => announcer.classList.remove("toast--shown"), 2500);
}

function refuse(form, messages) {
  say(form, form.dataset.unsaved);
  showRefusals(form, messages);
}

function showProgress(done) {
  const bar = room.querySelector(".room__progress progress");
  bar.value = done;
  bar.nextElementSibling.textContent = `${done} / ${bar.max}`;
}

async function save(form) {
  if (form.dataset.busy) return;
  form.dataset.busy = "yes";
  say(form, form.dataset.saving);
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      body: sheetOf(form),
      headers: { Accept: "application/json" },
      signal: AbortSignal.timeout(20000),
    });
    const isJson = answer.headers.get("Content-Type")?.startsWith("application/json");
    if (answer.ok && isJson) await saved(form, await answer.json());
    else if (isJson) refuse(form, (await answer.json()).messages);
    else refuse(form, [answer.redirected ? form.dataset.signedOut : form.dataset.broken]);
  } catch {
    refuse(form, [form.dataset.offline]);
  } finally {
    delete form.dataset.busy;
  }
}

async function saved(form, { next, done }) {
  forgetDraft(form);
  warm.delete(new URL(form.action).pathname);
  form.querySelector("[data-refusals]").replaceChildren();
  say(form, form.dataset.saved);
  announce(form.dataset.saved);
  showProgress(done);
  if (next === room.dataset.queue) location.assign(next);
  else await go(next, { done });
}

// --- Drafts: what is typed but not saved survives a move, a reload, a lost connection ----------

const draftKey = (form) => `judging:${new URL(form.action).pathname.split("/").at(-2)}`;

function keepDraft(form) {
  const values = [...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken");
  sessionStorage.setItem(draftKey(form), JSON.stringify(values));
  say(form, form.dataset.unsaved);
}

function forgetDraft(form) {
  sessionStorage.removeItem(draftKey(form));
}

function restoreDraft(form) {
  const draft = sessionStorage.getItem(draftKey(form));
  if (!draft) return;
  for (const [name, value] of JSON.parse(draft)) {
    const field = form.elements.namedItem(name);
    if (field) field.value = value; // a group of radio buttons takes a value, too
  }
  say(form, form.dataset.unsaved);
}

// --- Keys, clicks -----------------------------------------------------------------------------

function turnPicture(step) {
  const series = room.querySelector("[data-series]");
  series?.scrollBy({ left: step * series.clientWidth });
  return Boolean(series);
}

function playOrPause() {
  const video = room.querySelector("video");
  if (!video) return false;
  if (video.paused) video.play().catch(() => {});
  else video.pause();
  return true;
}

const turn = (address) => Boolean(address) && (go(address), true);

// What each key does; true when it did something, so that the browser does nothing more.
const KEYS = {
  ArrowRight: () => turn(room.dataset.next),
  n: () => turn(room.dataset.next),
  ArrowLeft: () => turn(room.dataset.previous),
  p: () => turn(room.dataset.previous),
  PageDown: () => turnPicture(1),
  PageUp: () => turnPicture(-1),
  " ": playOrPause,
  "?": () => (help.showModal(), true),
  "？": () => (help.showModal(), true), // a Chinese keyboard
  ...LOOKING_KEYS,
  Enter: () => (scorecard()?.requestSubmit(), true),
};

function belongsToField(event) {
  const { target, key } = event;
  if (target.matches("textarea")) return !(key === "Enter" && (event.ctrlKey || event.metaKey));
  if (target.matches("input[type=number]")) return /^(\d|Arrow|Page|Back|Del)/.test(key);
  if (target.closest("a, button, summary, video")) return key === "Enter" || key === " ";
  return false;
}

document.addEventListener("keydown", (event) => {
  if (document.querySelector("dialog[open]") || event.isComposing || event.repeat || belongsToField(event)) return;
  if (event.altKey || ((event.ctrlKey || event.metaKey) && event.key !== "Enter")) return;
  if (/^\d$/.test(event.key)) score(event.key);
  else if (KEYS[event.key]?.()) event.preventDefault();
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-help-open]")) help.showModal();
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  const turned = event.target.closest("[data-room] a:is([rel=prev], [rel=next])");
  const picked = event.target.closest(".filmstrip a");
  if (!turned && !picked) return;
  event.preventDefault();
  if (turned) go(turned.getAttribute("href"));
  else room.querySelector(picked.hash).scrollIntoView({ inline: "start", block: "nearest" });
});

window.addEventListener("popstate", () => go(location.pathname, { push: false }));

// --- One work begins --------------------------------------------------------------------------

function followSeries(series) {
  const links = [...room.querySelectorAll(".filmstrip a")];
  series.addEventListener("scroll", () => {
    const index = Math.round(series.scrollLeft / series.clientWidth);
    links.forEach((link, number) => {
      if (number === index) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    });
  });
}

function enter() {
  room.querySelector("[data-stage-tools]").hidden = false;
  room.querySelector("[data-help-open]").hidden = false;
  room.dispatchEvent(new Event("film:shown", { bubbles: true })); // player.js takes it from here
  const series = room.querySelector("[data-series]");
  if (series) followSeries(series);
  const form = scorecard();
  if (form) {
    restoreDraft(form);
    form.addEventListener("input", () => keepDraft(form));
    form.addEventListener("focusin", (event) => {
      const criterion = event.target.closest("[data-criterion]");
      if (criterion) mark(room, criterion);
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      save(form);
    });
    focusOn(criteria().find((one) => !chosen(one)) ?? criteria()[0]);
  }
  warmUp();
}

followLooking({ go, announce });
enter();

// The judge's room: scores by keyboard, saves without leaving the page, the next work ready.
// The server's pages are the one truth: a work is fetched as its page, and only the room of it
// (data-room) is put in place. Without this file the same pages work by links and a form.

import { chosen, criteriaIn, give, mark, showRefusals } from "./criteria.js";
import { followLooking, LOOKING_KEYS, send } from "./judging/looking.js";
import { connect } from "./judging/outbox.js";
import { forget, keep, setVersion, take, warmUp } from "./judging/works.js";
import { leaveZoom } from "./judging/zoom.js";

const announcer = document.querySelector("[data-announcer]");
const help = document.querySelector("[data-help]");
let room = document.querySelector("[data-room]");
let here = location.pathname;

// --- From work to work ------------------------------------------------------------------------

const settled = new Set(); // addresses of works whose sheets were handed in on this visit

const ahead = () =>
  (room.dataset.ahead ?? "").split(" ").filter((address) => address && !settled.has(address));

async function go(address, { push = true } = {}) {
  const leaving = room;
  const handedIn = outbox.find(address);
  // Its page is asked for after its sheet was taken, or it would show the work as it was before.
  if (handedIn && !handedIn.refused && !outbox.trouble) await outbox.send();
  let ready;
  try {
    ready = await take(address);
  } catch {
    announce(room.dataset.notHere);
    return;
  }
  if (room !== leaving) return; // a second key was quicker
  if (!ready) {
    location.assign(address); // signed out, or no work any more: let the browser show what it is
    return;
  }
  for (const video of room.querySelectorAll("video")) video.pause();
  leaveZoom();
  keep(here, room, document.title);
  room.replaceWith(ready.node);
  room = ready.node;
  here = address;
  document.title = ready.title;
  if (push) history.pushState(null, "", address);
  window.scrollTo(0, 0);
  enter();
}

// --- The scorecard ----------------------------------------------------------------------------

const scorecard = () => room.querySelector("[data-scorecard]");
const criteria = () => criteriaIn(room);
const place = () => room.querySelector(".room__where b").textContent;

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
  if (!criterion) return;
  if ("atOnce" in criterion.dataset) save(scorecard()); // one key, one verdict
  else focusOn(all[all.indexOf(criterion) + 1]);
}

function say(form, text) {
  form.querySelector("[data-state]").textContent = text;
}

let fading;
function announce(text, canUndo = false) {
  announcer.querySelector("[data-said]").textContent = text;
  announcer.querySelector("[data-undo]").hidden = !canUndo;
  announcer.classList.add("toast--shown");
  clearTimeout(fading);
  fading = setTimeout(() => announcer.classList.remove("toast--shown"), canUndo ? 6000 : 3000);
}

function refuse(form, messages) {
  say(form, form.dataset.unsaved);
  showRefusals(form, messages);
}

let done = null; // works scored, and all works, of this round: as far as this window knows
let total = null;

function showProgress() {
  const bar = room.querySelector(".room__progress progress");
  done ??= bar.value;
  total ??= bar.max;
  bar.max = total;
  bar.value = done;
  bar.nextElementSibling.textContent = `${done} / ${bar.max}`;
}

function problems(form) {
  const lacking = criteria().filter((one) => !chosen(one));
  const names = lacking.map((one) => one.querySelector(".criterion__title").textContent);
  if (names.length) return [form.dataset.incomplete.replace("{criteria}", names.join("、"))];
  return [...form.elements].filter((field) => !field.validity.valid).map((field) => field.validationMessage);
}

const fieldsOf = (form) => [...new FormData(form)].filter(([, value]) => typeof value === "string");

// --- Handing sheets in, and taking the last one back --------------------------------------------

let last = null; // the last sheet handed in: where, what it said before and says now
const versions = new Map(); // address -> the version that the server has
const waiters = new Map(); // address -> who waits for the server's answer

const outbox = connect(document.querySelector("[data-outbox]"), {
  saved({ address }, answer) {
    versions.set(address, answer.version);
    setVersion(address, answer.version);
    const form = address === here && scorecard();
    if (form) form.elements.version.value = answer.version;
    if (!outbox.waiting.length) ({ done, total } = answer);
    showProgress();
    waiters.get(address)?.(answer);
  },
  open(event, item) {
    event.preventDefault();
    settled.delete(item.address);
    forget(item.address);
    go(item.address);
  },
});

// Hand the sheet in and go on at once: the outbox brings it to the server, whatever happens.
async function save(form) {
  const wrong = problems(form);
  if (wrong.length) return refuse(form, wrong);
  showRefusals(form, []);
  last = { address: here, before: form.before, now: fieldsOf(form), place: place() };
  forgetDraft();
  forget(here);
  settled.add(here);
  if (!form.before) done += 1;
  say(form, form.dataset.saving);
  const from = here;
  const answered = new Promise((resolve) => waiters.set(from, resolve));
  const sent = outbox.put({ address: from, place: place(), fields: last.now });
  announce(form.dataset.saving);
  answered.then(() => announce(form.dataset.saved, true));
  sent.then(() => outbox.find(from) && announce(form.dataset.kept, true));
  const [next] = ahead();
  if (next) return go(next);
  await sent;
  if (here !== from) return;
  if (outbox.find(from)) return say(form, form.dataset.kept);
  say(form, form.dataset.saved);
  const answer = await answered;
  if (answer.next === room.dataset.queue) location.assign(answer.next);
  else go(answer.next);
}

// The last sheet is what it was before; what it said stays on the page, to be mended.
async function undo() {
  if (!last) return;
  const { address, before, now, place } = last;
  last = null;
  await outbox.send(); // so that its version is known
  await takeBack(address, before, now, place);
  forget(address);
  if (address !== here) return go(address);
  restoreDraft(scorecard());
}

async function takeBack(address, before, now, place) {
  settled.delete(address);
  if (!before) {
    done -= 1;
    keepFields(address, now);
  }
  if (outbox.find(address)?.refused) return outbox.drop(address);
  const fields = (before ?? [...now, ["do", "take-back"]]).filter(([name]) => name !== "version");
  const version = versions.get(address) ?? now.find(([name]) => name === "version")[1];
  await outbox.put({ address, place, fields: [...fields, ["version", String(version)]] });
}

// --- Drafts: what is typed but not saved survives a move, a reload, a lost connection ----------

const draftKey = (address) => `judging:${address.split("/").at(-2)}`;

function keepFields(address, fields) {
  const typed = fields.filter(([name]) => !["csrfmiddlewaretoken", "version", "do"].includes(name));
  sessionStorage.setItem(draftKey(address), JSON.stringify(typed));
}

function keepDraft(form) {
  keepFields(here, fieldsOf(form));
  say(form, form.dataset.unsaved);
}

function forgetDraft() {
  sessionStorage.removeItem(draftKey(here));
}

function restoreDraft(form) {
  const item = outbox.find(here);
  const draft = JSON.parse(sessionStorage.getItem(draftKey(here)) ?? "null");
  for (const [name, value] of draft ?? item?.fields ?? []) {
    const field = form.elements.namedItem(name);
    if (field && field.type !== "hidden") field.value = value; // a group of radio buttons, too
  }
  if (draft || item?.refused) say(form, form.dataset.unsaved);
  else if (item) say(form, form.dataset.kept);
  if (item?.refused) showRefusals(form, item.refused);
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

// --- Standing aside ---------------------------------------------------------------------------

function openAside() {
  const aside = room.querySelector("[data-aside]");
  if (!aside) return false;
  aside.open = true;
  aside.querySelector("select").focus();
  return true;
}

async function standAside(form) {
  try {
    const { next, messages, ...progress } = await send(form);
    if (messages) return showRefusals(form, messages);
    settled.add(here);
    forget(here);
    ({ done, total } = progress);
    if (next === room.dataset.queue) location.assign(next);
    else await go(next);
    announce(form.dataset.done);
  } catch {
    showRefusals(form, [form.dataset.offline]);
  }
}

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
  z: () => Boolean(last) && (undo(), true),
  x: () => openAside(),
  ...LOOKING_KEYS,
  Enter: () => (scorecard()?.requestSubmit(), true),
};

function belongsToField(event) {
  const { target, key } = event;
  if (target.closest("[data-aside] form")) return true;
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
  if (event.target.closest("[data-undo]")) undo();
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
  showProgress();
  const form = scorecard();
  if (form) enterSheet(form);
  room.querySelector("[data-aside] form")?.addEventListener("submit", (event) => {
    event.preventDefault();
    standAside(event.target);
  });
  warmUp([...new Set([...ahead(), room.dataset.next].filter(Boolean))]);
}

function enterSheet(form) {
  form.before = form.dataset.scored ? fieldsOf(form) : null;
  restoreDraft(form);
  form.addEventListener("input", () => keepDraft(form));
  form.addEventListener("click", (event) => {
    // A tap on a verdict is one, too; arrow keys only look for it.
    if (event.detail && event.target.matches("[data-at-once] input")) save(form);
  });
  form.addEventListener("focusin", (event) => {
    const criterion = event.target.closest("[data-criterion]");
    if (criterion) mark(room, criterion);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (event.submitter?.name === "do") clear(form);
    else save(form);
  });
  focusOn(criteria().find((one) => !chosen(one)) ?? criteria()[0]);
}

// Make the work one that is not scored yet; the page shows it as it is then.
async function clear(form) {
  await takeBack(here, null, form.before, place());
  forget(here);
  await go(here, { push: false });
}

followLooking({ go, announce });
enter();

// Keeps the rows as the server has them. What is typed in them is never touched by this.

import { desk, send } from "./page.js";

const POLL_MS = 2000;
const SLOW_POLL_MS = 8000; // only uploads are awaited: this page hears of its own at once
const list = desk.querySelector("[data-rows]");
const listeners = [];
const begunHere = new Set();
let timer = 0;
let running = null;

export const rowOf = (pk) => list.querySelector(`[data-row="${pk}"]`);
export const onRows = (listener) => { listeners.push(listener); };
const rows = () => [...list.querySelectorAll("[data-row]")];
const newest = Math.max(0, ...rows().map((row) => Number(row.dataset.row)));
export const expect = (pk) => { begunHere.add(String(pk)); };

// Asks which rows have changed and puts those in place. Calls at once share one answer.
export function check() {
  running ||= look().finally(() => { running = null; schedule(); });
  return running;
}

async function look() {
  clearTimeout(timer);
  const answer = await send(desk.dataset.statusUrl);
  if (!answer || !answer.ok) return;
  const { rows: stamps } = await answer.json();
  const gone = rows().filter((row) => !(row.dataset.row in stamps));
  gone.forEach((row) => row.remove());
  const stale = Object.keys(stamps).filter((pk) => belongs(pk) && rowOf(pk)?.dataset.stamp !== stamps[pk]);
  if (stale.length || gone.length) await load(stale);
}

// A long desk has pages. What was begun here is shown here; what others begin, where the rows end.
function belongs(pk) {
  if (rowOf(pk) || begunHere.has(pk)) return true;
  return "endsHere" in desk.dataset && Number(pk) > newest;
}

// Fetches these rows, the limits and the counts. `whole`: their texts have changed too.
export async function load(pks, whole = false) {
  const query = new URLSearchParams(pks.map((pk) => ["pk", pk]));
  const answer = await send(`${desk.dataset.rowsUrl}?${query}`);
  if (!answer || !answer.ok) return;
  const news = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const row of news.querySelectorAll("[data-row]")) put(row, whole);
  for (const name of ["limits", "awaited"]) {
    const [old, fresh] = [desk, news].map((place) => place.querySelector(`[data-${name}]`));
    if (old && old.innerHTML !== fresh.innerHTML) old.innerHTML = fresh.innerHTML;
  }
  const ready = desk.querySelector(".work-form__submit [data-ready]");
  if (ready) ready.textContent = news.querySelector("span[data-ready]").textContent;
  arrange();
}

export async function reload() {
  await load(rows().map((row) => row.dataset.row), true);
  await check();
}

function put(fresh, whole) {
  const old = rowOf(fresh.dataset.row);
  if (!old) {
    list.append(document.adoptNode(fresh));
    return;
  }
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  if (whole && !focused) {
    old.replaceWith(document.adoptNode(fresh));
    return;
  }
  const ticked = old.querySelector("[name=works]").checked;
  old.dataset.stamp = fresh.dataset.stamp;
  for (const part of fresh.querySelectorAll("[data-part]")) {
    const place = old.querySelector(`[data-part="${part.dataset.part}"]`);
    if (place.innerHTML !== part.innerHTML) place.innerHTML = part.innerHTML;
  }
  old.querySelector("[name=works]").checked = ticked;
  if (focused && !focused.isConnected && focused.value) {
    old.querySelector(`button[value="${focused.value}"]`)?.focus();
  }
}

export function arrange() {
  for (const one of desk.querySelectorAll("[data-without-script]")) one.hidden = true;
  for (const one of desk.querySelectorAll("[data-with-script]:not([data-fill])")) one.hidden = false;
  for (const button of desk.querySelectorAll("[data-fill]")) {
    button.hidden = document.getElementById(button.dataset.fill).value !== "";
  }
  const dates = desk.querySelectorAll("[data-fill$=taken_on]:not([hidden])");
  desk.querySelector("[data-all-dates]").hidden = dates.length < 2;
  desk.querySelector("[data-empty]").hidden = rows().length > 0;
  listeners.forEach((listener) => listener());
}

function schedule() {
  clearTimeout(timer);
  const is = (...states) => states.some((state) => list.querySelector(`[data-state="${state}"]`));
  if (is("received", "processing")) timer = setTimeout(check, POLL_MS);
  else if (is("uploading")) timer = setTimeout(check, SLOW_POLL_MS);
}

schedule();

// The pictures of a series are put in order by dragging. By keyboard the arrows of each do it.

import { fill } from "../transfer.js";
import { desk, say, words } from "./page.js";

let dragged = null;

const frameOf = (event) => event.target.closest("[data-frame][draggable]");
const frames = (list) => [...list.querySelectorAll("[data-frame]")];

function mark(target) {
  desk.querySelectorAll(".is-target").forEach((one) => one.classList.remove("is-target"));
  if (target && target !== dragged) target.classList.add("is-target");
}

export function watchOrder(act) {
  desk.addEventListener("dragstart", (event) => {
    dragged = frameOf(event);
    if (!dragged) return;
    dragged.classList.add("is-dragged");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.dataset.frame);
  });
  desk.addEventListener("dragover", (event) => {
    const target = dragged && frameOf(event);
    if (!target || target.parentElement !== dragged.parentElement) return;
    event.preventDefault();
    mark(target);
  });
  desk.addEventListener("drop", (event) => {
    const target = dragged && frameOf(event);
    if (!target || target === dragged || target.parentElement !== dragged.parentElement) return;
    event.preventDefault();
    const list = dragged.parentElement;
    const all = frames(list);
    const [from, to] = [all.indexOf(dragged), all.indexOf(target)];
    target[to > from ? "after" : "before"](dragged);
    const body = new FormData();
    body.set("do", "order");
    for (const frame of frames(list)) body.append("frame", frame.dataset.frame);
    act(list.closest("[data-row-form]"), body);
    announce(from, to, all.length);
  });
  desk.addEventListener("dragend", () => {
    dragged?.classList.remove("is-dragged");
    dragged = null;
    mark(null);
  });
}

export function announce(from, to, count) {
  say(fill(words.moved, { from: from + 1, to: to + 1, count }));
}

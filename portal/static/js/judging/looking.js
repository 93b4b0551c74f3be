// What a judge does with a work besides scoring it: the whole screen, later, flags.
// The forms work by themselves; here they are sent without leaving the page.

import { sheetOf } from "../criteria.js";

const room = () => document.querySelector("[data-room]");

function fillScreen() {
  if (document.fullscreenElement) document.exitFullscreen();
  else document.documentElement.requestFullscreen?.().catch(() => {});
  return true;
}

function openFlags() {
  const dialog = room().querySelector("[data-flags]");
  if (!dialog) return false;
  dialog.removeAttribute("popover"); // that is for pages without scripts
  dialog.showModal();
  dialog.querySelector("input[type=radio]")?.focus();
  return true;
}

function putLater() {
  const form = room().querySelector("[data-later]");
  form?.requestSubmit();
  return Boolean(form);
}

export const LOOKING_KEYS = { b: fillScreen, s: putLater, g: openFlags, "!": openFlags, "！": openFlags };

// Send the form and return the server's answer; throws when none can be had.
export async function send(form, submitter) {
  const data = sheetOf(form);
  if (submitter?.name) data.set(submitter.name, submitter.value);
  const answer = await fetch(form.action, {
    method: "POST",
    body: data,
    headers: { Accept: "application/json" },
    signal: AbortSignal.timeout(20000),
  });
  if (!answer.headers.get("Content-Type")?.startsWith("application/json")) throw new Error();
  return answer.json();
}

// `go` brings another work into the room, `announce` says something for a moment.
export function followLooking({ go, announce }) {
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("[data-later], [data-flag-form]")) return;
    event.preventDefault();
    if (form.dataset.busy) return;
    form.dataset.busy = "yes";
    try {
      const { message, messages, next } = await send(form, event.submitter);
      announce(message ?? messages.join(" "));
      if (!next) return;
      form.closest("dialog")?.close();
      await go(next, { push: next !== location.pathname });
    } catch {
      announce(room().dataset.failed);
    } finally {
      delete form.dataset.busy;
    }
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-full-screen]")) fillScreen();
    if (event.target.closest("[data-flags-close]")) event.target.closest("dialog").close();
    if (!event.target.closest("[data-flags-open]")) return;
    event.preventDefault();
    openFlags();
  });
}

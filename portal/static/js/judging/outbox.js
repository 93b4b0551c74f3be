// Sheets on their way to the server. They are kept in this browser until the server has answered,
// whatever happens to the line, the tab or the session, and are sent in order. The server takes a
// sheet twice without harm, so a sheet whose answer was lost is simply sent again.

import { withToken } from "../criteria.js";

const FIRST_PAUSE = 2000; // milliseconds
const LONGEST_PAUSE = 60000;

export class Outbox {
  // `reader` tells people who share a browser apart. `changed()` is called when what waits or was
  // refused has changed, `saved(item, answer)` when the server has taken a sheet.
  constructor(reader, { changed = () => {}, saved = () => {}, gone = "" }) {
    this.prefix = `judging:outbox:${reader}:`; // one key a sheet: tabs do not overwrite each other
    this.changed = changed;
    this.saved = saved;
    this.gone = gone;
    this.trouble = ""; // why sending has stopped: "offline", "signed-out"
    this.pause = FIRST_PAUSE;
    this.memory = new Map(); // where storage is shut or full
    for (const event of ["online", "focus"]) window.addEventListener(event, () => this.send());
    window.addEventListener("storage", ({ key }) => key?.startsWith(this.prefix) && this.changed());
  }

  get items() {
    const keys = Object.keys(localStorage).filter((key) => key.startsWith(this.prefix));
    const stored = keys.map((key) => JSON.parse(localStorage.getItem(key)));
    return [...stored, ...this.memory.values()].sort((one, other) => one.at - other.at);
  }

  get waiting() {
    return this.items.filter((item) => !item.refused);
  }

  get refused() {
    return this.items.filter((item) => item.refused);
  }

  find(address) {
    return this.items.find((item) => item.address === address);
  }

  // One sheet a work: a later one takes the place of an earlier one, and what that one had seen.
  put({ address, place, fields }) {
    const earlier = this.find(address);
    const item = { address, place, fields, at: Date.now(), stamp: `${Date.now()}-${Math.random()}` };
    if (earlier && !earlier.refused) setVersion(item, versionOf(earlier));
    this.#keep(item);
    return this.send();
  }

  drop(address) {
    localStorage.removeItem(this.prefix + address);
    this.memory.delete(address);
    this.changed();
  }

  #keep(item) {
    try {
      localStorage.setItem(this.prefix + item.address, JSON.stringify(item));
    } catch {
      this.memory.set(item.address, item);
    }
    this.changed();
  }

  // Send what waits, one tab at a time. Resolves when nothing more can be sent now.
  send() {
    if (!navigator.locks) return this.#sendAll();
    return navigator.locks.request(this.prefix, () => this.#sendAll());
  }

  async #sendAll() {
    clearTimeout(this.timer);
    let item;
    while ((item = this.waiting[0])) {
      const { trouble, answer, messages } = await post(item, this.gone);
      this.trouble = trouble;
      if (trouble) {
        this.#tryLater();
        break;
      }
      this.pause = FIRST_PAUSE;
      this.#settle(item, answer, messages);
    }
    this.changed();
  }

  #settle(sent, answer, messages) {
    const current = this.find(sent.address);
    if (current && current.stamp !== sent.stamp) {
      // Meanwhile the judge has changed the sheet again: from the version that is there now.
      if (answer) this.#keep(setVersion(current, answer.version));
    } else if (messages) {
      this.#keep({ ...sent, refused: messages });
    } else {
      this.drop(sent.address);
    }
    if (answer) this.saved(sent, answer);
  }

  #tryLater() {
    this.timer = setTimeout(() => this.send(), this.pause);
    this.pause = Math.min(2 * this.pause, LONGEST_PAUSE);
  }
}

const versionOf = (item) => item.fields.find(([name]) => name === "version")?.[1];

function setVersion(item, version) {
  item.fields = [...item.fields.filter(([name]) => name !== "version"), ["version", String(version)]];
  return item;
}

function dataOf(fields) {
  const data = new FormData();
  for (const [name, value] of fields) data.set(name, value);
  return withToken(data);
}

// Return {answer} when taken, {messages} when refused for good, {trouble} when to be sent again.
async function post({ address, fields }, gone) {
  let answer;
  try {
    answer = await fetch(address, {
      method: "POST",
      body: dataOf(fields),
      headers: { Accept: "application/json" },
      signal: AbortSignal.timeout(20000),
    });
    const isJson = answer.headers.get("Content-Type")?.startsWith("application/json");
    if (isJson && answer.ok) return { trouble: "", answer: await answer.json() };
    if (isJson && answer.status < 500) return { trouble: "", messages: (await answer.json()).messages };
  } catch {
    return { trouble: "offline" };
  }
  if (answer.status === 404 && !answer.redirected) return { trouble: "", messages: [gone] };
  if (answer.redirected || answer.status === 403) return { trouble: "signed-out" };
  return { trouble: "offline" };
}

// --- What the judge sees of it ----------------------------------------------------------------

// `open(item)` shows the work of a sheet that was refused.
export function connect(panel, { open, saved }) {
  const words = panel.dataset;
  const outbox = new Outbox(words.reader, {
    gone: words.gone,
    saved,
    changed: () => show(),
  });

  function show() {
    const count = outbox.waiting.length;
    const line = panel.querySelector("[data-waiting]");
    const text = count === 1 ? words.waitingOne : words.waitingMany.replace("{n}", count);
    const why = outbox.trouble === "signed-out" ? words.signedOut : words.offline;
    line.textContent = count && outbox.trouble ? `${text} ${why}` : "";
    panel.querySelector("[data-refused]").replaceChildren(...outbox.refused.map(refusal));
    panel.hidden = !line.textContent && !outbox.refused.length;
  }

  function refusal(item) {
    const node = panel.querySelector("template").content.cloneNode(true);
    node.querySelector("[data-which]").textContent = item.place;
    node.querySelector("[data-why]").textContent = item.refused.join(" ");
    const link = node.querySelector("a");
    link.href = item.address;
    link.addEventListener("click", (event) => open?.(event, item));
    node.querySelector("button").addEventListener("click", () => outbox.drop(item.address));
    return node;
  }

  show();
  outbox.send();
  return outbox;
}

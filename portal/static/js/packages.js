// Shows how far packages are while they are made. Without it, the page is as it was when opened.

const EVERY = 2000;
const LONGEST = 30000;
let wait = EVERY;

async function look() {
  const list = document.querySelector("[data-packages]");
  try {
    const answer = await fetch(location.href, { credentials: "same-origin" });
    if (!answer.ok || answer.redirected) throw new Error(answer.status);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const now = page.querySelector("[data-packages]");
    for (const line of now.querySelectorAll("[data-kind]")) bring(line, list);
    list.toggleAttribute("data-busy", now.hasAttribute("data-busy"));
    wait = EVERY;
  } catch {
    wait = Math.min(wait * 2, LONGEST); // the line is down: ask less often
  }
  if (list.hasAttribute("data-busy")) setTimeout(look, wait);
}

function bring(line, list) {
  const old = list.querySelector(`[data-kind="${line.dataset.kind}"]`);
  const before = old.querySelector("[data-state]").textContent;
  const after = line.querySelector("[data-state]").textContent;
  const bar = old.querySelector("progress");
  const next = line.querySelector("progress");
  if (before === after && bar && next) {
    bar.parentElement.replaceChildren(...next.parentElement.childNodes);
  } else if (before !== after) {
    const title = line.querySelector("h3").textContent;
    old.replaceChildren(...line.childNodes);
    document.querySelector("[data-packages-status]").textContent = `${title}: ${after}`;
  }
}

if (document.querySelector("[data-packages][data-busy]")) setTimeout(look, EVERY);

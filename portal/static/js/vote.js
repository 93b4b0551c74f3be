// Votes without leaving the page. Without this file the same forms lead to the ballot paper.

import { prove } from "./proof.js";

// The page may be one that many are shown: what is this voter's own is asked for, once.
const mine = fetch(document.querySelector("script[data-mine]").dataset.mine).then((answer) =>
  answer.ok ? answer.json() : Promise.reject(answer),
);
const voted = new Set(); // numbers of works
let votesLeft = null; // not known yet
const labelOf = { accepted: "voted", already_today: "voted", limit: "limit", closed: "closed" };

/** Show the form in a state. The button keeps the focus: aria-disabled, not disabled. */
function setState(form, state) {
  const button = form.querySelector("button");
  form.dataset.vote = state;
  button.setAttribute("aria-disabled", String(state !== "ready"));
  button.classList.toggle("button--primary", state === "ready");
  button.classList.toggle("button--quiet", state !== "ready");
  showLabel(form);
}

function showLabel(form) {
  for (const label of form.querySelectorAll("[data-vote-label]")) {
    label.hidden = label.dataset.voteLabel !== form.dataset.vote;
  }
}

function showMine(root) {
  for (const form of root.querySelectorAll('[data-vote="ready"]')) {
    if (voted.has(form.dataset.number)) setState(form, "voted");
  }
}

function setAllReady(state) {
  document.querySelectorAll('[data-vote="ready"]').forEach((form) => setState(form, state));
}

function showVotesLeft(left) {
  document.querySelectorAll("[data-votes-left]").forEach((place) => { place.textContent = left; });
  document.querySelectorAll("[data-votes-own]").forEach((place) => { place.hidden = false; });
  document.querySelectorAll("[data-votes-any]").forEach((place) => { place.hidden = true; });
  votesLeft = left;
  if (left === 0) setAllReady("limit");
}

/** Add the visitor's own vote to the work's count, where the page shows one. */
function countOne(form) {
  const total = form.parentElement.querySelector("[data-vote-total]");
  if (total) total.textContent = Number(total.textContent) + 1;
}

async function send(form) {
  const { token } = await mine;
  const response = await fetch(form.action, {
    method: "POST",
    body: new URLSearchParams(new FormData(form)),
    headers: { Accept: "application/json", "X-CSRFToken": token ?? "" },
  });
  return response.json();
}

/** Do what the poll asks of a device and vote again; other proofs are given on a page of their own. */
async function sendProved(form, { challenge, identify }) {
  if (challenge) {
    form.dataset.vote = "checking";
    showLabel(form);
    try {
      await prove(challenge, (await mine).token);
      const answer = await send(form);
      if (answer.code !== "unproved") return answer;
    } catch {
      // An old browser or a lost connection: the page has another way.
    } finally {
      setState(form, "ready");
    }
  }
  location.assign(identify);
  return { code: "unproved", message: "" };
}

/** Show how the voter can find this vote in the published list, where the page has room for it. */
function showReceipt(form, { receipt, check }) {
  const place = form.parentElement.querySelector("[data-vote-receipt]");
  if (!place || !receipt) return;
  place.querySelector("[data-vote-receipt-text]").textContent = receipt;
  const copy = place.querySelector("[data-vote-copy]");
  copy.hidden = !navigator.clipboard;
  copy.onclick = async () => {
    await navigator.clipboard.writeText(receipt);
    copy.textContent = copy.dataset.copied;
  };
  const link = place.querySelector("[data-vote-check]");
  link.hidden = !check;
  if (check) link.href = check;
  place.hidden = false;
}

async function vote(form) {
  const message = form.querySelector("[data-vote-message]");
  form.setAttribute("aria-busy", "true");
  message.textContent = "";
  try {
    let answer = await send(form);
    if (answer.code === "unproved") answer = await sendProved(form, answer);
    message.textContent = answer.message;
    message.dataset.code = answer.code;
    if (labelOf[answer.code]) setState(form, labelOf[answer.code]);
    if (labelOf[answer.code] === "voted") voted.add(form.dataset.number);
    if (answer.code === "accepted") {
      showReceipt(form, answer);
      countOne(form);
      showVotesLeft(answer.votes_left);
    }
    if (answer.code === "limit") showVotesLeft(0);
    if (answer.code === "closed") setAllReady("closed");
  } catch {
    message.textContent = message.dataset.failed;
    message.dataset.code = "failed";
  } finally {
    form.removeAttribute("aria-busy");
  }
}

// On the document, so that works added to the page later can be voted for as well.
document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-vote]");
  if (!form) return;
  event.preventDefault();
  if (form.dataset.vote === "ready" && !form.hasAttribute("aria-busy")) vote(form);
});

function showTotal(number, total) {
  const place = document.querySelector(`#vote-${CSS.escape(number)} [data-vote-total]`);
  if (place) place.textContent = total;
}

mine.then((answer) => {
  if (!answer.is_open) return setAllReady("closed");
  answer.voted.forEach((number) => voted.add(number));
  showMine(document);
  showVotesLeft(answer.left);
  Object.entries(answer.totals).forEach(([number, total]) => showTotal(number, total));
}).catch(() => {}); // whoever presses a button is told

// Works added to the page later.
document.addEventListener("works:added", (event) => {
  showMine(event.target);
  if (votesLeft === 0) setAllReady("limit");
});

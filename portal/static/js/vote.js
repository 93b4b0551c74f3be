// Votes without leaving the page. Without this file the same forms post and come back.

import { prove } from "./proof.js";

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

function setAllReady(state) {
  document.querySelectorAll('[data-vote="ready"]').forEach((form) => setState(form, state));
}

function showVotesLeft(left) {
  document.querySelectorAll("[data-votes-left]").forEach((place) => { place.textContent = left; });
  if (left === 0) setAllReady("limit");
}

/** Add the visitor's own vote to the work's count, where the page shows one. */
function countOne(form) {
  const total = form.parentElement.querySelector("[data-vote-total]");
  if (total) total.textContent = Number(total.textContent) + 1;
}

async function send(form) {
  const response = await fetch(form.action, {
    method: "POST",
    body: new FormData(form),
    headers: { Accept: "application/json" },
  });
  return response.json();
}

/** Do what the poll asks of a device and vote again; other proofs are given on a page of their own. */
async function sendProved(form, { challenge, identify }) {
  if (challenge) {
    form.dataset.vote = "checking";
    showLabel(form);
    try {
      await prove(challenge, new FormData(form).get("csrfmiddlewaretoken"));
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
    if (answer.code === "accepted") {
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

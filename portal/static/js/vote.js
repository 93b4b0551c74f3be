// Votes without leaving the page. Without this file the same forms post and come back.

const labelOf = { accepted: "voted", already_today: "voted", limit: "limit", closed: "closed" };

/** Show the form in a state. The button keeps the focus: aria-disabled, not disabled. */
function setState(form, state) {
  const button = form.querySelector("button");
  form.dataset.vote = state;
  button.setAttribute("aria-disabled", String(state !== "ready"));
  button.classList.toggle("button--primary", state === "ready");
  button.classList.toggle("button--quiet", state !== "ready");
  for (const label of form.querySelectorAll("[data-vote-label]")) {
    label.hidden = label.dataset.voteLabel !== state;
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
    const response = await fetch(form.action, {
      method: "POST",
      body: new URLSearchParams(new FormData(form)),
      headers: { Accept: "application/json" },
    });
    const answer = await response.json();
    message.textContent = answer.message;
    message.dataset.code = answer.code;
    if (labelOf[answer.code]) setState(form, labelOf[answer.code]);
    if (answer.code === "unproved" && answer.identify) {
      location.assign(`${answer.identify}?${new URLSearchParams({ next: location.pathname + location.search })}`);
      return;
    }
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

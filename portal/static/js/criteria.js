// The criteria of a scorecard, scored by digits: which one is marked, and what it has been given.

export const criteriaIn = (root) => [...root.querySelectorAll("[data-criterion]")];

export const chosen = (criterion) =>
  criterion.querySelector("input:checked") ??
  [...criterion.querySelectorAll("input[type=number]")].find((input) => input.value);

export function mark(root, criterion) {
  for (const one of criteriaIn(root)) one.classList.toggle("criterion--current", one === criterion);
}

export function currentCriterion(root) {
  const all = criteriaIn(root);
  return (
    all.find((one) => one.contains(document.activeElement)) ??
    all.find((one) => one.classList.contains("criterion--current")) ??
    all.find((one) => !chosen(one)) ??
    all[0]
  );
}

// Give the marked criterion a digit, 0 being 10; return the criterion, or null for no such score.
export function give(root, digit) {
  const criterion = currentCriterion(root);
  const button = (value) => criterion?.querySelector(`input[type=radio][value="${value}"]`);
  const input = button(digit) ?? (digit === "0" ? button("10") : null);
  if (!input) return null;
  input.checked = true;
  input.dispatchEvent(new Event("input", { bubbles: true }));
  return criterion;
}

// The form's values, to be sent.
export const sheetOf = (form) => withToken(new FormData(form));

// After signing in again in another tab the cookie is newer than this page.
export function withToken(data) {
  const token = document.cookie.match(/(?:^|; )[\w-]*csrftoken=([^;]+)/)?.[1];
  if (token) data.set("csrfmiddlewaretoken", token);
  return data;
}

// Say above the form why it was not saved.
export function showRefusals(form, messages) {
  const notes = messages.map((message) => {
    const note = document.createElement("p");
    note.className = "notice notice--error";
    note.textContent = message;
    return note;
  });
  form.querySelector("[data-refusals]").replaceChildren(...notes);
}

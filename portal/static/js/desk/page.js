// What the desk's modules share: its elements, its words, and talking to the server.

export const desk = document.querySelector("[data-desk]");
export const words = (document.querySelector("[data-words]") || { dataset: {} }).dataset;

export const token = () => desk.querySelector("[name=csrfmiddlewaretoken]").value;
export const say = (sentence) => { desk.querySelector("[data-say]").textContent = sentence; };

// Resolves to the server's answer, or to null: no line, or signed out.
export async function send(url, options = {}) {
  const headers = { Accept: "application/json", "X-CSRFToken": token(), ...options.headers };
  const answer = await fetch(url, { ...options, headers }).catch(() => null);
  return answer && !answer.redirected ? answer : null;
}

export const sendJson = (url, value, options = {}) => send(url, {
  ...options,
  method: "POST",
  body: JSON.stringify(value),
  headers: { "Content-Type": "application/json" },
});

// Shows what the next page would have said.
export function tell(told) {
  const list = desk.querySelector("[data-told]");
  if (!list) return;
  list.hidden = !told.length;
  list.replaceChildren(...told.map(({ text, level }) => {
    const item = document.createElement("li");
    item.className = `notice notice--${level}`;
    item.textContent = text;
    return item;
  }));
}

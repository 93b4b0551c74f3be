// Small conveniences of every page; nothing here is needed to read or to send anything.

// A form that is being sent can't be sent twice by a second click.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.target) return;
  if (form.dataset.sending) {
    event.preventDefault();
    return;
  }
  form.dataset.sending = "yes";
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sending]")) delete form.dataset.sending;
});

// Counts down to a deadline: <time class="countdown" datetime="..." data-days="{} days" ...>
for (const element of document.querySelectorAll(".countdown[datetime]")) {
  const end = Date.parse(element.getAttribute("datetime"));
  const show = () => {
    const minutes = Math.max(0, Math.floor((end - Date.now()) / 60000));
    const [days, hours] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60)];
    const text =
      days > 1 ? element.dataset.days : hours + days > 0 ? element.dataset.hours : element.dataset.minutes;
    if (!text) return;
    element.textContent = text
      .replace("{days}", days)
      .replace("{hours}", hours + (days > 1 ? 0 : days * 24))
      .replace("{minutes}", minutes % 60);
  };
  if (Number.isFinite(end) && element.dataset.hours) {
    show();
    setInterval(show, 30000);
  }
}

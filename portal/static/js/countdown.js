// Counts down to a deadline by the server's clock: what is wrong with this computer's is no matter.
//   <span class="countdown" data-deadline data-now data-days data-hours data-minutes data-over>

function text(element, seconds) {
  if (seconds <= 0) return element.dataset.over;
  const parts = {
    days: Math.floor(seconds / 86400),
    hours: Math.floor((seconds % 86400) / 3600),
    minutes: Math.floor((seconds % 3600) / 60),
    seconds: Math.floor(seconds % 60),
  };
  const form = parts.days ? "days" : parts.hours ? "hours" : "minutes";
  return element.dataset[form].replace(/\{(\w+)\}/g, (_, name) => parts[name]);
}

// Says the moment in the reader's own time too, when that is another than the site's.
function tellLocally(element) {
  const moment = new Date(element.dataset.deadline);
  const [, sign, hours, minutes] = element.dataset.deadline.match(/([+-])(\d\d):(\d\d)$/) || [];
  const offset = sign ? Number(`${sign}1`) * (Number(hours) * 60 + Number(minutes)) : 0;
  if (!element.dataset.local || offset === -moment.getTimezoneOffset()) return;
  const shown = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" }).format(moment);
  const note = document.createElement("span");
  note.textContent = element.dataset.local.replace("{moment}", shown);
  element.after(" ", note);
}

for (const element of document.querySelectorAll("[data-deadline]")) {
  tellLocally(element);
  const left = (Date.parse(element.dataset.deadline) - Date.parse(element.dataset.now)) / 1000;
  const started = performance.now();
  const show = () => {
    const words = text(element, left - (performance.now() - started) / 1000);
    if (element.textContent !== words) element.textContent = words;
  };
  show();
  setInterval(show, 1000);
}

// A work's page: turning the frames of a series, sharing the link. Both work without it.

function turnable(series) {
  const strip = series.querySelector(".series__strip");
  const frames = [...strip.children];
  const buttons = [...series.querySelectorAll("[data-turn]")];
  const links = [...document.querySelectorAll(".series-index a")];
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  let current = 0;

  const show = (index) => {
    const target = frames[Math.max(0, Math.min(index, frames.length - 1))];
    strip.scrollTo({ left: target.offsetLeft - strip.offsetLeft, behavior: calm.matches ? "auto" : "smooth" });
  };
  const settle = () => {
    current = Math.round(strip.scrollLeft / strip.clientWidth);
    links.forEach((link, index) => {
      if (index === current) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    });
    for (const button of buttons) {
      const next = current + Number(button.dataset.turn);
      button.disabled = next < 0 || next >= frames.length;
    }
  };

  for (const button of buttons) {
    button.hidden = false;
    button.addEventListener("click", () => show(current + Number(button.dataset.turn)));
  }
  links.forEach((link, index) => {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      show(index);
    });
  });
  strip.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    show(current + step);
  });
  strip.addEventListener("scroll", settle, { passive: true });
  settle();
}

function shareable(field) {
  const input = field.querySelector("input");
  const button = field.querySelector("button");
  const status = field.querySelector("[role=status]");
  if (!navigator.share && !navigator.clipboard) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      if (navigator.share) {
        await navigator.share({ title: document.title, url: input.value });
      } else {
        await navigator.clipboard.writeText(input.value);
        status.textContent = field.dataset.done;
      }
    } catch {
      input.select(); // refused or cancelled: the link is there to copy by hand
    }
  });
}

for (const series of document.querySelectorAll("[data-series]")) turnable(series);
for (const field of document.querySelectorAll("[data-share]")) shareable(field);

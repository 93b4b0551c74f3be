// The gallery's list: more works as one scrolls, the place kept for coming back, films in their
// cards. Without it the pages are turned by links, and a film plays on its work's page.

const list = document.querySelector("[data-works]");
const status = document.querySelector("[data-works-status]");
const KEY = `works ${location.pathname}`;
const PAGES_AT_ONCE = 4; // then a button is pressed for more, so that the page's foot can be reached

const cardsOf = (root) => [...root.querySelectorAll(".work-card[id]")];
const turner = () => document.querySelector("[data-pages]");
const nextLink = () => turner()?.querySelector("[rel=next]");
const pageOf = (address) => Number(new URL(address, location).searchParams.get("page")) || 1;

function addressOf(page) {
  const address = new URL(location);
  if (page === 1) address.searchParams.delete("page");
  else address.searchParams.set("page", page);
  return address;
}

async function fetchPage(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(answer.status);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

/** Take the works of a fetched page that are not here yet; return the new cards. */
function take(other, page, put) {
  const added = cardsOf(other).filter((card) => !document.getElementById(card.id));
  for (const card of added) card.dataset.page = page;
  put(...added);
  dress(list);
  list.dispatchEvent(new CustomEvent("works:added", { bubbles: true }));
  return added;
}

function replaceTurner(other) {
  turner().replaceWith(other.querySelector("[data-pages]"));
  watchEnd();
}

// --- More works -----------------------------------------------------------------------------------

let loaded = 1; // pages, since the last press of the button
let isLoading = false;
let watcher;

async function loadMore(isPressed) {
  const link = nextLink();
  if (!link || isLoading) return;
  isLoading = true;
  turner().setAttribute("aria-busy", "true");
  try {
    const other = await fetchPage(link.href);
    const added = take(other, pageOf(link.href), (...cards) => list.append(...cards));
    loaded = isPressed ? 1 : loaded + 1;
    replaceTurner(other);
    const shown = cardsOf(list).length;
    const words = nextLink() ? status.dataset.added : status.dataset.end;
    status.textContent = words.replace("{added}", added.length).replace("{shown}", shown);
    if (isPressed) added[0]?.querySelector("a")?.focus();
  } catch {
    status.textContent = status.dataset.failed; // the link is there to be pressed
    loaded = PAGES_AT_ONCE;
  } finally {
    isLoading = false;
    turner().removeAttribute("aria-busy");
  }
}

function watchEnd() {
  watcher?.disconnect();
  const link = nextLink();
  if (!link) return;
  link.addEventListener("click", (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    loadMore(true);
  });
  if (loaded >= PAGES_AT_ONCE) return;
  watcher = new IntersectionObserver(
    (entries) => entries.some((entry) => entry.isIntersecting) && loadMore(false),
    { rootMargin: "0px 0px 120% 0px" },
  );
  watcher.observe(turner());
}

// --- The place ------------------------------------------------------------------------------------

/** Return the first card that can be seen. */
function topCard() {
  return cardsOf(list).find((card) => card.getBoundingClientRect().bottom > 0);
}

/** The address names the page that is looked at: it can be sent on, and reloaded. */
function nameThePage() {
  const page = Number(topCard()?.dataset.page);
  if (page && page !== pageOf(location)) history.replaceState(history.state, "", addressOf(page));
}

function remember() {
  const card = topCard();
  if (!card) return;
  const pages = cardsOf(list).map((one) => Number(one.dataset.page));
  const place = {
    address: location.href,
    first: Math.min(...pages),
    last: Math.max(...pages),
    card: card.id,
    top: card.getBoundingClientRect().top,
  };
  sessionStorage.setItem(KEY, JSON.stringify(place));
}

/** Who comes back finds the works that were there, and the one they looked at where it was. */
async function comeBack() {
  const place = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
  const [{ type } = {}] = performance.getEntriesByType("navigation");
  if (!["back_forward", "reload"].includes(type) || place?.address !== location.href) return;
  history.scrollRestoration = "manual";
  const here = pageOf(location);
  const pages = Array.from({ length: place.last - place.first + 1 }, (_, at) => place.first + at);
  const others = await Promise.all(
    pages.map((page) => (page === here ? document : fetchPage(addressOf(page)))),
  );
  others.forEach((other, at) => {
    if (pages[at] < here) take(other, pages[at], (...cards) => cardsOf(list).find((card) => Number(card.dataset.page) > pages[at]).before(...cards));
    if (pages[at] > here) take(other, pages[at], (...cards) => list.append(...cards));
  });
  if (place.last > here) replaceTurner(others.at(-1));
  const card = document.getElementById(place.card);
  if (card) scrollBy(0, card.getBoundingClientRect().top - place.top);
}

// --- Films ----------------------------------------------------------------------------------------

/** The film comes from the work's own page, with its subtitles and scenes. */
async function playHere(card, button) {
  button.setAttribute("aria-busy", "true");
  try {
    const other = await fetchPage(card.querySelector(".work-card__title a").href);
    const film = document.adoptNode(other.querySelector("[data-player]"));
    const script = film.querySelector("script");
    script.remove();
    const place = card.querySelector(".work-card__picture");
    place.replaceChildren(film);
    place.classList.add("work-card__picture--film");
    await import(script.src);
    film.dispatchEvent(new CustomEvent("film:shown", { bubbles: true }));
    const video = film.querySelector("video");
    video.focus();
    await video.play();
  } catch {
    button.removeAttribute("aria-busy"); // the title leads to the film
  }
}

/** Give cards that are new what only a script can do. */
function dress(root) {
  for (const button of root.querySelectorAll("[data-play][hidden]")) {
    button.hidden = false;
    button.nextElementSibling.hidden = true; // the length, which the button tells as well
    button.addEventListener("click", () => playHere(button.closest(".work-card"), button));
  }
}

// One film at a time; play does not bubble, so it is caught on its way down.
document.addEventListener(
  "play",
  (event) => {
    for (const video of document.querySelectorAll("video")) {
      if (video !== event.target) video.pause();
    }
  },
  true,
);

if (list) {
  for (const card of cardsOf(list)) card.dataset.page = pageOf(location);
  dress(list);
  let isWaiting = false;
  addEventListener("scroll", () => {
    if (isWaiting) return;
    isWaiting = true;
    setTimeout(() => { isWaiting = false; nameThePage(); }, 300);
  }, { passive: true });
  addEventListener("pagehide", remember);
  comeBack().catch(() => {}).finally(watchEnd);
}

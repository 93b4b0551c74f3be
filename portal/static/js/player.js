// Adds to a <video> that plays anyway: adaptive quality, keys, speed, and a strip of its scenes.
// What it shows stands in the page's <template> already, in the reader's language.

const SPEEDS = [0.75, 1, 1.25, 1.5, 2];
const STEP_SECONDS = 5;
const LEAP_SECONDS = 10;
const SCENE_HEIGHT = 54; // CSS pixels

const clamp = (value, least, most) => Math.min(Math.max(value, least), most);

// --- Quality: HLS from the first play on, by hls.js or the browser itself -----------------------

async function adapt(player, video) {
  const { playlist, hls: address } = player.dataset;
  const canMatch = "MediaSource" in window || "ManagedMediaSource" in window;
  if (!canMatch) {
    if (video.canPlayType("application/vnd.apple.mpegurl")) swap(video, () => (video.src = playlist));
    return;
  }
  const { default: Hls } = await import(address);
  if (!Hls.isSupported() || !video.isConnected) return;
  // A worker would have to come from a blob: address, which this site's policy forbids.
  const hls = new Hls({
    enableWorker: false,
    capLevelToPlayerSize: true,
    startPosition: video.currentTime,
  });
  hls.on(Hls.Events.ERROR, (event, { fatal }) => {
    if (!fatal) return;
    swap(video, () => {
      hls.destroy();
      video.removeAttribute("src"); // back to the files themselves
    });
  });
  // A room that was left must not go on loading.
  video.addEventListener("pause", () => video.isConnected || hls.destroy());
  swap(video, () => {
    hls.loadSource(playlist);
    hls.attachMedia(video);
  });
  player.dataset.adaptive = "hls.js";
}

// Put another source in place; moment, speed and playing stay as they are. It is told to play at
// once, not when it could: whoever pauses it in the meantime means it.
function swap(video, put) {
  const { currentTime, playbackRate, paused } = video;
  video.addEventListener(
    "loadedmetadata",
    () => {
      if (Math.abs(video.currentTime - currentTime) > 0.5) video.currentTime = currentTime;
      video.playbackRate = playbackRate;
    },
    { once: true },
  );
  put();
  if (!video.currentSrc.startsWith("blob:")) video.load();
  if (!paused) video.play().catch(() => {});
}

// --- Speed --------------------------------------------------------------------------------------

function setSpeed(video, select, speed) {
  video.defaultPlaybackRate = video.playbackRate = speed;
  select.value = String(speed);
}

function changeSpeed(video, select, step) {
  const at = SPEEDS.indexOf(video.playbackRate);
  setSpeed(video, select, SPEEDS[clamp((at < 0 ? 1 : at) + step, 0, SPEEDS.length - 1)]);
}

// --- Scenes -------------------------------------------------------------------------------------

function clock(seconds) {
  const [minutes, rest] = [Math.floor(seconds / 60), Math.floor(seconds % 60)];
  return `${minutes}:${String(rest).padStart(2, "0")}`;
}

function showScenes(list, video) {
  const { strip, label, ...numbers } = list.dataset;
  const [columns, rows, tiles, seconds] = ["columns", "rows", "tiles", "seconds"].map((name) =>
    Number(numbers[name]),
  );
  const width = Math.round((SCENE_HEIGHT * numbers.width) / numbers.height);
  const scenes = Array.from({ length: tiles }, (_, number) => {
    const time = clock(number * seconds);
    const button = document.createElement("button");
    button.type = "button";
    button.className = "player__scene";
    button.setAttribute("aria-label", label.replace("{time}", time));
    const picture = document.createElement("span");
    Object.assign(picture.style, {
      width: `${width}px`,
      height: `${SCENE_HEIGHT}px`,
      backgroundImage: `url("${strip}")`,
      backgroundSize: `${columns * width}px ${rows * SCENE_HEIGHT}px`,
      backgroundPosition: `${-(number % columns) * width}px ${-Math.floor(number / columns) * SCENE_HEIGHT}px`,
    });
    button.append(picture, time);
    button.addEventListener("click", () => (video.currentTime = number * seconds));
    const item = document.createElement("li");
    item.append(button);
    return item;
  });
  list.replaceChildren(...scenes);
  video.addEventListener("timeupdate", () => markScene(list, Math.floor(video.currentTime / seconds)));
}

function markScene(list, number) {
  const button = (list.children[number] ?? list.lastElementChild)?.firstChild;
  if (!button || button.hasAttribute("aria-current")) return;
  list.querySelector("[aria-current]")?.removeAttribute("aria-current");
  button.setAttribute("aria-current", "true");
  if (list.matches(":hover, :focus-within")) return; // somebody is choosing
  const { offsetLeft, offsetWidth } = button.parentElement;
  list.scrollTo({ left: offsetLeft - (list.clientWidth - offsetWidth) / 2 });
}

function turnScene({ player, video }, step) {
  const list = player.querySelector("[data-scenes]");
  const last = (list?.children.length ?? 0) - 1;
  if (last < 0) return;
  const seconds = Number(list.dataset.seconds);
  const at = Math.min(Math.floor(video.currentTime / seconds), last); // its end is in the last one
  video.currentTime = clamp(at + step, 0, last) * seconds;
}

// --- Keys ---------------------------------------------------------------------------------------

// Before the film has told its length, any moment is taken: it begins there, and no key is lost.
const seek = (video, seconds) => {
  video.currentTime = clamp(seconds, 0, video.duration || Infinity);
};

const toggle = (video) => (video.paused ? video.play().catch(() => {}) : video.pause());

function toggleCaptions(video) {
  const tracks = [...video.textTracks];
  const shown = tracks.find((track) => track.mode === "showing");
  if (shown) shown.mode = "disabled";
  else if (tracks.length) tracks[0].mode = "showing";
}

function toggleFullscreen(player, video) {
  if (document.fullscreenElement) document.exitFullscreen();
  else if (video.requestFullscreen) video.requestFullscreen();
  else video.webkitEnterFullscreen?.(); // an iPhone
}

const LETTERS = {
  k: ({ video }) => toggle(video),
  j: ({ video }) => seek(video, video.currentTime - LEAP_SECONDS),
  l: ({ video }) => seek(video, video.currentTime + LEAP_SECONDS),
  m: ({ video }) => (video.muted = !video.muted),
  f: ({ player, video }) => toggleFullscreen(player, video),
  c: ({ video }) => toggleCaptions(video),
  "[": (parts) => turnScene(parts, -1),
  "]": (parts) => turnScene(parts, 1),
  "<": ({ video, select }) => changeSpeed(video, select, -1),
  ">": ({ video, select }) => changeSpeed(video, select, 1),
};

// The browser's own controls take these by themselves when they have the focus.
const NATIVE = {
  " ": ({ video }) => toggle(video),
  ArrowLeft: ({ video }) => seek(video, video.currentTime - STEP_SECONDS),
  ArrowRight: ({ video }) => seek(video, video.currentTime + STEP_SECONDS),
  ArrowUp: ({ video }) => (video.volume = clamp(video.volume + 0.1, 0, 1)),
  ArrowDown: ({ video }) => (video.volume = clamp(video.volume - 0.1, 0, 1)),
};

function deedOf(event, { player, video }) {
  const { key, target } = event;
  if (LETTERS[key.toLowerCase()]) return LETTERS[key.toLowerCase()];
  if (player.dataset.keys !== "all") return null;
  if (/^\d$/.test(key)) return () => seek(video, (video.duration * Number(key)) / 10);
  const leavesSpace = target.closest("button") && key === " "; // it presses the button
  return target === video || leavesSpace ? null : NATIVE[key];
}

const hasModifier = (event) => event.altKey || event.ctrlKey || event.metaKey || event.isComposing;

function obey(event, deed, parts) {
  deed(parts);
  event.preventDefault();
  event.stopPropagation();
}

function listen(parts) {
  parts.player.addEventListener("keydown", (event) => {
    if (hasModifier(event) || event.target.closest("select")) return;
    const deed = deedOf(event, parts);
    if (deed) obey(event, deed, parts);
  });
}

// Where digits belong to the page around, as in the judge's room, letters work wherever the focus is.
function listenEverywhere(event) {
  const parts = enhanced.get(document.querySelector("[data-player][data-keys='letters']"));
  if (!parts || hasModifier(event) || event.target.closest("[data-player], input:not([type=radio]), textarea, select, dialog")) return;
  const deed = LETTERS[event.key.toLowerCase()];
  if (deed) obey(event, deed, parts);
}

// --- One player ---------------------------------------------------------------------------------

const enhanced = new WeakMap(); // player -> its parts

function enhance(player) {
  if (enhanced.has(player)) return;
  const video = player.querySelector("video");
  player.append(player.querySelector("[data-player-bar]").content.cloneNode(true));
  const select = player.querySelector("[data-speed]");
  const scenes = player.querySelector("[data-scenes]");
  select.addEventListener("change", () => setSpeed(video, select, Number(select.value)));
  video.addEventListener("ratechange", () => (select.value = String(video.playbackRate)));
  if (scenes) showScenes(scenes, video);
  if (player.dataset.playlist) {
    video.addEventListener("play", () => adapt(player, video).catch(() => {}), { once: true });
  }
  const parts = { player, video, select };
  enhanced.set(player, parts);
  listen(parts);
}

export function attach(root) {
  for (const player of root.querySelectorAll("[data-player]")) enhance(player);
}

attach(document);
document.addEventListener("keydown", listenEverywhere);
// A page that puts another film in place says so.
document.addEventListener("film:shown", (event) => attach(event.target));

// A picture at one image pixel a screen pixel, and around: by keys, wheel, taps, pinch and drag.
// The largest file is asked for only now. While it is on its way, the small one stands in.

const STEP = 1.5;
const PAN = 120; // CSS pixels a key
const TAP_MS = 350;
const TAP_REACH = 24; // CSS pixels between two taps, or within one

let loupe = null; // what is zoomed: its elements, its scale, and where the picture's corner lies
const pointers = new Map(); // id -> where it is
let lastTap = null;

const stageOf = (node) => node?.closest?.(".stage");
const clamp = (value, least, most) => Math.min(Math.max(value, least), most);

// --- Which picture, which file ----------------------------------------------------------------

// Of a series, the picture in the middle of the stage.
function pictureOf(stage) {
  const { left, width } = stage.getBoundingClientRect();
  return [...stage.querySelectorAll(".stage__frame .picture img")].find((picture) => {
    const box = picture.getBoundingClientRect();
    return box.left <= left + width / 2 && left + width / 2 < box.right;
  });
}

function largestOf(picture) {
  const sources = (picture.previousElementSibling?.srcset ?? "").split(", ").filter(Boolean);
  const sized = sources.map((one) => one.trim().split(" "));
  sized.sort(([, a], [, b]) => parseInt(b) - parseInt(a));
  return sized[0]?.[0] ?? picture.src;
}

// --- In and out -------------------------------------------------------------------------------

function open(stage) {
  const picture = stage && pictureOf(stage);
  if (!picture) return null;
  const { clientWidth: width, clientHeight: height } = stage;
  const [wide, high] = [Number(picture.getAttribute("width")), Number(picture.getAttribute("height"))];
  const node = document.createElement("div");
  node.className = "loupe";
  const image = document.createElement("img");
  image.alt = picture.alt;
  image.draggable = false;
  image.src = picture.currentSrc || picture.src;
  const state = document.createElement("p");
  state.className = "loupe__state";
  state.setAttribute("role", "status");
  node.append(image, state);
  stage.append(node);
  const fit = Math.min(width / wide, height / high);
  const full = 1 / window.devicePixelRatio;
  loupe = { stage, node, image, state, width, height, wide, high, fit, scale: fit, x: 0, y: 0 };
  loupe.full = full > fit * 1.05 ? full : fit * 2; // a small file is shown twice as large
  sharpen(loupe, largestOf(picture));
  tell(stage, true);
  return loupe;
}

async function sharpen({ image, state, stage }, address) {
  if (new URL(address, location).href === image.src) return;
  const waits = setTimeout(() => (state.textContent = stage.dataset.loading), 150);
  const large = new Image();
  large.src = address;
  try {
    await large.decode();
    image.src = address;
    state.textContent = "";
  } catch {
    state.textContent = stage.dataset.notSharp;
  } finally {
    clearTimeout(waits);
  }
}

export function leaveZoom() {
  if (!loupe) return false;
  const { node, stage } = loupe;
  loupe = null;
  node.remove();
  tell(stage, false);
  return true;
}

function tell(stage, isZoomed) {
  stage.querySelector("[data-zoom]")?.setAttribute("aria-pressed", String(isZoomed));
}

// --- Where it lies ----------------------------------------------------------------------------

function lay(x, y) {
  const { width, height, wide, high, scale, image } = loupe;
  const along = (at, room, size) => (size <= room ? (room - size) / 2 : clamp(at, room - size, 0));
  loupe.x = along(x, width, wide * scale);
  loupe.y = along(y, height, high * scale);
  image.style.width = `${wide * scale}px`;
  image.style.transform = `translate(${loupe.x}px, ${loupe.y}px)`;
}

// The point of the picture under (x, y) of the stage stays there.
function zoomTo(scale, x = loupe.width / 2, y = loupe.height / 2) {
  const most = Math.max(loupe.full * 2, loupe.fit * 2);
  const wanted = Math.min(scale, most);
  if (wanted <= loupe.fit * 1.01) return leaveZoom();
  const grown = wanted / loupe.scale;
  const [left, top] = [x - (x - loupe.x) * grown, y - (y - loupe.y) * grown];
  loupe.scale = wanted;
  lay(left, top);
  return true;
}

// Open, where nothing is zoomed: the picture lies as it lay in the stage.
function begin(stage) {
  if (loupe?.node.isConnected) return loupe;
  loupe = null;
  if (open(stage)) lay(0, 0);
  return loupe;
}

function toggle(stage, x, y) {
  if (loupe?.node.isConnected) return leaveZoom();
  return Boolean(begin(stage)) && zoomTo(loupe.full, x, y);
}

function step(stage, factor) {
  if (factor < 1 && !loupe) return false;
  return Boolean(begin(stage)) && zoomTo(loupe.scale * factor);
}

// --- Keys -------------------------------------------------------------------------------------

const room = () => document.querySelector("[data-room]");
const stageNow = () => room()?.querySelector(".stage");
const pan = (x, y) => () => loupe?.node.isConnected && (lay(loupe.x + x, loupe.y + y), true);

const KEYS = {
  i: () => toggle(stageNow()),
  "+": () => step(stageNow(), STEP),
  "=": () => step(stageNow(), STEP),
  "-": () => step(stageNow(), 1 / STEP),
  Escape: leaveZoom,
  ArrowLeft: pan(PAN, 0),
  ArrowRight: pan(-PAN, 0),
  ArrowUp: pan(0, PAN),
  ArrowDown: pan(0, -PAN),
};

// Heard before the room's keys: what pans a zoomed picture must not turn the work.
document.addEventListener(
  "keydown",
  (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.isComposing) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.target.closest("textarea, input[type=number], select, video")) return;
    if (!KEYS[event.key]?.()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  },
  true,
);

// --- Mouse, pen, fingers ----------------------------------------------------------------------

const inStage = (stage, { clientX, clientY }) => {
  const { left, top } = stage.getBoundingClientRect();
  return [clientX - left, clientY - top];
};
const onPicture = (event) => event.target.closest?.(".loupe, .stage__frame .picture-box");

function spread() {
  const [one, two] = [...pointers.values()];
  return {
    apart: Math.hypot(one.clientX - two.clientX, one.clientY - two.clientY),
    clientX: (one.clientX + two.clientX) / 2,
    clientY: (one.clientY + two.clientY) / 2,
  };
}

function pointerDown(event) {
  const stage = stageOf(event.target);
  if (!stage || !onPicture(event) || event.button > 0) return;
  pointers.set(event.pointerId, { clientX: event.clientX, clientY: event.clientY, event });
  if (loupe && event.target.closest(".loupe")) {
    loupe.node.setPointerCapture(event.pointerId);
    event.preventDefault();
  }
}

function pointerMove(event) {
  const before = pointers.get(event.pointerId);
  if (!before) return;
  const { clientX, clientY } = event;
  const pinched = pointers.size === 2 && spread();
  pointers.set(event.pointerId, { ...before, clientX, clientY });
  if (pinched) {
    const now = spread();
    const stage = stageOf(event.target);
    if (stage && pinched.apart && begin(stage)) {
      const [x, y] = inStage(stage, now);
      lay(loupe.x + now.clientX - pinched.clientX, loupe.y + now.clientY - pinched.clientY);
      const wanted = Math.max((loupe.scale * now.apart) / pinched.apart, loupe.fit);
      if (wanted > loupe.fit * 1.01) zoomTo(wanted, x, y);
      else loupe.scale = wanted; // slow fingers move less than that at once
    }
  } else if (loupe) {
    lay(loupe.x + clientX - before.clientX, loupe.y + clientY - before.clientY);
  }
}

function pointerUp(event) {
  const began = pointers.get(event.pointerId)?.event;
  pointers.delete(event.pointerId);
  if (!began || event.type === "pointercancel") return;
  const moved = Math.hypot(event.clientX - began.clientX, event.clientY - began.clientY);
  if (moved > TAP_REACH || pointers.size) return void (lastTap = null);
  const near =
    lastTap &&
    event.timeStamp - lastTap.timeStamp < TAP_MS &&
    Math.hypot(event.clientX - lastTap.clientX, event.clientY - lastTap.clientY) < TAP_REACH;
  lastTap = near ? null : event;
  const stage = stageOf(event.target);
  if (near && stage) toggle(stage, ...inStage(stage, event));
}

document.addEventListener("pointerdown", pointerDown);
document.addEventListener("pointermove", pointerMove);
document.addEventListener("pointerup", pointerUp);
document.addEventListener("pointercancel", pointerUp);
// Two fingers are ours: left to the browser, it takes them for a pan and cancels the pointers.
for (const touched of ["touchstart", "touchmove"]) {
  document.addEventListener(
    touched,
    (event) => {
      if (event.touches.length === 2 && event.cancelable && onPicture(event)) event.preventDefault();
    },
    { passive: false },
  );
}
document.addEventListener(
  "wheel",
  (event) => {
    const stage = stageOf(event.target);
    if (!stage || !onPicture(event) || Math.abs(event.deltaX) > Math.abs(event.deltaY)) return;
    if (!loupe && event.deltaY >= 0) return;
    event.preventDefault();
    if (begin(stage)) zoomTo(loupe.scale * Math.exp(-event.deltaY / 400), ...inStage(stage, event));
  },
  { passive: false },
);
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-zoom]")) toggle(stageOf(event.target));
});
window.addEventListener("resize", leaveZoom);

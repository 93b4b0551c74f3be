// The pictures of a room that is not shown yet: loaded and decoded at the size they will have.

const MOST_PICTURES = 12; // of one series; the rest comes while these are looked at

// Whether the line or its owner asks for little.
export function isLineSlow() {
  const line = navigator.connection;
  return Boolean(line?.saveData || /(^|-)[23]g$/.test(line?.effectiveType ?? ""));
}

// Out of the page a lazy picture never loads; its srcset and sizes choose as they will inside it.
export function preloadPictures(room) {
  const most = isLineSlow() ? 1 : MOST_PICTURES;
  for (const picture of [...room.querySelectorAll(".stage__frame .picture img")].slice(0, most)) {
    picture.loading = "eager";
    picture.decode().catch(() => {}); // it will be tried again when it is shown
  }
  for (const video of room.querySelectorAll("video[poster]")) {
    const poster = new Image();
    poster.src = video.poster;
    poster.decode().catch(() => {});
  }
}

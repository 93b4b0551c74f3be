// Looks at a file before a byte is sent: name, size, first bytes, pixels, duration. It refuses
// only what the server would refuse too, in the server's own words; what this browser can't
// tell is left to the server. `rules` come from media_processing/precheck.py.

const HEAD_BYTES = 4096;
const METADATA_MS = 10_000;
// Formats that share a container are one family: their names are often mixed up.
const FAMILY = { mp4: "mp4", mov: "mp4", webm: "mkv", mkv: "mkv" };
const BRANDS = { heic: "heic", heix: "heic", heim: "heic", heis: "heic", avif: "avif", avis: "avif", "qt  ": "mov" };
const MP4_BRAND = /^(iso\d|isom|mp4\d|avc1|M4V|MSNV|XAVC)/;
// Formats whose files begin in one way only.
const SURE = ["jpeg", "png", "webp"];

const family = (format) => FAMILY[format] || format;
const mega = (bytes) => (bytes / 1024 ** 2).toFixed(1);

// Resolves to the sentence that refuses the file, or to "".
export async function refusal(file, rules) {
  const found = checkSize(file, rules) || (await checkFormat(file, rules)) || (await checkContent(file, rules));
  if (!found) return "";
  const [reason, values] = found;
  return rules.sentences[reason].replace(/%\((\w+)\)s/g, (_all, name) => values[name]);
}

function checkSize(file, rules) {
  if (!file.size) return ["empty", {}];
  if (!rules.max_bytes || file.size <= rules.max_bytes) return null;
  return ["too_large", { megabytes: mega(file.size), max_megabytes: mega(rules.max_bytes) }];
}

async function checkFormat(file, rules) {
  const allowed = rules.formats.map((format) => rules.labels[format]).join(", ");
  const extension = file.name.includes(".") ? file.name.split(".").pop().toLowerCase() : "";
  const claimed = rules.format_of_extension[extension];
  const found = sniff(new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer()));
  if (!claimed && !found) return ["unknown_format", { allowed }];
  const differs = found ? family(found) !== family(claimed) : SURE.includes(claimed);
  if (!claimed || differs) {
    return ["name_and_content_differ", { extension, found: rules.labels[found] || rules.unknown }];
  }
  if (rules.formats.includes(claimed)) return null;
  return ["format_not_allowed", { format: rules.labels[claimed], allowed }];
}

// The first bytes' format, "" when they are none that is known here.
export function sniff(head) {
  const text = (from, to) => String.fromCharCode(...head.slice(from, to));
  if (text(0, 3) === "\xff\xd8\xff") return "jpeg";
  if (text(0, 8) === "\x89PNG\r\n\x1a\n") return "png";
  if (["II*\0", "MM\0*"].includes(text(0, 4))) return "tiff";
  if (text(0, 4) === "RIFF") return { "WEBP": "webp", "AVI ": "avi" }[text(8, 12)] || "";
  if (text(0, 4) === "\x1a\x45\xdf\xa3") return "mkv";
  if (["moov", "mdat", "wide"].includes(text(4, 8))) return "mov";
  if (text(4, 8) !== "ftyp") return "";
  const brand = text(8, 12);
  return BRANDS[brand] || (MP4_BRAND.test(brand) ? "mp4" : "");
}

async function checkContent(file, rules) {
  const { width, height, seconds } = await (rules.kind === "video" ? measureVideo(file) : measurePhoto(file));
  return (width && checkPixels(width, height, rules)) || (seconds && checkSeconds(seconds, rules)) || null;
}

function checkPixels(width, height, rules) {
  const pixels = width * height;
  const mega = (count) => Math.floor(count / 10 ** 6);
  if (pixels > rules.max_pixels) {
    return ["too_many_pixels", { megapixels: mega(pixels), max_megapixels: mega(rules.max_pixels) }];
  }
  const side = Math.max(width, height);
  if (side >= rules.min_long_side) return null;
  return ["too_small", { long_side: side, min_long_side: rules.min_long_side }];
}

function checkSeconds(seconds, rules) {
  const shown = seconds.toFixed(1);
  if (seconds < rules.min_seconds - rules.seconds_of_grace) {
    return ["too_short", { seconds: shown, min_seconds: rules.min_seconds }];
  }
  if (!rules.max_seconds || seconds <= rules.max_seconds + rules.seconds_of_grace) return null;
  return ["too_long", { seconds: shown, max_seconds: rules.max_seconds }];
}

async function measurePhoto(file) {
  try {
    const picture = await createImageBitmap(file);
    const { width, height } = picture;
    picture.close();
    return { width, height };
  } catch {
    return {}; // HEIC or TIFF, or damaged: the server knows
  }
}

function measureVideo(file) {
  const address = URL.createObjectURL(file);
  const video = document.createElement("video");
  video.preload = "metadata";
  return new Promise((resolve) => {
    const tell = (facts) => { URL.revokeObjectURL(address); video.removeAttribute("src"); resolve(facts); };
    video.addEventListener("loadedmetadata", () => {
      const seconds = Number.isFinite(video.duration) ? video.duration : 0;
      tell({ width: video.videoWidth, height: video.videoHeight, seconds });
    });
    video.addEventListener("error", () => tell({}));
    setTimeout(tell, METADATA_MS, {});
    video.src = address;
  });
}

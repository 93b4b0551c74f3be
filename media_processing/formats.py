"""Which file this is, by its first bytes; and whether its name says the same. Pure."""

from dataclasses import dataclass
from pathlib import PurePath

# How much of a file's beginning `sniff` wants to see.
HEAD_BYTES = 4096

MIME_TYPES = {
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "heic": "image/heic",
    "avif": "image/avif",
    "tiff": "image/tiff",
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "webm": "video/webm",
    "mkv": "video/x-matroska",
    "avi": "video/x-msvideo",
}

# Of what is made here: by our own extension, never by what somebody said the file was.
DERIVATIVE_TYPES = {
    ".webp": "image/webp",
    ".jpg": "image/jpeg",
    ".mp4": "video/mp4",
    ".m3u8": "application/vnd.apple.mpegurl",
    ".vtt": "text/vtt; charset=utf-8",
}
# How long it may be kept: its name is the hash of its content.
FOR_EVER = "public, max-age=31536000, immutable"

_EXTENSIONS = {
    "jpeg": ("jpg", "jpeg", "jpe", "jfif", "mpo"),
    "png": ("png",),
    "webp": ("webp",),
    "heic": ("heic", "heif", "hif"),
    "avif": ("avif", "avifs"),
    "tiff": ("tif", "tiff"),
    "mp4": ("mp4", "m4v"),
    "mov": ("mov", "qt"),
    "webm": ("webm",),
    "mkv": ("mkv",),
    "avi": ("avi",),
}
FORMAT_OF_EXTENSION = {end: name for name, ends in _EXTENSIONS.items() for end in ends}

# Containers so close that cameras use one name for the other; a WebM is a Matroska.
_MAY_BE_NAMED = {"mov": {"mov", "mp4"}, "mp4": {"mp4", "mov"}, "webm": {"webm", "mkv"}}

_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis"}
_AVIF_BRANDS = {b"avif", b"avis"}
_MP4_BRANDS = {
    *(b"isom", b"iso2", b"iso3", b"iso4", b"iso5", b"iso6", b"iso7", b"iso8", b"iso9"),
    *(b"mp41", b"mp42", b"mp71", b"avc1", b"M4V ", b"M4VH", b"M4VP", b"MSNV", b"XAVC"),
}
# Brands of what shares the container but is no MP4: Canon's raw, sound alone.
_FOREIGN_BRANDS = {b"crx ", b"M4A ", b"M4B "}


@dataclass(frozen=True)
class FileName:
    """What a name claims. The name is data: it is shown, it never becomes a path."""

    extension: str  # lower case, without the dot; "" when there is none
    claims: str | None  # one of ours, or None

    @classmethod
    def read(cls, name: str) -> "FileName":
        extension = PurePath(name).suffix[1:].lower()
        return cls(extension, FORMAT_OF_EXTENSION.get(extension))

    def agrees_with(self, found: str) -> bool:
        return self.claims in _MAY_BE_NAMED.get(found, {found})


def extension_of(format_name: str) -> str:
    """Return the usual extension of a format, "bin" for none of ours."""
    return _EXTENSIONS.get(format_name, ("bin",))[0]


def label(format_name: str) -> str:
    """Return a format's name as people write it."""
    return {"webp": "WebP", "webm": "WebM"}.get(format_name, format_name.upper())


def sniff(head: bytes) -> str | None:
    """Return the format that these first bytes belong to, or None: only what we allow has one."""
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head.startswith((b"II*\x00", b"MM\x00*")):
        return "tiff"
    if head.startswith(b"RIFF"):
        return {b"WEBP": "webp", b"AVI ": "avi"}.get(head[8:12])
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return _sniff_matroska(head)
    return _sniff_boxes(head)


def _sniff_matroska(head: bytes) -> str | None:
    """Read the DocType (id 42 82) from the EBML header."""
    place = head.find(b"\x42\x82", 4)
    if place < 0 or place + 3 > len(head):
        return None
    length = head[place + 2] & 0x7F
    doc_type = head[place + 3 : place + 3 + length].rstrip(b"\x00")
    return {b"webm": "webm", b"matroska": "mkv"}.get(doc_type)


def _sniff_boxes(head: bytes) -> str | None:
    """Read the brands of an ISO base media file; the oldest QuickTime files have none."""
    if head[4:8] in (b"moov", b"mdat", b"wide"):
        return "mov"
    if head[4:8] != b"ftyp":
        return None
    end = min(int.from_bytes(head[:4], "big"), len(head))
    major, others = head[8:12], {head[at : at + 4] for at in range(16, end - 3, 4)}
    brands = others | {major}
    if brands & _FOREIGN_BRANDS:
        return None
    if major == b"qt  ":
        return "mov"
    if brands & _HEIC_BRANDS:
        return "heic"
    if brands & _AVIF_BRANDS:
        return "avif"
    return "mp4" if brands & _MP4_BRANDS else None

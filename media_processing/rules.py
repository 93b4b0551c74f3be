"""What a file must be to be accepted: plain values, so every door gives one verdict."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from media_processing.formats import FileName, label
from media_processing.states import Reason

PHOTO_FORMATS = ("jpeg", "png", "webp", "heic", "avif", "tiff")
VIDEO_FORMATS = ("mp4", "mov", "webm", "mkv", "avi")

# What a decoder of ours can hold: a photo of 120 megapixels takes 480 MB; 8K for a video.
MAX_PIXELS = {"photo": 120_000_000, "video": 8192 * 4320}
# A header's duration is rounded to frames and packets; a rule's second is not that sharp.
SECONDS_OF_GRACE = 0.5

Kind = Literal["photo", "video"]


class UploadRefused(Exception):
    """The file is not what is asked for. `reasons.explain` makes the sentence of it."""

    def __init__(self, reason: Reason, values: dict[str, Any] | None = None) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.values = values or {}


@dataclass(frozen=True)
class MediaRules:
    """A section's limits. Sizes in pixels and bytes, times in seconds; 0 means no limit."""

    kind: Kind
    formats: tuple[str, ...]
    min_long_side: int = 0
    max_bytes: int = 50 * 1024 * 1024
    min_seconds: float = 0
    max_seconds: float = 0

    def as_json(self) -> dict[str, Any]:
        """Return the limits as they are kept beside an asset."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "MediaRules":
        return cls(**{**values, "formats": tuple(values["formats"])})


def check_size(rules: MediaRules, byte_size: int) -> None:
    """Raise UploadRefused when the file is empty or too large."""
    if byte_size == 0:
        raise UploadRefused(Reason.EMPTY)
    if rules.max_bytes and byte_size > rules.max_bytes:
        sizes = {"megabytes": _mega(byte_size), "max_megabytes": _mega(rules.max_bytes)}
        raise UploadRefused(Reason.TOO_LARGE, sizes)


def check_name(rules: MediaRules, name: str) -> None:
    """Raise UploadRefused when the name alone tells that the file will be."""
    claimed = FileName.read(name).claims
    if claimed is None:
        raise unknown_format(rules)
    _check_allowed(rules, claimed)


def check_format(rules: MediaRules, name: str, found: str | None) -> str:
    """Return the file's format. `found` is what its content says, None when nothing we know.

    Raises UploadRefused when name and content differ, or the format is not allowed here.
    """
    claimed = FileName.read(name)
    if found is None and claimed.claims is None:
        raise unknown_format(rules)
    if found is None or not claimed.agrees_with(found):
        values = {"extension": claimed.extension, "found": label(found) if found else ""}
        raise UploadRefused(Reason.NAME_AND_CONTENT_DIFFER, values)
    format_name = claimed.claims or found
    _check_allowed(rules, format_name)
    return format_name


def unknown_format(rules: MediaRules) -> UploadRefused:
    """Return the refusal of a file that is none we can read."""
    return UploadRefused(Reason.UNKNOWN_FORMAT, {"allowed": _allowed(rules)})


def _check_allowed(rules: MediaRules, format_name: str) -> None:
    if format_name not in rules.formats:
        values = {"format": label(format_name), "allowed": _allowed(rules)}
        raise UploadRefused(Reason.FORMAT_NOT_ALLOWED, values)


def _allowed(rules: MediaRules) -> str:
    return ", ".join(label(one) for one in rules.formats)


def check_pixels(rules: MediaRules, width: int, height: int) -> None:
    """Raise UploadRefused for a picture too large to decode, or smaller than asked for."""
    most = MAX_PIXELS[rules.kind]
    if width * height > most:
        values = {"megapixels": width * height // 10**6, "max_megapixels": most // 10**6}
        raise UploadRefused(Reason.TOO_MANY_PIXELS, values)
    if max(width, height) < rules.min_long_side:
        values = {"long_side": max(width, height), "min_long_side": rules.min_long_side}
        raise UploadRefused(Reason.TOO_SMALL, values)


def check_frames(rules: MediaRules, width: int, height: int, frames: int) -> None:
    """Raise UploadRefused for an animation of more pixels than one picture may have."""
    if frames > 1 and width * height * frames > MAX_PIXELS[rules.kind]:
        raise UploadRefused(Reason.TOO_MANY_FRAMES, {"frames": frames})


def check_seconds(rules: MediaRules, seconds: float) -> None:
    """Raise UploadRefused for a video shorter or longer than the section allows."""
    shown = {"seconds": round(seconds, 1)}
    if seconds < rules.min_seconds - SECONDS_OF_GRACE:
        raise UploadRefused(Reason.TOO_SHORT, {**shown, "min_seconds": rules.min_seconds})
    if rules.max_seconds and seconds > rules.max_seconds + SECONDS_OF_GRACE:
        raise UploadRefused(Reason.TOO_LONG, {**shown, "max_seconds": rules.max_seconds})


def _mega(byte_size: int) -> float:
    """Return mebibytes, as file managers show them, to one decimal."""
    return round(byte_size / 1024**2, 1)

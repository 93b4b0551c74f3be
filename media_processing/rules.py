"""What a file must be to be accepted: plain values, so every door gives one verdict."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

PHOTO_FORMATS = ("jpeg", "png", "webp", "heic", "tiff")
VIDEO_FORMATS = ("mp4", "mov", "webm", "mkv", "avi")

Kind = Literal["photo", "video"]


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

"""What is made of an original: sizes, formats and efforts. Pure.

WebP is what every browser of today shows; one JPEG of middle size stays for link previews, mails
and old readers that know no WebP. Why these: docs/decisions/one-photo-recipe.md. Change anything
here and RECIPE must grow: the number is kept with each asset, so what an older recipe made can be
found and made again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

RECIPE = 2

LONG_SIDES = (320, 640, 1280, 2560)
JPEG_LONG_SIDE = 1280
PLACEHOLDER_LONG_SIDE = 16
# The still that a perceptual hash is made from is this rung or a lower one.
HASH_LONG_SIDE = 640
CLIP_SHORT_SIDE = 720
CLIP_FRAMES_PER_SECOND = 60
# Where a telling frame is looked for, as shares of the clip; its ends are often black.
POSTER_MOMENTS = (0.1, 0.3, 0.5, 0.7)


@dataclass(frozen=True)
class Encoding:
    """How a still is written."""

    extension: str
    mime_type: str
    format: str  # Pillow's name
    options: Mapping[str, Any] = field(hash=False)


WEBP = Encoding("webp", "image/webp", "WEBP", {"quality": 80, "method": 2})
PLACEHOLDER = Encoding("webp", "image/webp", "WEBP", {"quality": 50, "method": 2})
JPEG = Encoding("jpeg", "image/jpeg", "JPEG", {"quality": 82, "progressive": True})

Size = tuple[int, int]


def fit(size: Size, long_side: int) -> Size:
    """Return `size` scaled to the long side; never larger than it is, never without a pixel."""
    longest = max(size)
    if longest <= long_side:
        return size
    width, height = (max(round(side * long_side / longest), 1) for side in size)
    return width, height


def rungs(size: Size) -> list[int]:
    """Return the long sides to make, largest first: up to the first that holds the original."""
    needed = [side for side in LONG_SIDES if side < max(size)]
    return sorted([*needed, *LONG_SIDES[len(needed) :][:1]], reverse=True)


def encodings(long_side: int, largest: int) -> list[Encoding]:
    """Return how the still of this rung is written, `largest` being the highest rung made."""
    return [WEBP, JPEG] if long_side == min(JPEG_LONG_SIDE, largest) else [WEBP]


def clip_size(size: Size, short_side: int = CLIP_SHORT_SIDE) -> Size:
    """Return the size of a clip: by its SHORT side, even as H.264 asks, never larger."""
    scale = min(short_side / min(size), 1)
    width, height = (max(round(side * scale) // 2 * 2, 2) for side in size)
    return width, height

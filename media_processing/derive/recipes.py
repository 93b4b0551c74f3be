"""What is made of an original: sizes, formats and efforts. Pure.

WebP is what every browser of today shows; one JPEG of middle size stays for link previews, mails
and old readers that know no WebP. Why these: docs/decisions/one-photo-recipe.md. Change anything
here and RECIPE must grow: the number is kept with each asset, so what an older recipe made can be
found and made again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil
from typing import Any

RECIPE = 5

LONG_SIDES = (320, 640, 1280, 2560)
JPEG_LONG_SIDE = 1280
PLACEHOLDER_LONG_SIDE = 16
# The still that a perceptual hash is made from is this rung or a lower one.
HASH_LONG_SIDE = 640
Cut = tuple[float, float, float, float]
# Views of a photo that are hashed: the whole, and what is left when a copy is cropped, at all
# sides or towards a corner. What is cut off left, above, right and below, as shares.
CROP = 0.05
VIEWS = (
    (0.0, 0.0, 0.0, 0.0),
    (CROP, CROP, CROP, CROP),
    (CROP, CROP, 0.0, 0.0),
    (0.0, CROP, CROP, 0.0),
    (CROP, 0.0, 0.0, CROP),
    (0.0, 0.0, CROP, CROP),
)
# A clip's rungs by their SHORT side, which is what "720p" means to a phone held upright.
CLIP_SHORT_SIDES = (1080, 720, 480)
# Two rungs nearer than this are one: 730 beside 720 helps nobody.
CLIP_STEP = 0.8
CLIP_FRAMES_PER_SECOND = 60
# The most bits a second at each short side; what a rung shows needs less, most of the time.
CLIP_BITS = {1080: 8_000_000, 720: 4_000_000, 480: 1_600_000}
KEYFRAME_SECONDS = 2
MASTER_PLAYLIST = "playlist-master"
# The strip of scenes: so wide a tile, so many at most, so many beside each other.
TILE_WIDTH, MOST_TILES, STRIP_COLUMNS = 160, 60, 10
# A film is looked at so often a second, in so small a grey picture, for its perceptual hashes.
MOMENTS_A_SECOND, MOMENT_SIDE = 2, 64
# No more are hashed; of a longer film every second one is, or every fourth...
MOST_MOMENTS = 600
# A moment within so many bits of one that is kept tells nothing new. Each of a copy's moments is
# then as near to a kept one of the original, whatever was cut off before it.
BITS_OF_NEWS = 36
# Of PDQ's 100; below, a hash tells little.
LEAST_QUALITY = 50
# Where a telling frame is looked for, as shares of the clip; its ends are often black.
POSTER_MOMENTS = (0.1, 0.3, 0.5, 0.7)


@dataclass(frozen=True)
class Encoding:
    """How a still is written."""

    extension: str
    mime_type: str
    format: str  # Pillow's name
    options: Mapping[str, Any] = field(hash=False)


WEBP = Encoding("webp", "image/webp", "WEBP", {"quality": 79, "method": 1})
PLACEHOLDER = Encoding("webp", "image/webp", "WEBP", {"quality": 50, "method": 1})
JPEG = Encoding("jpeg", "image/jpeg", "JPEG", {"quality": 82})

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


def clip_short_sides(size: Size) -> list[int]:
    """Return the short sides of a clip's rungs, largest first; the first is the source's own,
    if that is not too large."""
    top = min(min(size), CLIP_SHORT_SIDES[0])
    return [top, *(side for side in CLIP_SHORT_SIDES if side <= top * CLIP_STEP)]


def clip_size(size: Size, short_side: int) -> Size:
    """Return the size of a rung: by its SHORT side, even as H.264 asks, never larger."""
    scale = min(short_side / min(size), 1)
    width, height = (max(round(side * scale) // 2 * 2, 2) for side in size)
    return width, height


def most_bits(short_side: int) -> int:
    """Return how many bits a second a rung of this short side may have at its densest."""
    return next(CLIP_BITS[side] for side in sorted(CLIP_BITS) if side >= short_side)


def strip_grid(seconds: float) -> tuple[int, int]:
    """Return how many tiles a strip has, and the seconds from one to the next."""
    step = max(KEYFRAME_SECONDS, ceil(seconds / MOST_TILES))
    return max(ceil(seconds / step), 1), step


def moments_stride(count: int) -> int:
    """Return that every which moment of so many is hashed: a power of two, so that films of
    different lengths are looked at at the same times."""
    return 1 << max(ceil(count / MOST_MOMENTS) - 1, 0).bit_length()

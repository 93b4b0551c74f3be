"""Whether two pictures are near copies, told by their perceptual hashes. Plain values.

A hash is PDQ's, 256 bits as a number. Measured on 83 real photos (benchmarks/duplicates.py):
copies by another encoder, at half the size, mirrored, with a text over them or with 5% cut off
stay within 70 bits nearly always; strangers are 88 and more apart, 128 on average.
"""

from collections.abc import Iterable
from dataclasses import dataclass

MOST_BITS = 70
LEAST_QUALITY = 50  # of PDQ's 100; below, a hash tells little
# In a mirror every second wave across the picture, from the lowest on, changes its sign, and so
# its bit. (The median that decides on a bit is near 0 and moves by next to nothing.)
MIRROR = int("5" * 64, 16)


@dataclass(frozen=True)
class Likeness:
    """In how many of 256 bits two hashes differ, and whether one picture is the other's mirror."""

    distance: int
    is_mirrored: bool


def compare(one: int, other: int) -> Likeness | None:
    """Return how alike two hashes are; None when the pictures are strangers."""
    apart = one ^ other
    plain, mirrored = apart.bit_count(), (apart ^ MIRROR).bit_count()
    distance = min(plain, mirrored)
    return Likeness(distance, mirrored < plain) if distance <= MOST_BITS else None


def find_like(hashes: Iterable[int], others: Iterable[tuple[int, str]]) -> dict[int, Likeness]:
    """Return each near copy among the others (key, hexadecimal hash), at its nearest."""
    wanted = list(hashes)
    found: dict[int, Likeness] = {}
    for key, text in others:
        bits = int(text, 16)
        for one in wanted:
            likeness = compare(one, bits)
            if likeness and (key not in found or likeness.distance < found[key].distance):
                found[key] = likeness
    return found

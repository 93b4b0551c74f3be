"""Whether two pictures or films are near copies, told by their perceptual hashes. Plain values.

A hash is PDQ's, 256 bits as a number. Measured on real photos and on films made of them
(benchmarks/duplicates.py): copies stay within 70 bits nearly always, strangers are 88 and more
apart, 128 on average. A photo has one moment, seen as a whole and as its middle parts, as a crop
would leave it; a film has many moments, all different, seen as a whole.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from statistics import median_low

MOST_BITS = 70
# In a mirror every second wave across the picture, from the lowest on, changes its sign, and so
# its bit. (The median that decides on a bit is near 0 and moves by next to nothing.)
MIRROR = int("5" * 64, 16)
# Of the moments of whichever has fewer, so many must be found in the other. Films may share an
# opening title and be strangers.
LEAST_MOMENTS, LEAST_SHARE = 3, Fraction(2, 5)
# So many of the moments that are alike are shown side by side.
SHOWN_MOMENTS = 4


@dataclass(frozen=True)
class Mark:
    """One hash of a picture or film. `view` 0 is the whole picture."""

    bits: int
    moment: float = 0
    view: int = 0


@dataclass(frozen=True)
class Hit:
    """A moment of the one (seconds) is like a moment of the other."""

    own: float
    other: float
    distance: int
    is_mirrored: bool


@dataclass(frozen=True)
class Likeness:
    """In how many of 256 bits two are apart, and whether one is the other's mirror.

    Of films these are the middle distance of the moments that are alike, and what most say.
    """

    distance: int
    is_mirrored: bool


def apart(one: int, other: int) -> tuple[int, bool]:
    """Return in how many bits two hashes differ, and whether they do so in the mirror."""
    plain, mirrored = (one ^ other).bit_count(), (one ^ other ^ MIRROR).bit_count()
    return min(plain, mirrored), mirrored < plain


def find_like(
    marks: Iterable[Mark], others: Iterable[tuple[int, float, int, str]]
) -> dict[int, Likeness]:
    """Return each near copy among the others (key, moment, view, hexadecimal hash).

    One pass. Two parts are not compared with each other: of two copies, one is the whole.
    """
    probes = [(bits, one) for one in marks for bits in (one.bits, one.bits ^ MIRROR)]
    wholes = [(bits, one) for bits, one in probes if one.view == 0]
    own_moments = len({one.moment for _bits, one in wholes})
    moments: Counter[int] = Counter()
    hits: dict[int, list[Hit]] = {}
    for key, moment, view, text in others:
        bits = int(text, 16)
        if view == 0:
            moments[key] += 1
        # This line is what a look-up costs.
        near = [
            one
            for probe, one in (wholes if view else probes)
            if (probe ^ bits).bit_count() <= MOST_BITS
        ]
        for one in near:
            hits.setdefault(key, []).append(Hit(one.moment, moment, *apart(one.bits, bits)))
    found = {key: judge(these, own_moments, moments[key]) for key, these in hits.items()}
    return {key: likeness for key, likeness in found.items() if likeness}


def judge(hits: Sequence[Hit], own_moments: int, other_moments: int) -> Likeness | None:
    """Return how alike two are that have so many moments each; None for strangers."""
    fewer = min(own_moments, other_moments)
    best = min(_nearest(hits, by_own=True), _nearest(hits, by_own=False), key=_worth)
    if len(best) < max(min(LEAST_MOMENTS, fewer), ceil(LEAST_SHARE * fewer)):
        return None
    mirrored = sum(hit.is_mirrored for hit in best)
    return Likeness(_middle(best), 2 * mirrored > len(best))


def moments_alike(marks: Iterable[Mark], others: Iterable[Mark]) -> list[Hit]:
    """Return some moments that two films have in common, from all over them, in order of time."""
    rows = list(others)
    hits = [
        Hit(one.moment, other.moment, *apart(one.bits, other.bits))
        for one in marks
        for other in rows
        if one.view == other.view == 0
    ]
    near = _nearest((hit for hit in hits if hit.distance <= MOST_BITS), by_own=True)
    count = min(len(near), SHOWN_MOMENTS)
    return [near[at * len(near) // count] for at in range(count)]


def _nearest(hits: Iterable[Hit], *, by_own: bool) -> list[Hit]:
    """Return the nearest hit of each moment of one side."""
    best: dict[float, Hit] = {}
    for hit in hits:
        moment = hit.own if by_own else hit.other
        if moment not in best or hit.distance < best[moment].distance:
            best[moment] = hit
    return list(best.values())


def _middle(hits: Sequence[Hit]) -> int:
    return median_low(hit.distance for hit in hits)


def _worth(hits: Sequence[Hit]) -> tuple[int, int, int, int]:
    """Order two lists of hits in the same way, whichever side is called our own.

    What `judge` tells of a list is part of it, so lists of the same worth tell the same.
    """
    distance, mirrored = sum(hit.distance for hit in hits), sum(hit.is_mirrored for hit in hits)
    return len(hits), -distance, _middle(hits), mirrored

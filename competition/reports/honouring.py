"""Who is proposed to be honoured for organising (优秀组织单位), by a declared rule. Pure.

An association earns points for what it and its companies did:

    points = forwarded * F + admitted * A + awarded * W + S * share

with the works it forwarded, that were admitted, that won, and the share (0 to 1) of its verified
companies that took part. All is exact, so equals are equal: they share a rank, and where they tie
across the last place nobody of them is proposed; people decide.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Weights:
    """Points for each work forwarded, admitted, awarded; and for all companies taking part."""

    forwarded: int = 1
    admitted: int = 2
    awarded: int = 5
    share: int = 50


@dataclass(frozen=True)
class Merits:
    """What one association did. `took_part` of `companies` handed something in."""

    organisation: int
    forwarded: int = 0
    admitted: int = 0
    awarded: int = 0
    took_part: int = 0
    companies: int = 0

    @property
    def share(self) -> Fraction:
        """Return the share of its companies that took part; 0 where it has none."""
        return Fraction(self.took_part, self.companies) if self.companies else Fraction(0)

    def points(self, weights: Weights) -> Fraction:
        return (
            self.forwarded * weights.forwarded
            + self.admitted * weights.admitted
            + self.awarded * weights.awarded
            + self.share * weights.share
        )


@dataclass(frozen=True)
class Place:
    """One association in the order of points. Equals share a rank; the next is as many lower."""

    merits: Merits
    points: Fraction
    rank: int
    is_proposed: bool
    ties_for_last: bool

    @property
    def decimal(self) -> float:
        """Return the points as people read them."""
        return float(self.points)


def ranked(merits: Iterable[Merits], weights: Weights, places: int) -> list[Place]:
    """Return all that have any points, the best first, with who is proposed for the `places`.

    Equals stand in the order of their ids. Whoever ties for the last place is marked, and not
    proposed.
    """
    scored = [(one.points(weights), one) for one in merits]
    scored = sorted(
        (pair for pair in scored if pair[0] > 0), key=lambda pair: (-pair[0], pair[1].organisation)
    )
    all_points = [points for points, _one in scored]
    found = []
    for points, one in scored:
        better = sum(other > points for other in all_points)
        equal = all_points.count(points)
        found.append(
            Place(
                one,
                points,
                rank=better + 1,
                is_proposed=better + equal <= places,
                ties_for_last=better < places < better + equal,
            )
        )
    return found

"""What a work is worth by one frozen standing or several together, exactly.

Positions, not marks or votes, are added: ten marks and ten thousand votes have no common
measure. All is done in integers over a denominator that the section's works share: quick enough
to try many rules at once, and equal merits are equal.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import groupby
from math import lcm

Groups = list[tuple[int, ...]]  # works of equal merit together, the best first


@dataclass(frozen=True)
class Line:
    """One frozen standing. Ranks are within the section; 1 is the best; equals share a rank.

    `readings`: the scorecards or votes behind it.
    """

    entry: int
    section: int
    rank: int
    readings: int = 1


@dataclass(frozen=True)
class Shares:
    """Works of one section with a share each: `shares[work] / whole`, from 0 to 1."""

    shares: Mapping[int, int]
    whole: int

    def fractions(self) -> dict[int, Fraction]:
        return {entry: Fraction(share, self.whole) for entry, share in self.shares.items()}

    def groups(self) -> Groups:
        """Return the works, best first, those of equal share together by id."""
        best_first = sorted(self.shares, key=lambda entry: (-self.shares[entry], entry))
        return [tuple(group) for _share, group in groupby(best_first, self.shares.__getitem__)]


class Standings:
    """Frozen lists by source, with what follows from them computed once.

    Raises ValueError when a list has a work twice.
    """

    def __init__(self, lists: Mapping[str, Sequence[Line]]) -> None:
        for lines in lists.values():
            if len({line.entry for line in lines}) != len(lines):
                raise ValueError("A list of standings has a work twice.")
        self.lists = lists
        self._positions: dict[str, dict[int, Shares]] = {}
        self._orders: dict[tuple[tuple[str, int | Fraction], ...], dict[int, Groups]] = {}

    def positions(self, source: str) -> dict[int, Shares]:
        """Return section -> every work's position in the list of this source."""
        if source not in self._positions:
            self._positions[source] = positions_in_sections(self.lists.get(source, ()))
        return self._positions[source]

    def order(self, weights: Mapping[str, int | Fraction]) -> dict[int, Groups]:
        """Return section -> works by merit under these weights of sources, the best first."""
        key = tuple(sorted(weights.items()))
        if key not in self._orders:
            parts = [(self.positions(source), weight) for source, weight in key]
            merits = weighted_shares(parts)
            self._orders[key] = {section: one.groups() for section, one in merits.items()}
        return self._orders[key]

    def ranks(self, source: str) -> dict[int, tuple[int, int]]:
        """Return work -> (rank, works ranked) in its section by this source."""
        lines = self.lists.get(source, ())
        sizes = Counter(line.section for line in lines)
        return {line.entry: (line.rank, sizes[line.section]) for line in lines}

    @cached_property
    def jury_ranks(self) -> dict[int, tuple[int, int]]:
        return self.ranks("jury")

    @cached_property
    def without_votes(self) -> set[int]:
        """Return the works of the public's list that nobody has voted for."""
        return {line.entry for line in self.lists.get("public", ()) if not line.readings}


def positions_in_sections(lines: Sequence[Line]) -> dict[int, Shares]:
    """Return section -> the share of the section's other works that each work leaves behind.

    Of n works, one that is ahead of b and level with t others stands at (b + t/2) / (n - 1):
    1 is ahead of all, 0 behind all, and works that share a rank share the mean of the
    positions they fill, so a tie neither gains nor loses. A work alone in its section: 1.
    """
    by_section: dict[int, list[Line]] = defaultdict(list)
    for line in lines:
        by_section[line.section].append(line)
    found = {}
    for section, members in by_section.items():
        sharing = Counter(line.rank for line in members)
        behind, share = len(members), {}
        for rank in sorted(sharing):
            behind -= sharing[rank]
            share[rank] = 2 * behind + sharing[rank] - 1
        whole = 2 * (len(members) - 1)
        if not whole:
            share, whole = dict.fromkeys(share, 1), 1
        found[section] = Shares({line.entry: share[line.rank] for line in members}, whole)
    return found


def weighted_shares(
    parts: Sequence[tuple[Mapping[int, Shares], int | Fraction]],
) -> dict[int, Shares]:
    """Return section -> merit = the sum of weight * position, over the sum of weights.

    A work that lacks a position in any part has no merit: a missing position is never counted
    as the last. Raises ValueError when nothing weighs.
    """
    unit = lcm(*(Fraction(weight).denominator for _positions, weight in parts))
    weights = [int(weight * unit) for _positions, weight in parts]
    if sum(weights) <= 0:
        raise ValueError("Nothing weighs.")
    first, *others = [positions for positions, _weight in parts]
    found = {}
    for section in first:
        if not all(section in other for other in others):
            continue
        members = [first[section], *(other[section] for other in others)]
        common = lcm(*(one.whole for one in members))
        factors = [w * common // one.whole for w, one in zip(weights, members, strict=True)]
        weighed = [(f, one.shares) for f, one in zip(factors, members, strict=True)]
        works = set(members[0].shares).intersection(*(one.shares for one in members[1:]))
        merits = {entry: sum([f * shares[entry] for f, shares in weighed]) for entry in works}
        found[section] = Shares(merits, common * sum(weights))
    return found


def combined_merits(
    jury: Sequence[Line], public: Sequence[Line], *, jury_weight: int
) -> dict[int, dict[int, Fraction]]:
    """Return section -> work -> merit by both standings together.

    merit = (jury_weight * position in the jury's list
             + (100 - jury_weight) * position in the public's list) / 100
    """
    parts = [
        (positions_in_sections(jury), jury_weight),
        (positions_in_sections(public), 100 - jury_weight),
    ]
    return {section: one.fractions() for section, one in weighted_shares(parts).items()}


def normalised_positions(lines: Sequence[Line]) -> dict[int, dict[int, Fraction]]:
    """Return section -> work -> its position as `positions_in_sections` has it."""
    found = positions_in_sections(lines)
    return {section: one.fractions() for section, one in found.items()}

"""Who gets which award: plain values in, plain values out, so an outsider can run it again.

The rule, in words:

1. Categories choose one after the other, in the order given. In each section a category has
   some places and ranks the works by its source, best first: the jury's standings, the
   public's, or both together (see `combined_merits`).
2. A work that already has an award, or that is excluded, is passed over. It keeps its place
   in the frozen standings, so passing it over moves nobody else.
3. Works of equal merit get places together or not at all. Where the places left are fewer
   than the works that share the next merit, that is a tie across the last place: none of
   them gets a place, and the tie is reported for people to decide.
4. Later categories of that section wait for the decision, because they depend on it: a
   decision therefore only ever adds awards. Other sections go on.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import groupby

JURY, PUBLIC, COMBINED = "jury", "public", "combined"


@dataclass(frozen=True)
class Category:
    """What can be given. `jury_weight` is a percentage, read for COMBINED only."""

    code: str
    source: str
    places: Mapping[int, int]  # section -> number of places
    jury_weight: int = 100


@dataclass(frozen=True)
class Line:
    """One frozen standing. Ranks are within the section; 1 is the best; equals share a rank."""

    entry: int
    section: int
    rank: int


@dataclass(frozen=True)
class Decision:
    """How people decided a tie: which of the tied works get the places left."""

    category: str
    section: int
    entries: frozenset[int]


@dataclass(frozen=True)
class Chosen:
    """One award. Ranks count within category and section; equals share a rank (1, 1, 3)."""

    category: str
    section: int
    entry: int
    rank: int


@dataclass(frozen=True)
class Tie:
    """Works of equal merit, more than the places left (at least one): people must decide."""

    category: str
    section: int
    places_left: int
    entries: tuple[int, ...]  # sorted by id, which means nothing


@dataclass(frozen=True)
class Selection:
    awards: tuple[Chosen, ...]
    ties: tuple[Tie, ...]


@dataclass
class _Section:
    """What has happened in one section so far."""

    taken: set[int] = field(default_factory=set)
    waits: bool = False


def select(
    categories: Sequence[Category],
    standings: Mapping[str, Sequence[Line]],
    *,
    excluded: Collection[int] = frozenset(),
    decisions: Iterable[Decision] = (),
) -> Selection:
    """Fill the categories in the order given; see the module's rule.

    `standings` maps JURY and PUBLIC to their frozen lines, in any order. `excluded` are works
    that may not be awarded. A decision counts when it names exactly as many of the tied works
    as there are places left; otherwise the tie stays open.

    Raises ValueError when a list has a work twice, or a category has an unknown source.
    """
    for lines in standings.values():
        if len({line.entry for line in lines}) != len(lines):
            raise ValueError("A list of standings has a work twice.")
    decided = {(item.category, item.section): item.entries for item in decisions}
    sections: dict[int, _Section] = defaultdict(_Section)
    awards: list[Chosen] = []
    ties: list[Tie] = []
    for category in categories:
        merits = _merits(category, standings)
        for section_id, places in sorted(category.places.items()):
            section = sections[section_id]
            if section.waits:
                continue
            eligible = {
                entry: merit
                for entry, merit in merits.get(section_id, {}).items()
                if entry not in section.taken and entry not in excluded
            }
            choice = decided.get((category.code, section_id), frozenset())
            given, tie = _fill(category.code, section_id, places, eligible, choice)
            awards += given
            section.taken |= {award.entry for award in given}
            if tie:
                section.waits = True
                ties.append(tie)
    return Selection(tuple(awards), tuple(ties))


def _fill(
    code: str, section: int, places: int, merits: Mapping[int, Fraction], choice: frozenset[int]
) -> tuple[list[Chosen], Tie | None]:
    """Give the places of one category in one section, group by group of equal merit."""
    given: list[Chosen] = []
    best_first = sorted(merits, key=lambda entry: (-merits[entry], entry))
    for _merit, group in groupby(best_first, key=merits.__getitem__):
        tied, left = tuple(group), places - len(given)
        if left == 0:
            break
        if len(tied) > left and not (choice <= set(tied) and len(choice) == left):
            return given, Tie(code, section, left, tied)
        rank = len(given) + 1
        winners = tied if len(tied) <= left else sorted(choice)
        given += [Chosen(code, section, entry, rank) for entry in winners]
    return given, None


def _merits(
    category: Category, standings: Mapping[str, Sequence[Line]]
) -> dict[int, dict[int, Fraction]]:
    """Return section -> work -> merit, more is better, as the category's source has it."""
    if category.source == COMBINED:
        return combined_merits(
            standings.get(JURY, ()), standings.get(PUBLIC, ()), jury_weight=category.jury_weight
        )
    if category.source in (JURY, PUBLIC):
        return normalised_positions(standings.get(category.source, ()))
    raise ValueError(f"Unknown source: {category.source}")


def combined_merits(
    jury: Sequence[Line], public: Sequence[Line], *, jury_weight: int
) -> dict[int, dict[int, Fraction]]:
    """Return section -> work -> merit by both standings together, exactly.

    merit = (jury_weight * position in the jury's list
             + (100 - jury_weight) * position in the public's list) / 100

    with the positions of `normalised_positions`. Positions, not marks or votes, are added:
    ten marks and ten thousand votes have no common measure. A work that stands in one list
    only has no combined merit: a missing position is never counted as the last.
    """
    by_jury, by_public = normalised_positions(jury), normalised_positions(public)
    return {
        section: {
            entry: (jury_weight * position + (100 - jury_weight) * by_public[section][entry]) / 100
            for entry, position in positions.items()
            if entry in by_public[section]
        }
        for section, positions in by_jury.items()
        if section in by_public
    }


def normalised_positions(lines: Sequence[Line]) -> dict[int, dict[int, Fraction]]:
    """Return section -> work -> the share of the section's other works that it leaves behind.

    Of n works, one that is ahead of b and level with t others stands at (b + t/2) / (n - 1):
    1 is ahead of all, 0 behind all, and works that share a rank share the mean of the
    positions they fill, so a tie neither gains nor loses. A work alone in its section: 1.
    """
    by_section: dict[int, list[Line]] = defaultdict(list)
    for line in lines:
        by_section[line.section].append(line)
    positions: dict[int, dict[int, Fraction]] = {}
    for section, members in by_section.items():
        others = len(members) - 1
        sharing = Counter(line.rank for line in members)
        behind, position = len(members), {}
        for rank in sorted(sharing):
            behind -= sharing[rank]
            level = sharing[rank] - 1
            position[rank] = Fraction(2 * behind + level, 2 * others) if others else Fraction(1)
        positions[section] = {line.entry: position[line.rank] for line in members}
    return positions

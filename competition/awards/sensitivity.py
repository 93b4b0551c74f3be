"""What if: how awards would change under another rule, and how firmly they stand under this one.

A look, not a selection: at a tie that people have not decided it goes on with some of the tied
works, those that have an award already first, and says which ties they were.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import hypot

from competition.awards.caps import Holder
from competition.awards.merits import Standings
from competition.awards.rulebook import (
    COMBINED,
    EXPERT,
    INDUSTRY,
    JURY,
    WEIGHTED,
    Category,
    Rule,
    Weight,
)
from competition.awards.selection import (
    Chosen,
    Decision,
    Room,
    Selection,
    Tie,
    as_decided,
    select_deciding,
)

STEP = 10  # points of weight
CONFIDENCE = 1.959964  # standard errors, 95 %


@dataclass(frozen=True)
class Ground:
    """All that a rule is applied to."""

    standings: Standings
    holders: Mapping[int, Holder]
    excluded: Collection[int]
    decisions: Sequence[Decision] = ()


@dataclass(frozen=True)
class Look:
    """What a rule would give; `ties` were decided for the look only."""

    selection: Selection
    ties: tuple[Tie, ...]

    @property
    def awards(self) -> tuple[Chosen, ...]:
        return self.selection.awards


@dataclass(frozen=True)
class Change:
    """A work whose awards differ. `before`, `after`: its awards in the order of categories."""

    entry: int
    section: int
    before: tuple[Chosen, ...]
    after: tuple[Chosen, ...]


@dataclass(frozen=True)
class Shift:
    """One weight moved by `by` points, to `weight` percent, and which works it changes."""

    category: str
    source: str
    by: int
    weight: Weight
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Measured:
    """What the jury found of a work, in points; `error`: its standard error, None: unknown."""

    value: float
    error: float | None


@dataclass(frozen=True)
class Close:
    """An awarded work that the judges' error does not tell from the first without an award.

    `gap`: points ahead of `other` (below 0: behind, where plain means rank); `reach`: 1.96
    standard errors of such a difference.
    """

    award: Chosen
    other: int
    gap: float
    reach: float


def look(rule: Rule, ground: Ground, *, prefer: Collection[int] = frozenset()) -> Look:
    """Return what the rule would give. Tied works of `prefer` go first, then the lower id."""
    decided = as_decided(ground.decisions)
    ties: list[Tie] = []

    def decide(room: Room) -> Collection[int]:
        if choice := decided(room):
            return choice
        ties.append(room.tie)
        return _some(room, sorted(room.tie.entries, key=lambda one: (one not in prefer, one)))

    selection = select_deciding(
        rule,
        ground.standings,
        decide=decide,
        holders=ground.holders,
        excluded=ground.excluded,
    )
    return Look(selection, tuple(ties))


def _some(room: Room, in_order: Sequence[int]) -> Collection[int]:
    """Return as many of the tied works as there is room for, those in front first."""
    chosen = list(in_order[: room.tie.places_left])
    if room.fits(chosen):
        return chosen
    chosen = []
    for entry in in_order:
        if room.fits([*chosen, entry]):
            chosen.append(entry)
    return chosen


def changes(before: Iterable[Chosen], after: Iterable[Chosen]) -> list[Change]:
    """Return the works that have awards of other categories after than before, by id."""
    had, has = _by_work(before), _by_work(after)
    found = []
    for entry in sorted(had.keys() | has.keys()):
        was, now = tuple(had.get(entry, ())), tuple(has.get(entry, ()))
        if {one.category for one in was} != {one.category for one in now}:
            found.append(Change(entry, (was or now)[0].section, was, now))
    return found


def _by_work(awards: Iterable[Chosen]) -> dict[int, list[Chosen]]:
    works: dict[int, list[Chosen]] = defaultdict(list)
    for award in awards:
        works[award.entry].append(award)
    return works


def weight_shifts(rule: Rule, ground: Ground, *, step: int = STEP) -> list[Shift]:
    """Return what changes when each weight of each category moves by `step` points, down and up.

    The other weights of the category share the rest as they did; moves beyond 0 or 100 stop
    there. Of two weights only the first is moved: the other mirrors it.
    """
    base = look(rule, ground)
    awarded = {award.entry for award in base.awards}
    found = []
    for at, category in enumerate(rule.categories):
        for source, by in _moves(category, step):
            other = move_weight(category, source, by)
            if other is None:
                continue
            others = (*rule.categories[:at], other, *rule.categories[at + 1 :])
            moved = look(replace(rule, categories=others), ground, prefer=awarded)
            changed = tuple(changes(base.awards, moved.awards))
            weight = other.weights().get(source, 0)
            found.append(Shift(category.code, source, by, weight, changed))
    return found


def _moves(category: Category, step: int) -> list[tuple[str, int]]:
    if category.source not in (COMBINED, WEIGHTED) or not any(category.places.values()):
        return []
    sources = list(category.weights())
    sources = sources[:1] if len(sources) == 2 else sources
    return [(source, by) for source in sources for by in (-step, step)]


def move_weight(category: Category, source: str, by: int) -> Category | None:
    """Return the category with this weight moved by so many points; None when nothing moves."""
    weights = category.weights()
    old = weights[source]
    new = min(max(old + by, 0), 100)
    if new == old or len(weights) < 2:
        return None
    rest = 100 - old
    share = Fraction(100 - new) / rest if rest else None
    moved = {
        one: weight * share if share is not None else Fraction(100 - new, len(weights) - 1)
        for one, weight in weights.items()
        if one != source
    } | {source: new}
    return replace(
        category,
        jury_weight=moved.get(JURY, category.jury_weight),
        expert_weight=moved.get(EXPERT, category.expert_weight),
        industry_weight=moved.get(INDUSTRY, category.industry_weight),
    )


def close_calls(
    rule: Rule, found: Selection, ground: Ground, measured: Mapping[int, Measured]
) -> list[Close]:
    """Return the awarded works that stand inside the judges' error margin, the closest first.

    Only of categories that the jury alone decides: each awarded work is compared with the first
    of its section that has none from this category or an earlier one and was not passed over.
    It is inside when the difference is less than 1.96 standard errors, sqrt(e1^2 + e2^2).
    """
    taken: set[int] = set()
    passed = {(one.category, one.entry) for one in found.passed}
    close = []
    for category in rule.categories:
        mine = [award for award in found.awards if award.category == category.code]
        taken = {award.entry for award in mine} | (set() if rule.may_hold_two else taken)
        if category.source != JURY:
            continue
        order = ground.standings.order(category.weights())
        for section in sorted({award.section for award in mine}):
            theirs = [award for award in mine if award.section == section]
            queue = (entry for group in order[section] for entry in group)
            other = next(
                (
                    entry
                    for entry in queue
                    if entry not in taken
                    and entry not in ground.excluded
                    and (category.code, entry) not in passed
                ),
                None,
            )
            if other is not None:
                close += _within_error(theirs, other, measured)
    return sorted(close, key=lambda one: (one.gap / one.reach, one.award.entry))


def _within_error(
    awards: Iterable[Chosen], other: int, measured: Mapping[int, Measured]
) -> list[Close]:
    first_out = measured.get(other)
    if first_out is None or first_out.error is None:
        return []
    found = []
    for award in awards:
        one = measured.get(award.entry)
        if one is None or one.error is None:
            continue
        gap, reach = one.value - first_out.value, CONFIDENCE * hypot(one.error, first_out.error)
        if gap < reach:
            found.append(Close(award, other, gap, reach))
    return found

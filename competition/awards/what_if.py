"""What the organiser looks at before a rule is used: who enters, who leaves, how firm it is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from competition.awards import sensitivity
from competition.awards.models import AwardCategory
from competition.awards.queries import current_list
from competition.awards.rulebook import Rule
from competition.awards.rules_in_force import decisions_of, facts_of, latest_lists, lists_of
from competition.awards.selection import Chosen
from competition.awards.sensitivity import Ground, Measured
from competition.awards.services import missing_standings
from competition.editions.models import Edition
from competition.entries.models import Entry
from competition.entries.queries import with_pictures
from competition.judging.models import StandingList


@dataclass(frozen=True)
class Named:
    """An award with the names of its category."""

    category: AwardCategory
    rank: int


@dataclass(frozen=True)
class ChangeShown:
    """A work that enters (nothing before), leaves (nothing after) or changes its category."""

    entry: Entry
    before: list[Named]
    after: list[Named]
    is_tied: bool


@dataclass(frozen=True)
class ShiftShown:
    """One weight moved, with the works that come and go by it."""

    category: AwardCategory
    source: str
    by: int
    weight: float
    enters: list[Entry]
    leaves: list[Entry]
    moves: list[Entry]


@dataclass(frozen=True)
class CloseShown:
    category: AwardCategory
    rank: int
    entry: Entry
    other: Entry
    gap: float
    reach: float


@dataclass(frozen=True)
class Answer:
    """What the asked rule does, compared with the rule in force.

    `missing`: sentences, when the rule needs standings that are not frozen; then nothing else.
    """

    missing: list[str]
    given: int = 0
    enters: tuple[ChangeShown, ...] = ()
    leaves: tuple[ChangeShown, ...] = ()
    moves: tuple[ChangeShown, ...] = ()
    ties: int = 0
    passed: int = 0
    shifts: tuple[ShiftShown, ...] = ()
    close: tuple[CloseShown, ...] = ()


def answer(edition: Edition, in_force: Rule, asked: Rule) -> Answer:
    """Compare the awards by the asked rule with those by the rule in force; constant queries.

    Nothing is written. People's decisions on ties count where they rest on the same standings.
    """
    lists = latest_lists(edition)
    needed = {source for one in asked.categories if one.places for source in one.needs()}
    if absent := {source for source in needed if lists[source] is None}:
        return Answer(missing_standings(absent))
    ground = _ground(edition, lists, with_holders=bool(in_force.caps or asked.caps))
    before = sensitivity.look(in_force, ground)
    awarded = {award.entry for award in before.awards}
    after = sensitivity.look(asked, ground, prefer=awarded)
    changes = sensitivity.changes(before.awards, after.awards)
    shifts = sensitivity.weight_shifts(asked, ground)
    close = sensitivity.close_calls(asked, after.selection, ground, _measured(lists["jury"]))
    works = _works(changes, shifts, close)
    categories = {one.code: one for one in edition.award_categories.all()}
    tied = {entry for tie in (*before.ties, *after.ties) for entry in tie.entries}
    shown = [
        ChangeShown(
            works[one.entry],
            _named(one.before, categories),
            _named(one.after, categories),
            one.entry in tied,
        )
        for one in changes
    ]
    shown.sort(key=lambda one: (one.entry.section.position, _place(one), one.entry.number))
    return Answer(
        missing=[],
        given=len(after.awards),
        enters=tuple(one for one in shown if not one.before),
        leaves=tuple(one for one in shown if not one.after),
        moves=tuple(one for one in shown if one.before and one.after),
        ties=len(after.ties),
        passed=len(after.selection.passed),
        shifts=tuple(_show_shift(one, categories, works) for one in shifts),
        close=tuple(
            CloseShown(
                categories[one.award.category],
                one.award.rank,
                works[one.award.entry],
                works[one.other],
                one.gap,
                one.reach,
            )
            for one in close
        ),
    )


def _ground(
    edition: Edition, lists: Mapping[str, StandingList | None], *, with_holders: bool
) -> Ground:
    facts = facts_of(edition, lists, with_holders=with_holders)
    current = current_list(edition)
    holds = current and all(
        used is None or used == lists[source] for source, used in lists_of(current).items()
    )
    decisions = decisions_of(current) if current and holds else []
    return Ground(facts.standings, facts.holders, facts.excluded, decisions)


def _measured(jury: StandingList | None) -> dict[int, Measured]:
    """Return what the jury's list says of each work; errors are those of the adjusted mean."""
    if jury is None:
        return {}
    rows = jury.standings.values_list("entry", "value", "adjusted", "standard_error")
    return {
        entry: Measured(float(value if adjusted is None else adjusted), error)
        for entry, value, adjusted, error in rows
    }


def _works(
    changes: Iterable[sensitivity.Change],
    shifts: Iterable[sensitivity.Shift],
    close: Iterable[sensitivity.Close],
) -> dict[int, Entry]:
    """Return every work to be shown, by id, with pictures and names."""
    wanted = {one.entry for one in changes}
    wanted |= {one.entry for shift in shifts for one in shift.changes}
    wanted |= {entry for one in close for entry in (one.award.entry, one.other)}
    return {work.pk: work for work in with_pictures(Entry.objects.filter(pk__in=wanted))}


def _named(awards: Iterable[Chosen], categories: Mapping[str, AwardCategory]) -> list[Named]:
    return [Named(categories[one.category], one.rank) for one in awards]


def _place(one: ChangeShown) -> tuple[int, int]:
    first = (one.after or one.before)[0]
    return first.category.position, first.rank


def _show_shift(
    shift: sensitivity.Shift, categories: Mapping[str, AwardCategory], works: Mapping[int, Entry]
) -> ShiftShown:
    return ShiftShown(
        category=categories[shift.category],
        source=str(StandingList.Source(shift.source).label),
        by=shift.by,
        weight=float(shift.weight),
        enters=[works[one.entry] for one in shift.changes if not one.before],
        leaves=[works[one.entry] for one in shift.changes if not one.after],
        moves=[works[one.entry] for one in shift.changes if one.before and one.after],
    )

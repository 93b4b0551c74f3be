"""Who gets which award: plain values in, plain values out, so an outsider can run it again.

The rule, in words:

1. Categories choose one after the other, in the order given, and in each the sections one after
   the other. A category has some places in a section and ranks its works by its source, best
   first: one frozen standing, or the weighted positions of several (see `merits`).
2. Passed over is a work that is excluded, that has an award already (unless a work may hold
   two), that stands below the jury's floor, that nobody voted for where the public alone
   decides, or whose organisation, association or author has all the awards that a cap lets
   them have. It keeps its place in the frozen standings, so passing it over moves nobody else;
   the next in rank moves up.
3. Works of equal merit get places together or not at all. Where the places left, or the caps,
   do not let all of them in, that is a tie: none of them gets a place, and the tie is reported
   for people to decide. They choose as many as there is room for: to no other of the tied
   works could a place be given beside those chosen.
4. What may depend on a decision waits for it: the rest of that category and section, later
   categories of the section unless works may hold two, and all that comes after where there
   are caps. A decision therefore only ever adds awards.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from competition.awards.caps import Held, Holder
from competition.awards.merits import Line, Standings
from competition.awards.rulebook import PUBLIC, Category, Rule

JURY_FLOOR, NO_VOTES = "jury_floor", "no_votes"  # why passed over; else the kind of the cap


@dataclass(frozen=True)
class Decision:
    """How people decided a tie: which of the tied works get a place."""

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
    """Works of equal merit, not all of which can have a place: people must decide.

    `places_left` is at least one; caps may let in fewer.
    """

    category: str
    section: int
    places_left: int
    entries: tuple[int, ...]  # sorted by id, which means nothing


@dataclass(frozen=True)
class Passed:
    """A work that its rank would have brought a place, and why it has none."""

    category: str
    section: int
    entry: int
    why: str


@dataclass(frozen=True)
class Selection:
    awards: tuple[Chosen, ...]
    ties: tuple[Tie, ...]
    passed: tuple[Passed, ...] = ()


@dataclass(frozen=True)
class Room:
    """A tie, and how much of it the places left and the caps let in."""

    tie: Tie
    held: Held

    def fits(self, choice: Collection[int]) -> bool:
        """Tell whether these are tied works that can all have a place."""
        some = set(choice) <= set(self.tie.entries) and len(choice) <= self.tie.places_left
        return some and self.held.allows(choice)

    def fills(self, choice: Collection[int]) -> bool:
        """Tell whether these fit, and no other of the tied works could have a place beside."""
        wide = {*choice}
        if not wide or not self.fits(wide):
            return False
        others = set(self.tie.entries) - wide
        full = len(wide) == self.tie.places_left
        return full or not any(self.held.allows({*wide, other}) for other in others)


Decide = Callable[[Room], Collection[int]]  # returns the choice, or nothing


def select(
    rule: Rule,
    standings: Standings | Mapping[str, Sequence[Line]],
    *,
    holders: Mapping[int, Holder] | None = None,
    excluded: Collection[int] = frozenset(),
    decisions: Iterable[Decision] = (),
) -> Selection:
    """Follow the rule; see the module's words. Nothing depends on the order of any rows.

    `standings` maps sources to their frozen lines. `holders` says whose each work is, for the
    caps. `excluded` are works that may not be awarded. A decision that does not fill the tie
    counts for nothing, and the tie stays open; so it does when two different ones do.

    Raises ValueError when a list has a work twice, or a category has an unknown source.
    """
    return select_deciding(
        rule, standings, holders=holders, excluded=excluded, decide=as_decided(decisions)
    )


def select_deciding(
    rule: Rule,
    standings: Standings | Mapping[str, Sequence[Line]],
    *,
    decide: Decide,
    holders: Mapping[int, Holder] | None = None,
    excluded: Collection[int] = frozenset(),
) -> Selection:
    """Do as `select` does, and ask `decide` at each tie."""
    if not isinstance(standings, Standings):
        standings = Standings(standings)
    run = _Run(rule, standings, Held(rule.caps, holders or {}), excluded, decide)
    for category in rule.categories:
        order = standings.order(category.weights())
        for section, places in rule.places_in_order(category):
            if places and not run.waits(section):
                run.fill(category, section, places, order.get(section, []))
    return Selection(tuple(run.awards), tuple(run.ties), tuple(run.passed))


def as_decided(decisions: Iterable[Decision]) -> Decide:
    """Return a judge of ties who knows what people have decided, and nothing else."""
    decided: dict[tuple[str, int], set[frozenset[int]]] = defaultdict(set)
    for one in decisions:
        decided[one.category, one.section].add(one.entries)

    def decide(room: Room) -> Collection[int]:
        choices = decided.get((room.tie.category, room.tie.section), ())
        filling = [one for one in choices if room.fills(one)]
        return filling[0] if len(filling) == 1 else ()

    return decide


@dataclass
class _Run:
    """One selection while it is made."""

    rule: Rule
    standings: Standings
    held: Held
    excluded: Collection[int]
    decide: Decide
    taken: set[int] = field(default_factory=set)
    waiting: set[int] = field(default_factory=set)
    awards: list[Chosen] = field(default_factory=list)
    ties: list[Tie] = field(default_factory=list)
    passed: list[Passed] = field(default_factory=list)

    def waits(self, section: int) -> bool:
        """Tell whether what comes now in this section may depend on an open tie."""
        if self.rule.caps:
            return bool(self.ties)
        return section in self.waiting

    def fill(
        self, category: Category, section: int, places: int, groups: Sequence[tuple[int, ...]]
    ) -> None:
        """Give the places of one category in one section, group by group of equal merit."""
        given = 0
        for group in groups:
            left = places - given
            if not left:
                return
            level = self._eligible(category, section, group)
            if not level:
                continue
            winners: Collection[int] = level
            if len(level) > left or not self.held.allows(level):
                tie = Tie(category.code, section, left, level)
                room = Room(tie, self.held)
                winners = self.decide(room)
                if not room.fills(winners):
                    self.ties.append(tie)
                    if not self.rule.may_hold_two:
                        self.waiting.add(section)
                    return
            rank = given + 1
            self.awards += [
                Chosen(category.code, section, entry, rank) for entry in sorted(winners)
            ]
            self.held.give(winners)
            self.taken.update(winners)
            given += len(winners)

    def _eligible(
        self, category: Category, section: int, group: tuple[int, ...]
    ) -> tuple[int, ...]:
        """Return those of the group that can have a place; note why others cannot."""
        level = []
        for entry in group:
            if entry in self.excluded or (entry in self.taken and not self.rule.may_hold_two):
                continue
            if why := self._why_passed(category, entry):
                self.passed.append(Passed(category.code, section, entry, why))
            else:
                level.append(entry)
        return tuple(level)

    def _why_passed(self, category: Category, entry: int) -> str | None:
        if category.source == PUBLIC and entry in self.standings.without_votes:
            return NO_VOTES
        if category.jury_floor and not self._above_floor(category.jury_floor, entry):
            return JURY_FLOOR
        return self.held.closed(entry)

    def _above_floor(self, percent: int, entry: int) -> bool:
        """Tell whether fewer than so many percent of the section stand ahead of the work."""
        rank, works = self.standings.jury_ranks.get(entry, (0, 0))
        return bool(works) and 100 * (rank - 1) < percent * works


def breaches(
    rule: Rule, awards: Iterable[Chosen], holders: Mapping[int, Holder] | None = None
) -> list[str]:
    """Return what these awards break of the rule: places, one award a work, caps. Empty: nothing.

    Told by counting alone, so it checks `select` rather than repeats it.
    """
    given: dict[tuple[str, int], list[int]] = defaultdict(list)
    for award in awards:
        given[award.category, award.section].append(award.entry)
    all_given = sorted(entry for works in given.values() for entry in works)
    places = {
        (category.code, section): number
        for category in rule.categories
        for section, number in category.places.items()
    }
    found = [
        f"{code}/{section}: {len(works)} awards for {places.get((code, section), 0)} places"
        for (code, section), works in sorted(given.items())
        if len(works) > places.get((code, section), 0)
    ]
    found += [
        f"{code}/{section}: a work twice"
        for (code, section), works in sorted(given.items())
        if len(set(works)) < len(works)
    ]
    if not rule.may_hold_two and len(set(all_given)) < len(all_given):
        found.append("a work has two awards")
    if not Held(rule.caps, holders or {}).allows(all_given):
        found.append("a cap is exceeded")
    return found

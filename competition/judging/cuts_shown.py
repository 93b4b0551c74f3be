"""Cuts as an organiser sees them: with the works that stand near the line."""

from collections.abc import Iterable
from dataclasses import dataclass

from competition.editions.models import Section
from competition.entries.models import Entry
from competition.judging.cut import Cut, cut_by_least, cut_by_places
from competition.judging.evaluation import frozen_or_current
from competition.judging.models import Round
from competition.judging.scoring import StandingLine


@dataclass(frozen=True)
class CutShown:
    """A cut with the works that stand near it."""

    section: Section
    cut: Cut
    works: dict[int, Entry]

    @property
    def last(self) -> list[tuple[Entry, StandingLine]]:
        return [(self.works[line.entry_id], line) for line in self.cut.last]

    @property
    def first(self) -> list[tuple[Entry, StandingLine]]:
        return [(self.works[line.entry_id], line) for line in self.cut.first]

    @property
    def tied(self) -> list[Entry]:
        return [self.works[line.entry_id] for line in self.cut.tied]


def show(cuts: list[Cut], sections: Iterable[Section]) -> list[CutShown]:
    """Return the cuts as they are shown; one query."""
    by_id = {section.pk: section for section in sections}
    near = {line.entry_id for one in cuts for line in [*one.last, *one.first, *one.tied]}
    works = Entry.objects.in_bulk(near)
    return [CutShown(by_id[one.section_id], one, works) for one in cuts]


def taken_by(round: Round) -> list[CutShown]:
    """Return where the round's own rule cuts the earlier round; nothing where it takes all."""
    if round.takes == Round.Takes.ALL:
        return []
    lines, sections = frozen_or_current(round.earlier), list(round.sections.all())
    if round.takes == Round.Takes.LEAST:
        return show([cut_by_least(lines, one.pk, round.least) for one in sections], sections)
    places = dict(round.earlier.places.values_list("section", "places"))
    cuts = [cut_by_places(lines, one.pk, places.get(one.pk, 0)) for one in sections]
    return show(cuts, sections)

"""An edition in figures, for the page beside its results. Constant queries."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count
from django.db.models.functions import TruncDate
from django.utils.translation import gettext as _

from competition.awards.queries import published_awards
from competition.editions.models import Edition
from competition.entries.models import Entry
from competition.judging.models import Scorecard
from competition.reports.queries import Group, participation
from portal.pages.exhibition import NOT_TAKING_PART
from voting.models import Ballot

NAMED = 15  # associations; the others are counted together


@dataclass(frozen=True)
class Statistics:
    """What took part, and how. Lists are (label, works or votes), the largest first."""

    sections: list[tuple[str, int]]
    pictures: list[tuple[str, int]]
    associations: list[tuple[str, int]]
    provinces: list[tuple[str, int]]
    funnel: list[tuple[str, int]]
    works_by_day: dict[date, int]
    votes_by_day: dict[date, int]
    organisations: int
    association_count: int
    judges: int
    scorecards: int

    @property
    def votes(self) -> int:
        return sum(self.votes_by_day.values())


def edition_statistics(edition: Edition) -> Statistics:
    """Return the edition's figures. Of votes only those that count, and never of one work.

    For editions whose results are published: the last step says how many works were awarded.
    """
    works = edition.entries.exclude(state__in=NOT_TAKING_PART)
    groups = participation(works)
    by_section = _by_section(edition, works)
    judges, scorecards = _judging(edition)
    return Statistics(
        sections=[(title, count) for title, count, _pictures in by_section],
        pictures=[(title, pictures) for title, _count, pictures in by_section],
        associations=first_and_others(_by_association(groups), NAMED),
        provinces=_by_province(groups),
        funnel=_funnel(edition, groups),
        works_by_day=_by_day(works),
        votes_by_day=_votes_by_day(edition),
        organisations=sum(len(group.lines) for group in groups),
        association_count=sum(group.association is not None for group in groups),
        judges=judges,
        scorecards=scorecards,
    )


def first_and_others(counts: list[tuple[str, int]], named: int) -> list[tuple[str, int]]:
    """Return the largest by name, and the others, where there are several, as one."""
    largest = sorted(counts, key=lambda row: (-row[1], row[0]))
    others = largest[named:]
    if len(others) < 2:
        return largest
    label = _("%(count)s others") % {"count": len(others)}
    return [*largest[:named], (label, sum(count for _name, count in others))]


def _by_section(edition: Edition, works: Iterable[Entry]) -> list[tuple[str, int, int]]:
    found = dict.fromkeys(edition.sections.all(), (0, 0))
    rows = works.order_by().values_list("section")  # type: ignore[attr-defined]
    counted = {
        section: (count, pictures)
        for section, count, pictures in rows.annotate(
            count=Count("pk", distinct=True), pictures=Count("frames")
        )
    }
    return [(str(section), *counted.get(section.pk, (0, 0))) for section in found]


def _by_association(groups: Iterable[Group]) -> list[tuple[str, int]]:
    return [
        (
            str(group.association) if group.association else _("Belonging to no association"),
            group.figures.submitted.works,
        )
        for group in groups
    ]


def _by_province(groups: Iterable[Group]) -> list[tuple[str, int]]:
    """Return works by province: the organisation's own, else its association's; most first."""
    found: Counter[str] = Counter()
    for group in groups:
        theirs = group.association.province if group.association else ""
        for line in group.lines:
            found[line.organisation.province or theirs] += line.figures.submitted.works
    if not any(found):  # nobody said where they are
        return []
    unknown = found.pop("", 0)
    rows = sorted(found.items(), key=lambda row: (-row[1], row[0]))
    return rows + ([(_("Not given"), unknown)] if unknown else [])


def _funnel(edition: Edition, groups: Iterable[Group]) -> list[tuple[str, int]]:
    figures = [group.figures for group in groups]
    awarded = published_awards(edition).prefetch_related(None).order_by().values("entry")
    forwarded = sum(each.forwarded.works for each in figures)
    steps = [(_("Handed in"), sum(each.submitted.works for each in figures))]
    if forwarded:
        steps.append((_("Forwarded by associations"), forwarded))
    steps.append((_("Admitted to judging"), sum(each.admitted.works for each in figures)))
    return [*steps, (_("Awarded"), awarded.distinct().count())]


def _by_day(works: Iterable[Entry]) -> dict[date, int]:
    rows = works.exclude(submitted_at=None).order_by()  # type: ignore[attr-defined]
    days = rows.annotate(day=TruncDate("submitted_at")).values_list("day")
    return dict(days.annotate(count=Count("pk")))


def _votes_by_day(edition: Edition) -> dict[date, int]:
    ballots = Ballot.objects.filter(poll__edition=edition, status=Ballot.Status.COUNTED)
    return dict(ballots.order_by().values_list("day").annotate(count=Count("pk")))


def _judging(edition: Edition) -> tuple[int, int]:
    """Return how many people scored, and how many sheets they filled in."""
    found = Scorecard.objects.filter(assignment__round__edition=edition).aggregate(
        people=Count("assignment__judge__user", distinct=True), sheets=Count("pk")
    )
    return found["people"], found["sheets"]

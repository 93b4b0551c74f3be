"""Where every association stands in the screening of an edition; a constant number of queries."""

from collections import Counter
from dataclasses import dataclass

from django.db.models import Count
from django.db.models.functions import Coalesce

from competition.editions.models import Edition, Section
from competition.entries.models import Entry
from competition.entries.states import State
from competition.organisations.models import Organisation
from competition.screening.models import Forwarding, ForwardingQuota, ScreeningCard


@dataclass(frozen=True)
class Cell:
    """One association in one section: its places, and its works."""

    section: Section
    exception: int | None  # None: the section's default counts
    forwarded: int
    waiting: int  # submitted, undecided
    not_looked_at: int  # of these, without any card

    @property
    def default(self) -> int:
        return self.section.forwarded_per_association

    @property
    def limit(self) -> int:
        return self.default if self.exception is None else self.exception


@dataclass(frozen=True)
class AssociationLine:
    association: Organisation
    cells: list[Cell]


def association_lines(edition: Edition) -> list[AssociationLine]:
    """Return every association's line, by name: one cell a section of the edition."""
    sections = list(edition.sections.all())
    exceptions = {
        (quota.association_id, quota.section_id): quota.places
        for quota in ForwardingQuota.objects.filter(section__in=sections)
    }
    forwarded = Counter(
        Forwarding.objects.filter(section__in=sections).values_list("association", "section")
    )
    waiting = _count_waiting(edition)
    untouched = _count_waiting(edition, without_cards=True)
    associations = Organisation.objects.filter(kind=Organisation.Kind.ASSOCIATION)
    return [
        AssociationLine(
            association=one,
            cells=[
                Cell(
                    section=section,
                    exception=exceptions.get((one.pk, section.pk)),
                    forwarded=forwarded[one.pk, section.pk],
                    waiting=waiting.get((one.pk, section.pk), 0),
                    not_looked_at=untouched.get((one.pk, section.pk), 0),
                )
                for section in sections
            ],
        )
        for one in associations
    ]


def _count_waiting(edition: Edition, without_cards: bool = False) -> dict[tuple[int, int], int]:
    """Return how many works wait for each association and section."""
    works = Entry.objects.filter(edition=edition, state=State.SUBMITTED)
    if without_cards:
        works = works.exclude(pk__in=ScreeningCard.objects.values("revision__entry"))
    rows = (
        works.order_by()
        .annotate(screener=Coalesce("organisation__association", "organisation"))
        .values_list("screener", "section")
        .annotate(n=Count("pk"))
    )
    return {(association, section): n for association, section, n in rows}

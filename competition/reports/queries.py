"""What the reports read: constant queries, however many works there are."""

from collections import defaultdict
from dataclasses import dataclass

from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, Count, Q, QuerySet
from django.db.models.functions import Cast
from wagtail.models import ModelLogEntry

from competition.awards.models import Award
from competition.awards.queries import (
    current_list,
    noticed_list,
    published_awards,
    published_list,
)
from competition.editions.models import Edition
from competition.entries.models import Entry
from competition.entries.states import State
from competition.organisations.models import Organisation
from competition.organisations.queries import association_of, verified_associations
from competition.reports.honouring import Merits
from competition.reports.models import Honour
from competition.reports.participation import Figures, Work, by_organisation, total

FORWARD = "competition.entry.forward"


@dataclass(frozen=True)
class Line:
    """One organisation's figures."""

    organisation: Organisation
    figures: Figures


@dataclass(frozen=True)
class Group:
    """An association with what came from itself and its companies; None: belongs to none."""

    association: Organisation | None
    lines: list[Line]

    @property
    def figures(self) -> Figures:
        return total([line.figures for line in self.lines])


def submitted_works(edition: Edition) -> QuerySet[Entry]:
    """Return the edition's works that were ever handed in."""
    return edition.entries.exclude(state=State.DRAFT)


def works_below(works: QuerySet[Entry], associations: QuerySet[Organisation]) -> QuerySet[Entry]:
    """Return those that came from these associations and their companies."""
    return works.filter(organisation__in=associations) | works.filter(
        organisation__association__in=associations
    )


def participation(works: QuerySet[Entry]) -> list[Group]:
    """Return the figures by association and organisation; those of none last. Three queries."""
    forwarded = set(_deeds(works).filter(action=FORWARD).values_list("object_id", flat=True))
    rows = works.order_by().annotate(pictures=Count("frames"))
    figures = by_organisation(
        Work(organisation, state, pictures, str(pk) in forwarded)
        for pk, organisation, state, pictures in rows.values_list(
            "pk", "organisation", "state", "pictures"
        )
    )
    groups: dict[Organisation | None, list[Line]] = defaultdict(list)
    organisations = Organisation.objects.filter(pk__in=figures).select_related("association")
    for one in organisations.order_by("name"):
        groups[association_of(one)].append(Line(one, figures[one.pk]))
    ordered = sorted(groups.items(), key=lambda item: (item[0] is None, str(item[0])))
    return [Group(association, lines) for association, lines in ordered]


def decisions(works: QuerySet[Entry]) -> dict[int, list[ModelLogEntry]]:
    """Return what was done to each work, in order, with who did it. One query."""
    found: dict[int, list[ModelLogEntry]] = defaultdict(list)
    for deed in _deeds(works).select_related("user").order_by("timestamp", "pk"):
        found[int(deed.object_id)].append(deed)
    return found


def awards_by_work(edition: Edition) -> dict[int, str]:
    """Return each work's published awards in words; nothing before publication. One query."""
    words: dict[int, list[str]] = defaultdict(list)
    for award in published_awards(edition).prefetch_related(None):
        words[award.entry_id].append(f"{award.category} {award.rank}")
    return {entry: "、".join(given) for entry, given in words.items()}


def merits_of_associations(edition: Edition) -> dict[Organisation, Merits]:
    """Return what each verified association and its companies did; constant queries."""
    works, current = submitted_works(edition), current_list(edition)
    awarded: dict[int, int] = defaultdict(int)
    awards = Award.objects.filter(award_list=current).values_list(
        "entry", "entry__organisation", "entry__organisation__association"
    )
    for _entry, own, above in awards.order_by().distinct():
        awarded[above or own] += 1
    companies = Count(
        "companies", filter=Q(companies__verification=Organisation.Verification.VERIFIED)
    )
    found = {one.pk: one for one in verified_associations().annotate(members=companies)}
    merits = {}
    for group in participation(works):
        if group.association is None or group.association.pk not in found:
            continue
        association, figures = found[group.association.pk], group.figures
        took_part = [
            one
            for one in group.lines
            if one.organisation.is_verified and not one.organisation.is_association
        ]
        merits[association] = Merits(
            association.pk,
            forwarded=figures.forwarded.works,
            admitted=figures.admitted.works,
            awarded=awarded[association.pk],
            took_part=len(took_part),
            companies=association.members,
        )
    return merits


def figures_for_honours(edition: Edition) -> dict[int, dict[str, int]]:
    """Return organisation -> the figures that an honour keeps."""
    merits = merits_of_associations(edition)
    return {
        one.pk: {
            "forwarded": done.forwarded,
            "admitted": done.admitted,
            "awarded": done.awarded,
            "took_part": done.took_part,
            "companies": done.companies,
        }
        for one, done in merits.items()
    }


def honours_of(edition: Edition) -> QuerySet[Honour]:
    """Return the edition's honours as the public may see them, with their organisations.

    None before the awards are on notice or published, by the clock. The organiser, who may see
    them earlier, asks `edition.honours`.
    """
    if noticed_list(edition) is None and published_list(edition) is None:
        return Honour.objects.none()
    return edition.honours.select_related("organisation__association").order_by(
        "organisation__name"
    )


def _deeds(works: QuerySet[Entry]) -> QuerySet[ModelLogEntry]:
    keys = works.order_by().annotate(key=Cast("pk", CharField())).values("key")
    return ModelLogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(Entry),
        action__startswith="competition.entry.",
        object_id__in=keys,
    )

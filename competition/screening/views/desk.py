"""Where a screener stands: for which association, in which edition, and what is asked for."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest, QueryDict

from competition.editions.models import Edition, Phase
from competition.editions.queries import find_phase, is_phase_open
from competition.entries.models import Entry
from competition.entries.near_copies import is_flagged
from competition.entries.states import State
from competition.organisations.models import Organisation
from competition.organisations.queries import scored_associations, screened_associations
from competition.screening.queries import (
    criteria_of,
    unscored_by,
    weights_of,
    with_means,
    works_under,
)

SORTS = {
    "number": ["number"],
    "mean": [F("mean").desc(nulls_last=True), "number"],
}


@dataclass
class Desk:
    """One association's screening of one edition, as one person may see it."""

    user: Any
    association: Organisation
    edition: Edition

    @cached_property
    def phase(self) -> Phase | None:
        return find_phase(self.edition, Phase.Kind.SCREENING)

    @cached_property
    def is_open(self) -> bool:
        return is_phase_open(self.edition, Phase.Kind.SCREENING)

    @cached_property
    def may_decide(self) -> bool:
        """Tell whether the person manages the association; other members only score."""
        return screened_associations(self.user).filter(pk=self.association.pk).exists()

    @cached_property
    def criteria(self) -> list[Any]:
        return criteria_of(self.association, self.edition)

    @cached_property
    def weights(self) -> dict[str, int]:
        return weights_of(self.criteria)

    @property
    def works(self) -> QuerySet[Entry]:
        return works_under([self.association]).filter(edition=self.edition)

    @property
    def query(self) -> str:
        """Return what brings somebody back to this desk, as the end of an address."""
        return f"association={self.association.pk}&edition={self.edition.slug}"

    def chosen(self, wanted: QueryDict) -> QuerySet[Entry]:
        """Return the works that an address asks for, in its order; what is unknown is ignored."""
        works = with_means(self.works, self.weights).annotate(is_flagged=is_flagged())
        if wanted.get("state") in set(State):
            works = works.filter(state=wanted["state"])
        for name in ("section", "organisation"):
            if wanted.get(name):
                works = works.filter(**{name: row_id(wanted[name])})
        if wanted.get("show") == "unscored":
            works = unscored_by(works, self.user)
        elif wanted.get("show") == "revised":
            works = works.filter(state=State.SUBMITTED, revisions__number=2)
        elif wanted.get("show") == "alike":
            works = works.filter(is_flagged())
        return works.order_by(*SORTS.get(wanted.get("sort", ""), SORTS["number"]))


def row_id(text: str) -> int:
    """Return the number by which a form names a row; 0, which no row has, for anything else."""
    return int(text) if text.isdecimal() and len(text) < 19 else 0


def find_desk(request: HttpRequest) -> Desk:
    """Return the desk that the address names, else the likeliest. Raises Http404 for none."""
    associations = list(scored_associations(request.user))
    wanted = request.GET.get("association")
    association = next((one for one in associations if str(one.pk) == wanted), None)
    if association is None and wanted is None and associations:
        association = associations[0]
    editions = list(Edition.objects.prefetch_related("phases"))
    edition = next((one for one in editions if one.slug == request.GET.get("edition")), None)
    edition = edition or likeliest(editions)
    if association is None or edition is None:
        raise Http404
    return Desk(request.user, association, edition)


def desk_of_work(request: HttpRequest, entry: Entry) -> Desk:
    """Return the desk on which a work that the person may see lies."""
    above = {entry.organisation_id, entry.organisation.association_id}
    association = scored_associations(request.user).filter(pk__in=above - {None}).first()
    if association is None:
        raise Http404
    return Desk(request.user, association, entry.edition)


def likeliest(editions: list[Edition]) -> Edition | None:
    """Return the edition whose screening is open, else the newest; None when there is none."""
    open_ones = [one for one in editions if is_phase_open(one, Phase.Kind.SCREENING)]
    return next(iter(open_ones or editions), None)

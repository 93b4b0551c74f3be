"""Two associations become one: what one of them has screened goes on under the other."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from competition.editions.models import Edition
from competition.entries.queries import works_under
from competition.organisations.checks import OrganisationRefused
from competition.organisations.models import Organisation
from competition.screening.models import Forwarding, ScreeningCard
from competition.screening.queries import criteria_of, first_free_place, places_in


def take_over_screening(*, kept: Organisation, gone: Organisation) -> None:
    """Let `kept` go on with the forwarded works, the cards and the criteria of `gone`.

    Quotas are those of `kept`. The caller holds both rows, and moves the companies afterwards.
    Raises OrganisationRefused when the places of `kept` don't hold the works of both, or when
    both have scored by different criteria, so that the cards of one could not be read.
    """
    _take_places(kept, gone)
    _take_criteria(kept, gone)
    gone.forwarding_quotas.all().delete()
    gone.meetings.all().delete()


def _take_places(kept: Organisation, gone: Organisation) -> None:
    """Number the forwarded works of `gone` behind those of `kept`."""
    for one in Forwarding.objects.filter(association=gone).order_by("section", "place"):
        places = places_in(kept, one.section)
        if places.left == 0:
            raise OrganisationRefused(
                _(
                    "Together they have forwarded more works in “%(section)s” (%(edition)s) than "
                    "the %(limit)d that “%(kept)s” may. Nothing was changed; first give it more "
                    "places on the page “Forwarding”."
                )
                % {
                    "section": one.section,
                    "edition": one.section.edition,
                    "limit": places.limit,
                    "kept": kept,
                }
            )
        one.association, one.place = kept, first_free_place(kept, one.section)
        one.save(update_fields=["association", "place"])


def _take_criteria(kept: Organisation, gone: Organisation) -> None:
    """Keep every card readable: a card is read by the criteria of the work's association."""
    scored_by_kept = _editions_scored_by(kept)
    for edition in _editions_scored_by(gone):
        if _codes(kept, edition) == _codes(gone, edition):
            continue  # both go by the edition's
        if kept.screening_criteria.filter(edition=edition).exists() or edition in scored_by_kept:
            raise OrganisationRefused(
                _(
                    "“%(kept)s” and “%(gone)s” score “%(edition)s” by different criteria, so the "
                    "scores of one could not be read any more. Nothing was changed."
                )
                % {"kept": kept, "gone": gone, "edition": edition}
            )
        gone.screening_criteria.filter(edition=edition).update(association=kept)
    gone.screening_criteria.all().delete()


def _editions_scored_by(association: Organisation) -> QuerySet[Edition]:
    cards = ScreeningCard.objects.filter(revision__entry__in=works_under([association]))
    return Edition.objects.filter(pk__in=cards.values("revision__entry__edition"))


def _codes(association: Organisation, edition: Edition) -> list[str]:
    return [criterion.code for criterion in criteria_of(association, edition)]

"""What this room does when another one has news."""

from typing import Any

from django.dispatch import receiver

from competition.editions.models import Edition, Section
from competition.editions.signals import edition_copied
from competition.entries.models import Entry
from competition.entries.signals import entry_state_changed
from competition.entries.states import Move
from competition.organisations.models import Organisation
from competition.organisations.signals import organisations_merging
from competition.screening.models import ForwardingQuota, ScreeningCriterion
from competition.screening.services import free_place
from competition.screening.taking_over import take_over_screening


@receiver(entry_state_changed)
def give_the_place_back(*, entry: Entry, move: Move, **kwargs: Any) -> None:
    if move.verb == "withdraw":
        free_place(entry=entry)


@receiver(edition_copied)
def copy_quotas_and_criteria(
    sender: Any, source: Edition, copy: Edition, sections: dict[int, Section], **kwargs: Any
) -> None:
    """Give the new edition the same exceptions, and associations the criteria of their own."""
    quotas = ForwardingQuota.objects.filter(section__in=sections)
    ForwardingQuota.objects.bulk_create(
        ForwardingQuota(
            section=sections[quota.section_id],
            association_id=quota.association_id,
            places=quota.places,
        )
        for quota in quotas
    )
    ScreeningCriterion.objects.bulk_create(
        ScreeningCriterion(
            association_id=one.association_id,
            edition=copy,
            title=one.title,
            title_en=one.title_en,
            weight=one.weight,
            position=one.position,
        )
        for one in source.screening_criteria.all()
    )


@receiver(organisations_merging)
def go_on_for_both(*, kept: Organisation, gone: Organisation, **kwargs: Any) -> None:
    take_over_screening(kept=kept, gone=gone)

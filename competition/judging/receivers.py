"""What this room does when another one has news."""

from typing import Any

from django.dispatch import receiver

from competition.editions.models import Edition, Section
from competition.editions.signals import edition_copied
from competition.judging.models import Judge, Panel, Round, RoundPlaces


@receiver(edition_copied)
def copy_panels_and_rounds(
    sender: Any, source: Edition, copy: Edition, sections: dict[int, Section], **kwargs: Any
) -> None:
    """Give the new edition the same panels, judges and rounds; nothing assigned, none closed.

    Who left a panel does not come along.
    """
    panels = {}
    for panel in source.panels.prefetch_related("judges"):
        panels[panel.pk] = Panel.objects.create(
            edition=copy, kind=panel.kind, title=panel.title, title_en=panel.title_en
        )
        Judge.objects.bulk_create(
            [
                Judge(panel=panels[panel.pk], user_id=judge.user_id)
                for judge in panel.judges.all()
                if judge.left_at is None
            ]
        )
    rounds: dict[int | None, Round] = {}
    for round in source.rounds.order_by("number").prefetch_related("sections", "panels", "places"):
        new = rounds[round.pk] = Round.objects.create(
            edition=copy,
            number=round.number,
            kind=round.kind,
            takes=round.takes,
            earlier=rounds.get(round.earlier_id),
            least=round.least,
            title=round.title,
            title_en=round.title_en,
            readings=round.readings,
            anchors=round.anchors,
            ranks_by=round.ranks_by,
            shows_distribution=round.shows_distribution,
        )
        RoundPlaces.objects.bulk_create(
            RoundPlaces(round=new, section=sections[one.section_id], places=one.places)
            for one in round.places.all()
        )
        new.sections.set([sections[section.pk] for section in round.sections.all()])
        new.panels.set([panels[panel.pk] for panel in round.panels.all()])

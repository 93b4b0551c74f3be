"""The verbs of an edition."""

from datetime import timedelta
from typing import TypeVar

from django.db import models, transaction
from wagtail.log_actions import log

from competition.editions.models import Edition, Section
from competition.editions.signals import edition_copied
from portal.accounts.models import User

Row = TypeVar("Row", bound=models.Model)


def copy_edition(
    *,
    edition: Edition,
    slug: str,
    title: str,
    title_en: str = "",
    shift: timedelta,
    actor: User | None,
) -> Edition:
    """Make next year's edition: the same sections, criteria and phases, these later by `shift`.

    Panels, award categories and the poll's limits follow through `edition_copied`; works,
    ballots and awards never do. Raises IntegrityError when the slug is taken.
    """
    with transaction.atomic():
        copy = _clone(edition, slug=slug, title=title, title_en=title_en)
        sections: dict[int, Section] = {
            section.pk: _clone(section, edition=copy) for section in edition.sections.all()
        }
        for criterion in edition.criteria.all():
            _clone(criterion, edition=copy)
        for phase in edition.phases.all():
            _clone(
                phase,
                edition=copy,
                opens_at=phase.opens_at + shift,
                closes_at=phase.closes_at + shift,
            )
        edition_copied.send(Edition, source=edition, copy=copy, sections=sections)
        log(
            instance=copy,
            action="competition.edition.copy",
            user=actor,
            data={"source": edition.slug, "shift_days": shift.days},
        )
    return copy


def _clone(row: Row, **changes: object) -> Row:
    """Insert a second row like this one, but for `changes`."""
    values = {
        field.name: getattr(row, field.name)
        for field in row._meta.concrete_fields
        if not field.primary_key and field.name != "created_at"
    }
    return type(row)._default_manager.create(**(values | changes))

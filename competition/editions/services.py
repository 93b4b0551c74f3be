"""The verbs of an edition."""

from datetime import timedelta
from typing import TypeVar

from django.db import models, transaction
from django.utils.text import normalize_newlines
from wagtail.log_actions import log

from competition.editions.models import Declaration, Edition, Section
from competition.editions.queries import current_declaration
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
    """Make next year's edition: the same rules and declaration, and phases later by `shift`.

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
        if declaration := current_declaration(edition):
            _clone(declaration, edition=copy, number=1)
        edition_copied.send(Edition, source=edition, copy=copy, sections=sections)
        log(
            instance=copy,
            action="competition.edition.copy",
            user=actor,
            data={"source": edition.slug, "shift_days": shift.days},
        )
    return copy


@transaction.atomic
def publish_declaration(
    *, edition: Edition, text: str, text_en: str = "", actor: User | None
) -> Declaration:
    """Put this rights declaration in force, as the next version; the same text makes none.

    Earlier versions stay as they were, for the works that accepted them.
    """
    # Submissions hold the same row: none accepts one version while another comes into force.
    Edition.objects.select_for_update(no_key=True).get(pk=edition.pk)
    texts = {"text": _plain(text), "text_en": _plain(text_en)}
    current = current_declaration(edition)
    if current and (current.text, current.text_en) == (texts["text"], texts["text_en"]):
        return current
    number = current.number + 1 if current else 1
    declaration = Declaration.objects.create(edition=edition, number=number, **texts)
    log(
        instance=edition,
        action="competition.edition.declare",
        user=actor,
        data={"declaration": number},
    )
    return declaration


def _plain(text: str) -> str:
    """Return the text without what only a browser adds: it must not make a new version."""
    return normalize_newlines(text).strip()


def _clone(row: Row, **changes: object) -> Row:
    """Insert a second row like this one, but for `changes`."""
    values = {
        field.name: getattr(row, field.name)
        for field in row._meta.concrete_fields
        if not field.primary_key and field.name != "created_at"
    }
    return type(row)._default_manager.create(**(values | changes))

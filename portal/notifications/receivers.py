"""What this room does when another one has news."""

from typing import Any

from django.dispatch import receiver
from django.utils import translation

from competition.entries.models import Appeal, Entry
from competition.entries.signals import appeal_dismissed, entry_state_changed
from competition.entries.states import Move
from portal.accounts.models import User
from portal.notifications.services import queue_notice


@receiver(entry_state_changed)
def tell_the_entrants(
    *, entry: Entry, move: Move, reason: str, log_entry: Any, **kwargs: Any
) -> None:
    """Write to who made the work and who submitted it, each in their language."""
    people = {entry.created_by, entry.rights_accepted_by} - {None}
    for person in people:
        queue_notice(
            recipient=person,
            kind=f"entry_{move.verb}",
            key=f"entry-move-{log_entry.pk}",
            context=_context(entry, person, reason),
        )


@receiver(appeal_dismissed)
def tell_who_appealed(*, appeal: Appeal, **kwargs: Any) -> None:
    """Write to who made the appeal; an upheld one is told by the move of its work."""
    queue_notice(
        recipient=appeal.made_by,
        kind="entry_appeal_dismissed",
        key=f"appeal-{appeal.pk}",
        context=_context(appeal.entry, appeal.made_by, appeal.reason),
    )


def _context(entry: Entry, person: User, reason: str) -> dict[str, Any]:
    with translation.override(person.language):
        return {
            "entry_id": entry.pk,
            "number": entry.number,
            "title": entry.title,
            "section": entry.section.local_title,
            "edition": entry.edition.local_title,
            "organisation": entry.organisation.name,
            "reason": reason,
        }

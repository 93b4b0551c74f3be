"""What this room does when another one has news."""

from typing import Any

from django.dispatch import receiver
from django.utils import translation
from django.utils.formats import date_format
from django.utils.timezone import localtime

from competition.entries.models import Entry
from competition.entries.signals import entry_state_changed
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
            context=_context(entry, person, reason) | _deadline(entry, move),
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


def _deadline(entry: Entry, move: Move) -> dict[str, str]:
    """Return until when a returned work may be revised, where its return says so."""
    if move.verb != "return" or entry.revise_by is None:
        return {}
    return {"revise_by": date_format(localtime(entry.revise_by), "Y-m-d H:i")}

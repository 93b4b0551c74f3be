"""What this room does when another one has news."""

from typing import Any

from django.dispatch import receiver
from django.utils import translation

from competition.entries.models import Entry
from competition.entries.signals import entry_state_changed, wish_refused
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


@receiver(wish_refused)
def tell_that_it_was_not_submitted(*, entry: Entry, messages: list[str], **kwargs: Any) -> None:
    """Write to who went home trusting that the work would be submitted."""
    person = entry.rights_accepted_by
    assert person is not None
    queue_notice(
        recipient=person,
        kind="entry_not_submitted",
        key=f"entry-wish-{entry.pk}-{entry.rights_accepted_at:%Y%m%d%H%M%S%f}",
        context=_context(entry, person, " ".join(messages)),
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

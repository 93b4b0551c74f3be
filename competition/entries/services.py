"""The verbs of an entry. Each checks its rule, then goes through the one door."""

from typing import Any

from django.db import transaction
from wagtail.log_actions import log

from competition.entries.models import Entry
from competition.entries.signals import entry_state_changed
from competition.entries.states import find_move


def set_entry_state(*, entry: Entry, target: str, role: str, actor: Any, reason: str = "") -> Entry:
    """Move the entry: lock the row, look the move up, save, log, signal. The only door.

    Raises MoveRefused when the table has no such move for `role`.
    Raises ValueError when the move asks for a reason and none is given.
    """
    with transaction.atomic():
        locked = Entry.objects.select_for_update().get(pk=entry.pk)
        move = find_move(locked.state, target, role)
        if move.needs_reason and not reason.strip():
            raise ValueError("This move needs a reason.")
        entry.state = locked.state = move.target.value
        entry.advice = locked.advice = reason
        locked.save(update_fields=["state", "advice", "updated_at"])
        log(
            instance=locked,
            action=f"competition.entry.{move.verb}",
            user=actor,
            data={"from": move.source.value, "to": move.target.value, "why": reason},
        )
        entry_state_changed.send(Entry, entry=locked, move=move, actor=actor, reason=reason)
    return entry

"""The vote button and the voter's count, for any page that has a `ballot_box` in its context."""

from typing import Any

from django import template

from competition.entries.models import Entry
from voting.queries import BallotBox

register = template.Library()


@register.inclusion_tag("voting/vote_button.html", takes_context=True)
def vote_button(context: dict[str, Any], entry: Entry) -> dict[str, Any]:
    """Render the form that votes for the entry, in its state, and its total where shown."""
    box: BallotBox | None = context.get("ballot_box")
    if box is None:
        return {}
    return {
        "state": box.state_of(entry),
        "total": box.total_of(entry),
        "entry": entry,
        "edition": box.poll.edition,
    }


@register.inclusion_tag("voting/vote_status.html", takes_context=True)
def vote_status(context: dict[str, Any]) -> dict[str, Any]:
    """Render how many votes the visitor has left today; nothing while the poll is not open."""
    return {"box": context.get("ballot_box")}

"""What this room does when another one has news."""

from functools import partial
from typing import Any

from django.db import transaction
from django.dispatch import receiver
from django.utils import translation

from competition.entries.models import Entry
from competition.entries.signals import entry_state_changed
from competition.entries.states import Move
from competition.organisations.models import Invitation, Membership, Organisation
from competition.organisations.signals import invitation_made, organisation_judged
from portal.accounts.models import User
from portal.notifications.services import queue_notice
from portal.notifications.tasks import send_invitation


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


@receiver(organisation_judged)
def tell_the_managers(*, organisation: Organisation, log_entry: Any, **kwargs: Any) -> None:
    """Write to the organisation's managers that it was verified or refused, and why."""
    managers = organisation.memberships.filter(role=Membership.Role.MANAGER)
    for membership in managers.select_related("user"):
        queue_notice(
            recipient=membership.user,
            kind=f"organisation_{organisation.verification}",
            key=f"organisation-judged-{log_entry.pk}",
            context={
                "organisation_id": organisation.pk,
                "organisation": organisation.name,
                "reason": organisation.refusal_reason,
            },
        )


@receiver(invitation_made)
def mail_the_invitation(*, invitation: Invitation, **kwargs: Any) -> None:
    """Write to the invited address once the invitation is committed."""
    transaction.on_commit(partial(send_invitation.enqueue, invitation.pk.hex))

"""The verbs of an appeal: the entrant asks to look again, the organiser answers with a reason."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from competition.entries.checks import EntryRefused, require_member
from competition.entries.models import Appeal, Entry
from competition.entries.queries import APPEALABLE, find_open_appeal, lock_entry
from competition.entries.services import admit_entry, reinstate_entry
from competition.entries.signals import appeal_dismissed, appeal_made
from competition.entries.states import State
from portal.accounts.groups import is_organiser
from portal.accounts.models import User

REMEDIES = {State.REJECTED.value: admit_entry, State.DISQUALIFIED.value: reinstate_entry}


@transaction.atomic
def make_appeal(*, entry: Entry, user: User, text: str) -> Appeal:
    """Ask the organiser to look again at a rejected or disqualified work, at any time.

    Raises EntryRefused: not a member, nothing to appeal against, or one waits already.
    """
    locked = lock_entry(entry)
    require_member(user, locked.organisation)
    if locked.state not in APPEALABLE:
        raise EntryRefused(
            _("There is nothing to appeal against: the work is “%(state)s”. Nothing was sent.")
            % {"state": locked.get_state_display()}
        )
    if find_open_appeal(locked):
        raise EntryRefused(_("Your appeal is with the organiser already; please wait for it."))
    if not text.strip():
        raise EntryRefused(_("Please write what the organiser shall look at again."))
    appeal = Appeal.objects.create(
        entry=locked, against=locked.state, text=text.strip(), made_by=user
    )
    log(
        instance=locked,
        action="competition.entry.appeal",
        user=user,
        data={"why": appeal.text},
    )
    appeal_made.send(Appeal, appeal=appeal)
    return appeal


@transaction.atomic
def uphold_appeal(*, appeal: Appeal, user: User, reason: str) -> Appeal:
    """Agree: the work is admitted, or reinstated, with this reason.

    Raises EntryRefused: not the organiser, answered already, no reason, or judging is over for
    a work that was rejected.
    """
    answered = _answer(appeal, user, Appeal.Answer.UPHELD, reason)
    # Somebody may have let it in meanwhile; then there is nothing left to mend.
    if answered.entry.state == answered.against:
        REMEDIES[answered.against](entry=answered.entry, user=user, reason=answered.reason)
    return answered


@transaction.atomic
def dismiss_appeal(*, appeal: Appeal, user: User, reason: str) -> Appeal:
    """Let the decision stand, and tell the entrant why. Raises EntryRefused like uphold_appeal."""
    answered = _answer(appeal, user, Appeal.Answer.DISMISSED, reason)
    appeal_dismissed.send(Appeal, appeal=answered)
    return answered


def _answer(appeal: Appeal, user: User, answer: Appeal.Answer, reason: str) -> Appeal:
    """Write the answer down, once, and into the log."""
    if not is_organiser(user):
        raise EntryRefused(_("Only the organiser can do this."))
    if not reason.strip():
        raise EntryRefused(_("Please say why: the entrant will read it."))
    locked = lock_entry(appeal.entry)
    current = Appeal.objects.get(pk=appeal.pk)
    if current.answer:
        raise EntryRefused(_("This appeal was answered already. That answer was left as it is."))
    current.entry = locked
    current.answer, current.reason = answer.value, reason.strip()
    current.answered_by, current.answered_at = user, timezone.now()
    current.save(update_fields=["answer", "reason", "answered_by", "answered_at"])
    deed = "uphold" if answer == Appeal.Answer.UPHELD else "dismiss"
    log(
        instance=locked,
        action=f"competition.entry.appeal_{deed}",
        user=user,
        data={"why": current.reason},
    )
    return current

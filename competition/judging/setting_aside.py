"""A judge keeps a work for later: it comes after all others, and is never lost."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from competition.judging.models import Assignment, Scorecard
from competition.judging.services import JudgingRefused, lock_own_work
from portal.accounts.models import User


def set_aside(*, assignment: Assignment, user: User) -> bool:
    """Set the work aside, or take it back when it is; return whether it is aside now.

    Raises JudgingRefused when the work is not this judge's any more, is scored, or the round
    takes no scores.
    """
    with transaction.atomic():
        # The lock that saving takes, too: a work is not scored while it is set aside.
        mine = lock_own_work(assignment, user)
        if Scorecard.objects.filter(assignment=mine).exists():
            raise JudgingRefused(
                _("You have scored this work already, so it is not set aside. Its scores are kept.")
            )
        mine.set_aside_at = None if mine.set_aside_at else timezone.now()
        mine.save(update_fields=["set_aside_at"])
        verb = "set_aside" if mine.set_aside_at else "take_back"
        action, data = f"competition.assignment.{verb}", {"entry": mine.entry_id}
        log(instance=mine, action=action, user=user, data=data)
    return mine.set_aside_at is not None

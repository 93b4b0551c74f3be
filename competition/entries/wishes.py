"""A work to be submitted when its files are ready, though nobody is at the page any more."""

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from competition.entries.checks import (
    EntryRefused,
    file_problems,
    files_on_their_way,
    require_submittable,
)
from competition.entries.models import Entry
from competition.entries.queries import lock_entry
from competition.entries.services import submit_entry
from competition.entries.signals import wish_refused
from portal.accounts.models import User


@transaction.atomic
def wish_submission(*, entry: Entry, user: User, accepts_rights: bool) -> None:
    """Have the work submitted as soon as its files are ready, with the rights accepted now.

    Raises EntryRefused when more is missing than time.
    """
    locked = lock_entry(entry)
    require_submittable(locked, user)
    frames = locked.frames.select_related("asset")
    problems = file_problems(locked.section, frames, waiting=False)
    if not accepts_rights:
        problems.append(_("Please read the rights declaration and tick that you accept it."))
    if problems:
        raise EntryRefused(*problems)
    locked.submit_when_ready = True
    locked.rights_accepted_at, locked.rights_accepted_by = timezone.now(), user
    locked.save(update_fields=["submit_when_ready", "rights_accepted_at", "rights_accepted_by"])
    log(instance=locked, action="competition.entry.wish", user=user)


@transaction.atomic
def fulfil_wish(entry: Entry) -> None:
    """Submit the work if that is wished and its files have ended; tell the person if it can't be.

    Harmless when run again.
    """
    locked = lock_entry(entry)
    user = locked.rights_accepted_by
    if not locked.submit_when_ready or user is None:
        return
    if files_on_their_way(locked.frames.select_related("asset")):
        return
    locked.submit_when_ready = False
    locked.save(update_fields=["submit_when_ready"])
    try:
        with translation.override(user.language):
            submit_entry(entry=locked, user=user, accepts_rights=True)
    except EntryRefused as refusal:
        wish_refused.send(Entry, entry=locked, messages=refusal.messages)

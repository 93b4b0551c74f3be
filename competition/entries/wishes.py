"""A work to be submitted when its files are ready, though nobody is at the page any more."""

import logging

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone, translation
from wagtail.log_actions import log

from competition.editions.models import Edition
from competition.editions.queries import current_declaration
from competition.entries.checks import (
    EntryRefused,
    declaration_problems,
    files_on_their_way,
    require_member,
    require_submittable,
    work_problems,
)
from competition.entries.exact_copies import copies_of
from competition.entries.models import Entry, Frame
from competition.entries.queries import lock_entry
from competition.entries.services import submit_entry
from competition.entries.signals import wish_refused
from media_processing.states import FINAL_STATES
from portal.accounts.models import User

logger = logging.getLogger(__name__)

WISHES_A_ROUND = 20


@transaction.atomic
def wish_submission(
    *, entry: Entry, user: User, accepts_rights: bool, declaration: int | None = None
) -> None:
    """Have the work submitted as soon as its files are ready, with the rights accepted now.

    `declaration` is the version that the person read; None: the one in force.
    Raises EntryRefused when more is missing than time.
    """
    locked = lock_entry(entry)
    require_submittable(locked, user)
    problems = work_problems(locked, copies_of(locked), waiting=False)
    problems += declaration_problems(locked, accepts_rights, declaration)
    if problems:
        raise EntryRefused(*problems)
    locked.submit_when_ready, locked.declaration = True, current_declaration(locked.edition)
    locked.rights_accepted_at, locked.rights_accepted_by = timezone.now(), user
    locked.save(
        update_fields=[
            "submit_when_ready",
            "declaration",
            "rights_accepted_at",
            "rights_accepted_by",
        ]
    )
    log(instance=locked, action="competition.entry.wish", user=user)


@transaction.atomic
def take_back_wish(*, entry: Entry, user: User) -> None:
    """Leave the work a draft though its files become ready; nothing wished is nothing done.

    Raises EntryRefused when the person is no member.
    """
    locked = lock_entry(entry)
    require_member(user, locked.organisation)
    if locked.submit_when_ready:
        locked.submit_when_ready = False
        locked.save(update_fields=["submit_when_ready"])
        log(instance=locked, action="competition.entry.unwish", user=user)


def fulfil_wishes_left_over() -> None:
    """Take up what nobody told of: a worker can die between ending a file and saying so."""
    busy = Frame.objects.filter(entry=OuterRef("pk")).exclude(asset__state__in=FINAL_STATES)
    left = Entry.objects.filter(~Exists(busy), submit_when_ready=True)
    for entry in left.order_by("pk")[:WISHES_A_ROUND]:
        try:
            fulfil_wish(entry)
        except Exception:  # of one work; it harms no other, and the next round tries again
            logger.exception("the wish to submit work %s could not be fulfilled", entry.pk)


@transaction.atomic
def fulfil_wish(entry: Entry) -> None:
    """Submit the work if that is wished and its files have ended; tell the person if it can't be.

    Harmless when run again, and by several at once.
    """
    # Before the work, as on submission; the other way round each would wait for the other.
    Edition.objects.select_for_update(no_key=True).get(pk=entry.edition_id)
    locked = lock_entry(entry)
    user, read = locked.rights_accepted_by, locked.declaration
    if not locked.submit_when_ready or user is None or read is None:
        return
    if files_on_their_way(locked.frames.select_related("asset")):
        return
    locked.submit_when_ready = False
    locked.save(update_fields=["submit_when_ready"])
    try:
        with translation.override(user.language):
            submit_entry(entry=locked, user=user, accepts_rights=True, declaration=read.number)
    except EntryRefused as refusal:
        wish_refused.send(Entry, entry=locked, messages=refusal.messages)

"""A judge's doubts about a work go to the organiser; no score and no state moves by them."""

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from competition.judging.flags import FLAG_NOTE_LENGTH, Flag
from competition.judging.models import Assignment
from competition.judging.services import JudgingRefused, lock_own_work
from portal.accounts.models import User


def flags_of(assignment: Assignment) -> list[Flag]:
    """Return what this judge has flagged on this work, the latest first."""
    return list(Flag.objects.filter(judge=assignment.judge_id, entry=assignment.entry_id))


def raise_flag(*, assignment: Assignment, user: User, kind: str, note: str = "") -> Flag:
    """Flag the work; once a judge, work and kind.

    Raises JudgingRefused when the work is not this judge's any more, the round takes no scores,
    the kind is unknown, the note is too long, or the judge has flagged the same before.
    """
    with transaction.atomic():
        mine = lock_own_work(assignment, user)
        if kind not in Flag.Kind.values:
            raise JudgingRefused(_("Please choose what is wrong. Nothing was flagged yet."))
        if len(note) > FLAG_NOTE_LENGTH:
            raise JudgingRefused(
                _("The note is longer than %(limit)d characters. Nothing was flagged yet.")
                % {"limit": FLAG_NOTE_LENGTH}
            )
        try:
            with transaction.atomic():
                flag = Flag.objects.create(
                    round_id=mine.round_id,
                    judge_id=mine.judge_id,
                    entry_id=mine.entry_id,
                    kind=kind,
                    note=note,
                )
        except IntegrityError:
            raise JudgingRefused(
                _("You have flagged this already. Your flag is kept as it was.")
            ) from None
        data = {"entry": flag.entry_id, "kind": kind, "note": note}
        log(instance=flag, action="competition.flag.raise", user=user, data=data)
    return flag


def withdraw_flag(*, assignment: Assignment, user: User, kind: str) -> None:
    """Take back the judge's own flag of this kind; without one, nothing happens.

    Raises JudgingRefused when the organiser has settled it, the work is not this judge's any
    more, or the round takes no scores.
    """
    with transaction.atomic():
        mine = lock_own_work(assignment, user)
        flags = Flag.objects.select_for_update().select_related("entry")
        flag = flags.filter(judge=mine.judge_id, entry=mine.entry_id, kind=kind).first()
        if flag is None:
            return
        if flag.settled_at:
            raise JudgingRefused(_("The organiser has settled this flag already, so it stays."))
        data = {"entry": flag.entry_id, "kind": kind, "note": flag.note}
        log(instance=flag, action="competition.flag.withdraw", user=user, data=data, deleted=True)
        flag.delete()


def settle_flag(*, flag: Flag, actor: User, settlement: str) -> Flag:
    """Close the flag with what came of it. Raises JudgingRefused when that was done before."""
    with transaction.atomic():
        found = Flag.objects.select_for_update().filter(pk=flag.pk).first()
        if found is None:
            raise JudgingRefused(_("The judge has withdrawn this flag. Nothing is left to settle."))
        if found.settled_at:
            raise JudgingRefused(_("This flag is settled already. What was written is kept."))
        if not settlement.strip():
            raise JudgingRefused(_("Please write what came of it. Nothing was settled yet."))
        found.settled_at, found.settled_by = timezone.now(), actor
        found.settlement = settlement.strip()
        found.save(update_fields=["settled_at", "settled_by", "settlement"])
        data = {"entry": found.entry_id, "kind": found.kind, "settlement": found.settlement}
        log(instance=found, action="competition.flag.settle", user=actor, data=data)
    return found

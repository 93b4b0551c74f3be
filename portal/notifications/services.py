"""Put a notice into the outbox, for one person or for many."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from competition.editions.models import Edition
from portal.accounts.models import User
from portal.notifications.models import Mailing, Notice
from portal.notifications.queries import audience_of, fingerprint
from portal.notifications.tasks import send_notice

RECEIPT_WAIT = timedelta(minutes=1)  # what is submitted meanwhile stands on the same receipt
ROWS_A_QUERY = 500


class MailingRefused(Exception):
    """The bulk mail was not queued. `messages`: translated sentences for the organiser."""

    def __init__(self, *messages: str) -> None:
        super().__init__(" ".join(messages))
        self.messages = list(messages)


def queue_notice(
    *,
    recipient: User,
    kind: str,
    key: str,
    context: dict[str, Any],
    due_at: datetime | None = None,
) -> Notice:
    """Keep a notice in the caller's transaction, to be mailed when that is committed.

    `kind` names the template, `key` the cause: the same cause makes one notice a person.
    `context` is plain JSON and says how things stood at this moment. With `due_at` it is
    mailed then.
    """
    notice, created = Notice.objects.get_or_create(
        recipient=recipient,
        key=key,
        defaults={"kind": kind, "context": context, "due_at": due_at or timezone.now()},
    )
    if created:
        task = send_notice.using(run_after=due_at) if due_at else send_notice
        transaction.on_commit(partial(task.enqueue, str(notice.pk)))
    return notice


def name_on_receipt(
    *, recipient: User, edition: Edition, edition_title: str, work: dict[str, Any], key: str
) -> Notice:
    """Put the work on the person's receipt that is still to leave, or begin one.

    Many works submitted together are one mail with their list. Runs inside the submission's
    transaction, which holds the edition: so there is one open receipt, and what has been
    claimed for sending is never added to.
    """
    begun = Notice.objects.select_for_update().filter(
        recipient=recipient,
        key__startswith=f"receipt-{edition.pk}-",
        claimed_at=None,
        sent_at=None,
    )
    if (receipt := begun.first()) is None:
        return queue_notice(
            recipient=recipient,
            kind="receipt",
            key=f"receipt-{edition.pk}-{key}",
            context={"edition": edition_title, "works": [work]},
            due_at=timezone.now() + RECEIPT_WAIT,
        )
    others = [one for one in receipt.context["works"] if one["entry_id"] != work["entry_id"]]
    receipt.context["works"] = [*others, work]
    receipt.save(update_fields=["context"])
    return receipt


@transaction.atomic
def queue_mailing(*, mailing: Mailing, user: User, seen: str) -> int:
    """Put the bulk mail into the outbox, once, for everybody it goes to; return how many.

    `seen` is the fingerprint of what the organiser looked at. Rows only: the worker takes
    them up some at a time, so neither the request nor the mail server is flooded.
    Raises MailingRefused: queued before, nobody to write to, or changed since it was seen.
    """
    unqueued = Mailing.objects.filter(pk=mailing.pk, queued_at=None)
    if not unqueued.update(queued_at=timezone.now()):
        raise MailingRefused(_("This mail was queued already. Nobody gets it twice."))
    mailing.refresh_from_db()
    people = list(audience_of(mailing))
    if not people:
        raise MailingRefused(_("Nobody is in this group now. The mail is kept as a draft."))
    if fingerprint(mailing) != seen:
        raise MailingRefused(
            _(
                "The text or the recipients have changed since you looked at them. Nothing was "
                "sent. Below is how it stands now; please look again, then confirm."
            )
        )
    notices = [
        Notice(recipient=person, kind="mailing", key=f"mailing-{mailing.pk}", mailing=mailing)
        for person in people
    ]
    Notice.objects.bulk_create(notices, batch_size=ROWS_A_QUERY)
    log(
        instance=mailing,
        action="notifications.mailing.queue",
        user=user,
        data={"recipients": len(notices)},
    )
    return len(notices)

"""Put a notice into the outbox."""

from functools import partial
from typing import Any

from django.db import transaction

from portal.accounts.models import User
from portal.notifications.models import Notice
from portal.notifications.tasks import send_notice


def queue_notice(*, recipient: User, kind: str, key: str, context: dict[str, Any]) -> Notice:
    """Keep a notice in the caller's transaction, to be mailed when that is committed.

    `kind` names the template, `key` the cause: the same cause makes one notice a person.
    `context` is plain JSON and says how things stood at this moment.
    """
    notice, created = Notice.objects.get_or_create(
        recipient=recipient, key=key, defaults={"kind": kind, "context": context}
    )
    if created:
        transaction.on_commit(partial(send_notice.enqueue, str(notice.pk)))
    return notice

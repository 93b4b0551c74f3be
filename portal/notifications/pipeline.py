"""Mail one notice: claim it, write it in the recipient's language, send it."""

import logging
from dataclasses import dataclass

from django.conf import settings
from django.core.mail import send_mail
from django.db.models import F
from django.template.loader import render_to_string
from django.utils import timezone, translation

from portal.notifications.models import Notice

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Letter:
    subject: str
    body: str


def deliver(notice_id: int) -> int:
    """Send the notice unless somebody did or does; return how often it has failed now, or 0.

    At most once: the row is claimed and committed BEFORE the mail leaves. A worker killed
    between the two leaves a notice that is claimed but not sent, for a person to look at;
    claiming afterwards would mail the same decision twice. What a notice says stands on the
    site as well, so a lost one can be borne better than a doubled one. No transaction
    is open while the mail server is spoken to: on SQLite it would stop everybody's writes.
    """
    unclaimed = Notice.objects.filter(pk=notice_id, claimed_at=None, sent_at=None)
    if not unclaimed.update(claimed_at=timezone.now(), attempts=F("attempts") + 1):
        return 0
    notice = Notice.objects.select_related("recipient", "mailing").get(pk=notice_id)
    try:
        _mail(notice)
    except OSError as error:  # refused or unreachable, smtplib's errors included: not sent
        logger.warning("Notice %s was not sent: %s", notice.pk, error)
        notice.claimed_at, notice.last_error = None, str(error)[:200]
        notice.save(update_fields=["claimed_at", "last_error"])
        return notice.attempts
    notice.sent_at, notice.last_error = timezone.now(), ""
    notice.save(update_fields=["sent_at", "last_error"])
    return 0


def write_letter(notice: Notice) -> Letter:
    """Return what the notice says, in its recipient's language. The template's first line is
    the subject.
    """
    with translation.override(notice.recipient.language):
        text = render_to_string(
            f"notifications/{notice.kind}.txt",
            {
                **notice.context,
                "mailing": notice.mailing,
                "name": str(notice.recipient),
                "base_url": settings.WAGTAILADMIN_BASE_URL,
                "site_name": settings.SITE_NAME,
            },
        )
    subject, _newline, body = text.strip().partition("\n")
    return Letter(" ".join(subject.split()), body.strip() + "\n")


def _mail(notice: Notice) -> None:
    letter = write_letter(notice)
    send_mail(letter.subject, letter.body, None, [notice.recipient.email])

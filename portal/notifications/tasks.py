"""The worker's way to the pipeline."""

from datetime import datetime, timedelta

from django.utils import timezone
from django_tasks import task

from portal.notifications.invitation_mail import mail_invitation
from portal.notifications.pipeline import deliver
from portal.notifications.queries import MOST_ATTEMPTS, QUEUE

RETRY_MINUTES = (1, 5, 30, 120)  # after the first, second... failure; then it is given up
assert len(RETRY_MINUTES) == MOST_ATTEMPTS - 1


@task(backend="worker", queue_name=QUEUE)
def send_notice(notice_id: str) -> None:
    """Mail one notice; try again later when the mail server is away."""
    failures = deliver(int(notice_id))
    if 0 < failures <= len(RETRY_MINUTES):
        send_notice.using(run_after=_moment_after(failures)).enqueue(notice_id)


@task(backend="worker", queue_name="notices")
def send_invitation(invitation_id: str, failures: int = 0) -> None:
    """Mail one invitation; try again later when the mail server is away."""
    if mail_invitation(invitation_id) or failures >= len(RETRY_MINUTES):
        return
    later = send_invitation.using(run_after=_moment_after(failures + 1))
    later.enqueue(invitation_id, failures + 1)


def _moment_after(failures: int) -> datetime:
    return timezone.now() + timedelta(minutes=RETRY_MINUTES[failures - 1])

"""The worker's way to the pipeline."""

from datetime import timedelta

from django.utils import timezone
from django_tasks import task

from portal.notifications.pipeline import deliver
from portal.notifications.queries import MOST_ATTEMPTS, QUEUE

RETRY_MINUTES = (1, 5, 30, 120)  # after the first, second... failure; then it is given up
assert len(RETRY_MINUTES) == MOST_ATTEMPTS - 1


@task(backend="worker", queue_name=QUEUE)
def send_notice(notice_id: str) -> None:
    """Mail one notice; try again later when the mail server is away."""
    failures = deliver(int(notice_id))
    if 0 < failures <= len(RETRY_MINUTES):
        wait = timedelta(minutes=RETRY_MINUTES[failures - 1])
        send_notice.using(run_after=timezone.now() + wait).enqueue(notice_id)

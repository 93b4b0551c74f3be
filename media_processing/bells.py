"""The distributed engine: rows are the tasks, and a bell rings in Celery when one is written.

A bell says only that something waits in a queue. Whoever hears it looks at the rows and takes the
best of them until none is left, so a bell lost, rung twice or heard too late changes nothing:
workers ring again for what they see waiting (`ring_for_what_waits`).
"""

import logging
import time
from functools import cache, partial
from typing import Any

from celery import Celery
from django.conf import settings
from django.db import transaction
from django_tasks_db import DatabaseBackend
from django_tasks_db.models import DBTaskResult

logger = logging.getLogger(__name__)

LOOK = "look"
# As many idle lanes as one queue wakes at once. However many tasks wait, the broker holds no more.
BELLS_A_QUEUE = 50
# An entrant's request rings: it waits no longer for a broker, and not for each file anew.
RING_SECONDS = 0.5
SILENT_SECONDS = 5.0
IMPATIENT = {
    "socket_connect_timeout": RING_SECONDS,
    "socket_timeout": RING_SECONDS,
    "connect_retries_timeout": RING_SECONDS,
    "max_retries": 1,
    "interval_start": 0,
}


class CeleryBackend(DatabaseBackend):
    """Tasks as rows, like its parent; on commit it also wakes a worker."""

    def enqueue(self, task: Any, args: Any, kwargs: Any) -> Any:
        result: Any = super().enqueue(task, args, kwargs)
        if task.run_after is None:  # else its hour is not here: the workers see it come
            transaction.on_commit(partial(ring, task.queue_name))
        return result


def make_app(**transport: float) -> Celery:
    """Return a Celery that knows the broker and nothing of Django, nor of other such apps."""
    app = Celery("bells", broker=settings.BROKER_URL, fixups=(), set_as_current=False)
    app.conf.update(
        broker_transport_options=transport,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        task_ignore_result=True,
        # A busy lane holds the bell it heard, and no other one that an idle lane could hear.
        task_acks_late=True,
        worker_prefetch_multiplier=1,
        worker_enable_remote_control=False,
    )
    return app


def ring(queue: str) -> None:
    """Wake a lane that takes from the queue. Never fails: what waits is rung for again."""
    if time.monotonic() < _broker.away_until:
        return
    try:
        _ring(queue)
    except Exception as error:  # whatever the broker has, the task is written: that is what counts
        _broker.away_until = time.monotonic() + SILENT_SECONDS
        logger.warning("the broker can't be reached, tasks wait for it: %s", error)


def ring_for_what_waits(queues: tuple[str, ...]) -> None:
    """Ring once for each of the queues in which a task waits that is due."""
    waiting = DBTaskResult.objects.ready().filter(queue_name__in=queues).order_by()
    for queue in waiting.values_list("queue_name", flat=True).distinct():
        ring(queue)


class _Broker:
    """What this process knows of it."""

    away_until = 0.0


_broker = _Broker()


@cache
def _ringer() -> Celery:
    return make_app(**IMPATIENT)


def _ring(queue: str) -> None:
    app = _ringer()
    with app.pool.acquire(block=True, timeout=RING_SECONDS) as connection:
        bells = app.amqp.queues[queue].bind(connection.default_channel).queue_declare()
        if bells.message_count < BELLS_A_QUEUE:
            app.send_task(LOOK, queue=queue, connection=connection, retry=False)

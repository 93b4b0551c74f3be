"""Finds what was left lying, and sees that somebody takes it up. Safe to run at any time.

The asset's row is the truth; a task is only a message that says "look at this asset". So a
message that was never sent is sent, one that died with its worker is sent again, and one too
many does nothing.
"""

import logging
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from media_processing import leases, tasks
from media_processing.collect import sweep_uploads
from media_processing.models import MediaAsset, WorkerPulse
from media_processing.signals import asked_whether_idle
from media_processing.states import MAX_ATTEMPTS, AssetState
from media_processing.workbench import clear_abandoned

logger = logging.getLogger(__name__)

KEEP_PULSES = timedelta(days=1)
RENEWALS_IN_QUEUE = 20


class LaneDied(Exception):
    """The worker of a task died every time it was tried."""


def sweep() -> None:
    """Take up everything that a dead worker, or a lost message, left lying."""
    now = leases.shared_now()
    if failed := leases.give_up_exhausted(now):
        logger.error("gave up on %d file(s) after %d attempts each", failed, MAX_ATTEMPTS)
    revive_tasks(now)
    enqueue_lost(now)
    sweep_uploads(now)
    clear_abandoned()
    WorkerPulse.objects.filter(beat_at__lt=now - KEEP_PULSES).delete()


def revive_tasks(now: datetime) -> None:
    """Set the tasks of dead lanes waiting again; fail one that killed too many of them."""
    alive_since = now - timedelta(seconds=leases.lease_seconds())
    alive = set(WorkerPulse.objects.filter(beat_at__gte=alive_since).values_list("pk", flat=True))
    # A host whose clock is ahead writes times to come.
    lately = (alive_since, now + (now - alive_since))
    for task in running_tasks().exclude(started_at__range=lately):
        if task.worker_ids and task.worker_ids[-1] in alive:
            continue
        if len(task.worker_ids) >= MAX_ATTEMPTS:
            task.set_failed(LaneDied(f"{len(task.worker_ids)} workers died at it"))
            continue
        logger.warning("task %s was left by a dead worker; it waits again", task.pk)
        running_tasks().filter(pk=task.pk, worker_ids=task.worker_ids).update(
            status=TaskResultStatus.READY
        )


def enqueue_lost(now: datetime) -> None:
    """Enqueue what is to be done and has no message waiting, photos first."""
    waiting = _assets_with_a_message()
    left = (_received_long_ago(now) | leases.expired(now)).order_by("kind", "created_at")
    for asset in left.exclude(state=AssetState.READY):
        if str(asset.pk) not in waiting:
            logger.warning("asset %s was left lying; it is enqueued again", asset.pk)
            tasks.enqueue(asset)
    # Thousands may wait to be made anew; the queue holds a few of them at a time.
    for asset in left.filter(state=AssetState.READY)[:RENEWALS_IN_QUEUE]:
        if str(asset.pk) not in waiting:
            tasks.enqueue(asset)


def is_idle(queues: tuple[str, ...]) -> bool:
    """Tell whether nothing is left to do in these queues: no task to run or running, no asset.

    Nor any work of another room that has no task at this moment.
    """
    kinds = [kind for kind, task in tasks.TASKS.items() if task.queue_name in queues]
    on_its_way = Q(state__in=[AssetState.RECEIVED, AssetState.PROCESSING])
    unfinished = MediaAsset.objects.filter(
        on_its_way | Q(lease_until__isnull=False), kind__in=kinds
    )
    ready = DBTaskResult.objects.ready().filter(backend_name=tasks.BACKEND)
    left = (ready | running_tasks()).filter(queue_name__in=queues)
    if left.exists() or unfinished.filter(kind__in=kinds).exists():
        return False
    answers = asked_whether_idle.send(MediaAsset, queues=queues)
    return not any(is_busy for _receiver, is_busy in answers)


def running_tasks() -> "QuerySet[DBTaskResult]":
    """Return the tasks that a worker has taken, dead or alive."""
    return DBTaskResult.objects.running().filter(backend_name=tasks.BACKEND)


def _received_long_ago(now: datetime) -> "QuerySet[MediaAsset]":
    """Return the assets whose message should have been sent by now."""
    since = now - timedelta(seconds=leases.lease_seconds())
    return MediaAsset.objects.filter(state=AssetState.RECEIVED, created_at__lt=since)


def _assets_with_a_message() -> set[str]:
    """Return the ids of the assets that a waiting task will look at."""
    queues = [task.queue_name for task in tasks.TASKS.values()]
    waiting = DBTaskResult.objects.filter(
        backend_name=tasks.BACKEND, queue_name__in=queues, status=TaskResultStatus.READY
    )
    return {task.args_kwargs["args"][0] for task in waiting.only("args_kwargs")}

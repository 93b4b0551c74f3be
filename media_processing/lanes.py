"""One lane of a worker: a thread that takes tasks from some queues, the best first."""

import logging
import os
import socket
import threading
import uuid

from django.db import connection
from django_tasks_db.management.commands.db_worker import Worker

from media_processing.leases import shared_now
from media_processing.models import WorkerPulse
from media_processing.tasks import BACKEND

logger = logging.getLogger(__name__)


class Lane:
    """Asks for tasks every now and then. When it breaks, it is replaced."""

    until_none_is_left = False

    def __init__(self, queues: tuple[str, ...], poll_seconds: float) -> None:
        self.name = f"{socket.gethostname()[:30]}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self.queues = queues
        self.worker = Worker(
            queue_names=list(queues),
            excluded_queue_names=[],
            interval=poll_seconds,
            batch=self.until_none_is_left,
            backend_name=BACKEND,
            startup_delay=False,
            max_tasks=None,
            worker_id=self.name,
        )
        self.thread = threading.Thread(target=self._run, name=self.name, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        try:
            self.work()
        except Exception:  # the database went away, or worse: the watch starts a new lane
            logger.exception("lane %s broke", self.name)
        finally:
            connection.close()

    def work(self) -> None:
        """Take tasks until told to stop."""
        self.worker.run()

    def stop(self) -> None:
        self.worker.running = False

    def beat(self) -> None:
        """Say that this lane lives, so that nobody takes its tasks over."""
        WorkerPulse.objects.update_or_create(lane=self.name, defaults={"beat_at": shared_now()})

    @staticmethod
    def announce(queues: tuple[str, ...]) -> None:
        """Tell lanes everywhere what waits. Nothing to do: these ask by themselves."""

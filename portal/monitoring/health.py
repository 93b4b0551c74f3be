"""Whether the parts this site stands on answer: asked all at once, none waited for long."""

import logging
import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.db import connection, connections
from django.utils import timezone

from media_processing.overview import workers_alive
from media_processing.queues import queue_figures
from media_processing.storage import originals
from portal.cache import MARK, cache_keeps

logger = logging.getLogger(__name__)

DEADLINE_SECONDS = 2.0
KEPT_SECONDS = 1.0


def database_answers() -> bool:
    """Ask the database for nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return True


def originals_can_be_kept() -> bool:
    """Ask the object storage for a file; on disk, tell whether the folder can be written to."""
    storage = originals()
    storage.exists(MARK)
    if not isinstance(storage, FileSystemStorage):
        return True
    folder = Path(storage.location)
    existing = next(one for one in (folder, *folder.parents) if one.exists())
    return os.access(existing, os.W_OK)


def nobody_waits_long() -> bool:
    """Tell whether no queue is behind by more than the limit."""
    limit = timedelta(seconds=settings.QUEUE_LAG_LIMIT)
    now = timezone.now()
    return all(figures.lag(now) <= limit for figures in queue_figures())


def a_worker_lives() -> bool:
    """Tell whether any worker gave a sign of life lately."""
    return workers_alive() > 0


PARTS: dict[str, Callable[[], bool]] = {
    "database": database_answers,
    "cache": cache_keeps,
    "storage": originals_can_be_kept,
    "queues": nobody_waits_long,
    "workers": a_worker_lives,
}


@dataclass(frozen=True)
class Answer:
    """What a part said, or that it said nothing in time: `ok`, `amiss` or `silent`."""

    state: str
    ms: float


class Question(threading.Thread):
    """Asks one part, with connections of its own."""

    def __init__(self, name: str, ask: Callable[[], bool]) -> None:
        super().__init__(name=f"readyz-{name}", daemon=True)
        self.part, self.ask = name, ask
        self.answer: Answer | None = None

    def run(self) -> None:
        began, is_fine = time.perf_counter(), False
        try:
            is_fine = self.ask()
        except Exception as error:  # whatever it is, the part cannot be used
            logger.warning("readyz: %s is amiss (%s)", self.part, type(error).__name__)
        finally:
            connections.close_all()
        ms = round((time.perf_counter() - began) * 1000, 1)
        self.answer = Answer("ok" if is_fine else "amiss", ms)


class Rounds:
    """Rounds of questions: one at a time, one a second, however often it is asked."""

    def __init__(self, parts: Mapping[str, Callable[[], bool]]) -> None:
        self.parts = parts
        self.questions: dict[str, Question] = {}
        self.found: dict[str, Answer] = {}
        self.ended_at = -float("inf")
        self.lock = threading.Lock()

    def latest(self) -> dict[str, Answer]:
        """Return what each part answered last. While a round runs, that is the one before."""
        if self.lock.acquire(blocking=not self.found):
            try:
                if time.monotonic() - self.ended_at >= KEPT_SECONDS:
                    self.found = self._ask()
                    self.ended_at = time.monotonic()
            finally:
                self.lock.release()
        return self.found

    def _ask(self) -> dict[str, Answer]:
        began = time.monotonic()
        for name, ask in self.parts.items():
            earlier = self.questions.get(name)
            if earlier is None or not earlier.is_alive():  # one that hangs is not asked again
                self.questions[name] = Question(name, ask)
                self.questions[name].start()
        for question in self.questions.values():
            question.join(max(0.0, began + DEADLINE_SECONDS - time.monotonic()))
        silent = Answer("silent", round(DEADLINE_SECONDS * 1000, 1))
        return {name: one.answer or silent for name, one in self.questions.items()}


rounds = Rounds(PARTS)

"""Real worker processes beside the rehearsal, and how long what they do has waited."""

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.db.models import Min
from django.utils import timezone

from media_processing.models import MediaAsset
from media_processing.states import AssetState
from portal.demo.works import WorkerFailed
from portal.management.supervisor import worker_command

EVERY_SECONDS = 1.0  # between two looks
STOP_SECONDS = 20
# A rehearsal writes to example.org only, and even that is kept in.
NO_MAILS = {"EMAIL_URL": "dummymail://"}

UNDONE = [AssetState.RECEIVED, AssetState.PROCESSING]


class Workers:
    """Half as many processes as there are cores: each works on two files at a time.

    They end when nothing is left, so none outlives a rehearsal that is killed; while there is
    more to come, one that ended is started again.
    """

    def __init__(self, words: IO[bytes]) -> None:
        self.words = words
        self.processes: list[subprocess.Popen[bytes]] = []
        self.lags: dict[str, list[float]] = {"photo": [], "video": []}
        self._looked_at = -EVERY_SECONDS

    def look(self) -> None:
        """See every second that they run, and how long the oldest file has waited.

        Raises WorkerFailed.
        """
        if time.monotonic() - self._looked_at < EVERY_SECONDS:
            return
        self._looked_at = time.monotonic()
        if any(process.poll() for process in self.processes):
            raise WorkerFailed(f"A worker ended with an error; its words are in {self.words.name}.")
        running = [process for process in self.processes if process.poll() is None]
        missing = max(1, (os.cpu_count() or 1) // 2) - len(running)
        self.processes = running + [self._start() for _ in range(missing)]
        received = MediaAsset.objects.filter(state=AssetState.RECEIVED).order_by().values("kind")
        oldest = dict(received.annotate(Min("created_at")).values_list("kind", "created_at__min"))
        for kind, lags in self.lags.items():
            since = oldest.get(kind)
            lags.append((timezone.now() - since).total_seconds() if since else 0.0)

    def _start(self) -> subprocess.Popen[bytes]:
        command = worker_command("--until-idle")
        return subprocess.Popen(  # noqa: S603
            command, stdout=self.words, stderr=self.words, env=os.environ | NO_MAILS
        )

    def stop(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def measured(self) -> dict[str, Any]:
        """Return how long files waited, in seconds: at most, and in 95 of 100 looks at most."""
        return {
            kind: {"max": max(lags), "p95": sorted(lags)[int(0.95 * (len(lags) - 1))]}
            for kind, lags in self.lags.items()
            if lags
        }


@contextmanager
def at_work(folder: Path) -> Iterator[Workers]:
    """Have workers beside the block; their words go to a file in the folder."""
    with (folder / "rehearsal-workers.log").open("ab") as words:
        workers = Workers(words)
        try:
            yield workers
        finally:
            workers.stop()


def work_off(folder: Path, count: Callable[[], int], bar: Any) -> None:
    """Have workers run until `count` says that nothing is left. Raises WorkerFailed."""
    with at_work(folder) as workers:
        left = count()
        while left:
            workers.look()
            time.sleep(EVERY_SECONDS / 2)
            bar.update(left - (left := count()))

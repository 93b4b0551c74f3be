"""Real worker processes beside the rehearsal, and how long what they do has waited."""

import os
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.db.models import Min
from django.utils import timezone

from media_processing.models import MediaAsset
from media_processing.states import AssetState
from portal.demo.works import WorkerFailed

EVERY_SECONDS = 1.0  # between two looks
STOP_SECONDS = 20
# A rehearsal writes to example.org only, and even that is kept in.
NO_MAILS = {"EMAIL_URL": "dummymail://"}

UNDONE = [AssetState.RECEIVED, AssetState.PROCESSING]


@dataclass(frozen=True)
class Place:
    """Where a rehearsal runs: its folder, the commands of its workers, and of its web server.

    Without a web server (`web` empty) works are entered by the same verbs without HTTP.
    """

    folder: Path
    commands: Sequence[Sequence[str]]
    web: Sequence[str] = ()
    url: str = ""


class Workers:
    """A process for each command.

    They end when nothing is left, so none outlives a rehearsal that is killed; while there is
    more to come, one that ended is started again.
    """

    def __init__(self, commands: Sequence[Sequence[str]], words: IO[bytes]) -> None:
        self.words = words
        self.processes: dict[int, subprocess.Popen[bytes]] = {}
        self.commands = commands
        self.lags: dict[str, list[float]] = {"photo": [], "video": []}
        self._looked_at = -EVERY_SECONDS

    def look(self) -> None:
        """See every second that they run, and how long the oldest file has waited.

        Raises WorkerFailed.
        """
        if time.monotonic() - self._looked_at < EVERY_SECONDS:
            return
        self._looked_at = time.monotonic()
        for place, command in enumerate(self.commands):
            process = self.processes.get(place)
            if process and process.poll():
                words = f"A worker ended with an error; its words are in {self.words.name}."
                raise WorkerFailed(words)
            if process is None or process.returncode == 0:
                self.processes[place] = self._start(command)
        received = MediaAsset.objects.filter(state=AssetState.RECEIVED).order_by().values("kind")
        oldest = dict(received.annotate(Min("created_at")).values_list("kind", "created_at__min"))
        for kind, lags in self.lags.items():
            since = oldest.get(kind)
            lags.append((timezone.now() - since).total_seconds() if since else 0.0)

    def _start(self, command: Sequence[str]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603
            command, stdout=self.words, stderr=self.words, env=os.environ | NO_MAILS
        )

    def stop(self) -> None:
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
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
def at_work(place: Place) -> Iterator[Workers]:
    """Have workers beside the block; their words go to a file in the folder."""
    with (place.folder / "rehearsal-workers.log").open("ab") as words:
        workers = Workers(place.commands, words)
        try:
            yield workers
        finally:
            workers.stop()


def work_off(place: Place, count: Callable[[], int], bar: Any) -> None:
    """Have workers run until `count` says that nothing is left. Raises WorkerFailed."""
    with at_work(place) as workers:
        left = count()
        while left:
            workers.look()
            time.sleep(EVERY_SECONDS / 2)
            bar.update(left - (left := count()))

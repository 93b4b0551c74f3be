"""The worker process: lanes that run tasks, and beside them a watch that sweeps.

Two lanes. Both take photos, so two cores are used; only the second takes videos, so neither
a photo nor a mail ever waits for an hour of transcoding. Packages of results share the lane of
videos: making one takes minutes too, and comes after what entrants wait for. The heavy work is
done by limited child processes, so the lanes are threads. Any number of workers may run side by
side, on any number of hosts, each for all queues or for some: a host for photos, one for videos.

What other rooms do by the clock (`worker_swept`) has a thread of its own: it may take a minute,
and the watch must tell every few seconds that the lanes live.
"""

import logging
import signal
import threading
import time
from collections.abc import Sequence
from functools import partial
from types import FrameType
from typing import Any

from django.conf import settings
from django.db import Error, close_old_connections, connection

from media_processing import pipeline
from media_processing.lanes import Lane
from media_processing.leases import lease_seconds
from media_processing.models import WorkerPulse
from media_processing.signals import worker_swept
from media_processing.sweeper import is_idle, sweep
from media_processing.tasks import all_queues

logger = logging.getLogger(__name__)

LANES = (("notices", "photos"), ("photos", "videos", "packages"))
POLL_SECONDS = 1.0
IDLE_POLL_SECONDS = 0.3
# How long work may go on after the worker is told to stop; then it is given back.
GRACE_SECONDS = 5.0


def lanes_of(queues: Sequence[str]) -> list[tuple[str, ...]]:
    """Return what each lane takes from, of a worker that is for these queues."""
    mine = [tuple(one for one in lane if one in queues) for lane in LANES]
    return [lane for lane in mine if lane]


def lane_class() -> type[Lane]:
    """Return what a lane is on this engine. Celery is loaded only where it is used."""
    if settings.BROKER_URL:
        from media_processing.listening import ListeningLane

        return ListeningLane
    return Lane


class WorkerProcess:
    """Runs the lanes, sweeps, and ends well on SIGTERM or Ctrl-C."""

    def __init__(self, *, until_idle: bool, queues: tuple[str, ...] = ()) -> None:
        self.until_idle = until_idle
        self.queues = queues or all_queues()
        self.told_to_stop = threading.Event()
        self.poll_seconds = IDLE_POLL_SECONDS if until_idle else POLL_SECONDS
        self.lane_class = lane_class()
        self.lanes: list[Lane] = []
        self.rounds = threading.Thread()  # of the other rooms; the last one begun
        self.handlers: dict[int, Any] = {}  # those of before, put back at the end

    def run(self) -> None:
        """Return when told to stop, or with `until_idle` when nothing is left to do."""
        self._listen_to_signals()
        swept_at = -float("inf")
        while not self.told_to_stop.is_set():
            if time.monotonic() - swept_at >= self._sweep_seconds():
                self._watch()
                swept_at = time.monotonic()
            if self.until_idle and self._nothing_left():
                break
            self.told_to_stop.wait(self.poll_seconds)
        self._end()

    def _watch(self) -> None:
        """Replace broken lanes, tell who lives, sweep. An error is logged and tried again."""
        try:
            close_old_connections()
            self._keep_lanes()
            for lane in self.lanes:
                lane.beat()
            sweep()
            self.lane_class.announce(self.queues)
            if not self.rounds.is_alive():
                self.rounds = threading.Thread(target=_make_rounds, name="rounds", daemon=True)
                self.rounds.start()
        except Exception:  # the database, a storage or the disk is away: the lanes go on
            logger.exception("the sweep failed; it is tried again")

    def _keep_lanes(self) -> None:
        """Begin the lanes, and anew each one that broke."""
        begin = partial(self.lane_class, poll_seconds=self.poll_seconds)
        kept = [one if one.thread.is_alive() else begin(one.queues) for one in self.lanes]
        self.lanes = kept or [begin(queues) for queues in lanes_of(self.queues)]

    def _nothing_left(self) -> bool:
        try:
            return not self.rounds.is_alive() and is_idle(self.queues)
        except Error:
            logger.exception("can't tell whether anything is left")
            return False

    def _end(self) -> None:
        for lane in self.lanes:
            lane.stop()
        deadline = time.monotonic() + GRACE_SECONDS
        for lane in self.lanes:
            lane.thread.join(max(deadline - time.monotonic(), 0))
        pipeline.stopping.set()  # what is still at work gives its asset back, at once
        for lane in self.lanes:
            lane.thread.join(GRACE_SECONDS)
        if self.rounds.ident:
            self.rounds.join(GRACE_SECONDS)
        names = [lane.name for lane in self.lanes]
        WorkerPulse.objects.filter(lane__in=names).delete()
        pipeline.stopping.clear()
        for number, handler in self.handlers.items():
            signal.signal(number, handler)

    def _sweep_seconds(self) -> float:
        return min(lease_seconds() / 4, 5)

    def _listen_to_signals(self) -> None:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                self.handlers[number] = signal.signal(number, self._stop)

    def _stop(self, signum: int, frame: FrameType | None) -> None:
        logger.info("told to stop; what is at work is ended or given back")
        self.told_to_stop.set()
        signal.signal(signum, signal.SIG_DFL)  # a second time means now


def _make_rounds() -> None:
    try:
        worker_swept.send_robust(WorkerProcess)  # an error over there is logged, not ours
    finally:
        connection.close()

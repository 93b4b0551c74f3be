"""Killed with -9 at twenty random moments, everything ends ready, once; nothing is left behind."""

import os
import random
import signal
import time
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest

from media_processing import leases
from media_processing.models import Derivative, MediaAsset
from media_processing.pipeline import process_asset
from tests.media_processing.conftest import assert_public_files_are_whole, upload
from tests.media_processing.makers import VIDEO_RULES, jpeg, make_clip
from tests.media_processing.processes import (
    children_of,
    is_alive,
    wait_for,
    worker,
)

pytestmark = [pytest.mark.media, pytest.mark.django_db(transaction=True)]

SEED = 20261126
STRIKES = ["worker"] * 6 + ["decoder"] * 7 + ["ffmpeg"] * 7
PHOTOS, CLIPS, SHOWN = 20, 5, 4
LONGEST_WAIT = 0.4  # seconds from the moment a victim is seen to the blow
WITHOUT_SWEEPER = """
import django; django.setup()
from media_processing import worker
worker.sweep = lambda: None
worker.WorkerProcess(until_idle=False).run()
"""


class Killer:
    """Keeps a worker running, as a service manager would, and kills what it is told to."""

    def __init__(self, environment, seed, feed):
        self.environment = environment
        self.feed = feed  # brings one more clip, for a blow that none is left to take
        self.random = random.Random(seed)
        self.processes = ExitStack()
        self.children = set()
        self.start()

    def start(self):
        self.worker = self.processes.enter_context(worker(self.environment))

    def victims(self):
        """Return, of each sort, a process to kill: the worker while it has work, its children."""
        found = {}
        for pid in children_of(self.worker.pid):
            self.children.add(pid)
            sort = "ffmpeg" if name_of(pid) == "ffmpeg" else "decoder"
            found |= {sort: pid, "worker": self.worker.pid}
        return found

    def strike(self, wanted):
        """Kill one of the wanted sorts at a random moment; return which it was.

        A third blow on one file would be the end of it, as it should: that moment is let pass.
        """

        def in_reach():
            if not MediaAsset.objects.exclude(state="ready").exists():
                self.feed()
            victims = {} if at_its_last_attempt() else self.victims()
            return next((sort for sort in wanted if sort in victims), None)

        sort = wait_for(in_reach)
        time.sleep(self.random.uniform(0, LONGEST_WAIT))
        victim = self.victims().get(sort)
        if victim is None or at_its_last_attempt():
            return self.strike(wanted)
        try:
            os.kill(victim, signal.SIGKILL)
        except ProcessLookupError:  # it ended by itself in between: no blow was struck
            return self.strike(wanted)
        if sort == "worker":
            self.worker.wait()
            self.start()
        return sort

    def end(self):
        self.processes.close()


def name_of(pid):
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def at_its_last_attempt():
    return MediaAsset.objects.filter(attempts=3, lease_token__isnull=False).exists()


def assert_all_is_whole(ends):
    """Every public file is what its name says, every row has its file, what is ready stays so."""
    named = set(Derivative.objects.values_list("file", flat=True))  # before the look: more may come
    assert named <= assert_public_files_are_whole()
    ready = dict(MediaAsset.objects.filter(state="ready").values_list("pk", "finished_at"))
    for pk, finished_at in ends.items():
        assert ready[pk] == finished_at
    ends |= ready


def test_every_file_ends_ready_exactly_once(environment, tmp_path):
    shown = [upload(jpeg(900 + n, 600)) for n in range(SHOWN)]
    for asset in shown:
        process_asset(asset.pk)
    leases.ask_for_renewal(MediaAsset.objects.filter(state="ready"))
    for n in range(PHOTOS):
        upload(jpeg(1300 + n, 900))
    numbers = count()

    def add_clip():
        n = next(numbers)
        clip = make_clip(tmp_path / f"{n}.mp4", seconds=2 + n / 25, size="640x360")
        upload(clip.read_bytes(), "clip.mp4", VIDEO_RULES)

    for _ in range(CLIPS):
        add_clip()

    ends: dict = {}
    killer = Killer(environment, SEED, add_clip)
    strikes = killer.random.sample(STRIKES, len(STRIKES))
    try:
        while strikes:
            strikes.remove(killer.strike(strikes))
            assert_all_is_whole(ends)
        unfinished = MediaAsset.objects.exclude(state="ready") | leases.renewals()
        begun = time.monotonic()
        wait_for(lambda: not unfinished.exclude(state="failed").exists(), seconds=240)
        print(f"{time.monotonic() - begun:.0f} s after the last blow all had ended")
    finally:
        killer.end()

    assert_all_is_whole(ends)
    assert len(ends) == MediaAsset.objects.count() == PHOTOS + next(numbers) + SHOWN
    assert not MediaAsset.objects.exclude(reason="").exists()
    assert killer.children
    wait_for(lambda: not any(map(is_alive, killer.children)))


def test_without_the_sweeper_a_dead_workers_file_is_never_ready(environment):
    """The control: what takes up a dead worker's file is the sweeper and nothing else."""
    left = upload(jpeg(3000, 2000))
    with worker(environment) as first:
        wait_for(lambda: children_of(first.pid))
        os.kill(first.pid, signal.SIGKILL)
    with worker(environment, program=["-c", WITHOUT_SWEEPER]):
        time.sleep(2 * float(environment["MEDIA_LEASE_SECONDS"]))
        later = upload(jpeg())
        wait_for(lambda: MediaAsset.objects.filter(pk=later.pk, state="ready").exists())
    left.refresh_from_db()
    assert (left.state, left.attempts) == ("processing", 1)

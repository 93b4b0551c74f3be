"""The clock of the web server and of the workers jumps an hour forward, and back.

python -m tests.faults.clock_jumps
"""

import os
import subprocess
import sys
import time
from pathlib import Path

from tests.faults.account import Account
from tests.faults.site import Site, faulty_site, kill, until
from tests.faults.voters import Voters, open_poll, recount
from tests.faults.works import look_at_files, lose_one_on_purpose, noise, receive
from tests.media_processing.processes import ROOT

HOUR = 3600
FILES = 3
NEAR_SECONDS = 300
SEAL = """
import django; django.setup()
from voting.models import Poll
from voting.sealing import seal_all
seal_all(Poll.objects.get())
"""
TAKEN_OVER_SECONDS = 60  # what the site promises of a dead worker's file


def main() -> int:
    account = Account("clock jumps an hour forward and back")
    with faulty_site() as site:
        clock = Clock(site.folder / "clock")
        open_poll(site)
        site.start_web()
        voters = Voters(site)
        with voters.at_work():
            sent = jump_while_working(account, site, clock, voters)
            sent |= die_before_the_clock_is_set_back(account, site, clock)
        sent |= work_beside_a_host_that_is_ahead(account, site, clock)
        recount(account, voters)
        look_at_files(account, sent)
        look_at_ledger(account)
        lose_one_on_purpose(account, sent)
    return account.close()


class Clock:
    """What the processes started from now on take for the time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.set(0)
        folder = str(Path(__file__).parent / "clock")
        self.environment = {"CLOCK_SHIFT": str(path), "PYTHONPATH": folder}
        os.environ |= self.environment

    def set(self, seconds: int) -> None:
        unfinished = self.path.with_suffix(".part")
        unfinished.write_text(str(seconds))
        unfinished.rename(self.path)


def jump_while_working(
    account: Account, site: Site, clock: Clock, voters: Voters
) -> dict[str, bytes]:
    """Jump forward and back in the middle of votes and of the processing of files."""
    from media_processing.models import MediaAsset
    from tests.media_processing.makers import VIDEO_RULES, make_clip

    clip = make_clip(site.folder / "clip.mp4", seconds=3, size="640x360").read_bytes()
    sent = {str(receive(clip, "clip.mp4", VIDEO_RULES).pk): clip}
    for seed in range(FILES):
        photo = noise(1200, seed)
        sent[str(receive(photo).pk)] = photo
    held = MediaAsset.objects.filter(lease_token__isnull=False)
    unfinished = MediaAsset.objects.exclude(state="ready", lease_until=None)
    with site.worker() as worker:
        for shift in (HOUR, 0):
            until(held.exists, seconds=30)
            clock.set(shift)
            print(f"the clock is {shift} s ahead", flush=True)
            account.missing("recoveries", 0 if voters.more_are_acknowledged() else 1)
            look_at_clocks(account, shift)
        until(lambda: not unfinished.exists(), seconds=90)
        account.missing("workers that died of it", 0 if worker.poll() is None else 1)
    account.note(attempts=sorted(MediaAsset.objects.values_list("kind", "attempts")))
    return sent


def look_at_clocks(account: Account, shift: int) -> None:
    """What the web server and the worker wrote last says what they take for the time.

    While they are ahead the ledger is sealed by the same clock.
    """
    from django.db.models import Max
    from django.utils import timezone
    from django_tasks_db.models import DBTaskResult

    from voting.models import Ballot

    if not shift:
        return
    seal_by_the_shifted_clock()
    now = timezone.now()
    ahead = {
        "web": Ballot.objects.aggregate(at=Max("cast_at"))["at"] - now,
        "worker": DBTaskResult.objects.aggregate(at=Max("started_at"))["at"] - now,
    }
    for process, by in ahead.items():
        is_shifted = abs(by.total_seconds() - shift) < NEAR_SECONDS
        account.control(f"the jump, by the {process}'s clock", noticed=is_shifted)


def seal_by_the_shifted_clock() -> None:
    subprocess.run([sys.executable, "-c", SEAL], cwd=ROOT, check=True, timeout=60)


def work_beside_a_host_that_is_ahead(
    account: Account, site: Site, clock: Clock
) -> dict[str, bytes]:
    """Two workers, one of them an hour ahead: neither takes the other for dead."""
    from media_processing.models import MediaAsset
    from tests.media_processing.makers import VIDEO_RULES, make_clip

    for name in clock.environment:
        del os.environ[name]
    clock.set(HOUR)
    clip = make_clip(site.folder / "long.mp4", seconds=6, size="640x360").read_bytes()
    sent = {str(receive(clip, "long.mp4", VIDEO_RULES).pk): clip}
    for seed in range(10, 10 + FILES):
        photo = noise(1200, seed)
        sent[str(receive(photo).pk)] = photo
    mine = MediaAsset.objects.filter(pk__in=sent)
    with site.worker(), site.worker(**clock.environment):
        until(lambda: not mine.exclude(state="ready", lease_until=None).exists(), seconds=90)
    attempts = sorted(mine.values_list("kind", "attempts"))
    account.missing("files taken from the living", sum(times > 1 for _kind, times in attempts))
    account.note(attempts_beside_a_host_that_is_ahead=attempts)
    return sent


def die_before_the_clock_is_set_back(
    account: Account, site: Site, clock: Clock
) -> dict[str, bytes]:
    """A lease that ends in an hour, and nobody alive who holds it."""
    from media_processing.models import MediaAsset

    clock.set(HOUR)
    photo = noise(1600, seed=7)
    asset = str(receive(photo).pk)
    mine = MediaAsset.objects.filter(pk=asset)
    with site.worker() as worker:
        until(mine.filter(lease_token__isnull=False).exists, seconds=60)
        kill(worker)
    clock.set(0)
    account.note(seconds_the_lease_was_ahead=_seconds_ahead(mine.get()))
    begun = time.monotonic()
    with site.worker():
        is_taken_over = until(mine.filter(state="ready").exists, seconds=TAKEN_OVER_SECONDS)
    account.missing("files taken over within a minute", 0 if is_taken_over else 1)
    account.note(taken_over_and_ready_after=round(time.monotonic() - begun))
    return {asset: photo}


def _seconds_ahead(asset: object) -> float | None:
    from django.utils import timezone

    until_when = asset.lease_until  # type: ignore[attr-defined]
    return round((until_when - timezone.now()).total_seconds()) if until_when else None


def look_at_ledger(account: Account) -> None:
    """Every vote is sealed once, in batches whose times never go back."""
    from django.utils import timezone

    from voting.models import Ballot, Batch, Poll
    from voting.sealing import seal_all

    seal_all(Poll.objects.get())
    places = list(Ballot.objects.values_list("batch", "leaf"))
    account.missing("votes not sealed", sum(batch is None for batch, _leaf in places))
    account.missing("votes sealed twice", len(places) - len({leaf for _batch, leaf in places}))
    moments = list(Batch.objects.order_by("number").values_list("sealed_at", flat=True))
    account.missing("batches out of order", 0 if moments == sorted(moments) else 1)
    ahead = round((moments[0] - timezone.now()).total_seconds())
    account.control("a first batch that is sealed in time to come", noticed=ahead > 0)
    account.note(batches=len(moments), seconds_the_first_batch_is_ahead=ahead)


if __name__ == "__main__":
    sys.exit(main())

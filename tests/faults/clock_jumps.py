"""The clock of the web server and of the workers jumps an hour forward, and back.

python -m tests.faults.clock_jumps
"""

import os
import sys
import time
from pathlib import Path

from tests.faults.account import Account
from tests.faults.site import Site, faulty_site, kill, until
from tests.faults.voters import Voters, open_poll, recount
from tests.faults.works import look_at_files, noise, receive

HOUR = 3600
FILES = 3
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
        recount(account, voters)
        look_at_files(account, sent)
        look_at_ledger(account)
    return account.close()


class Clock:
    """What the processes started from now on take for the time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.set(0)
        folder = str(Path(__file__).parent / "clock")
        os.environ |= {"CLOCK_SHIFT": str(path), "PYTHONPATH": folder}

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
        until(lambda: not unfinished.exists(), seconds=90)
        account.missing("workers that died of it", 0 if worker.poll() is None else 1)
    account.note(attempts=sorted(MediaAsset.objects.values_list("kind", "attempts")))
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
    from voting.models import Ballot, Batch, Poll
    from voting.sealing import seal_all

    seal_all(Poll.objects.get())
    places = list(Ballot.objects.values_list("batch", "leaf"))
    account.missing("votes not sealed", sum(batch is None for batch, _leaf in places))
    account.missing("votes sealed twice", len(places) - len({leaf for _batch, leaf in places}))
    moments = list(Batch.objects.order_by("number").values_list("sealed_at", flat=True))
    account.missing("batches out of order", 0 if moments == sorted(moments) else 1)
    account.note(batches=len(moments))


if __name__ == "__main__":
    sys.exit(main())

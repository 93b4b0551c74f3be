"""A worker killed with -9 in each step of the pipeline, for a photo and for a video.

python -m tests.faults.worker_killed
"""

import sys
import time
from pathlib import Path

from tests.faults.account import Account
from tests.faults.dying_worker import BLOWS
from tests.faults.site import LEASE_SECONDS, Site, faulty_site, until
from tests.faults.works import look_at_files, receive

KINDS = ("photo", "video")
SECONDS_A_STEP = 60


def main() -> int:
    account = Account("worker killed in each step")
    with faulty_site() as site:
        sent: dict[str, bytes] = {}
        blows = 0
        for number, step in enumerate(BLOWS):
            sent |= receive_both(site.folder, number)
            blows += die_in(site, step)
            account.missing("files not ready a minute after", [] if all_ready(site) else [step])
            print(f"{step}: {blows} blows so far", flush=True)
        look_at_files(account, sent)
        account.note(blows=blows, steps=list(BLOWS))
        account.missing("blows that did not fall", len(BLOWS) * len(KINDS) - blows)
        look_at_tasks(account)
        account.control("a death with the sweeper off", noticed=not is_ready_without_sweeper(site))
    return account.close()


def receive_both(folder: Path, number: int) -> dict[str, bytes]:
    from tests.media_processing.makers import VIDEO_RULES, jpeg, make_clip

    photo = jpeg(1500 + number, 1000)
    clip = make_clip(folder / f"{number}.mp4", seconds=1 + number / 25).read_bytes()
    return {
        str(receive(photo).pk): photo,
        str(receive(clip, "clip.mp4", VIDEO_RULES).pk): clip,
    }


def die_in(site: Site, step: str) -> int:
    """Run workers until both kinds were struck in this step; return how many were.

    One death may strike both, when both lanes are there at once.
    """
    marks = [site.folder / f"{step}-{kind}" for kind in KINDS]
    deadline = time.monotonic() + SECONDS_A_STEP
    while time.monotonic() < deadline and not all(mark.exists() for mark in marks):
        with site.worker("-m", "tests.faults.dying_worker", step, str(site.folder)) as worker:
            until(lambda one=worker: one.poll() is not None, seconds=SECONDS_A_STEP / 2)
    return sum(mark.exists() for mark in marks)


def all_ready(site: Site) -> bool:
    from media_processing.models import MediaAsset

    left = MediaAsset.objects.exclude(state="ready", lease_until=None)
    with site.worker():
        return until(lambda: not left.exists(), seconds=60)


def look_at_tasks(account: Account) -> None:
    """A task whose worker died after its work must end too."""
    from media_processing.sweeper import running_tasks, sweep

    time.sleep(LEASE_SECONDS + 1)
    sweep()
    account.missing("tasks that run for ever", running_tasks().count())


def is_ready_without_sweeper(site: Site) -> bool:
    """The control: nobody but the sweeper takes up what a dead worker held."""
    from tests.media_processing.makers import jpeg

    asset = receive(jpeg(777, 555))
    (site.folder / "copy-photo").unlink()
    die_in_command = ("-m", "tests.faults.dying_worker", "copy", str(site.folder))
    with site.worker(*die_in_command) as worker:
        worker.wait(timeout=SECONDS_A_STEP)
    with site.worker("-m", "tests.faults.dying_worker", "none", str(site.folder), "--no-sweeper"):
        time.sleep(2 * LEASE_SECONDS)
    asset.refresh_from_db()
    return bool(asset.is_ready)


if __name__ == "__main__":
    sys.exit(main())

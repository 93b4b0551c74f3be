"""A full disk: while somebody uploads, and while files are processed.

    python -m tests.faults.disk_full

The disk is a small one in memory, which only root can mount; without it nothing is tried.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults.account import Account
from tests.faults.site import LEASE_SECONDS, Site, faulty_site, until
from tests.faults.works import Entrant, look_at_files, noise, receive

DISK_MB = 60
SIDE = 3600  # pixels; some 10 MB
LEFT_MB = 4
SECONDS_FULL = 8 * LEASE_SECONDS  # three attempts and their rests would be over


def main() -> int:
    account = Account("disk full")
    with faulty_site() as site, small_disk(site.folder) as is_small:
        if not is_small:
            account.note(skipped="this user may not mount a small disk; nothing was tried")
            return account.close()
        entrant = Entrant.with_draft(site)
        site.start_web()
        photo = noise(SIDE)
        sent = {upload_on_full_disk(account, site, entrant, photo): photo}
        sent |= process_on_full_disk(account, site, list(sent))
        look_at_files(account, sent)
    return account.close()


@contextmanager
def small_disk(folder: Path) -> Iterator[bool]:
    """Mount a disk of DISK_MB over the site's files; yield whether that was allowed."""
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "none", str(folder)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        yield False
        return
    (folder / "work").mkdir()
    (folder / "static").mkdir()
    try:
        yield True
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def filled(folder: Path, left_mb: int) -> Iterator[None]:
    """Fill the disk but for so much."""
    path = folder / "filler"
    here = os.statvfs(folder)
    size = here.f_bavail * here.f_frsize - left_mb * 1024**2
    with path.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, size)
    try:
        yield
    finally:
        path.unlink()


def upload_on_full_disk(account: Account, site: Site, entrant: Entrant, photo: bytes) -> str:
    """Upload until there is no room, make room, go on; return the asset's id."""
    place = entrant.begin(len(photo)).header("Location")
    path = Path(site.folder) / "unfinished" / place.strip("/").rsplit("/", 1)[-1].replace("-", "")
    with filled(site.folder, LEFT_MB):
        told = entrant.send(place, photo)
        account.missing("clear answers (507)", 0 if told.status == 507 and told.text else 1)
        kept = path.read_bytes()
        again = entrant.send(place, photo, at=len(kept))
        account.missing("clear answers (507)", 0 if again.status == 507 else 1)
        form = entrant.site.get("/accounts/login/")
        account.missing("pages that cannot be read", 0 if form.status == 200 else 1)
    account.missing("bytes that had arrived", 0 if kept and photo.startswith(kept) else 1)
    offset = entrant.offset(place) or 0
    account.missing("bytes after the fault", 0 if offset >= len(kept) else 1)
    ended = entrant.send(place, photo, at=offset)
    account.missing("ended uploads", 0 if ended.status == 204 else 1)
    account.note(bytes=len(photo), kept_when_full=len(kept), said=told.text)
    return place.strip("/").rsplit("/", 1)[-1]


def process_on_full_disk(account: Account, site: Site, waiting: list[str]) -> dict[str, bytes]:
    """Run a worker on a full disk for longer than three attempts take, then make room."""
    from media_processing.models import MediaAsset
    from tests.media_processing.makers import VIDEO_RULES, jpeg, make_clip

    photo = jpeg(1500, 1000)
    clip = make_clip(site.folder / "clip.mp4", seconds=3, size="1280x720").read_bytes()
    sent = {str(receive(photo).pk): photo}
    sent[str(receive(clip, "clip.mp4", VIDEO_RULES).pk)] = clip
    assets = MediaAsset.objects.filter(pk__in=[*sent, *waiting])
    with site.worker() as worker:
        with filled(site.folder, 0):
            until(lambda: assets.filter(lease_until__isnull=False).exists(), seconds=60)
            time.sleep(SECONDS_FULL)
            given_up = list(assets.filter(state__in=["failed", "refused"]))
            account.missing("files given up while it was full", given_up)
            account.note(
                states_while_full=sorted(assets.values_list("state", "attempts")),
                given_up=[(one.kind, one.reason, one.reason_values) for one in given_up],
            )
        until(lambda: not assets.exclude(state="ready").exists(), seconds=90)
        account.missing("workers that died of it", 0 if worker.poll() is None else 1)
    return sent


if __name__ == "__main__":
    sys.exit(main())

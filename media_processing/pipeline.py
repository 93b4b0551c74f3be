"""From a received original to everything that is shown: copy, check, derive, publish, finish.

Each step may be run again from the start without harm. Nothing is shared with the web
processes but the asset's row and the storages.
"""

import errno
import hashlib
import logging
import os
import shutil
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.files.base import File
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from media_processing import leases
from media_processing.derive import Derived, Job, Made, clip, photo
from media_processing.derive.playlists import with_addresses
from media_processing.derive.recipes import RECIPE
from media_processing.formats import HEAD_BYTES, sniff
from media_processing.leases import LeaseLost
from media_processing.limits import Limits
from media_processing.models import Derivative, Fingerprint, MediaAsset
from media_processing.rules import UploadRefused, check_format, check_size
from media_processing.signals import asset_processed
from media_processing.storage import derivatives
from media_processing.workbench import workbench
from portal.outages import is_outage

logger = logging.getLogger(__name__)

DERIVE: dict[str, Callable[[Job], Derived]] = {"photo": photo.derive, "video": clip.derive}
EXTENSIONS = {
    "image/webp": "webp",
    "image/jpeg": "jpg",
    "video/mp4": "mp4",
    clip.HLS: "m3u8",
}
CHUNK_BYTES = 1024**2
REPORT_SECONDS = 1.0
ROOM_BYTES = 1024**2  # with less left, what failed failed for want of room
# A photo's limit counts CPU; on a busy machine its seconds on the wall are more.
WALL_OF_CPU = 4

# Set by a worker that is told to stop: the work at hand is given back.
stopping = threading.Event()


class Stopped(Exception):
    """This worker was told to stop."""


@dataclass
class Progress:
    """Keeps the lease alive and the row's percent true, at most once a second."""

    asset: MediaAsset
    step: str = "copy"
    percent: int = 0
    told_at: float = field(default_factory=time.monotonic)

    def report(self, step: str, percent: int) -> None:
        self.step, self.percent = step, percent
        self.beat()

    def beat(self) -> None:
        """Raise LeaseLost or Stopped when the work must not go on."""
        if stopping.is_set():
            raise Stopped
        if time.monotonic() - self.told_at >= REPORT_SECONDS:
            leases.renew(self.asset, step=self.step, percent=self.percent)
            self.told_at = time.monotonic()


def process_asset(pk: str | uuid.UUID) -> None:
    """Take the asset if it is free, and bring it to its end. Harmless when run again.

    What is wrong with the file becomes a refusal. Any other error is ours: the asset rests,
    the sweeper has it tried again, and the error goes up to the worker's log.
    """
    asset = leases.claim_asset(pk)
    if asset is None:
        return
    try:
        _bring_to_an_end(asset)
    except LeaseLost:
        logger.warning("asset %s was taken over by another worker", asset.pk)
    finally:
        _tell(asset)


def _tell(asset: MediaAsset) -> None:
    """Send the news; what others do with it never harms the asset."""
    for receiver, error in asset_processed.send_robust(MediaAsset, asset=asset):
        if isinstance(error, Exception):
            logger.error("%s failed for asset %s", receiver, asset.pk, exc_info=error)


def _bring_to_an_end(asset: MediaAsset) -> None:
    try:
        _process(asset)
    except LeaseLost:
        raise
    except UploadRefused as refused:
        leases.refuse(asset, refused.reason, refused.values)
    except Stopped:
        leases.give_back(asset)
    except Exception as error:
        if is_outage(error):
            leases.wait_out(asset)
        else:
            leases.back_off(asset, error)
        raise


def _process(asset: MediaAsset) -> None:
    progress = Progress(asset)
    with workbench() as folder, _room_in(folder):
        source, sha256 = _copy_original(asset, folder, progress)
        leases.note_digest(asset, sha256)
        check_size(asset.media_rules, source.stat().st_size)
        with source.open("rb") as file:
            found = sniff(file.read(HEAD_BYTES))
        format_name = check_format(asset.media_rules, asset.original_name, found)
        derived = DERIVE[asset.kind](_job(asset, source, format_name, progress))
        progress.report("publish", 97)
        rows = _publish_all(asset, derived.files, progress)
        prints = [Fingerprint(asset=asset, **asdict(one)) for one in derived.prints]
        facts = {**derived.facts, "taken_at": _aware(derived.facts["taken_at"])}
        leases.finish(asset, rows, prints, **facts, format=format_name, recipe=RECIPE)


@contextmanager
def _room_in(folder: Path) -> Iterator[None]:
    """Say that the disk is full when it is: a decoder that cannot write says the file is bad."""
    try:
        yield
    except (LeaseLost, Stopped):
        raise
    except Exception as error:
        if shutil.disk_usage(folder).free < ROOM_BYTES:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder)) from error
        raise


def _copy_original(asset: MediaAsset, folder: Path, progress: Progress) -> tuple[Path, str]:
    """Copy to a private file of our naming (the storage may be far away), hashing on the way."""
    target, digest = folder / "original", hashlib.sha256()
    with asset.original.open("rb") as source, target.open("wb") as copy:
        while chunk := source.read(CHUNK_BYTES):
            copy.write(chunk)
            digest.update(chunk)
            progress.beat()
    return target, digest.hexdigest()


def _job(asset: MediaAsset, source: Path, format_name: str, progress: Progress) -> Job:
    allowed = settings.MEDIA_PROCESSING
    made = source.parent / "made"
    made.mkdir()
    photo_cpu, video_wall = allowed["PHOTO_SECONDS"], allowed["VIDEO_SECONDS"]
    video_cpu = video_wall * (os.cpu_count() or 1)
    return Job(
        source=source,
        format=format_name,
        rules=asset.media_rules,
        folder=made,
        photo_limits=Limits(photo_cpu, photo_cpu * WALL_OF_CPU, allowed["MEMORY_MB"]),
        # Photos go first where they meet a video.
        video_limits=Limits(video_cpu, video_wall, allowed["MEMORY_MB"], niceness=12),
        report=progress.report,
        beat=progress.beat,
    )


def _publish_all(asset: MediaAsset, files: list[Made], progress: Progress) -> list[Derivative]:
    """Publish in order: a playlist comes after the files whose names it has to know."""
    rows: dict[str, Derivative] = {}
    for made in files:
        if made.mime_type == clip.HLS:
            names = {name: str(row.file.name) for name, row in rows.items()}
            path = Path(made.path)
            path.write_text(with_addresses(path.read_text(), names))
        rows[made.name] = _publish(asset, made, progress)
    return list(rows.values())


def _publish(asset: MediaAsset, made: Made, progress: Progress) -> Derivative:
    """Put the file under the hash of its content; return the row, not yet saved."""
    with Path(made.path).open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        name = derivatives().save(f"{digest[:2]}/{digest}.{EXTENSIONS[made.mime_type]}", File(file))
    progress.beat()
    return Derivative(
        asset=asset,
        role=made.role,
        name=made.name,
        file=name,
        mime_type=made.mime_type,
        width=made.width,
        height=made.height,
        byte_size=Path(made.path).stat().st_size,
        details=made.details,
    )


def _aware(text: str | None) -> datetime | None:
    """Return the camera's time; without an offset it is the time of this site's place."""
    try:
        taken = parse_datetime(text) if text else None
    except ValueError:
        return None
    return timezone.make_aware(taken) if taken and timezone.is_naive(taken) else taken

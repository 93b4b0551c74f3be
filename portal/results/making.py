"""Makes a package: takes it up, lets its maker work, keeps the file. Harmless when run again.

A maker is `make(package, folder, step) -> Path`. `folder` is the package's own and survives a
kill, so a part that lies there (written aside and renamed: `parts.whole`) is not made again.
`step(done, total)` tells how far it is, keeps the lease, and raises when the work was taken away.
The maker returns the finished file, in the folder.
"""

import errno
import hashlib
import logging
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import Error, connection
from django.utils import translation
from django.utils.translation import gettext_noop

from media_processing.leases import LeaseLost, lease_seconds
from media_processing.pipeline import REPORT_SECONDS, Stopped, stopping
from portal.results import leases
from portal.results.bundle_facts import BundleRefused
from portal.results.bundling import make_bundle
from portal.results.certificates import make_certificates
from portal.results.models import Package
from portal.results.pack import make_pack
from portal.results.parts import Step

logger = logging.getLogger(__name__)

Maker = Callable[[Package, Path, Step], Path]

MAKERS: dict[str, Maker] = {
    Package.Kind.NOTICE_BUNDLE: make_bundle,
    Package.Kind.BUNDLE: make_bundle,
    Package.Kind.CERTIFICATES: make_certificates,
    Package.Kind.PACK: make_pack,
}

# What `Package.problem` says first, to be translated when it is shown; below it the error itself.
DISK_FULL = gettext_noop(
    "The disk is full. The parts that were made are kept. Make room, then try again."
)
BROKEN = gettext_noop(
    "It could not be made. The parts that were made are kept. Try again; when it fails again, "
    "show the operator the line below."
)
DIED = gettext_noop(
    "The worker died each time it made this. The parts that were made are kept. Ask the operator "
    "whether memory or disk ran out, then try again."
)
LONGEST_STEP_SECONDS = 1800
ERROR_LENGTH = 300


class Progress:
    """A `step` for makers: the row is written at most once a second."""

    def __init__(self, package: Package) -> None:
        self.package, self.told_at, self.total = package, -float("inf"), 0
        self.heard_at = time.monotonic()

    def step(self, done: int, total: int) -> None:
        """Raise LeaseLost or Stopped when the work must not go on."""
        if stopping.is_set():
            raise Stopped
        self.heard_at = now = time.monotonic()
        if now - self.told_at >= REPORT_SECONDS or total != self.total:
            leases.renew(self.package, done=done, total=total)
            self.told_at, self.total = now, total


def make_package(pk: int) -> None:
    """Take the package if it is free, and bring it to its end.

    A maker that refuses is believed at once. An error is ours: the package rests, is tried again,
    and the error goes up to the worker's log.
    """
    package = leases.claim_package(pk)
    if package is None:
        return
    try:
        _bring_to_an_end(package)
    except LeaseLost:  # then its parts may be gone from below our feet, which is no error
        logger.warning("package %s was taken over by another worker", pk)


def _bring_to_an_end(package: Package) -> None:
    try:
        _make(package)
    except LeaseLost:
        raise
    except Stopped:
        leases.give_back(package)
    except BundleRefused as refusal:
        leases.give_up(package, "\n".join(refusal.messages))
    except Exception as error:
        leases.back_off(package, in_words(error))
        raise


def in_words(error: Exception) -> str:
    """Return a sentence to be translated, with the error below it."""
    is_full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    detail = f"{type(error).__name__}: {error}"[:ERROR_LENGTH]
    return f"{DISK_FULL if is_full else BROKEN}\n{detail}"


def _make(package: Package) -> None:
    folder = leases.working_folder(package)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    progress = Progress(package)
    with _kept_alive(progress), translation.override(settings.LANGUAGE_CODE):
        made = MAKERS[package.kind](package, folder, progress.step)
        leases.finish(package, made, _digest(made))
    shutil.rmtree(folder, ignore_errors=True)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _kept_alive(progress: Progress) -> Iterator[None]:
    """Renew the lease beside a long step (a large file on its way to a storage far away).

    Not for ever: what hangs is taken over.
    """
    ended = threading.Event()

    def renew() -> None:
        try:
            while not ended.wait(lease_seconds() / 4):
                if time.monotonic() - progress.heard_at > LONGEST_STEP_SECONDS:
                    break
                leases.renew(progress.package)
        except LeaseLost:
            pass  # the next step, or the end, finds out
        except Error:
            logger.exception("the lease of package %s was not renewed", progress.package.pk)
        finally:
            connection.close()

    thread = threading.Thread(target=renew, name="package-lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()

"""Who makes a package. As with files (media_processing.leases): a token and a time.

A package that waits has a time too: from then on it may be taken up. So what was asked for, what
rests after a failure, and what a killed worker left are found by one question.
"""

import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from wagtail.log_actions import log

from media_processing.leases import BACKOFF, LeaseLost, lease_seconds
from media_processing.states import MAX_ATTEMPTS
from media_processing.storage import originals
from portal.results.models import Package

State = Package.State
UNFINISHED = (State.WAITING, State.MAKING)


def working_folder(package: Package) -> Path:
    """Return where the package's parts lie until it is finished; it survives its worker."""
    return Path(settings.PACKAGES_DIR) / str(package.pk)


def claim_package(pk: int) -> Package | None:
    """Take the lease and return the package; None when somebody has it or nothing is to be done.

    One UPDATE with its condition, so of any number of workers exactly one gets it.
    """
    now, token = timezone.now(), uuid.uuid4()
    free = Q(state__in=UNFINISHED, lease_until__lte=now, attempts__lt=MAX_ATTEMPTS)
    claimed = Package.objects.filter(free, pk=pk).update(
        state=State.MAKING,
        lease_token=token,
        lease_until=now + timedelta(seconds=lease_seconds()),
        attempts=F("attempts") + 1,
    )
    rows = Package.objects.select_related("award_list__edition", "asked_by")
    return rows.filter(pk=pk, lease_token=token).first() if claimed else None


def renew(package: Package, **progress: int) -> None:
    """Prolong the lease, and with `done` and `total` tell how far it is. Raises LeaseLost."""
    until = timezone.now() + timedelta(seconds=lease_seconds())
    _update_mine(package, lease_until=until, **progress)


def give_back(package: Package) -> None:
    """Return the package as it is: a worker that is told to stop costs no attempt."""
    _update_mine(package, attempts=F("attempts") - 1, **_waiting_until(timezone.now()))


def back_off(package: Package, problem: str) -> None:
    """Let it rest before it is tried again; after the last attempt, give up. Raises LeaseLost."""
    if package.attempts >= MAX_ATTEMPTS:
        give_up(package, problem)
        return
    rest = timedelta(seconds=lease_seconds() * BACKOFF ** (package.attempts - 1))
    _update_mine(package, **_waiting_until(timezone.now() + rest))


def give_up(package: Package, problem: str) -> None:
    """End it as failed, and say why. Raises LeaseLost."""
    with transaction.atomic():
        _update_mine(package, **_failed(problem))
        _log_failure(package, problem)


def finish(package: Package, made: Path, sha256: str) -> None:
    """Keep the finished file in the private storage, and say so. Raises LeaseLost.

    Killed in between, the file stays without a row until it is collected, and another is made.
    The name is this maker's own: a bucket would let two of them write, and one delete, the same.
    """
    size, old = made.stat().st_size, package.file.name
    with made.open("rb") as file:
        name = f"{package.lease_token}{made.suffix}"
        package.file.save(name, _ToBeMoved(file, made), save=False)
    try:
        with transaction.atomic():
            _update_mine(
                package,
                state=State.READY,
                file=package.file.name,
                byte_size=size,
                sha256=sha256,
                root=package.root,
                done=F("total"),
                problem="",
                made_at=timezone.now(),
                lease_token=None,
                lease_until=None,
            )
            data = {"kind": package.kind, "sha256": sha256, "bytes": size}
            log(instance=package, action="results.package.made", data=data)
    except BaseException:
        originals().delete(str(package.file.name))
        raise
    if old:
        originals().delete(old)


def expired() -> "QuerySet[Package]":
    """Return what is to be taken up now: it waits, or its worker fell silent."""
    return Package.objects.filter(state__in=UNFINISHED, lease_until__lte=timezone.now())


def give_up_exhausted(problem: str) -> None:
    """End as failed what was tried often enough and has no living worker."""
    for package in expired().filter(attempts__gte=MAX_ATTEMPTS):
        with transaction.atomic():
            still = expired().filter(pk=package.pk, lease_token=package.lease_token)
            if still.update(**_failed(problem)):
                _log_failure(package, problem)


class _ToBeMoved(File):
    """A file of ours that a storage on the same disk renames instead of copying gigabytes."""

    def __init__(self, file: Any, path: Path) -> None:
        super().__init__(file, path.name)
        self.path = path

    def temporary_file_path(self) -> str:
        return str(self.path)


def _log_failure(package: Package, problem: str) -> None:
    data = {"kind": package.kind, "why": problem}
    log(instance=package, action="results.package.fail", data=data)


def _waiting_until(moment: Any) -> dict[str, Any]:
    return {"state": State.WAITING, "lease_token": None, "lease_until": moment}


def _failed(problem: str) -> dict[str, Any]:
    return {"state": State.FAILED, "problem": problem, "lease_token": None, "lease_until": None}


def _update_mine(package: Package, **fields: Any) -> None:
    mine = Package.objects.filter(pk=package.pk, lease_token=package.lease_token)
    if not mine.update(**fields):
        raise LeaseLost(f"package {package.pk}")

"""Who works on an asset. A lease is a token and a time; without both, nothing can be written.

A worker that is killed, hangs or loses its database simply stops renewing. Its lease runs
out, another worker takes the asset over with a token of its own, and should the first one
wake up again, every one of its writes meets the wrong token.
"""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.utils import timezone

from media_processing.derive.recipes import RECIPE
from media_processing.models import Derivative, Fingerprint, MediaAsset
from media_processing.states import MAX_ATTEMPTS, AssetState, Reason


class LeaseLost(Exception):
    """Another worker holds the asset now, or it is gone. Stop, write nothing, say nothing."""


def lease_seconds() -> float:
    """Return how long a silent worker counts as alive."""
    return float(settings.MEDIA_PROCESSING["LEASE_SECONDS"])


def claim_asset(pk: str | uuid.UUID) -> MediaAsset | None:
    """Take the lease and return the asset; None when somebody has it or nothing is to be done.

    One UPDATE with its condition, so of any number of workers exactly one gets it.
    What an older recipe made stays ready, with its files, while they are made anew.
    """
    now, token = timezone.now(), uuid.uuid4()
    silent = Q(lease_until__lt=now)
    free = (
        Q(state=AssetState.RECEIVED)
        | Q(silent, state=AssetState.PROCESSING)
        | Q(silent | Q(lease_until=None), state=AssetState.READY, recipe__lt=RECIPE)
    )
    claimed = MediaAsset.objects.filter(free, pk=pk, attempts__lt=MAX_ATTEMPTS).update(
        state=_unless_ready(AssetState.PROCESSING),
        lease_token=token,
        lease_until=_next_end(now),
        attempts=F("attempts") + 1,
        percent=0,
        step="",
    )
    return MediaAsset.objects.filter(pk=pk, lease_token=token).first() if claimed else None


def renew(asset: MediaAsset, *, step: str, percent: int) -> None:
    """Prolong the lease and tell how far the work is. Raises LeaseLost."""
    _update_mine(asset, step=step, percent=percent, lease_until=_next_end(timezone.now()))


def note_digest(asset: MediaAsset, sha256: str) -> None:
    """Keep the original's hash, whatever becomes of it. Raises LeaseLost."""
    _update_mine(asset, sha256=sha256)


def give_back(asset: MediaAsset) -> None:
    """Return the asset untouched: a worker that is told to stop costs no attempt."""
    free = {"state": _unless_ready(AssetState.RECEIVED), "step": "", "percent": 0, **_FREE}
    _update_mine(asset, attempts=F("attempts") - 1, **free)


def refuse(asset: MediaAsset, reason: Reason, values: dict[str, Any]) -> None:
    """End with a reason the entrant can act on. Raises LeaseLost.

    A work that was ready before stays so, with its old files: nobody is refused afterwards.
    """
    _update_mine(asset, **_ending(AssetState.REFUSED, reason, values))


def finish(
    asset: MediaAsset,
    derived: Iterable[Derivative],
    fingerprints: Iterable[Fingerprint] = (),
    **facts: Any,
) -> None:
    """End ready: replace every derivative and write the facts, all at once. Raises LeaseLost."""
    with transaction.atomic():
        _update_mine(asset, **facts, **_ending(AssetState.READY, "", {}), percent=100)
        asset.derivatives.all().delete()
        asset.fingerprints.all().delete()
        Derivative.objects.bulk_create(derived)
        Fingerprint.objects.bulk_create(fingerprints)


def give_up(asset: MediaAsset) -> None:
    """End as failed: the organiser can try again. Raises LeaseLost."""
    _update_mine(asset, **_failure())


def give_up_exhausted(now: datetime) -> int:
    """End as failed what was tried often enough and has no living worker; return how many."""
    return expired(now).filter(attempts__gte=MAX_ATTEMPTS).update(**_failure())


def expired(now: datetime) -> "QuerySet[MediaAsset]":
    """Return the assets whose worker fell silent."""
    return MediaAsset.objects.filter(
        state__in=[AssetState.PROCESSING, AssetState.READY], lease_until__lt=now
    )


_FREE: dict[str, Any] = {"lease_token": None, "lease_until": None}


def _unless_ready(state: AssetState) -> Case:
    """Return the new state, but what is ready stays ready."""
    return Case(When(state=AssetState.READY, then=Value(AssetState.READY)), default=Value(state))


def _ending(state: AssetState, reason: str, values: dict[str, Any]) -> dict[str, Any]:
    what = {
        "state": _unless_ready(state),
        "reason": str(reason),
        "reason_values": values,
        "step": "",
    }
    return {**what, **_FREE, "finished_at": timezone.now()}


def _failure() -> dict[str, Any]:
    return _ending(AssetState.FAILED, Reason.GAVE_UP, {"attempts": MAX_ATTEMPTS})


def _next_end(now: datetime) -> datetime:
    return now + timedelta(seconds=lease_seconds())


def _update_mine(asset: MediaAsset, **fields: Any) -> None:
    mine = MediaAsset.objects.filter(pk=asset.pk, lease_token=asset.lease_token)
    if not mine.update(**fields):
        raise LeaseLost(str(asset.pk))

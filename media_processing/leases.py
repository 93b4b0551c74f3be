"""Who works on an asset. A lease is a token and a time; without both, nothing can be written.

A worker that is killed, hangs or loses its database simply stops renewing. Its lease runs
out, another worker takes the asset over with a token of its own, and should the first one
wake up again, every one of its writes meets the wrong token.

A ready asset with a lease is being made anew by a newer recipe: it stays ready, and what is
shown stays shown, until everything can be replaced at once.
"""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.utils import timezone

from media_processing.models import Derivative, Fingerprint, MediaAsset
from media_processing.states import MAX_ATTEMPTS, AssetState, Reason

# Each rest is so many times as long as the one before; the first is as long as a lease.
BACKOFF = 3
ERROR_LENGTH = 300


class LeaseLost(Exception):
    """Another worker holds the asset now, or it is gone. Stop, write nothing, say nothing."""


def lease_seconds() -> float:
    """Return how long a silent worker counts as alive."""
    return float(settings.MEDIA_PROCESSING["LEASE_SECONDS"])


def shared_now() -> datetime:
    """Return the time by the clock that all hosts share: the database's.

    By clocks of their own, a host that is an hour ahead takes every lease for run out. SQLite
    has one host.
    """
    if connection.vendor != "postgresql":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
        return moment


def claim_asset(pk: str | uuid.UUID) -> MediaAsset | None:
    """Take the lease and return the asset; None when somebody has it or nothing is to be done.

    One UPDATE with its condition, so of any number of workers exactly one gets it.
    """
    now, token = shared_now(), uuid.uuid4()
    left = Q(_is_over(now), state__in=[AssetState.PROCESSING, AssetState.READY])
    free = Q(state=AssetState.RECEIVED) | left
    claimed = MediaAsset.objects.filter(free, pk=pk, attempts__lt=MAX_ATTEMPTS).update(
        state=_unless_ready(AssetState.PROCESSING),
        lease_token=token,
        lease_until=_next_end(now),
        attempts=F("attempts") + 1,
        percent=0,
        step="",
    )
    return MediaAsset.objects.filter(pk=pk, lease_token=token).first() if claimed else None


def ask_for_renewal(assets: "QuerySet[MediaAsset]") -> int:
    """Have those that are ready made anew, unless they are already; return how many.

    A lease that nobody holds and that has run out: the sweeper hands it out.
    """
    idle = assets.filter(state=AssetState.READY, lease_until=None)
    return idle.update(attempts=0, reason="", reason_values={}, lease_until=shared_now())


def renewals() -> "QuerySet[MediaAsset]":
    """Return the assets that are shown, and wait or are at work to be made anew."""
    return MediaAsset.objects.filter(state=AssetState.READY, lease_until__isnull=False)


def renew(asset: MediaAsset, *, step: str, percent: int) -> None:
    """Prolong the lease and tell how far the work is. Raises LeaseLost."""
    _update_mine(asset, step=step, percent=percent, lease_until=_next_end(shared_now()))


def note_digest(asset: MediaAsset, sha256: str) -> None:
    """Keep the original's hash, whatever becomes of it. Raises LeaseLost."""
    _update_mine(asset, sha256=sha256)


def failed_renewals() -> "QuerySet[MediaAsset]":
    """Return the assets that are shown and could not be made anew."""
    return MediaAsset.objects.filter(state=AssetState.READY).exclude(reason="")


def give_back(asset: MediaAsset) -> None:
    """Return the asset untouched: a worker that is told to stop costs no attempt."""
    _update_mine(
        asset,
        state=_unless_ready(AssetState.RECEIVED),
        attempts=F("attempts") - 1,
        **_resting_until(shared_now()),
    )


def back_off(asset: MediaAsset, error: Exception) -> None:
    """Let the asset rest before it is tried again; after the last attempt, give up on it.

    Raises LeaseLost.
    """
    if asset.attempts >= MAX_ATTEMPTS:
        _update_mine(asset, **_failure(error=f"{type(error).__name__}: {error}"[:ERROR_LENGTH]))
        return
    rest = timedelta(seconds=lease_seconds() * BACKOFF ** (asset.attempts - 1))
    _update_mine(asset, **_resting_until(shared_now() + rest))


def wait_out(asset: MediaAsset) -> None:
    """Let the asset rest until an outage may be over: it is no fault of the file's, no attempt.

    Raises LeaseLost.
    """
    rest = _resting_until(_next_end(shared_now()))
    _update_mine(asset, attempts=F("attempts") - 1, **rest)


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


def give_up_exhausted(now: datetime) -> int:
    """End as failed what was tried often enough and has no living worker; return how many."""
    over = MediaAsset.objects.filter(lease_until__lte=now, attempts__gte=MAX_ATTEMPTS)
    return over.update(**_failure())


def expired(now: datetime) -> "QuerySet[MediaAsset]":
    """Return the assets whose worker fell silent, or whose rest is over."""
    return MediaAsset.objects.filter(_is_over(now))


def _is_over(now: datetime) -> Q:
    """Past, or further away than any lease or rest is long: then the clock was set back."""
    longest = timedelta(seconds=lease_seconds() * BACKOFF**MAX_ATTEMPTS)
    return Q(lease_until__lte=now) | Q(lease_until__gt=now + longest)


def _unless_ready(state: AssetState) -> Case:
    """What is shown already stays ready, whatever becomes of making it anew."""
    return Case(When(state=AssetState.READY, then=F("state")), default=Value(state))


def _resting_until(moment: datetime) -> dict[str, Any]:
    return {"lease_token": None, "lease_until": moment, "step": "", "percent": 0}


def _ending(state: AssetState, reason: str, values: dict[str, Any]) -> dict[str, Any]:
    first_end = Case(When(state=AssetState.READY, then=F("finished_at")), default=timezone.now())
    return {
        "state": _unless_ready(state),
        "reason": str(reason),
        "reason_values": values,
        "step": "",
        "lease_token": None,
        "lease_until": None,
        "finished_at": first_end,
    }


def _failure(**values: str) -> dict[str, Any]:
    return _ending(AssetState.FAILED, Reason.GAVE_UP, {"attempts": MAX_ATTEMPTS, **values})


def _next_end(now: datetime) -> datetime:
    return now + timedelta(seconds=lease_seconds())


def _update_mine(asset: MediaAsset, **fields: Any) -> None:
    if not MediaAsset.objects.filter(pk=asset.pk, lease_token=asset.lease_token).update(**fields):
        raise LeaseLost(str(asset.pk))

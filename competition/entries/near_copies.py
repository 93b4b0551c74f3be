"""Flags works that look like others: for people to judge, never a refusal."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone
from wagtail.log_actions import log

from competition.entries.likeness import Hit, Likeness, Mark, find_like, moments_alike
from competition.entries.models import Entry, Frame, NearCopy
from competition.entries.queries import copies_of_frame
from competition.entries.sieve import Row, Sieve
from competition.entries.states import State
from media_processing.derive.recipes import LEAST_QUALITY
from media_processing.models import Fingerprint, MediaAsset
from media_processing.queries import prefetch_derivatives
from media_processing.states import AssetState
from portal.accounts.models import User

logger = logging.getLogger(__name__)
FRAMES_A_ROUND = 5


@dataclass(frozen=True)
class Pair:
    """A picture or film of the work, and the one elsewhere that it is like."""

    copy: NearCopy
    own: Frame
    other: Frame

    @property
    def moments(self) -> list[Hit]:
        """Return moments in which the two are alike; none when both are photos."""
        if "video" not in (self.own.asset.kind, self.other.asset.kind):
            return []
        return moments_alike(_marks(self.own.asset), _marks(self.other.asset))


def _marks(asset: MediaAsset) -> list[Mark]:
    """Return the hashes of the file that tell something."""
    prints = [one for one in asset.fingerprints.all() if one.quality >= LEAST_QUALITY]
    return [Mark(int(one.bits, 16), one.moment, one.view) for one in prints]


def note_near_copies(asset: MediaAsset) -> None:
    """Compare the file with all others, whatever their edition.

    Those of the same work too: a series may be taken apart. What was found before and is no
    more goes; what somebody has dismissed stays dismissed. Harmless when run again.
    """
    frame = Frame.objects.filter(asset=asset).first()
    if frame is None:
        return
    marks = _marks(asset)
    others = _telling().filter(asset__in=_sieve.like(marks) - {asset.pk})
    rows = others.exclude(asset__frame=None).values_list("asset__frame", "moment", "view", "bits")
    _keep(frame, find_like(marks, rows.iterator()))


def _telling() -> QuerySet[Fingerprint]:
    """Return the hashes of pictures that have something to see."""
    return Fingerprint.objects.filter(quality__gte=LEAST_QUALITY)


def _rows_above(number: int) -> Iterable[Row]:
    rows = _telling().filter(pk__gt=number).order_by("pk")
    return rows.values_list("pk", "asset_id", "view", "bits").iterator()


_sieve = Sieve(_rows_above)


def compare_what_was_left() -> None:
    """Take up what nobody told of: a worker can die between ending a file and comparing it."""
    left = Frame.objects.filter(compared_at=None, asset__state=AssetState.READY)
    for frame in left.select_related("asset").order_by("pk")[:FRAMES_A_ROUND]:
        try:
            note_near_copies(frame.asset)
        except Exception:  # of one file; it harms no other, and the next round tries again
            logger.exception("picture %s could not be compared", frame.pk)


@transaction.atomic
def _keep(frame: Frame, found: Mapping[int, Likeness]) -> None:
    """Write in a transaction of its own: on SQLite nobody shall wait while hashes are compared."""
    copies_of_frame(frame).exclude(Q(frame__in=found) | Q(other__in=found)).delete()
    NearCopy.objects.bulk_create(
        (
            NearCopy(
                frame_id=max(frame.pk, pk),
                other_id=min(frame.pk, pk),
                distance=likeness.distance,
                is_mirrored=likeness.is_mirrored,
            )
            for pk, likeness in found.items()
        ),
        ignore_conflicts=True,
    )
    # Of the file that was compared: another may have taken its place meanwhile.
    Frame.objects.filter(pk=frame.pk, asset=frame.asset_id).update(compared_at=timezone.now())


@transaction.atomic
def dismiss_near_copy(*, copy: NearCopy, user: User, reason: str) -> None:
    """Say that it is none, and why; it is flagged no more. The first answer counts."""
    open_ones = NearCopy.objects.filter(pk=copy.pk, dismissed_at=None)
    if open_ones.update(dismissed_at=timezone.now(), dismissed_by=user, reason=reason):
        for entry in {copy.frame.entry, copy.other.entry}:
            log(
                instance=entry,
                action="competition.entry.dismiss_copy",
                user=user,
                data={"why": reason, "frames": [copy.frame_id, copy.other_id]},
            )


def near_copies_of(entry: Entry) -> list[Pair]:
    """Return what the work's pictures are like, the nearest first, with both pictures.

    A draft is nobody's business outside its organisation: it is left out.
    """
    copies = flagged().filter(Q(frame__entry=entry) | Q(other__entry=entry))
    pairs = []
    for copy in with_both_pictures(copies.order_by("distance", "pk")):
        is_own = copy.frame.entry_id == entry.pk
        own, other = (copy.frame, copy.other) if is_own else (copy.other, copy.frame)
        pairs.append(Pair(copy, own, other))
    return pairs


def flagged() -> QuerySet[NearCopy]:
    """Return what nobody has dismissed, between different works that were submitted."""
    drafts = Q(frame__entry__state=State.DRAFT) | Q(other__entry__state=State.DRAFT)
    of_one_work = Q(frame__entry=F("other__entry"))
    return NearCopy.objects.filter(dismissed_at=None).exclude(drafts).exclude(of_one_work)


def is_flagged() -> Exists:
    """Return the condition that the outer work has a flag that nobody has dismissed."""
    of_outer = Q(frame__entry=OuterRef("pk")) | Q(other__entry=OuterRef("pk"))
    return Exists(flagged().filter(of_outer))


def with_both_pictures(copies: QuerySet[NearCopy]) -> Iterable[NearCopy]:
    """Bring works, files and pictures of both sides along: constant queries."""
    sides = ("frame", "other")
    return copies.select_related(
        *(f"{side}__entry__{name}" for side in sides for name in ("edition", "section")),
        *(f"{side}__asset" for side in sides),
    ).prefetch_related(
        *(prefetch_derivatives(f"{side}__asset") for side in sides),
        *(Prefetch(f"{side}__asset__fingerprints", _in_time()) for side in sides),
    )


def _in_time() -> QuerySet[Fingerprint]:
    return Fingerprint.objects.order_by("moment")

"""What objectors sent is erased when nobody needs it any more.

That is some time after the awards became public, so that a decision can still be explained and
defended. Kept for good: an objection's number, ground, work, state and the public answer.
"""

from datetime import datetime, timedelta

from django.core.cache import cache
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from wagtail.log_actions import log

from competition.awards.models import AwardList, Objection
from competition.awards.objections import TURNS
from competition.editions.models import Edition
from media_processing.models import MediaAsset
from media_processing.services import discard_asset

KEPT_AFTER_PUBLICATION = timedelta(days=180)
STRAY_AFTER = timedelta(days=1)  # a picture whose objection was never kept: the server was killed
DAY_SECONDS = 24 * 60 * 60


def forget_objectors(edition: Edition, now: datetime) -> int:
    """Erase names, addresses, words and pictures of the edition's objections; return of how many.

    Nothing before its time. One objection after the other: killed on the way it can be run again.
    """
    if not _is_due(edition, now):
        return 0
    known = list(_known(edition))
    for objection in known:
        with transaction.atomic():
            for picture in objection.evidence.all():
                discard_asset(picture)
            objection.name = objection.email = objection.text = ""
            objection.save(update_fields=["name", "email", "text"])
    if known:
        data = {"objections": len(known)}
        log(instance=edition, action="competition.objection.forget", data=data)
    return len(known)


def objectors_due(edition: Edition, now: datetime) -> int:
    """Return how many objections would be emptied now."""
    return _known(edition).count() if _is_due(edition, now) else 0


def forget_strays(now: datetime) -> int:
    """Remove pictures that came with an objection which was never kept; return how many."""
    strays = MediaAsset.objects.filter(on_behalf_of=TURNS, created_at__lt=now - STRAY_AFTER)
    found = list(strays.exclude(pk__in=Objection.evidence.through.objects.values("mediaasset")))
    for picture in found:
        discard_asset(picture)
    return len(found)


def forget_where_due() -> None:
    """Erase where it is time; by a worker, looked at once a day."""
    if not cache.add("awards.retention", 1, DAY_SECONDS):
        return
    now = timezone.now()
    for edition in Edition.objects.filter(objections__isnull=False).distinct():
        forget_objectors(edition, now)
    forget_strays(now)


def _is_due(edition: Edition, now: datetime) -> bool:
    published = AwardList.objects.filter(edition=edition, state=AwardList.State.PUBLISHED)
    return published.filter(published_at__lte=now - KEPT_AFTER_PUBLICATION).exists()


def _known(edition: Edition) -> QuerySet[Objection]:
    """Return the objections of which something is still there, each once."""
    said = ~Q(name="") | ~Q(email="") | ~Q(text="")
    return edition.objections.filter(said | Q(evidence__isnull=False)).distinct()

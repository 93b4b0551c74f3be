"""A POST that does nothing, and a vote as tutorials write it."""

from django.db import transaction
from django.db.models import F
from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_POST

from benchmarks.vote_site.models import Total, Vote
from competition.entries.models import Entry
from voting.identity import badge_of


@require_POST
def empty(request: HttpRequest, edition: str, number: str) -> JsonResponse:
    """Answer, after all the middleware and the check of the token."""
    return JsonResponse({"code": "accepted"})


@require_POST
def textbook(request: HttpRequest, edition: str, number: str) -> JsonResponse:
    """get_or_create, and F() on the entry's counter; no limits, no window, no receipt."""
    entry = get_object_or_404(Entry, edition__slug=edition, number=number, state="admitted")
    with transaction.atomic():
        _vote, is_new = Vote.objects.get_or_create(
            entry=entry, voter=badge_of(request).token, day=timezone.localdate()
        )
        if is_new:
            Total.objects.filter(entry=entry).update(votes=F("votes") + 1)
    return JsonResponse({"code": "accepted" if is_new else "already_today"})

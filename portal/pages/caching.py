"""Pages that are the same for all who are not signed in: made once, shown for half a minute.

What is a visitor's own comes in three other ways: the order is one of a few fixed ones and part
of the page's key; the badge is a cookie, put on the response beside the kept text; votes are
asked for by vote.js (voting.paper_views.mine).

Nothing is kept beyond the hour of an edition's awards: what is made before it tells nothing of
them, and what is shown after it has them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from math import floor

from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language

from competition.awards.queries import next_hour_of_any
from portal.pages.order import order_number
from voting.identity import badge_of, saw_gallery

# A page may be made of parts that were kept as long: nothing shown is older than a minute.
KEPT_SECONDS = 30
# With any other query a page is made anew: searches are many, and few are asked for twice.
KEPT_QUERIES = {"section", "order", "page"}


@dataclass(frozen=True)
class KeptPage:
    """A page as it was made. `marks`: the poll is open, so who sees it is known to have seen it."""

    content: bytes
    marks: bool


# Stands where a page would, when there is one for each order.
IN_EACH_ORDER = "in each order"


def seconds_to_keep(began: datetime, most: float = KEPT_SECONDS) -> float:
    """Return how long what is made since `began` may be kept: not beyond the hour of any awards.

    An hour that came while it was made counts: then there is nothing left, and less. One query.
    """
    until = began + timedelta(seconds=most)
    hour = next_hour_of_any(began)
    return (min(until, hour or until) - timezone.now()).total_seconds()


def seconds_told(began: datetime) -> int:
    """Return for how many seconds others may keep what was made since `began`: to the full minute.

    They are told that on every day: an age cut short would tell that awards are decided and wait
    for their hour. Hours are those of the calendar, which are full minutes.
    """
    minute = began.replace(second=0, microsecond=0) + timedelta(minutes=1)
    return max(0, floor((minute - timezone.now()).total_seconds()))


def is_strangers(request: HttpRequest) -> bool:
    """Tell whether nothing in the answer to this request is of a person.

    Who is signed in, or has a message waiting, has a cookie that says so; an editor's preview
    is nobody else's either.
    """
    return (
        request.method in ("GET", "HEAD")
        and settings.SESSION_COOKIE_NAME not in request.COOKIES
        and "messages" not in request.COOKIES
        and not getattr(request, "is_preview", False)
    )


def is_shared(request: HttpRequest) -> bool:
    """Tell whether the page this request gets is worth keeping, to be shown to others."""
    return (
        is_strangers(request)
        and KEPT_QUERIES.issuperset(request.GET)
        and all(len(values) == 1 for _name, values in request.GET.lists())
    )


def order_of(request: HttpRequest) -> int:
    """Return which of the fair orders this visitor is shown; makes them a voter with a badge."""
    return order_number(badge_of(request).token)


def keep(response: HttpResponse, *, marks: bool, in_order: bool = False) -> HttpResponse:
    """Say of a page that it may be kept; `in_order`: a text for each of the fair orders."""
    response.kept = {"marks": marks, "in_order": in_order}  # type: ignore[attr-defined]
    return response


def kept_or_made(request: HttpRequest, make: Callable[[HttpRequest], HttpResponse]) -> HttpResponse:
    """Return the page as it was kept, else make it, and keep it if it says that it may be."""
    if not is_shared(request):
        return make(request)
    pages, key = caches["pages"], place_key(request, request.GET.urlencode())
    found = pages.get(key)
    if found == IN_EACH_ORDER:
        found = pages.get(_key_in_order(request, key))
    if isinstance(found, KeptPage):
        return _answer(request, found)
    began = timezone.now()
    response = make(request)
    how = getattr(response, "kept", None)
    if how is None or response.status_code != 200:
        return response
    if hasattr(response, "render"):
        response.render()
    if request.META.get("CSRF_COOKIE_NEEDS_UPDATE"):  # a form with somebody's token
        return response
    page, seconds = KeptPage(response.content, how["marks"]), seconds_to_keep(began)
    if how["in_order"]:
        pages.set(key, IN_EACH_ORDER, seconds)
        key = _key_in_order(request, key)
    pages.set(key, page, seconds)
    return _answer(request, page)


def _answer(request: HttpRequest, page: KeptPage) -> HttpResponse:
    if page.marks:
        saw_gallery(request)
    # The visitor's browser may go back to it; nobody between may give it to another voter.
    return HttpResponse(page.content, headers={"Cache-Control": "private, no-cache"})


def place_key(request: HttpRequest, query: str = "") -> str:
    """Return a name for what stands at this address, on this host, in this language."""
    parts = (
        request.scheme or "",
        request.get_host(),
        get_language() or "",
        request.path,
        query,
    )
    return sha256("\n".join(parts).encode()).hexdigest()


def _key_in_order(request: HttpRequest, key: str) -> str:
    return f"{key}-{order_of(request)}"

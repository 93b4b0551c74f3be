"""The door of the API: open to everybody and every site, for reading only, not too often.

What it lets out may be kept to the full minute, so never beyond an hour at which something
appears: what was there a second before must not hide, or outlive, what is there then. Nor does
it tell that such an hour comes: only the calendar, which is public, makes it shorter.
"""

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from math import floor
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from portal.outages import CannotCount
from portal.pages.caching import seconds_told
from portal.rates import comes_too_often

View = Callable[..., HttpResponse]

RATE = "120/m"
WAIT_SECONDS = 60
KEPT_SECONDS = 60
READING = "GET, HEAD, OPTIONS"
NOT_THERE = _("There is nothing at this address. The API's description lists all addresses.")


def in_both_languages(words: Promise) -> dict[str, str]:
    """Return a lazy text as the API says it, whoever asks: `detail` and `detail_en`."""
    said = {}
    for name, language in [("detail", "zh-hans"), ("detail_en", "en")]:
        with override(language):
            said[name] = str(words)
    return said


def refuse(status: int, words: Promise, **headers: str) -> HttpResponse:
    """Answer with a problem in words."""
    params = {"ensure_ascii": False}
    response = JsonResponse(in_both_languages(words), status=status, json_dumps_params=params)
    for name, value in headers.items():
        response.headers[name.replace("_", "-")] = value
    return response


def keep_until(request: HttpRequest, moment: datetime | None) -> None:
    """Say until when the answer to this request will be true; asked before it is made."""
    request.api_answer_may_be_kept = True  # type: ignore[attr-defined]
    request.api_answer_true_until = moment  # type: ignore[attr-defined]


def open_door(view: View) -> View:
    """Return the view as everybody may ask it."""

    def door(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = _answer(request, view, args, kwargs)
        # Public, and no cookie is read: any page of any site may ask.
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = "ETag, Retry-After"
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        response.headers["Content-Language"] = "zh-Hans, en"
        return response

    door.csrf_exempt = True  # type: ignore[attr-defined]
    return door


def _answer(request: HttpRequest, view: View, args: Any, kwargs: Any) -> HttpResponse:
    if request.method == "OPTIONS":
        return _preflight()
    if request.method not in ("GET", "HEAD"):
        words = _("This API is for reading: ask with GET. Nothing was changed.")
        return refuse(405, words, Allow=READING, Cache_Control="no-store")
    if _comes_too_often(request):
        words = _("Too many requests from your network. Wait a minute, then go on more slowly.")
        return refuse(429, words, Retry_After=str(WAIT_SECONDS), Cache_Control="no-store")
    began = timezone.now()
    try:
        response = _read(request, view, args, kwargs)
    except Http404:
        response = refuse(404, NOT_THERE)
    return _kept(request, response, began)


def _comes_too_often(request: HttpRequest) -> bool:
    try:
        return comes_too_often(request, group="api", rate=RATE)
    except CannotCount:  # what anybody may read is read without a count, as pages are
        return False


def _read(request: HttpRequest, view: View, args: Any, kwargs: Any) -> HttpResponse:
    """Make the answer; that to HEAD is the one to GET, whose body the server leaves out."""
    if "\x00" in request.path_info:  # PostgreSQL would refuse to look for it
        raise Http404
    asked, request.method = request.method, "GET"
    try:
        return view(request, *args, **kwargs)
    finally:
        request.method = asked


def _kept(request: HttpRequest, response: HttpResponse, began: datetime) -> HttpResponse:
    seconds = _seconds(request, began) if response.status_code == 200 else 0
    if not seconds:
        response.headers["Cache-Control"] = "no-store"
        return response
    response.headers["Cache-Control"] = f"public, max-age={seconds}, s-maxage={seconds}"
    etag = f'"{sha256(response.content).hexdigest()[:32]}"'
    response.headers["ETag"] = etag
    return get_conditional_response(request, etag=etag, response=response) or response


def _seconds(request: HttpRequest, began: datetime) -> int:
    """Return for how many seconds what was made since `began` may be kept; 0: not at all."""
    if not getattr(request, "api_answer_may_be_kept", False):
        return 0
    until: datetime | None = request.api_answer_true_until  # type: ignore[attr-defined]
    if until is None:
        return seconds_told(began)
    left = floor((until - timezone.now()).total_seconds())
    return max(0, min(seconds_told(began), left))


def _preflight() -> HttpResponse:
    headers = {
        "Allow": READING,
        "Access-Control-Allow-Methods": READING,
        "Access-Control-Allow-Headers": "If-None-Match",
        "Access-Control-Max-Age": "86400",
    }
    return HttpResponse(status=204, headers=headers)

"""What is answered where no view could: "not now" in words, apart from "we made a mistake"."""

import sys
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext
from django.views import defaults

from portal.answers import wants_json
from portal.cache import cache_keeps
from portal.outages import is_disk_full, is_outage

RETRY_SECONDS = 10


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer a request that broke (handler500): 503 or 507 for what passes by itself, else 500.

    Asks nothing of the database, which may be what is away.
    """
    error = sys.exc_info()[1]
    if error is None or not is_outage(error):
        return defaults.server_error(request)
    full = is_disk_full(error)
    return _try_later(
        request, HTTPStatus.INSUFFICIENT_STORAGE if full else HTTPStatus.SERVICE_UNAVAILABLE
    )


def too_many_requests(request: HttpRequest) -> HttpResponse:
    """Answer who may not sign in yet (handler429): 503 when it is the cache that cannot count."""
    if cache_keeps():
        return render(request, "429.html", status=HTTPStatus.TOO_MANY_REQUESTS)
    return _try_later(request, HTTPStatus.SERVICE_UNAVAILABLE)


def _try_later(request: HttpRequest, status: HTTPStatus) -> HttpResponse:
    response: HttpResponse
    if wants_json(request):
        response = JsonResponse({"code": "not_now", "message": not_now()})
    else:
        response = HttpResponse(render_to_string("503.html"))
    response.status_code = status
    response["Retry-After"], response["Cache-Control"] = str(RETRY_SECONDS), "no-store"
    return response


def not_now() -> str:
    """Return what happened, what is kept and what to do, in the reader's language."""
    return gettext(
        "The site cannot do this at the moment, so it may not be done; what was saved before is "
        "safe. Please try again in a minute."
    )

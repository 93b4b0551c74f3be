"""The one door through which the public votes."""

import logging
from functools import lru_cache
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST

from portal.accounts.models import User
from portal.addresses import address_of
from portal.outages import CannotCount
from voting.evidence import facts_of
from voting.identity import badge_of, came_from_this_site, voter_of
from voting.proofs.way import way_to_proof
from voting.rates import is_too_fast
from voting.services import VoteRefused, cast_known
from voting.terms import Terms, known_poll

logger = logging.getLogger(__name__)

# code -> (status, seconds after which to try again, title, message)
WAITS = {
    "too_fast": (
        HTTPStatus.TOO_MANY_REQUESTS,
        60,
        _("Please wait a minute"),
        _(
            "Too many votes came from here in a short time. This one was not counted, the "
            "earlier ones are kept. Please try again in a minute."
        ),
    ),
    "not_now": (
        HTTPStatus.SERVICE_UNAVAILABLE,
        10,
        _("Please try again in a moment"),
        _(
            "No vote can be taken at this moment. This one was not counted, the earlier ones "
            "are kept. Please try again in a moment."
        ),
    ),
    # The database went away on the way: it may have kept the vote and not been able to say so.
    "unsure": (
        HTTPStatus.SERVICE_UNAVAILABLE,
        10,
        _("Please try again in a moment"),
        _(
            "It is not sure whether this vote was counted; the earlier ones are kept. Please try "
            "again in a moment: no vote is ever counted twice."
        ),
    ),
}


@cache_control(private=True, no_store=True)
@require_POST
def cast(request: HttpRequest, edition: str, number: str) -> HttpResponse:
    """Cast a vote for the work of that number; answer with JSON, or go back to the page."""
    if not came_from_this_site(request):
        raise PermissionDenied
    known = known_poll(edition)
    if known is None:
        raise Http404
    # Without a session's cookie nobody is signed in, and nothing is asked.
    user = request.user if settings.SESSION_COOKIE_NAME in request.COOKIES else AnonymousUser()
    try:
        if _is_too_fast(request, user):
            return _wait(request, "too_fast")
    except CannotCount:
        return _wait(request, "not_now")
    voter = voter_of(request, known.terms.identity)
    try:
        ballot = cast_known(
            terms=known.terms,
            work=known.works.get(number),
            voter=voter,
            user=user,
            evidence=facts_of(request, known.terms.poll_id, voter),
        )
    except VoteRefused as refusal:
        more = _way_on(request, known.terms, number) if refusal.code == "unproved" else {}
        return _answer(request, number, refusal.code, refusal.message, **more)
    except (OperationalError, InterfaceError):
        logger.exception("a vote was not acknowledged")
        return _wait(request, "unsure")
    return _answer(
        request,
        number,
        "accepted",
        _thanks(ballot.left),
        votes_left=ballot.left,
        receipt=ballot.receipt,
        check=_place_of_receipts(edition, get_language()),
    )


@lru_cache(maxsize=64)
def _place_of_receipts(edition: str, language: str) -> str:
    return reverse("vote-receipt", args=[edition])  # in the language that is active


def _way_on(request: HttpRequest, terms: Terms, number: str) -> dict[str, str]:
    """Return where a visitor shows who is voting; a script may do a device's proof at once."""
    back = page_before(request)
    return way_to_proof(edition=terms.slug, identity=terms.identity, back=back, number=number)


def _thanks(left: int) -> str:
    if left == 0:
        return gettext("Thank you, your vote counts. That was your last one for today.")
    return ngettext(
        "Thank you, your vote counts. You have %(left)d vote left today.",
        "Thank you, your vote counts. You have %(left)d votes left today.",
        left,
    ) % {"left": left}


def _is_too_fast(request: HttpRequest, user: User | AnonymousUser) -> bool:
    return is_too_fast(
        request,
        address=address_of(request),
        device=badge_of(request).token,
        account=str(user.pk) if user.is_authenticated else "",
    )


def _wants_json(request: HttpRequest) -> bool:
    if request.META.get("HTTP_ACCEPT") == "application/json":  # vote.js; the rest takes longer
        return True
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def _wait(request: HttpRequest, code: str) -> HttpResponse:
    """Answer a vote that was not looked at, and may come again later."""
    status, seconds, title, message = WAITS[code]
    response: HttpResponse
    if _wants_json(request):
        response = JsonResponse({"code": code, "message": message})
    else:
        said = {"title": title, "message": message, "back": page_before(request)}
        response = render(request, "voting/wait.html", said)
    response.status_code = status
    response.headers["Retry-After"] = str(seconds)
    return response


def _answer(
    request: HttpRequest, number: str, code: str, message: str, **more: Any
) -> HttpResponse:
    """Tell the script in JSON; without a script, go back to the page with a message.

    A vote that counts shows at the work itself; a refusal has to be read, at the top.
    """
    if _wants_json(request):
        status = HTTPStatus.OK if code == "accepted" else HTTPStatus.CONFLICT
        return JsonResponse({"code": code, "message": message, **more}, status=status)
    if code == "accepted":
        receipt = gettext("Your receipt: %(receipt)s") % {"receipt": more["receipt"]}
        messages.success(request, f"{message} {receipt}")
        return HttpResponseRedirect(f"{page_before(request)}#vote-{number}")
    if "identify" in more:
        return HttpResponseRedirect(more["identify"])
    messages.warning(request, message)
    return HttpResponseRedirect(page_before(request))


def page_before(request: HttpRequest) -> str:
    """Return the address of the page the vote was cast on, if it is one of ours.

    What the form says, else where the visitor comes from: a card, which many pages show, cannot
    say on which one it stands.
    """
    page = (request.POST or request.GET).get("next", "") or request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(page, {request.get_host()}, request.is_secure()):
        return "/"
    return page.partition("#")[0]

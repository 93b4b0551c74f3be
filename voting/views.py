"""The one door through which the public votes."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from django_ratelimit.core import is_ratelimited

from competition.entries.models import Entry
from competition.entries.states import State
from voting.identity import address_of, badge_of, came_from_this_site, voter_of
from voting.models import Poll
from voting.services import VoteRefused, cast_ballot

# An office or a mobile network stands behind one address; a person does not vote this fast.
ADDRESS_RATE = "300/m"
VOTER_RATE = "30/m"
RETRY_SECONDS = 60


@never_cache
@require_POST
def cast(request: HttpRequest, edition: str, number: str) -> HttpResponse:
    """Cast a vote for the work of that number; answer with JSON, or go back to the page."""
    if not came_from_this_site(request):
        raise PermissionDenied
    if _is_too_fast(request):
        return _too_fast(request)
    poll = get_object_or_404(Poll.objects.select_related("edition"), edition__slug=edition)
    entry = get_object_or_404(
        Entry.objects.select_related("organisation"),
        edition=poll.edition_id,
        number=number,
        state=State.ADMITTED,
    )
    try:
        voter = voter_of(request, poll.identity).key
        ballot = cast_ballot(poll=poll, entry=entry, voter=voter, user=request.user)
    except VoteRefused as refusal:
        return _answer(request, entry, refusal.code, refusal.message)
    left = max(0, poll.votes_per_day - ballot.slot)
    return _answer(request, entry, "accepted", _thanks(left), votes_left=left)


def _thanks(left: int) -> str:
    if left == 0:
        return gettext("Thank you, your vote counts. That was your last one for today.")
    return ngettext(
        "Thank you, your vote counts. You have %(left)d vote left today.",
        "Thank you, your vote counts. You have %(left)d votes left today.",
        left,
    ) % {"left": left}


def _is_too_fast(request: HttpRequest) -> bool:
    """Count this request against its address, then its voter; tell whether one has too many."""

    def has_too_many(group: str, value: str, rate: str) -> bool:
        return is_ratelimited(
            request,
            group=f"vote-{group}",
            key=lambda _group, _request: value,
            rate=rate,
            increment=True,
        )

    return has_too_many("address", address_of(request), ADDRESS_RATE) or has_too_many(
        "voter", badge_of(request).token, VOTER_RATE
    )


def _wants_json(request: HttpRequest) -> bool:
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def _too_fast(request: HttpRequest) -> HttpResponse:
    response: HttpResponse
    if _wants_json(request):
        message = gettext(
            "Too many votes came from here in a short time. This one was not counted, the "
            "earlier ones are kept. Please try again in a minute."
        )
        response = JsonResponse({"code": "too_fast", "message": message})
    else:
        response = render(request, "voting/too_fast.html", {"back": page_before(request)})
    response.status_code = HTTPStatus.TOO_MANY_REQUESTS
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def _answer(
    request: HttpRequest, entry: Entry, code: str, message: str, **more: Any
) -> HttpResponse:
    """Tell the script in JSON; without a script, go back to the page with a message.

    A vote that counts shows at the work itself; a refusal has to be read, at the top.
    """
    if _wants_json(request):
        status = HTTPStatus.OK if code == "accepted" else HTTPStatus.CONFLICT
        return JsonResponse({"code": code, "message": message, **more}, status=status)
    if code == "accepted":
        messages.success(request, message)
        return HttpResponseRedirect(f"{page_before(request)}#vote-{entry.number}")
    messages.warning(request, message)
    return HttpResponseRedirect(page_before(request))


def page_before(request: HttpRequest) -> str:
    """Return the address of the page the vote was cast on, if it is one of ours."""
    page = (request.POST or request.GET).get("next", "")
    if not url_has_allowed_host_and_scheme(page, {request.get_host()}, request.is_secure()):
        return "/"
    return page.partition("#")[0]

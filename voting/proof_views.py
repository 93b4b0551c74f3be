"""Where visitors show who they are: the page of a poll, and the device's proof of work."""

import json
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from allauth.socialaccount.models import SocialApp
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from requests import RequestException

from competition.entries.models import Entry
from competition.entries.queries import with_pictures
from voting.identity import came_from_this_site, keep_proof, voter_of
from voting.models import Poll
from voting.proofs.account import failed_words, services_for
from voting.proofs.codes import LIFE, CodeRefused, check_code, send_code
from voting.proofs.device import is_solved, make_challenge
from voting.proofs.forms import CodeForm, form_for
from voting.proofs.limits import asks_for_too_many_codes, works_too_often
from voting.proofs.offers import what_is_missing
from voting.queries import entries_in, is_poll_open

# Which code was sent last, and where to: kept by the browser that asked for it, and only there.
SENT_COOKIE = "voter_code"
SENT_SALT = "voting.proof_views.sent"


# --- the device's proof of work ---------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "POST"])
def prove_device(request: HttpRequest) -> HttpResponse:
    """Give a challenge (GET), or take its solution (POST, `solution`); always JSON."""
    if works_too_often(request):
        return JsonResponse({"proved": False}, status=HTTPStatus.TOO_MANY_REQUESTS)
    if request.method == "GET":
        return JsonResponse(make_challenge())
    if not came_from_this_site(request):
        raise PermissionDenied
    proved = is_solved(request.POST.get("solution", ""))
    if proved:
        keep_proof(request, "device", timezone.localdate().isoformat())
    status = HTTPStatus.OK if proved else HTTPStatus.CONFLICT
    return JsonResponse({"proved": proved}, status=status)


# --- the page of a poll -----------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def identify(request: HttpRequest, edition: str) -> HttpResponse:
    """Show what the poll asks for, send a code, take it; then offer the vote itself.

    `next` is the page to go back to, `work` the number of the work that is to be voted for.
    """
    poll = get_object_or_404(Poll.objects.select_related("edition"), edition__slug=edition)
    if request.method != "POST":
        return _page(request, poll)
    if not came_from_this_site(request):
        raise PermissionDenied
    if not is_poll_open(poll) or _is_known(request, poll):
        return HttpResponseRedirect(_here(request))
    if "code" in request.POST:
        return _take_code(request, poll)
    return _send_code(request, poll)


def _channel(poll: Poll) -> str:
    """Return how codes are sent; "" where none are. A device without a script proves an address."""
    if poll.identity == Poll.Identity.ACCOUNT:
        return ""
    return "phone" if poll.identity == Poll.Identity.PHONE else "email"


def _is_known(request: HttpRequest, poll: Poll) -> bool:
    return bool(voter_of(request, poll.identity).kind)


def _send_code(request: HttpRequest, poll: Poll) -> HttpResponse:
    """Step 1: where to."""
    channel = _channel(poll)
    if not channel or what_is_missing(poll.identity):
        raise Http404
    form = form_for(channel, request.POST)
    if not form.is_valid():
        return _page(request, poll, form=form)
    target = form.cleaned_data["to"]
    if asks_for_too_many_codes(request, target.hash):
        form.add_error(
            None,
            gettext(
                "Too many codes were asked for from here or for this address. None was sent now, "
                "and those sent before are still good. Please try again in an hour."
            ),
        )
        return _page(request, poll, form=form, status=HTTPStatus.TOO_MANY_REQUESTS)
    try:
        row = send_code(target, poll.edition.local_title)
    except CodeRefused as refusal:
        sent = _sent(request, poll)
        if sent and sent["to"] == target.address:
            messages.warning(request, refusal.message)
            return HttpResponseRedirect(_here(request))
        form.add_error(None, refusal.message)
        return _page(request, poll, form=form)
    response = HttpResponseRedirect(_here(request))
    _remember(request, response, {"row": row.pk, "to": target.address, "channel": channel})
    return response


def _take_code(request: HttpRequest, poll: Poll) -> HttpResponse:
    """Step 2: what it says."""
    sent = _sent(request, poll)
    form = CodeForm(request.POST)
    if sent is None:
        messages.warning(
            request,
            gettext("The code of this page is older than 10 minutes. Please ask for a new one."),
        )
        return HttpResponseRedirect(_here(request))
    if not form.is_valid():
        return _page(request, poll, form=form, sent=sent)
    try:
        row = check_code(sent["row"], form.cleaned_data["code"])
    except CodeRefused as refusal:
        form.add_error("code", refusal.message)
        return _page(request, poll, form=form, sent=sent)
    keep_proof(request, row.channel, row.target)
    response = HttpResponseRedirect(_here(request))
    response.delete_cookie(SENT_COOKIE, path=request.path)
    return response


def _remember(request: HttpRequest, response: HttpResponse, sent: dict[str, Any]) -> None:
    response.set_signed_cookie(
        SENT_COOKIE,
        json.dumps(sent),
        salt=SENT_SALT,
        max_age=LIFE,
        path=request.path,
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )


def _sent(request: HttpRequest, poll: Poll) -> dict[str, Any] | None:
    """Return what was sent to this browser for this poll in the last ten minutes."""
    text = request.get_signed_cookie(
        SENT_COOKIE, default="", salt=SENT_SALT, max_age=LIFE.total_seconds()
    )
    sent: dict[str, Any] | None = json.loads(text) if text else None
    return sent if sent and sent["channel"] == _channel(poll) else None


def _page(
    request: HttpRequest,
    poll: Poll,
    form: Form | None = None,
    sent: dict[str, Any] | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    """Render the page in the state the visitor is in."""
    channel, back = _channel(poll), _back(request)
    context: dict[str, Any] = {"poll": poll, "edition": poll.edition, "back": back}
    if not is_poll_open(poll):
        context["step"] = "closed"
    elif _is_known(request, poll):
        context |= {"step": "known", "work": _work(request, poll)}
    elif missing := what_is_missing(poll.identity):
        context |= {"step": "missing", "missing": missing}
    elif not channel:
        context |= {"step": "account", "services": services_for(request, _here(request))}
    else:
        wants_another = "another" in request.GET and form is None
        sent = sent or (None if form or wants_another else _sent(request, poll))
        context |= {
            "step": "code" if sent else "send",
            "form": form or (CodeForm() if sent else form_for(channel)),
            "channel": channel,
            "sent": sent,
            "here": _here(request),
        }
    return render(request, "voting/identify.html", context, status=status)


def _work(request: HttpRequest, poll: Poll) -> Entry | None:
    number = request.GET.get("work", "")
    if not number or "\x00" in number:  # PostgreSQL refuses to look for the latter
        return None
    return with_pictures(entries_in(poll)).filter(number=number).first()


def _back(request: HttpRequest) -> str:
    """Return the page the visitor came from, if it is one of ours."""
    page = request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(page, {request.get_host()}, request.is_secure()):
        return "/"
    return page.partition("#")[0]


def _here(request: HttpRequest) -> str:
    """Return this page's address, without what was asked of it this once."""
    kept = {"next": _back(request), "work": request.GET.get("work", "")}
    return f"{request.path}?{urlencode({name: text for name, text in kept.items() if text})}"


# --- sign-in at a service ---------------------------------------------------------------------


def guarded(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Send the visitor back with words where allauth lets the service's failure through."""

    @never_cache
    @require_safe
    @wraps(view)
    def answer(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, **kwargs)
        except SocialApp.DoesNotExist as missing:
            raise Http404 from missing
        except (RequestException, LookupError):  # out of reach, or its answer lacks something
            messages.warning(request, failed_words())
            return HttpResponseRedirect(_back(request))

    return answer

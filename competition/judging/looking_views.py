"""What a judge does with a work besides scoring it: keep it for later, flag it.

As everywhere in the judge's room, an address holds the assignment's random id and no more.
"""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from competition.judging.flagging import raise_flag, withdraw_flag
from competition.judging.models import Assignment
from competition.judging.queries import RoundState, find_assignment, place_of, round_state
from competition.judging.services import JudgingRefused
from competition.judging.setting_aside import set_aside
from portal.answers import wants_json


@login_required
@never_cache
@require_POST
def later(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Set the work aside and go on; or take it back and stay."""
    assignment = _own(request, pk)
    here = reverse("judging-work", args=[pk])
    try:
        is_aside = set_aside(assignment=assignment, user=request.user)
    except JudgingRefused as refusal:
        return _refuse(request, refusal, here)
    if not is_aside:
        return _answer(request, _("Taken back: this work has its turn again."), here)
    onwards = place_of(assignment).next_to_do
    address = reverse("judging-work", args=[onwards]) if onwards else here
    return _answer(request, _("Set aside. It comes again after all others."), address)


@login_required
@never_cache
@require_POST
def flag(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Flag the work, or with `withdraw` take one kind of flag back."""
    assignment = _own(request, pk)
    here = reverse("judging-work", args=[pk])
    withdrawn = request.POST.get("withdraw")
    try:
        if withdrawn:
            withdraw_flag(assignment=assignment, user=request.user, kind=withdrawn)
            return _answer(request, _("Your flag is withdrawn."), here)
        raise_flag(
            assignment=assignment,
            user=request.user,
            kind=request.POST.get("kind", ""),
            note=request.POST.get("flag-note", "").strip(),
        )
    except JudgingRefused as refusal:
        return _refuse(request, refusal, here)
    return _answer(
        request, _("The organiser will look at it. Please score the work all the same."), here
    )


def _own(request: HttpRequest, pk: UUID) -> Assignment:
    assignment = find_assignment(request.user, pk)
    if assignment is None or round_state(assignment.round) is RoundState.WAITING:
        raise Http404
    return assignment


def _answer(request: HttpRequest, sentence: str, address: str) -> HttpResponse:
    if wants_json(request):
        return JsonResponse({"message": sentence, "next": address})
    messages.success(request, sentence)
    return redirect(address)


def _refuse(request: HttpRequest, refusal: JudgingRefused, address: str) -> HttpResponse:
    if wants_json(request):
        return JsonResponse({"messages": refusal.messages}, status=422)
    for sentence in refusal.messages:
        messages.error(request, sentence)
    return redirect(address)

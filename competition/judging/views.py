"""The judge's room: a queue of blind works, and one work at a time.

Nothing here may tell who made a work: no author, organisation, association, file name, work
number or id. An address holds the assignment's random id and no more.
"""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from competition.judging.assigning import recuse
from competition.judging.flagging import flags_of
from competition.judging.flags import Flag
from competition.judging.forms import ScorecardForm, StandAsideForm
from competition.judging.models import Assignment
from competition.judging.own_scores import ORDERS, distribution, ordered
from competition.judging.queries import (
    Place,
    RoundState,
    find_assignment,
    first_to_do,
    is_judge,
    place_of,
    reader_key,
    round_state,
    stacks_of,
    works_in,
)
from competition.judging.scorecards import (
    ScoreRefused,
    SheetChanged,
    save_scorecard,
    take_back_scorecard,
)
from competition.judging.services import JudgingRefused
from portal.answers import wants_json

WORKS_A_PAGE = 48
FILTERS: dict[str, dict[str, bool]] = {
    "all": {},
    "todo": {"scorecard__isnull": True},
    "later": {"scorecard__isnull": True, "set_aside_at__isnull": False},
    "done": {"scorecard__isnull": False},
}


@login_required
@never_cache
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """Show the judge's stacks, and the works of one of them."""
    if not is_judge(request.user):
        raise Http404
    stacks = stacks_of(request.user)
    wanted = request.GET.get("stack")
    stack = next((one for one in stacks if one.key == wanted), stacks[0] if stacks else None)
    show = request.GET.get("show")
    context = {
        "reader": reader_key(request.user),
        "stacks": stacks,
        "stack": stack,
        "show": show if show in FILTERS else "all",
    }
    if stack is not None and stack.state is not RoundState.WAITING:
        order = request.GET.get("order")
        context["order"] = order if order in ORDERS and context["show"] == "done" else ORDERS[0]
        works = works_in(stack)
        context["next_to_do"] = first_to_do(stack)
        shown = ordered(works.filter(**FILTERS[context["show"]]), context["order"])
        context["page_obj"] = Paginator(shown, WORKS_A_PAGE).get_page(request.GET.get("page"))
        context["distribution"] = distribution(stack)
    return render(request, "judging/queue.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def work(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show one work with the judge's sheet beside it; POST saves the sheet."""
    assignment = find_assignment(request.user, pk)
    if assignment is None:
        raise Http404
    state = round_state(assignment.round)
    if state is RoundState.WAITING:
        raise Http404
    if request.method == "POST":
        deed = DEEDS.get(request.POST.get("do", ""), _save)
        return deed(request, assignment)
    return _show(request, assignment, ScorecardForm(assignment=assignment))


def _show(
    request: HttpRequest, assignment: Assignment, form: ScorecardForm, refusals: list[str] = ()
) -> HttpResponse:
    state = round_state(assignment.round)
    context: dict[str, Any] = {
        "assignment": assignment,
        "entry": assignment.entry,
        "frames": list(assignment.entry.frames.all()),
        "form": form,
        "aside_form": StandAsideForm(),
        "place": place_of(assignment),
        "refusals": refusals,
        "is_open": state is RoundState.OPEN,
        "is_paused": state is RoundState.PAUSED,
        "reader": reader_key(request.user),
        "flags": flags_of(assignment),
        "kinds": Flag.Kind,
    }
    return render(request, "judging/work.html", context, status=422 if refusals else 200)


def _save(request: HttpRequest, assignment: Assignment) -> HttpResponse:
    """Save and go on to the next work; a refusal keeps what was typed and says why."""
    form = ScorecardForm(request.POST, assignment=assignment)
    if not form.is_valid():
        return _refuse(request, assignment, form, ScoreRefused(*form.messages))
    try:
        scorecard = save_scorecard(
            assignment=assignment,
            user=request.user,
            scores=form.scores,
            note=form.cleaned_data["note"],
            seen=form.seen,
        )
    except ScoreRefused as refusal:
        return _refuse(request, assignment, form, refusal)
    place = place_of(assignment)
    if not wants_json(request) and place.next_to_do is None:
        messages.success(request, _("Saved. You have scored every work of this round."))
    return _answer(request, place, version=scorecard.version)


def _take_back(request: HttpRequest, assignment: Assignment) -> HttpResponse:
    """Make the work one that is not scored yet, and show it again."""
    form = ScorecardForm(request.POST, assignment=assignment)
    try:
        take_back_scorecard(assignment=assignment, user=request.user, seen=form.seen)
    except ScoreRefused as refusal:
        return _refuse(request, assignment, form, refusal)
    if wants_json(request):
        return _answer(request, place_of(assignment))
    return redirect("judging-work", assignment.pk)


def _stand_aside(request: HttpRequest, assignment: Assignment) -> HttpResponse:
    """Let the judge leave this work to others, and go on to the next one."""
    form, sheet = StandAsideForm(request.POST), ScorecardForm(assignment=assignment)
    place = place_of(assignment)
    try:
        recuse(
            judge=assignment.judge,
            entry=assignment.entry,
            user=request.user,
            reason=form.reason,
        )
    except JudgingRefused as refusal:
        return _refuse(request, assignment, sheet, refusal)
    if not wants_json(request):
        messages.success(request, _("You stand aside from that work; it goes to another judge."))
    # This work is on the list no more.
    return _answer(request, replace(place, total=place.total - 1))


def _onwards(place: Place) -> str:
    """Return the address of the next work to score, or of the queue after the last."""
    if place.next_to_do is None:
        return reverse("judging")
    return reverse("judging-work", args=[place.next_to_do])


def _answer(request: HttpRequest, place: Place, version: int = 0) -> HttpResponse:
    """Go on; who asks for JSON is told where to, how far the round is, and the sheet's version."""
    if not wants_json(request):
        return redirect(_onwards(place))
    return JsonResponse(
        {
            "next": _onwards(place),
            "done": place.done,
            "total": place.total,
            "version": version,
        }
    )


def _refuse(
    request: HttpRequest, assignment: Assignment, form: ScorecardForm, refusal: JudgingRefused
) -> HttpResponse:
    """Say why, and keep what was typed; saved once more, it counts against a changed sheet."""
    changed = isinstance(refusal, SheetChanged)
    if wants_json(request):
        return JsonResponse({"messages": refusal.messages}, status=409 if changed else 422)
    if changed:
        form = form.after(refusal.scorecard.version if refusal.scorecard else 0)
    return _show(request, assignment, form, refusal.messages)


DEEDS = {"": _save, "take-back": _take_back, "recuse": _stand_aside}

"""The judge's room: a queue of blind works, and one work at a time.

Nothing here may tell who made a work: no author, organisation, association, file name, work
number or id. An address holds the assignment's random id and no more.
"""

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

from competition.judging.flagging import flags_of
from competition.judging.forms import ScorecardForm
from competition.judging.models import Assignment, Flag
from competition.judging.own_scores import ORDERS, distribution, ordered
from competition.judging.queries import (
    Place,
    RoundState,
    find_assignment,
    first_to_do,
    is_judge,
    place_of,
    round_state,
    stacks_of,
    works_in,
)
from competition.judging.services import ScoreRefused, save_scorecard

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
    context = {"stacks": stacks, "stack": stack, "show": show if show in FILTERS else "all"}
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
        return _save(request, assignment)
    return _show(request, assignment, ScorecardForm(assignment=assignment))


def _show(
    request: HttpRequest, assignment: Assignment, form: ScorecardForm, refusals: list[str] = ()
) -> HttpResponse:
    place = place_of(assignment)
    context: dict[str, Any] = {
        "assignment": assignment,
        "entry": assignment.entry,
        "frames": list(assignment.entry.frames.all()),
        "form": form,
        "place": place,
        "refusals": refusals,
        "is_open": round_state(assignment.round) is RoundState.OPEN,
        "flags": flags_of(assignment),
        "kinds": Flag.Kind,
    }
    return render(request, "judging/work.html", context, status=422 if refusals else 200)


def _save(request: HttpRequest, assignment: Assignment) -> HttpResponse:
    """Save and go on to the next work; a refusal keeps what was typed and says why."""
    form = ScorecardForm(request.POST, assignment=assignment)
    refusals = [] if form.is_valid() else form.messages
    if not refusals:
        try:
            save_scorecard(
                assignment=assignment,
                user=request.user,
                scores=form.scores,
                note=form.cleaned_data["note"],
            )
        except ScoreRefused as refusal:
            refusals = refusal.messages
    wants_json = request.accepts("application/json") and not request.accepts("text/html")
    if refusals:
        if wants_json:
            return JsonResponse({"messages": refusals}, status=422)
        return _show(request, assignment, form, refusals)
    place = place_of(assignment)
    if wants_json:
        return JsonResponse({"next": _onwards(place), "done": place.done, "total": place.total})
    if place.next_to_do is None:
        messages.success(request, _("Saved. You have scored every work of this round."))
    return redirect(_onwards(place))


def _onwards(place: Place) -> str:
    """Return the address of the next work to score, or of the queue after the last."""
    if place.next_to_do is None:
        return reverse("judging")
    return reverse("judging-work", args=[place.next_to_do])

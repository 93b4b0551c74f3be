"""One work: what it says now and said before, the panel's cards, and what may be decided."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from competition.entries.models import Entry
from competition.entries.near_copies import near_copies_of
from competition.entries.services import EntryRefused
from competition.entries.states import Role, State, verbs
from competition.entries.views.frames import tell
from competition.screening.forms import CardForm, DecisionForm
from competition.screening.queries import SCORED_STATES, places_in, works_to_score
from competition.screening.services import (
    decline_entry,
    forward_entry,
    return_for_revision,
    save_card,
)
from competition.screening.versions import as_submitted, card_of, versions_of
from competition.screening.views.desk import Desk, desk_of_work, row_id
from portal.answers import wants_json


def find_work(request: HttpRequest, pk: int) -> Entry:
    """Return a work of the person's associations; anybody else's does not exist: 404."""
    works = works_to_score(request.user)
    return get_object_or_404(
        works.select_related("edition", "section", "organisation__association"), pk=pk
    )


@login_required
def screening_entry(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one work between its neighbours; POST is its manager's decision."""
    entry = find_work(request, pk)
    desk = desk_of_work(request, entry)
    form = DecisionForm(request.POST or None)
    if form.is_valid():
        try:
            return _decide(request, desk, entry, form.cleaned_data)
        except EntryRefused as refusal:
            tell(request, refusal)
    return render(request, "screening/entry.html", _context(request, desk, entry, form))


def _context(request: HttpRequest, desk: Desk, entry: Entry, form: DecisionForm) -> dict[str, Any]:
    versions = versions_of(entry, desk.weights)
    latest = versions[0] if versions else None
    card = card_of(latest, request.user)
    ids = list(desk.chosen(request.GET).values_list("pk", flat=True))
    place = ids.index(entry.pk) if entry.pk in ids else None
    may_score = desk.is_open and latest is not None and entry.state in SCORED_STATES
    return {
        "desk": desk,
        "entry": as_submitted(entry, latest),
        "latest": latest,
        "earlier": versions[1:],
        "near_copies": near_copies_of(entry),
        "frames": latest.frames if latest else [],
        "form": form,
        "card": card,
        "card_form": CardForm(edition=desk.edition, criteria=desk.criteria, card=card)
        if may_score
        else None,
        "verbs": verbs(entry.state, Role.SCREENER) if desk.may_decide else [],
        "places": places_in(desk.association, entry.section),
        "place": None if place is None else place + 1,
        "total": len(ids),
        "previous": ids[place - 1] if place else None,
        "next": ids[place + 1] if place is not None and place + 1 < len(ids) else None,
        "query": request.GET.urlencode(),
    }


def _decide(request: HttpRequest, desk: Desk, entry: Entry, values: dict[str, Any]) -> HttpResponse:
    """Do what the button says, then show the next work that waits."""
    verb, reason = request.POST.get("do"), values["reason"]
    following = _next_waiting(desk, request.GET, entry)
    deed = {"entry": entry, "user": request.user, "seen": row_id(request.POST.get("seen", ""))}
    if verb == "forward":
        forward_entry(**deed)
    elif verb == "return":
        return_for_revision(**deed, reason=reason, revise_by=values["revise_by"])
    elif verb == "decline":
        decline_entry(**deed, reason=reason)
    else:
        raise Http404
    messages.success(
        request,
        _("%(number)s is now “%(state)s”.")
        % {"number": entry.number, "state": entry.get_state_display()},
    )
    address = reverse("screening-entry", args=[following]) if following else reverse("screening")
    return redirect(f"{address}?{request.GET.urlencode()}" if request.GET else address)


def _next_waiting(desk: Desk, wanted: QueryDict, entry: Entry) -> int | None:
    """Return the undecided work that follows in the list's order, then from its start."""
    waiting = desk.chosen(wanted).filter(state=State.SUBMITTED)
    ids = list(waiting.values_list("pk", flat=True))
    place = ids.index(entry.pk) if entry.pk in ids else -1
    return next((pk for pk in ids[place + 1 :] + ids if pk != entry.pk), None)


@login_required
@require_POST
def save(request: HttpRequest, pk: int) -> HttpResponse:
    """Save one's own card; a script asks for JSON and stays on the page."""
    entry = find_work(request, pk)
    desk = desk_of_work(request, entry)
    number = row_id(request.POST.get("revision", ""))
    revision = get_object_or_404(entry.revisions, number=number)
    form = CardForm(request.POST, edition=desk.edition, criteria=desk.criteria, card=None)
    refusals = [] if form.is_valid() else form.messages
    if not refusals:
        try:
            save_card(
                revision=revision,
                screener=request.user,
                actor=request.user,
                scores=form.scores,
                advice=form.cleaned_data["advice"],
            )
        except EntryRefused as refusal:
            refusals = refusal.messages
    if wants_json(request):
        return JsonResponse({"messages": refusals}, status=422 if refusals else 200)
    for message in refusals:
        messages.error(request, message)
    if not refusals:
        messages.success(request, _("Your scores are saved."))
    address = request.POST.get("back")
    if address == "meeting":
        return redirect(f"{reverse('screening-meeting-card')}?{desk.query}")
    return redirect("screening-entry", pk=pk)

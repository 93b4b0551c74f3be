"""The panel's meeting: a projector shows the works one by one, scores come by key or phone."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import condition, require_GET, require_POST

from competition.editions.forms import PREFIX
from competition.entries.models import Entry
from competition.entries.services import EntryRefused
from competition.entries.states import State
from competition.entries.views.frames import tell
from competition.screening.forms import CardForm
from competition.screening.models import Meeting
from competition.screening.queries import (
    SCORED_STATES,
    meeting_version,
    panel_of,
    scores_on,
)
from competition.screening.services import open_meeting, save_card, set_display, show_work
from competition.screening.versions import as_submitted, card_of, versions_of
from competition.screening.views.desk import Desk, find_desk, row_id
from portal.answers import wants_json


def find_meeting(desk: Desk) -> Meeting | None:
    return (
        Meeting.objects.filter(association=desk.association, edition=desk.edition)
        .select_related("entry__section", "entry__organisation", "association", "edition")
        .first()
    )


def _present(request: HttpRequest) -> tuple[Desk, Meeting]:
    """Return the desk and its meeting for who leads it; anybody else: 404."""
    desk = find_desk(request)
    meeting = find_meeting(desk)
    if meeting is None or not desk.may_decide:
        raise Http404
    return desk, meeting


def _waiting(desk: Desk, entry: Entry | None) -> list[Entry]:
    """Return the works that the meeting goes through: those that wait, and the one shown."""
    works = desk.works.filter(state=State.SUBMITTED)
    if entry is not None:
        works = works | desk.works.filter(pk=entry.pk)
    return list(works.order_by("section__position", "section", "number"))


@login_required
def meeting(request: HttpRequest) -> HttpResponse:
    """Where the meeting begins: a manager leads it from here, members take their phone."""
    desk = find_desk(request)
    found = find_meeting(desk)
    if request.method == "POST":
        if not desk.may_decide:
            raise Http404
        found = open_meeting(association=desk.association, edition=desk.edition, user=request.user)
        first = next(iter(_waiting(desk, found.entry)), None)
        if found.entry is None and first is not None:
            show_work(meeting=found, entry=first, user=request.user)
        return redirect(f"{reverse('screening-projector')}?{desk.query}")
    context = {
        "desk": desk,
        "meeting": found,
        "panel": panel_of(desk.association),
        "waiting": len(_waiting(desk, None)),
        "phone_url": request.build_absolute_uri(
            f"{reverse('screening-meeting-card')}?{desk.query}"
        ),
    }
    return render(request, "screening/meeting.html", context)


@login_required
@require_GET
def projector(request: HttpRequest) -> HttpResponse:
    """One work on a black page, for everybody in the room to see."""
    desk, meeting = _present(request)
    entry = meeting.entry
    works = _waiting(desk, entry)
    place = works.index(entry) if entry in works else 0
    versions = versions_of(entry, desk.weights) if entry else []
    latest = versions[0] if versions else None
    context = {
        "desk": desk,
        "meeting": meeting,
        "entry": entry and as_submitted(entry, latest),
        "frames": latest.frames if latest else [],
        "latest": latest,
        "rows": [_row(desk, member, latest) for member in panel_of(desk.association)],
        "works": works,
        "place": place + 1,
        "previous": works[place - 1] if place else None,
        "next": works[place + 1] if place + 1 < len(works) else None,
        "version": meeting_version(meeting),
    }
    return render(request, "screening/projector.html", context)


def _row(desk: Desk, member: Any, latest: Any) -> dict[str, Any]:
    """Return a member's line of the panel: the fields to key in, and the value to show."""
    cards = {card.screener_id: (card, value) for card, value in (latest.cards if latest else [])}
    card, value = cards.get(member.pk, (None, None))
    given = scores_on(card)
    fields = [
        (f"{PREFIX}{member.pk}-{one.code}", one, given.get(one.code, "")) for one in desk.criteria
    ]
    return {
        "member": member,
        "has_scored": value is not None,
        "value": value,
        "fields": fields,
        "was": _row_text(desk, given),
    }


def _row_text(desk: Desk, scores: dict[str, Any]) -> str:
    """Return a member's scores as one text, to tell whether a row was touched."""
    return ",".join(str(scores.get(one.code, "")) for one in desk.criteria)


@login_required
@require_POST
def show(request: HttpRequest) -> HttpResponse:
    """Turn to another work, or show and hide scores and names; then the projector again."""
    desk, meeting = _present(request)
    try:
        if "work" in request.POST:
            entry = get_object_or_404(desk.works, pk=row_id(request.POST["work"]))
            show_work(meeting=meeting, entry=entry, user=request.user)
        else:
            set_display(
                meeting=meeting,
                user=request.user,
                shows_scores=request.POST.get("scores") == "shown",
                shows_names=request.POST.get("names") == "shown",
            )
    except EntryRefused as refusal:
        tell(request, refusal)
    return redirect(f"{reverse('screening-projector')}?{desk.query}")


@login_required
@require_POST
def key_in(request: HttpRequest) -> HttpResponse:
    """Save the scores of the panel's members that were keyed in on one keyboard."""
    desk, meeting = _present(request)
    entry = get_object_or_404(desk.works, pk=meeting.entry_id)
    number = row_id(request.POST.get("revision", ""))
    revision = get_object_or_404(entry.revisions, number=number)
    refusals: list[str] = []
    for member in panel_of(desk.association):
        scores = _keyed(request, desk, member)
        # A row that nobody touched may be older than what came by phone.
        if scores and _row_text(desk, scores) != request.POST.get(f"was-{member.pk}"):
            try:
                save_card(revision=revision, screener=member, actor=request.user, scores=scores)
            except EntryRefused as refusal:
                refusals += [f"{member}: {message}" for message in refusal.messages]
    if wants_json(request):
        return JsonResponse({"messages": refusals}, status=422 if refusals else 200)
    for message in refusals:
        messages.error(request, message)
    return redirect(f"{reverse('screening-projector')}?{desk.query}")


def _keyed(request: HttpRequest, desk: Desk, member: Any) -> dict[str, Any]:
    """Return the member's scores of the form; what is no number is left for the check to refuse."""
    given = {
        one.code: request.POST.get(f"{PREFIX}{member.pk}-{one.code}", "").strip()
        for one in desk.criteria
    }
    return {
        code: int(value) if value.isdecimal() and len(value) < 6 else value
        for code, value in given.items()
        if value
    }


@login_required
@require_GET
def card(request: HttpRequest) -> HttpResponse:
    """A member's phone: a card for the work that is on the projector now."""
    desk = find_desk(request)
    meeting = find_meeting(desk)
    if meeting is None:
        return redirect(f"{reverse('screening-meeting')}?{desk.query}")
    entry = meeting.entry
    versions = versions_of(entry, desk.weights) if entry else []
    latest = versions[0] if versions else None
    mine = card_of(latest, request.user)
    may_score = latest is not None and desk.is_open and entry.state in SCORED_STATES
    context = {
        "desk": desk,
        "meeting": meeting,
        "entry": entry and as_submitted(entry, latest),
        "latest": latest,
        "frames": latest.frames[:1] if latest else [],
        "card": mine,
        "card_form": CardForm(edition=desk.edition, criteria=desk.criteria, card=mine)
        if may_score
        else None,
        "back": "meeting",
    }
    return render(request, "screening/phone.html", context)


def _etag(request: HttpRequest) -> str | None:
    meeting = find_meeting(find_desk(request))
    return f'"{meeting_version(meeting)}"' if meeting else None


@condition(etag_func=_etag)
def _state(request: HttpRequest) -> HttpResponse:
    meeting = find_meeting(find_desk(request))
    if meeting is None:
        raise Http404
    return JsonResponse({"work": meeting.entry_id, "version": meeting_version(meeting)})


@login_required
@require_GET
def state(request: HttpRequest) -> HttpResponse:
    """Tell what the meeting looks at; asked every two seconds, so 304 while nothing changed."""
    answer = _state(request)
    patch_cache_control(answer, private=True, no_cache=True)
    return answer

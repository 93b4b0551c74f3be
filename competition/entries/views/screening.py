"""The association's pages: the works of its companies, and one of them."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from competition.editions.models import Edition, Phase
from competition.editions.queries import find_phase, is_phase_open
from competition.entries.forms import DecisionForm
from competition.entries.models import STATE_LABELS, Entry
from competition.entries.queries import count_states, entries_to_screen, frames_of, with_pictures
from competition.entries.services import (
    EntryRefused,
    decline_entry,
    forward_entry,
    return_entry,
)
from competition.entries.states import Role, State, verbs
from competition.entries.views.frames import tell
from competition.organisations.queries import screened_associations

WORKS_A_PAGE = 24
SUBMITTED_STATES = [(code, label) for code, label in STATE_LABELS if code != State.DRAFT]


@login_required
@require_GET
def screening(request: HttpRequest) -> HttpResponse:
    """The grid: one edition's works, by state. 404 for who manages no association."""
    associations = list(screened_associations(request.user))
    if not associations:
        raise Http404
    editions = list(Edition.objects.prefetch_related("phases"))
    edition = next((e for e in editions if e.slug == request.GET.get("edition")), None)
    edition = edition or _current(editions)
    works = entries_to_screen(request.user).filter(edition=edition)
    counts = count_states(works)
    state = request.GET.get("state", "")
    if state in counts:
        works = works.filter(state=state)
    context = {
        "associations": associations,
        "edition": edition,
        "editions": editions,
        "phase": find_phase(edition, Phase.Kind.SCREENING) if edition else None,
        "is_open": edition is not None and is_phase_open(edition, Phase.Kind.SCREENING),
        "filters": [(code, label, counts[code]) for code, label in SUBMITTED_STATES],
        "total": sum(counts.values()),
        "state": state,
        "works": Paginator(with_pictures(works.order_by("pk")), WORKS_A_PAGE).get_page(
            request.GET.get("page")
        ),
    }
    return render(request, "screening/list.html", context)


def _current(editions: list[Edition]) -> Edition | None:
    """Return the edition whose screening is open, else the newest; None when there is none."""
    open_ones = [e for e in editions if is_phase_open(e, Phase.Kind.SCREENING)]
    return next(iter(open_ones or editions), None)


@login_required
def screening_entry(request: HttpRequest, pk: int) -> HttpResponse:
    """One work, and the three things a screener may do with it."""
    works = entries_to_screen(request.user).select_related("edition", "section", "organisation")
    entry = get_object_or_404(works, pk=pk)
    form = DecisionForm(request.POST or None)
    if form.is_valid():
        try:
            return _decide(request, entry, form.cleaned_data["reason"])
        except EntryRefused as refusal:
            tell(request, refusal)
    context = {
        "entry": entry,
        "frames": frames_of(entry),
        "revisions": entry.revisions.count(),
        "is_open": is_phase_open(entry.edition, Phase.Kind.SCREENING),
        "phase": find_phase(entry.edition, Phase.Kind.SCREENING),
        "verbs": verbs(entry.state, Role.SCREENER),
        "form": form,
    }
    return render(request, "screening/entry.html", context)


def _decide(request: HttpRequest, entry: Entry, reason: str) -> HttpResponse:
    """Do what the button says, then show the next work that waits."""
    verb = request.POST.get("do")
    if verb == "forward":
        forward_entry(entry=entry, user=request.user)
    elif verb == "return":
        return_entry(entry=entry, user=request.user, reason=reason)
    elif verb == "decline":
        decline_entry(entry=entry, user=request.user, reason=reason)
    else:
        raise Http404
    messages.success(
        request,
        _("%(number)s is now “%(state)s”.")
        % {"number": entry.number, "state": entry.get_state_display()},
    )
    waiting = entries_to_screen(request.user).filter(edition=entry.edition, state=State.SUBMITTED)
    following = waiting.filter(pk__gt=entry.pk).order_by("pk").first()
    if following:
        return redirect("screening-entry", pk=following.pk)
    return redirect("screening")

"""The grid of an association's works, and what its manager does to several at once."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from competition.editions.models import Edition
from competition.entries.models import STATE_LABELS, Entry
from competition.entries.queries import count_states, with_pictures
from competition.entries.services import EntryRefused
from competition.entries.states import State
from competition.organisations.models import Organisation
from competition.organisations.queries import scored_associations
from competition.screening.checks import foresee
from competition.screening.forms import BulkForm, CriteriaFormSet
from competition.screening.models import ScreeningCriterion
from competition.screening.queries import Places, places_of
from competition.screening.services import decline_entry, forward_entry, set_criteria
from competition.screening.views.desk import find_desk, row_id

WORKS_A_PAGE = 24
SUBMITTED_STATES = [(code, label) for code, label in STATE_LABELS if code != State.DRAFT]


@login_required
@require_GET
def screening(request: HttpRequest) -> HttpResponse:
    """The grid: one edition's works, filtered and sorted. 404 for who is in no association."""
    desk = find_desk(request)
    counts = count_states(desk.works)
    chosen = desk.chosen(request.GET)
    context = {
        "desk": desk,
        "associations": scored_associations(request.user),
        "editions": Edition.objects.all(),
        "sections": desk.edition.sections.all(),
        "companies": Organisation.objects.filter(entries__in=desk.works).distinct(),
        "filters": [(code, label, counts[code]) for code, label in SUBMITTED_STATES],
        "total": sum(counts.values()),
        "places": places_of(desk.association, desk.edition),
        "works": Paginator(with_pictures(chosen), WORKS_A_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "screening/list.html", context)


@login_required
@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """Forward or decline the ticked works, after a look at what would go and what would not."""
    desk = find_desk(request)
    if not desk.may_decide:
        raise Http404
    chosen = [row_id(text) for text in request.POST.getlist("work")]
    works = list(with_pictures(desk.works.filter(pk__in=chosen)).order_by("number"))
    for entry in works:
        entry.seen = row_id(request.POST.get(f"seen-{entry.pk}", ""))
    back = f"{reverse('screening')}?{desk.query}"
    verb = request.POST.get("do")
    if verb not in ("forward", "decline"):
        raise Http404
    if not works:
        messages.error(request, _("Please tick the works first. Nothing was changed."))
        return redirect(back)
    is_confirmed = "confirm" in request.POST
    form = BulkForm(request.POST if is_confirmed else None, needs_reason=verb == "decline")
    if is_confirmed and form.is_valid():
        _decide(request, works, verb, form.cleaned_data["reason"])
        return redirect(back)
    places = places_of(desk.association, desk.edition)
    plan = foresee(verb, works, places)
    going = [entry for entry, problem in plan if not problem]
    context = {
        "desk": desk,
        "verb": verb,
        "form": form,
        "going": going,
        "staying": [(entry, problem) for entry, problem in plan if problem],
        "places": _after(places, going) if verb == "forward" else [],
    }
    return render(request, "screening/bulk.html", context)


def _after(places: list[Places], going: list[Entry]) -> list[tuple[Places, int | None]]:
    """Return each section's places, and how many would be left after forwarding these."""
    return [
        (one, one.left and one.left - sum(entry.section_id == one.section.pk for entry in going))
        for one in places
    ]


def _decide(request: HttpRequest, works: list[Entry], verb: str, reason: str) -> None:
    """Move each; one that is refused is told of and does not stop the others."""
    done = 0
    for entry in works:
        try:
            if verb == "forward":
                forward_entry(entry=entry, user=request.user, seen=entry.seen)
            else:
                decline_entry(entry=entry, user=request.user, reason=reason, seen=entry.seen)
            done += 1
        except EntryRefused as refusal:
            messages.error(request, f"{entry}: {' '.join(refusal.messages)}")
    if done:
        words = ngettext("%(n)d work decided.", "%(n)d works decided.", done)
        messages.success(request, words % {"n": done})


@login_required
def criteria(request: HttpRequest) -> HttpResponse:
    """The association's own criteria; without any it scores by the edition's."""
    desk = find_desk(request)
    if not desk.may_decide:
        raise Http404
    own = ScreeningCriterion.objects.filter(association=desk.association, edition=desk.edition)
    formset = CriteriaFormSet(request.POST or None, queryset=own)
    if request.method == "POST" and formset.is_valid():
        rows = [
            form.cleaned_data | {"pk": form.instance.pk}
            for form in formset
            if form.cleaned_data.get("title") and not form.cleaned_data.get("DELETE")
        ]
        set_criteria(
            association=desk.association, edition=desk.edition, actor=request.user, criteria=rows
        )
        messages.success(request, _("The criteria are saved."))
        return redirect(f"{reverse('screening')}?{desk.query}")
    context = {"desk": desk, "formset": formset, "usual": desk.edition.criteria.all()}
    return render(request, "screening/criteria.html", context)


@login_required
@require_GET
def sheets(request: HttpRequest) -> HttpResponse:
    """Score sheets to print, A4: empty boxes to fill in, or the panel's scores."""
    desk = find_desk(request)
    context = {
        "desk": desk,
        "filled": request.GET.get("sheet") == "filled",
        "works": with_pictures(desk.chosen(request.GET)),
    }
    return render(request, "screening/sheets.html", context)

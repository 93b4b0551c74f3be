"""The entrant's pages: what is mine, and one work from draft to withdrawal."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from competition.editions.models import Section
from competition.editions.queries import current_declaration
from competition.entries.exact_copies import NO_COPIES, copies_of
from competition.entries.forms import EntryForm, NewEntryForm
from competition.entries.models import Entry
from competition.entries.queries import (
    arrival_deadline,
    edit_window,
    entries_of,
    find_call,
    frames_of,
    grace_window,
    may_appeal,
    may_withdraw,
    open_calls,
    places_left,
    with_pictures,
)
from competition.entries.services import (
    EntryRefused,
    create_entry,
    delete_draft,
    submit_entry,
    update_entry,
    withdraw_entry,
)
from competition.entries.views.frames import (
    act_on_frame,
    add_files,
    own_entry,
    shown_declaration,
    tell,
)
from competition.entries.views.releases import act_on_releases, take_out_release
from competition.entries.wishes import take_back_wish
from competition.organisations.queries import organisations_of, scored_associations
from media_processing.precheck import precheck
from portal.accounts.groups import JUDGES, group_names
from portal.answers import wants_json

WORKS_A_PAGE = 48


@login_required
@require_GET
def my(request: HttpRequest) -> HttpResponse:
    """The signed-in person's home: what is open, what is mine, where I may go."""
    works = with_pictures(entries_of(request.user)).order_by("-edition__created_at", "-pk")
    context = {
        "calls": open_calls(),
        "works": Paginator(works, WORKS_A_PAGE).get_page(request.GET.get("page")),
        "memberships": request.user.memberships.select_related("organisation__association"),
        "may_screen": scored_associations(request.user).exists(),
        "may_judge": JUDGES in group_names(request.user),
        "may_administer": request.user.has_perm("wagtailadmin.access_admin"),
    }
    return render(request, "entries/my.html", context)


@login_required
def create(request: HttpRequest, section: int) -> HttpResponse:
    """Begin a work. A script asks for JSON, then sends the files one by one."""
    chosen = get_object_or_404(Section.objects.select_related("edition"), pk=section)
    if not organisations_of(request.user).exists():
        messages.info(request, _("First register your organisation, or join it by its code."))
        return redirect("organisation-create")
    entry = Entry(section=chosen, edition=chosen.edition)
    form = NewEntryForm(request.POST or None, instance=entry, user=request.user)
    problems: list[str] = []
    if request.method == "POST" and form.is_valid():
        try:
            entry = create_entry(section=chosen, user=request.user, **form.cleaned_data)
            return _created(request, entry)
        except EntryRefused as refusal:
            problems = refusal.messages
    if request.method == "POST" and wants_json(request):
        return JsonResponse({"messages": problems or _form_sentences(form)}, status=422)
    for problem in problems:
        messages.error(request, problem)
    return render(request, "entries/edit.html", _edit_context(request, entry, form))


def _created(request: HttpRequest, entry: Entry) -> HttpResponse:
    address = reverse("entry-edit", args=[entry.pk])
    if wants_json(request):
        return JsonResponse(
            {
                "edit": address,
                "files": reverse("entry-frames", args=[entry.pk]),
                "uploads": reverse("entry-uploads", args=[entry.pk]),
                "status": reverse("entry-status", args=[entry.pk]),
            },
            status=201,
        )
    add_files(request, entry)
    messages.success(request, _("The draft is saved. Submit it when everything is there."))
    return redirect(address)


@login_required
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a work: one form, so that no button loses what was typed beside it.

    A script asks for JSON while files are coming: the page must not go away under them.
    """
    entry = own_entry(request, pk)
    if edit_window(entry) is None:
        if request.method == "POST":
            messages.error(
                request, _("What you just sent came too late and was not saved. This is kept:")
            )
        return redirect("entry-detail", pk=pk)
    form = EntryForm(request.POST or None, instance=entry)
    if request.method == "POST" and form.is_valid():
        try:
            answer = _act(request, entry, form.cleaned_data)
        except EntryRefused as refusal:
            if wants_json(request):
                return JsonResponse({"messages": refusal.messages}, status=422)
            tell(request, refusal)
            return redirect("entry-edit", pk=pk)
        return _told(request) if wants_json(request) else answer
    if request.method == "POST" and wants_json(request):
        return JsonResponse({"messages": _form_sentences(form)}, status=422)
    return render(request, "entries/edit.html", _edit_context(request, entry, form))


def _act(request: HttpRequest, entry: Entry, fields: dict[str, Any]) -> HttpResponse:
    """Save the texts and the files chosen, then do what the button says."""
    update_entry(entry=entry, user=request.user, **fields)
    add_files(request, entry)
    act_on_releases(request, entry)
    verb, _dash, pk = request.POST.get("do", "save").partition("-")
    if verb == "submit":
        submit_entry(
            entry=entry,
            user=request.user,
            accepts_rights="accepts_rights" in request.POST,
            declaration=shown_declaration(request),
        )
        messages.success(
            request,
            _("Submitted as %(number)s. A receipt is on its way to you by e-mail.")
            % {"number": entry.number},
        )
        return redirect("entry-detail", pk=entry.pk)
    if verb == "unwish":
        take_back_wish(entry=entry, user=request.user)
        messages.success(request, _("It stays a draft. Submit it when everything is there."))
        return redirect("entry-edit", pk=entry.pk)
    if verb in ("release", "unrelease"):
        if pk:
            take_out_release(request, entry, pk)
        return redirect(reverse("entry-edit", args=[entry.pk]) + "#rights")
    if pk:
        act_on_frame(request, entry, verb, pk)
        return redirect(reverse("entry-edit", args=[entry.pk]) + "#files")
    messages.success(request, _("Saved. Nobody looks at it until you submit it."))
    return redirect("entry-edit", pk=entry.pk)


@login_required
@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One work as it stands, for its own organisation; nothing here changes it."""
    entry = own_entry(request, pk)
    grace = grace_window(entry)
    context = {
        "entry": entry,
        "frames": frames_of(entry),
        "window": edit_window(entry),
        "grace": grace and arrival_deadline(grace),
        "call": find_call(entry),
        "may_withdraw": may_withdraw(entry),
        "may_appeal": may_appeal(entry),
    }
    return render(request, "entries/detail.html", context)


@login_required
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the work back."""
    entry = own_entry(request, pk)
    try:
        withdraw_entry(entry=entry, user=request.user)
    except EntryRefused as refusal:
        tell(request, refusal)
    else:
        messages.success(request, _("The work is withdrawn. Its texts and files are kept here."))
    return redirect("entry-detail", pk=pk)


@login_required
@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a draft with its files."""
    entry = own_entry(request, pk)
    try:
        delete_draft(entry=entry, user=request.user)
    except EntryRefused as refusal:
        tell(request, refusal)
        return redirect("entry-detail", pk=pk)
    messages.success(request, _("The draft and its files are deleted."))
    return redirect("my")


def _told(request: HttpRequest) -> JsonResponse:
    """Answer with what the next page would have said."""
    return JsonResponse({"done": [str(one) for one in messages.get_messages(request)]})


def _form_sentences(form: EntryForm) -> list[str]:
    return [f"{form[name].label}: {error}" for name in form.errors for error in form.errors[name]]


def _edit_context(request: HttpRequest, entry: Entry, form: EntryForm) -> dict[str, Any]:
    """Return what the work's page shows beside the form."""
    own = [entry.organisation] if entry.pk else list(organisations_of(request.user))
    frames = frames_of(entry) if entry.pk else []
    section = entry.section
    return {
        "entry": entry,
        "section": section,
        "declaration": current_declaration(section.edition),
        "precheck": precheck(section.media_rules),
        "form": form,
        "frames": frames,
        "copies": copies_of(entry) if entry.pk else NO_COPIES,
        "free_frames": section.max_frames - len(frames),
        "window": edit_window(entry),
        # A returned work holds its place already.
        "places": [] if entry.number else [(one, places_left(section, one)) for one in own],
    }

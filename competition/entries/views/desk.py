"""The works desk: all drafts of an organisation on one page, to fill in and submit together."""

import json
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from competition.editions.models import Edition, Phase, Section
from competition.editions.queries import current_declaration, find_phase
from competition.entries.checks import EntryRefused
from competition.entries.desk import (
    MOST_FILES,
    Announced,
    Begun,
    begin_files,
    declare_works,
    receive_files,
    submit_works,
    wish_submissions,
)
from competition.entries.exact_copies import find_copies
from competition.entries.forms import EntryForm
from competition.entries.grid import Grid, Row, read_grid, stamp_of
from competition.entries.models import Entry
from competition.entries.queries import arrival_deadline, works_at_the_desk
from competition.entries.series import join_entries
from competition.entries.views.frames import shown_declaration, tell
from competition.organisations.models import Organisation
from competition.organisations.queries import organisations_of
from media_processing.precheck import precheck
from media_processing.states import AssetState
from portal.answers import wants_json

ROWS_A_PAGE = 100


def own_desk(request: HttpRequest, organisation: int, edition: str) -> tuple[Edition, Organisation]:
    """Return whose desk it is; a foreign organisation's does not exist: 404."""
    own = get_object_or_404(organisations_of(request.user), pk=organisation)
    editions = Edition.objects.prefetch_related("phases", "sections")
    return get_object_or_404(editions, slug=edition), own


@login_required
@require_GET
def desk(request: HttpRequest, organisation: int, edition: str) -> HttpResponse:
    """The page: files come in above, each becomes a row; what is ready is submitted below."""
    running, own = own_desk(request, organisation, edition)
    call = find_phase(running, Phase.Kind.CALL)
    sections = list(running.sections.all())
    grid = read_grid(running, own)
    is_open = call is not None and call.is_open()
    shows = {"all": grid.rows, "incomplete": grid.incomplete, "ready": grid.ready}
    show = request.GET.get("show", "")
    chosen = shows.get(show, grid.rows)
    page = Paginator(chosen, ROWS_A_PAGE).get_page(
        request.GET.get("page") or _page_of(chosen, request.GET.get("at"))
    )
    context = {
        **_desk_context(running, own, grid),
        "rows": page,
        "show": show if show in shows else "all",
        # Works begun elsewhere are shown as they come only where the rows end.
        "ends_here": chosen is grid.rows and not page.has_next(),
        "call": call,
        "call_is_open": is_open,
        "grace_ends": _grace_end(call),
        "may_submit": is_open or any(row.may_submit for row in grid.rows),
        "declaration": current_declaration(running),
        "portraits": Entry.Portraits.choices,
        "prechecks": {section.pk: precheck(section.media_rules) for section in sections},
        "choices": _choices(sections),
    }
    return render(request, "entries/desk.html", context)


@login_required
@require_GET
def rows(request: HttpRequest, organisation: int, edition: str) -> HttpResponse:
    """The rows named by `pk`, the limits and the counts, for the script to put in place."""
    running, own = own_desk(request, organisation, edition)
    grid = read_grid(running, own)
    wanted = set(request.GET.getlist("pk"))
    shown = [row for row in grid.rows if str(row.entry.pk) in wanted]
    context = {**_desk_context(running, own, grid), "rows": shown}
    return render(request, "entries/_desk_news.html", context)


@login_required
@require_GET
def status(request: HttpRequest, organisation: int, edition: str) -> HttpResponse:
    """Tell the script in few bytes which rows have changed."""
    running, own = own_desk(request, organisation, edition)
    works = list(works_at_the_desk(running, own))
    copies = find_copies(works)
    stamps = {str(entry.pk): stamp_of(entry, copies[entry.pk]) for entry in works}
    return JsonResponse({"rows": stamps})


@login_required
@require_POST
def files(request: HttpRequest, organisation: int, edition: str) -> HttpResponse:
    """Begin a work for each announced file. Without a script the files themselves come here."""
    running, own = own_desk(request, organisation, edition)
    if request.content_type != "application/json":
        return _receive(request, running, own)
    asked = read_json(request)
    sections = _sections(running, asked.get("sections"))
    try:
        begun = begin_files(
            edition=running,
            organisation=own,
            files=_announced(asked.get("files")),
            sections=sections,
            user=request.user,
        )
    except EntryRefused as refusal:
        return JsonResponse({"messages": refusal.messages}, status=422)
    return JsonResponse({"files": [_as_json(one) for one in begun]}, status=201)


@login_required
@require_POST
def submit(request: HttpRequest, organisation: int, edition: str) -> HttpResponse:
    """Submit all that are ready, or make a series of the selected."""
    running, own = own_desk(request, organisation, edition)
    grid = read_grid(running, own)
    try:
        if request.POST.get("do") == "join":
            _join(request, running, grid)
        elif request.POST.get("do") == "declare":
            _declare(request, grid)
        else:
            _submit(request, grid)
    except EntryRefused as refusal:
        tell(request, refusal)
    return told(request) or redirect("works-desk", organisation=organisation, edition=edition)


def _page_of(rows: list[Row], at: str | None) -> int | None:
    """Return the page on which the work with this id stands; None when it does not."""
    ids = [str(row.entry.pk) for row in rows]
    return ids.index(at) // ROWS_A_PAGE + 1 if at in ids else None


# --- what they share ----------------------------------------------------------------------


def told(request: HttpRequest) -> JsonResponse | None:
    """Return what the next page would have said, when a script asks; else None."""
    if not wants_json(request):
        return None
    found = messages.get_messages(request)
    return JsonResponse({"told": [{"text": str(one), "level": one.level_tag} for one in found]})


def read_json(request: HttpRequest) -> dict[str, Any]:
    """Return the object a script sent. Raises BadRequest."""
    try:
        asked = json.loads(request.body)
    except ValueError as error:
        raise BadRequest("The body must be JSON.") from error
    if not isinstance(asked, dict):
        raise BadRequest("The body must be a JSON object.")
    return asked


def _desk_context(edition: Edition, organisation: Organisation, grid: Grid) -> dict[str, Any]:
    return {
        "edition": edition,
        "organisation": organisation,
        "grid": grid,
        "rows": grid.rows,
        "sections": list(edition.sections.all()),
        "series_sections": [section for section in edition.sections.all() if section.is_series],
    }


def _grace_end(call: Phase | None) -> datetime | None:
    """Return until when files may still arrive, when that is now; else None."""
    if call is None or not call.has_closed() or timezone.now() >= arrival_deadline(call):
        return None
    return arrival_deadline(call)


def _choices(sections: list[Section]) -> list[tuple[str, list[Section]]]:
    """Return, for each kind of file, where it may go."""
    kinds = dict.fromkeys(section.media_kind for section in sections)
    return [(kind, [one for one in sections if one.media_kind == kind]) for kind in kinds]


def _sections(edition: Edition, chosen: Any) -> list[Section]:
    """Return the sections that files go to: the chosen first, then the others in order."""
    keys = {str(key) for key in chosen} if isinstance(chosen, list) else set()
    return sorted(edition.sections.all(), key=lambda section: str(section.pk) not in keys)


def _announced(asked: Any) -> list[Announced]:
    if not isinstance(asked, list) or not 0 < len(asked) <= MOST_FILES:
        raise BadRequest(f"`files` must be a list of 1 to {MOST_FILES}.")
    try:
        announced = [Announced(str(one["name"])[:1000], int(one["size"])) for one in asked]
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise BadRequest("Each file has a name and a size.") from error
    if any(file.byte_size < 0 for file in announced):
        raise BadRequest("A file has no less than 0 bytes.")
    return announced


def _as_json(begun: Begun) -> dict[str, Any]:
    if begun.frame is None:
        return {"messages": begun.messages}
    asset = begun.frame.asset
    is_here = asset.state != AssetState.UPLOADING
    address = "" if is_here else reverse("media-upload", args=[asset.pk])
    return {"work": begun.frame.entry_id, "upload": address}


def _receive(request: HttpRequest, edition: Edition, organisation: Organisation) -> HttpResponse:
    """Take the files of a form, one after the other; a refused one is told and stops no other."""
    chosen = request.FILES.getlist("files")
    outcomes = receive_files(
        edition=edition,
        organisation=organisation,
        files=[(file.name, file) for file in chosen],
        sections=_sections(edition, request.POST.getlist("sections")),
        user=request.user,
    )
    for one in outcomes:
        for message in one.messages:
            messages.error(request, f"{one.file.name}: {message}")
    return redirect("works-desk", organisation=organisation.pk, edition=edition.slug)


def _join(request: HttpRequest, edition: Edition, grid: Grid) -> None:
    section = get_object_or_404(edition.sections, pk=_number(request.POST.get("series")))
    joined = join_entries(entries=_selected(request, grid), section=section, user=request.user)
    messages.success(
        request,
        _("“%(title)s” is a series now. Put its pictures in order below.")
        % {"title": joined.title},
    )


def _declare(request: HttpRequest, grid: Grid) -> None:
    """Say the same of every work that says nothing yet of AI use or of people."""
    fields = EntryForm().fields
    said = {name: request.POST.get(f"all_{name}", "") for name in ("ai_use", "portraits")}
    if any(not fields[name].valid_value(value) for name, value in said.items() if value):
        raise BadRequest("No such declaration.")
    editable = [row.entry for row in grid.rows if row.may_edit]
    changed = declare_works(entries=editable, user=request.user, **said)
    messages.success(
        request,
        ngettext("Said for %(count)s work.", "Said for %(count)s works.", changed)
        % {"count": changed},
    )


def _submit(request: HttpRequest, grid: Grid) -> None:
    """Submit the works that are ready; tell of each that was not taken."""
    accepted = {
        "user": request.user,
        "accepts_rights": "accepts_rights" in request.POST,
        "declaration": shown_declaration(request),
    }
    ready, coming = ([row.entry for row in rows] for rows in (grid.ready, grid.on_their_way))
    outcomes = submit_works(entries=ready, **accepted)
    done = sum(1 for one in outcomes if not one.messages)
    wishes = []
    if "later" in request.POST:
        wishes = wish_submissions(entries=coming, **accepted)
    _tell_submitted(request, done, sum(1 for one in wishes if not one.messages))
    if not outcomes and not wishes:
        messages.warning(request, _("No work is ready yet: what is missing stands in each row."))
    refused = [one for one in (*outcomes, *wishes) if one.messages]
    for sentences in dict.fromkeys(tuple(one.messages) for one in refused):
        titles = [one.entry.title for one in refused if tuple(one.messages) == sentences]
        messages.error(request, f"{'、'.join(titles)}: {' '.join(sentences)}")


def _tell_submitted(request: HttpRequest, done: int, wished: int) -> None:
    if done:
        messages.success(
            request,
            ngettext(
                "%(count)s work is submitted. A receipt is on its way to you by e-mail.",
                "%(count)s works are submitted. Receipts are on their way to you by e-mail.",
                done,
            )
            % {"count": done},
        )
    if wished:
        messages.success(
            request,
            ngettext(
                "%(count)s work is submitted as soon as its files are ready. You may close this "
                "page when they are uploaded; an e-mail tells how it went.",
                "%(count)s works are submitted as soon as their files are ready. You may close "
                "this page when they are uploaded; an e-mail tells how it went.",
                wished,
            )
            % {"count": wished},
        )


def _selected(request: HttpRequest, grid: Grid) -> list[Entry]:
    """Return the ticked works in the order of the grid."""
    ticked = set(request.POST.getlist("works"))
    return [row.entry for row in grid.rows if str(row.entry.pk) in ticked]


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 10 else 0

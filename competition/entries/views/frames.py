"""The files of a work: receiving, ordering, their progress, and the private originals."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from competition.entries.checks import EntryRefused
from competition.entries.exact_copies import copies_of
from competition.entries.frames import (
    add_frame,
    choose_cover,
    order_frames,
    remove_frame,
    replace_frame,
)
from competition.entries.models import Entry, Frame
from competition.entries.queries import entries_of, frames_of
from media_processing.queries import status_of
from media_processing.services import original_link
from media_processing.states import FINAL_STATES
from portal.accounts.groups import is_organiser


def tell(request: HttpRequest, refusal: EntryRefused) -> None:
    """Show each sentence of a refusal at the top of the next page."""
    for message in refusal.messages:
        messages.error(request, message)


def own_entry(request: HttpRequest, pk: int) -> Entry:
    """Return a work of the person's organisations; anybody else's does not exist: 404."""
    works = entries_of(request.user).select_related("edition", "section", "organisation")
    return get_object_or_404(works, pk=pk)


def shown_declaration(request: HttpRequest) -> int:
    """Return the version of the declaration that the page showed; 0 when it does not say."""
    shown = request.POST.get("declaration", "")
    return int(shown) if shown.isdecimal() else 0


def add_files(request: HttpRequest, entry: Entry) -> None:
    """Receive every file of the form; a refused one is told and stops no other."""
    for file in request.FILES.getlist("files"):
        try:
            add_frame(entry=entry, file=file, name=file.name, user=request.user)
        except EntryRefused as refusal:
            for message in refusal.messages:
                messages.error(request, f"{file.name}: {message}")


def act_on_frame(request: HttpRequest, entry: Entry, verb: str, pk: str) -> None:
    """Do what a frame's own button says: up, down, cover, remove or replace."""
    frame = frame_of(entry, pk)
    if verb == "remove":
        remove_frame(frame=frame, user=request.user)
    elif verb == "cover":
        choose_cover(frame=frame, user=request.user)
    elif verb == "replace" and (file := request.FILES.get(f"replace-{pk}")):
        replace_frame(frame=frame, file=file, name=file.name, user=request.user)
    elif verb in ("up", "down"):
        ids = list(entry.frames.values_list("pk", flat=True))
        at = ids.index(frame.pk)
        to = min(max(at + (1 if verb == "down" else -1), 0), len(ids) - 1)
        ids.insert(to, ids.pop(at))
        order_frames(entry=entry, frame_ids=ids, user=request.user)


def frame_of(entry: Entry, pk: str) -> Frame:
    """Return this work's frame; what a form names may be anything: 404."""
    if not pk.isdecimal():
        raise Http404
    return get_object_or_404(entry.frames, pk=pk)


@login_required
@require_http_methods(["GET", "POST"])
def frames(request: HttpRequest, pk: int) -> HttpResponse:
    """GET: the list of files, for the script to show. POST: receive one more, or another."""
    entry = own_entry(request, pk)
    if file := request.FILES.get("file"):
        try:
            if replaced := request.POST.get("replace"):
                frame = frame_of(entry, replaced)
                replace_frame(frame=frame, file=file, name=file.name, user=request.user)
            else:
                add_frame(entry=entry, file=file, name=file.name, user=request.user)
        except EntryRefused as refusal:
            return JsonResponse({"messages": refusal.messages}, status=422)
    context = {
        "entry": entry,
        "frames": frames_of(entry),
        "copies": copies_of(entry),
        "section": entry.section,
    }
    return render(request, "entries/_frames.html", context)


@login_required
@require_GET
def status(request: HttpRequest, pk: int) -> HttpResponse:
    """Tell the script how far each file is, and why one was refused."""
    assets = [frame.asset for frame in frames_of(own_entry(request, pk))]
    busy = any(asset.state not in FINAL_STATES for asset in assets)
    return JsonResponse({"frames": status_of(assets), "busy": busy})


@login_required
@require_GET
def original(request: HttpRequest, pk: int) -> HttpResponse:
    """Lead the own organisation, or the organiser, to a frame's original by a short link."""
    allowed = Frame.objects.select_related("asset")
    if not is_organiser(request.user):
        allowed = allowed.filter(entry__in=entries_of(request.user))
    frame = get_object_or_404(allowed, pk=pk)
    return redirect(original_link(frame.asset, request.user))

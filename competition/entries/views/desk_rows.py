"""One row of the works desk: saved as it is typed, or by its own buttons without a script."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from competition.editions.models import Section
from competition.entries.checks import EntryRefused
from competition.entries.desk import Change, save_changes
from competition.entries.forms import EntryForm
from competition.entries.frames import order_frames
from competition.entries.models import Entry
from competition.entries.series import change_section, split_entry
from competition.entries.services import delete_draft, update_entry
from competition.entries.views.desk import read_json, told
from competition.entries.views.frames import act_on_frame, own_entry, tell
from competition.entries.wishes import take_back_wish


@login_required
@require_POST
def row(request: HttpRequest, pk: int) -> HttpResponse:
    """Save what the row says. A script sends changed fields as JSON; a form sends all."""
    entry = own_entry(request, pk)
    if request.content_type == "application/json":
        return _save_changes(request, entry)
    try:
        _act(request, entry)
    except EntryRefused as refusal:
        tell(request, refusal)
    desk = reverse("works-desk", args=[entry.organisation_id, entry.edition.slug])
    return told(request) or redirect(f"{desk}?at={pk}#work-{pk}")


# --- as it is typed -----------------------------------------------------------------------


def _save_changes(request: HttpRequest, entry: Entry) -> JsonResponse:
    """Save the fields that are right, tell of the others, and of what somebody else wrote.

    200: {"saved": [names], "refused": {name: sentences}}. 409: besides, {"theirs": {name: text}}.
    422: {"messages": sentences}, nothing was saved.
    """
    changes, refused = _read_changes(read_json(request).get("changes"))
    try:
        theirs = save_changes(entry=entry, user=request.user, changes=changes)
    except EntryRefused as refusal:
        return JsonResponse({"messages": refusal.messages}, status=422)
    saved = [name for name in changes if name not in theirs]
    answer = {"saved": saved, "refused": refused, "theirs": theirs}
    return JsonResponse(answer, status=409 if theirs else 200)


def _read_changes(asked: Any) -> tuple[dict[str, Change], dict[str, list[str]]]:
    """Return what can be saved, and a sentence for each field that can't. Raises BadRequest."""
    if not isinstance(asked, dict):
        raise BadRequest("`changes` must be an object.")
    fields = EntryForm().fields
    changes: dict[str, Change] = {}
    refused: dict[str, list[str]] = {}
    for name, change in asked.items():
        if name not in fields or not isinstance(change, dict):
            raise BadRequest(f"{name} is no field of a row.")
        try:
            value = fields[name].clean(str(change.get("now", "")))
        except ValidationError as error:
            refused[name] = list(error.messages)
        else:
            changes[name] = Change(str(change.get("was", "")), value)
    return changes, refused


# --- by its buttons -----------------------------------------------------------------------


def _act(request: HttpRequest, entry: Entry) -> None:
    """Save the row's texts when they came along, then do what the button says."""
    if "title" in request.POST:
        _save_form(request, entry)
    verb, _dash, frame = request.POST.get("do", "save").partition("-")
    if frame:
        act_on_frame(request, entry, verb, frame)
    elif verb == "order":
        ids = [int(one) for one in request.POST.getlist("frame") if one.isdecimal()]
        order_frames(entry=entry, frame_ids=ids, user=request.user)
    elif verb == "section":
        section = _section_of(entry, request.POST.get("section"))
        change_section(entry=entry, section=section, user=request.user)
    elif verb == "split":
        split_entry(entry=entry, section=_single_section(entry), user=request.user)
    elif verb == "unwish":
        take_back_wish(entry=entry, user=request.user)
    elif verb == "delete":
        delete_draft(entry=entry, user=request.user)


def _save_form(request: HttpRequest, entry: Entry) -> None:
    form = EntryForm(request.POST, instance=Entry(section=entry.section, edition=entry.edition))
    form.full_clean()
    for name, errors in form.errors.items():
        for error in errors:
            messages.error(request, f"{form[name].label}: {error}")
    update_entry(entry=entry, user=request.user, **form.cleaned_data)
    if request.POST.get("section", str(entry.section_id)) != str(entry.section_id):
        section = _section_of(entry, request.POST["section"])
        change_section(entry=entry, section=section, user=request.user)


def _section_of(entry: Entry, pk: str | None) -> Section:
    for section in entry.edition.sections.all():
        if str(section.pk) == pk:
            return section
    raise Http404


def _single_section(entry: Entry) -> Section:
    """Return where the pictures of a series go when it is taken apart."""
    sections = entry.edition.sections.all()
    found = [one for one in sections if one.media_kind == "photo" and not one.is_series]
    if not found:
        raise EntryRefused(_("This edition has no section for single photos."))
    return found[0]

"""A work's model releases: added and removed by the work's own page, and handed out here."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from competition.entries.models import Entry, Release
from competition.entries.papers import MIME_TYPES, paper_extension
from competition.entries.queries import readable_releases
from competition.entries.releases import add_releases, remove_release
from media_processing.views import HARMLESS, send_file
from portal.accounts.groups import is_organiser


def act_on_releases(request: HttpRequest, entry: Entry) -> None:
    """Keep the papers that came with the form, whatever its button says.

    Raises EntryRefused at the end, when one of them was refused.
    """
    add_releases(entry=entry, files=request.FILES.getlist("releases"), user=request.user)


def take_out_release(request: HttpRequest, entry: Entry, pk: str) -> None:
    """Do what a paper's own button says."""
    release = get_object_or_404(entry.current_releases, pk=pk if pk.isdecimal() else 0)
    remove_release(release=release, user=request.user)


@login_required
@require_safe
def release(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Hand a paper out as an attachment, under a name and a type of ours; nobody may show it."""
    allowed = readable_releases(request.user)
    if is_organiser(request.user):
        allowed = Release.objects.select_related("entry")
    paper = get_object_or_404(allowed, pk=pk)
    name = f"release-{paper.entry.number or 'draft'}-{paper.pk}.{paper_extension(paper.format)}"
    headers = {
        **HARMLESS,
        "Content-Type": MIME_TYPES[paper.format],
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "private, no-store",
    }
    return send_file(request, paper.file.storage, str(paper.file.name), headers)

"""Subtitles of a work's video: added, replaced, removed."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from competition.entries.captions import caption_frame, uncaption_frame
from competition.entries.checks import EntryRefused
from competition.entries.models import Frame
from competition.entries.queries import entries_of
from competition.entries.views.frames import tell


@login_required
@require_POST
def captions(request: HttpRequest, pk: int) -> HttpResponse:
    """Do what the form below the video says; `remove` names a language, else a file came."""
    own = Frame.objects.select_related("asset").filter(entry__in=entries_of(request.user))
    frame = get_object_or_404(own, pk=pk)
    removed = request.POST.get("remove")
    language = removed or request.POST.get("language", "")
    if language not in dict(settings.LANGUAGES):
        raise Http404
    try:
        if removed:
            uncaption_frame(frame=frame, language=language, user=request.user)
            messages.success(request, _("The subtitles are removed."))
        elif file := request.FILES.get("captions"):
            caption_frame(frame=frame, language=language, file=file, user=request.user)
            messages.success(request, _("The subtitles are there. Look at them in the preview."))
    except EntryRefused as refusal:
        tell(request, refusal)
    return redirect("entry-edit", pk=frame.entry_id)

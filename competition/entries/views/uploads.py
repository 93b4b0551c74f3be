"""Where the upload of a work's file begins. Its bytes go to the media room, by tus."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse

from competition.entries.checks import EntryRefused, FileTooLarge
from competition.entries.frames import begin_frame
from competition.entries.views.frames import frame_of, own_entry
from media_processing.upload_views import created, read_creation, tus_view


@login_required
@tus_view("POST")
def create_upload(request: HttpRequest, pk: int) -> HttpResponse:
    """Reserve a place for the announced file and tell where its bytes go.

    Metadata: `filename`, and `replaces` with the number of a frame to take the place of.
    """
    entry = own_entry(request, pk)
    announced = read_creation(request)
    replaces = announced.metadata.get("replaces", "")
    try:
        frame = begin_frame(
            entry=entry,
            name=announced.name,
            byte_size=announced.byte_size,
            user=request.user,
            replaced=frame_of(entry, replaces) if replaces else None,
        )
    except EntryRefused as refusal:
        status = 413 if isinstance(refusal, FileTooLarge) else 422
        return JsonResponse({"messages": refusal.messages}, status=status)
    return created(request, frame.asset)

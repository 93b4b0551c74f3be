"""What each refusal says on the screen: what happened, and what to do next."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from media_processing.states import Reason

SENTENCES = {
    Reason.EMPTY: _("The file is empty. Please choose it again and upload it once more."),
    Reason.TOO_LARGE: _(
        "The file has %(megabytes)s MB; at most %(max_megabytes)s MB are allowed here. "
        "Please export it smaller and upload that."
    ),
    Reason.UNKNOWN_FORMAT: _(
        "This is not a photo or video that we can read. Please upload one of: %(allowed)s."
    ),
    Reason.FORMAT_NOT_ALLOWED: _(
        "%(format)s files are not accepted here. Please upload one of: %(allowed)s."
    ),
    Reason.NAME_AND_CONTENT_DIFFER: _(
        "The file is named “.%(extension)s”, but its content is something else (%(found)s). "
        "Please export it again from your camera or program, and don't rename it."
    ),
    Reason.TOO_SMALL: _(
        "The long side has %(long_side)s px; this section asks for at least "
        "%(min_long_side)s px. Please upload the original."
    ),
    Reason.TOO_MANY_PIXELS: _(
        "The picture has %(megapixels)s megapixels; we can take at most %(max_megapixels)s. "
        "Please export it smaller and upload that."
    ),
    Reason.TOO_MANY_FRAMES: _(
        "The file is an animation of %(frames)s pictures. Please upload a single picture, "
        "or enter it as a video."
    ),
    Reason.TOO_SHORT: _(
        "The video lasts %(seconds)s s; this section asks for at least %(min_seconds)s s. "
        "Please upload a longer cut."
    ),
    Reason.TOO_LONG: _(
        "The video lasts %(seconds)s s; this section allows at most %(max_seconds)s s. "
        "Please cut it and upload it again."
    ),
    Reason.DAMAGED: _(
        "The file is damaged or incomplete. Please check that it opens on your own device, "
        "then upload it again from there."
    ),
    Reason.NO_PICTURE: _("The file has sound but no moving picture. Please upload the video."),
    Reason.TOO_COSTLY: _(
        "The file takes more computing than we allow for one work. "
        "Please export it in an ordinary format (JPEG, or MP4 with H.264) and upload that."
    ),
    Reason.NOT_WEBVTT: _(
        "These are no subtitles in WebVTT: a text in UTF-8 whose first line is WEBVTT. "
        "Please export them as .vtt from your editing program and upload that."
    ),
    Reason.CAPTION_TIMES: _(
        "Line %(line)s of the subtitles can't be read: a time looks like 00:01:02.500, each "
        "cue ends after it begins, and none begins before the one above it. Please correct the "
        "line and upload the file again."
    ),
    Reason.GAVE_UP: _(
        "We tried %(attempts)s times and could not process the file. It is kept, and the "
        "organiser can try again; you may also upload another export of it."
    ),
    Reason.NOT_UPLOADED: _(
        "The file did not arrive whole, or not in time, so what had arrived was removed. "
        "Please choose the file once more."
    ),
}


def explain(reason: str, values: Mapping[str, Any]) -> str:
    """Return the sentence for a reason code, in the reader's language; "" for no reason."""
    if not reason:
        return ""
    known = defaultdict(lambda: "?", values)
    if known.get("found") == "":
        known["found"] = gettext("unknown")
    return str(SENTENCES[Reason(reason)]) % known

"""What a browser has to know to check a file before a byte is sent.

It may only refuse what the server would refuse too, in the same words; where it can't tell,
the file is sent.
"""

from typing import Any

from django.utils.translation import gettext

from media_processing.formats import FORMAT_OF_EXTENSION, MIME_TYPES, label
from media_processing.reasons import SENTENCES
from media_processing.rules import MAX_PIXELS, SECONDS_OF_GRACE, MediaRules
from media_processing.states import Reason

TOLD_BEFORE = (
    Reason.EMPTY,
    Reason.TOO_LARGE,
    Reason.UNKNOWN_FORMAT,
    Reason.FORMAT_NOT_ALLOWED,
    Reason.NAME_AND_CONTENT_DIFFER,
    Reason.TOO_SMALL,
    Reason.TOO_MANY_PIXELS,
    Reason.TOO_SHORT,
    Reason.TOO_LONG,
)


def precheck(rules: MediaRules) -> dict[str, Any]:
    """Return the limits, the names and the sentences (in the reader's language) for JSON."""
    return {
        **rules.as_json(),
        "max_pixels": MAX_PIXELS[rules.kind],
        "seconds_of_grace": SECONDS_OF_GRACE,
        "format_of_extension": FORMAT_OF_EXTENSION,
        "labels": {name: label(name) for name in MIME_TYPES},
        "unknown": gettext("unknown"),
        "sentences": {reason.value: str(SENTENCES[reason]) for reason in TOLD_BEFORE},
    }

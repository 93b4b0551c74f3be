"""The life of an uploaded file, and the reasons for which one is refused."""

from enum import StrEnum


class AssetState(StrEnum):
    UPLOADING = "uploading"  # bytes are still coming; it expires when they don't
    RECEIVED = "received"  # the original is stored, nobody works on it
    PROCESSING = "processing"  # a worker holds the lease
    READY = "ready"  # every derivative is there
    REFUSED = "refused"  # the file is not what the section asks for; the entrant can act
    FAILED = "failed"  # we could not do it in MAX_ATTEMPTS; the organiser can act


FINAL_STATES = frozenset({AssetState.READY, AssetState.REFUSED, AssetState.FAILED})
MAX_ATTEMPTS = 3


class Reason(StrEnum):
    """Why a file is refused. The sentence for each, in both languages, is in reasons.py."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    UNKNOWN_FORMAT = "unknown_format"
    FORMAT_NOT_ALLOWED = "format_not_allowed"
    NAME_AND_CONTENT_DIFFER = "name_and_content_differ"
    TOO_SMALL = "too_small"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_MANY_FRAMES = "too_many_frames"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    DAMAGED = "damaged"
    NO_PICTURE = "no_picture"
    TOO_COSTLY = "too_costly"
    NOT_WEBVTT = "not_webvtt"
    CAPTION_TIMES = "caption_times"
    GAVE_UP = "gave_up"
    NOT_UPLOADED = "not_uploaded"  # it expired unfinished, or is not as long as announced

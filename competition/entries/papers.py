"""Which papers are taken as a model release, told by their first bytes. Pure."""

from media_processing.formats import extension_of, sniff

MAX_BYTES = 10 * 1024**2
MOST = 20  # of one work
# What a release is handed out as, whatever it was called when it came.
MIME_TYPES = {"pdf": "application/pdf", "jpeg": "image/jpeg", "png": "image/png"}


def sniff_paper(head: bytes) -> str | None:
    """Return the format that these first bytes belong to; None for what is not taken."""
    found = "pdf" if head.startswith(b"%PDF-") else sniff(head)
    return found if found in MIME_TYPES else None


def paper_extension(format_name: str) -> str:
    """Return the ending of a file of this format."""
    return "pdf" if format_name == "pdf" else extension_of(format_name)

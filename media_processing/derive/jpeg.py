"""How a JPEG's first picture is put together. Pure; nothing is decoded."""

import mmap
import re
from pathlib import Path

from media_processing.rules import UploadRefused
from media_processing.states import Reason

# A progressive JPEG has some ten scans, each nearly as dear to read as a whole picture.
MOST_SCANS = 64
START_OF_SCAN, END_OF_IMAGE = 0xDA, 0xD9
# A marker; within a scan FF 00 is a byte of data, FF D0 to D7 only say where it goes on.
MARKER = re.compile(rb"\xff([\x01-\xcf\xd8-\xfe])", re.DOTALL)
START = 2  # after FF D8


def check_scans(path: Path) -> None:
    """Raise UploadRefused when decoding would go over the picture too many times."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        if count_scans(data) > MOST_SCANS:
            raise UploadRefused(Reason.TOO_COSTLY)


def count_scans(data: bytes | mmap.mmap) -> int:
    """Return the scans of the first picture: what follows its end is another one, or a video."""
    count, at = 0, START
    while (found := MARKER.search(data, at)) and (marker := found[1][0]) != END_OF_IMAGE:
        count += marker == START_OF_SCAN
        # Each segment tells its length; what it holds may look like a marker.
        at = found.end() + int.from_bytes(data[found.end() : found.end() + 2], "big")
    return count

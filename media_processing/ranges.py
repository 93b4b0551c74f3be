"""The Range header: which bytes of a file are wanted. Pure."""

import re
from dataclasses import dataclass

_ONE_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


class RangeNotSatisfiable(Exception):
    """The range lies behind the end of the file."""


@dataclass(frozen=True)
class ByteRange:
    """Bytes first to last, both included."""

    first: int
    last: int

    @property
    def length(self) -> int:
        return self.last - self.first + 1


def read_range(header: str, size: int) -> ByteRange | None:
    """Return the wanted range of a file of `size` bytes; None when all of it is to be sent.

    Several ranges at once, or what is no range, may be answered with the whole file (RFC 9110).
    Raises RangeNotSatisfiable.
    """
    match = _ONE_RANGE.fullmatch(header.strip())
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if first == "":  # the last n bytes
        wanted = ByteRange(max(size - int(last), 0), size - 1)
    else:
        wanted = ByteRange(int(first), min(int(last), size - 1) if last else size - 1)
        if last and int(last) < int(first):
            return None
    if wanted.first >= size or wanted.length < 1:
        raise RangeNotSatisfiable
    return wanted

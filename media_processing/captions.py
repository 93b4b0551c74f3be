"""Subtitles in WebVTT: read strictly, written anew. What comes out holds cues and nothing else.

Styles, regions, notes, positions and every tag but italics, bold and underline are left out,
so no stranger's file is ever served as it came. Pure.
"""

import re
from dataclasses import dataclass
from html import escape, unescape

from media_processing.rules import UploadRefused
from media_processing.states import Reason

MAX_BYTES = 1024**2
MOST_CUES = 5000
LAST_SECOND = 24 * 60 * 60

_TIME = r"(?:(\d{2,3}):)?([0-5]\d):([0-5]\d)\.(\d{3})"
_TIMING = re.compile(rf"{_TIME}[ \t]+-->[ \t]+{_TIME}(?:[ \t].*)?", re.ASCII)
# No "<" inside: a text of nothing else would be searched to its end again and again.
_TAG = re.compile(r"<(/?)([^<>]*)>")
_KEPT_TAG = re.compile(r"[ibu]")
_OTHER_BLOCKS = re.compile(r"(?:NOTE|STYLE|REGION)(?:[ \t]|$)")
# Neither shown nor harmless: control characters, and those that turn the direction of writing.
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Cue:
    """One text on the picture; times in seconds. `text` is WebVTT: escaped, with <i><b><u>."""

    start: float
    end: float
    text: str


def read_captions(content: bytes) -> list[Cue]:
    """Return the cues. Raises UploadRefused with a reason and, where there is one, the line."""
    if len(content) > MAX_BYTES:
        sizes = {"megabytes": round(len(content) / 1024**2, 1), "max_megabytes": 1}
        raise UploadRefused(Reason.TOO_LARGE, sizes)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UploadRefused(Reason.NOT_WEBVTT) from error
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not re.fullmatch(r"WEBVTT(?:[ \t].*)?", lines[0]):
        raise UploadRefused(Reason.NOT_WEBVTT)
    cues: list[Cue] = []
    for number, block in _blocks(lines):
        cue = _cue(number, block)
        if cue and cues and cue.start < cues[-1].start:
            raise UploadRefused(Reason.CAPTION_TIMES, {"line": number})
        cues += [cue] if cue else []
    if not cues or len(cues) > MOST_CUES:
        raise UploadRefused(Reason.NOT_WEBVTT)
    return cues


def write_captions(cues: list[Cue]) -> str:
    """Return the cues as a WebVTT file."""
    blocks = [f"{_clock(one.start)} --> {_clock(one.end)}\n{one.text}\n" for one in cues]
    return "\n".join(["WEBVTT\n", *blocks])


def _blocks(lines: list[str]) -> list[tuple[int, list[str]]]:
    """Return the blocks between empty lines, each with the number of its first line."""
    blocks: list[tuple[int, list[str]]] = []
    current: list[str] = []
    for number, line in enumerate([*lines[1:], ""], start=2):
        if line.strip():
            current.append(line)
        elif current:
            blocks.append((number - len(current), current))
            current = []
    return blocks


def _cue(number: int, block: list[str]) -> Cue | None:
    """Return the block's cue; None for what is no cue, or shows nothing."""
    at = next((place for place, line in enumerate(block) if "-->" in line), None)
    if at is None:
        is_header = number == 2
        if is_header or _OTHER_BLOCKS.match(block[0]):
            return None
        raise UploadRefused(Reason.CAPTION_TIMES, {"line": number})
    if _OTHER_BLOCKS.match(block[0]):
        return None
    match = _TIMING.fullmatch(block[at].strip())
    if match is None or at > 1:  # one line may stand before it: the cue's name
        raise UploadRefused(Reason.CAPTION_TIMES, {"line": number + at})
    start, end = _seconds(match.groups()[:4]), _seconds(match.groups()[4:])
    if not start < end <= LAST_SECOND:
        raise UploadRefused(Reason.CAPTION_TIMES, {"line": number + at})
    text = _clean("\n".join(block[at + 1 :]))
    return Cue(start, end, text) if text else None


def _seconds(parts: tuple[str | None, ...]) -> float:
    hours, minutes, seconds, thousandths = (int(part or 0) for part in parts)
    return hours * 3600 + minutes * 60 + seconds + thousandths / 1000


def _clock(seconds: float) -> str:
    thousandths = round(seconds * 1000)
    minutes, rest = divmod(thousandths, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}.{rest % 1000:03}"


def _clean(text: str) -> str:
    """Return the text with our three tags, and everything else as plain characters."""
    parts, at = [], 0
    for match in _TAG.finditer(text):
        parts.append(_plain(text[at : match.start()]))
        slash, name = match.groups()
        if _KEPT_TAG.fullmatch(name):
            parts.append(f"<{slash}{name}>")
        at = match.end()
    parts.append(_plain(text[at:]))
    lines = "".join(parts).split("\n")
    return "\n".join(line.strip() for line in lines if line.strip())


def _plain(text: str) -> str:
    return escape(_UNSEEN.sub("", unescape(text)), quote=False)

"""HLS playlists for rungs that are plain MP4 files: what a player fetches is a range of bytes.

A rung is a fragmented MP4: ftyp, moov, then an index (sidx) that tells where each fragment
lies, then the fragments. So it plays by itself, starts at once, can be sought, and is all
that HLS needs. Pure.
"""

import re
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, BinaryIO

# How a playlist names another file made from the same original, until that has its address.
MADE = "made:"
_MADE = re.compile(rf"{MADE}([\w-]+)")
_MOST_HEAD_BYTES = 4 * 1024**2
_VIDEO_TRACK = 1
# Shorter than this share of the longest, a segment says little about the rate (RFC 8216, 4.3.4.2).
_TELLING_SHARE = 0.5


class NoIndex(ValueError):
    """The file is not a fragmented MP4 with its index in front."""


@dataclass(frozen=True)
class Segment:
    """A part that can be played by itself: its bytes, and its seconds."""

    first: int
    length: int
    seconds: float


@dataclass(frozen=True)
class Index:
    """What the head of a rung tells. `head_bytes` is what a player needs before any segment."""

    head_bytes: int
    segments: tuple[Segment, ...]
    picture_seconds: float  # the sound may last longer
    codecs: str  # as RFC 6381 writes them

    @property
    def seconds(self) -> float:
        return sum(one.seconds for one in self.segments)

    @property
    def peak_bandwidth(self) -> int:
        """Return bits a second of the densest segment."""
        longest = max(one.seconds for one in self.segments)
        telling = [one for one in self.segments if one.seconds >= longest * _TELLING_SHARE]
        return ceil(max(one.length * 8 / one.seconds for one in telling))

    @property
    def bandwidth(self) -> int:
        """Return bits a second on average."""
        return ceil(sum(one.length for one in self.segments) * 8 / self.seconds)


def read_index(file: BinaryIO) -> Index:
    """Read a rung's head. Raises NoIndex."""
    head_bytes, codecs = 0, ""
    tracks: dict[int, tuple[Segment, ...]] = {}
    for kind, start, body in _head_boxes(file):
        if kind == b"moov":
            head_bytes, codecs = start + 8 + len(body), _codecs(body)
        elif kind == b"sidx":
            track, segments = _read_sidx(body, end=start + 8 + len(body))
            tracks[track] = segments
    if not head_bytes or not tracks.get(_VIDEO_TRACK):
        raise NoIndex
    picture_seconds = sum(one.seconds for one in tracks[_VIDEO_TRACK])
    return Index(head_bytes, _until_all_ends(tracks), picture_seconds, codecs)


def _head_boxes(file: BinaryIO) -> list[tuple[bytes, int, bytes]]:
    """Return kind, start and content of the boxes before the first fragment."""
    found, start = [], 0
    while len(header := file.read(8)) == 8:
        size, kind = struct.unpack(">I4s", header)
        if kind in (b"moof", b"mdat"):
            return found
        if not 8 <= size <= _MOST_HEAD_BYTES:
            raise NoIndex
        found.append((kind, start, file.read(size - 8)))
        start += size
    raise NoIndex


def _read_sidx(body: bytes, end: int) -> tuple[int, tuple[Segment, ...]]:
    """Return the track that the index is about, and its segments (ISO/IEC 14496-12, 8.16.3)."""
    track, scale = struct.unpack_from(">II", body, 4)
    wide = body[0] == 1
    (_earliest, offset) = struct.unpack_from(">QQ" if wide else ">II", body, 12)
    at = 28 if wide else 20
    (count,) = struct.unpack_from(">H", body, at + 2)
    segments, first = [], end + offset
    for number in range(count):
        length, duration = struct.unpack_from(">II", body, at + 4 + 12 * number)
        segments.append(Segment(first, length, duration / scale))
        first += length
    return track, tuple(segments)


def _until_all_ends(tracks: Mapping[int, tuple[Segment, ...]]) -> tuple[Segment, ...]:
    """Return the picture's segments; the last one lasts as long as the sound does."""
    *others, last = tracks[_VIDEO_TRACK]
    before = sum(one.seconds for one in others)
    longest = max(sum(one.seconds for one in segments) for segments in tracks.values())
    return (*others, Segment(last.first, last.length, longest - before))


def _codecs(moov: bytes) -> str:
    """Return profile and level from the decoder's configuration; AAC when there is sound."""
    at = moov.find(b"avcC")
    if at < 0:
        raise NoIndex
    picture = f"avc1.{moov[at + 5 : at + 8].hex()}"
    return f"{picture},mp4a.40.2" if b"mp4a" in moov else picture


def media_playlist(index: Index, rung: str) -> str:
    """Return the playlist of one rung; `rung` is the name of what was made."""
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        f"#EXT-X-TARGETDURATION:{ceil(max(one.seconds for one in index.segments))}",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        "#EXT-X-INDEPENDENT-SEGMENTS",
        f'#EXT-X-MAP:URI="{MADE}{rung}",BYTERANGE="{index.head_bytes}@0"',
    ]
    for one in index.segments:
        lines += [f"#EXTINF:{one.seconds:.6f},", f"#EXT-X-BYTERANGE:{one.length}@{one.first}"]
        lines.append(f"{MADE}{rung}")
    return "\n".join([*lines, "#EXT-X-ENDLIST", ""])


def master_playlist(rungs: Sequence[tuple[str, Mapping[str, Any]]]) -> str:
    """Return the playlist of all rungs, each the name of its own playlist and its details.

    Players begin with the first: the caller's order counts.
    """
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    for playlist, rung in rungs:
        lines.append(
            f"#EXT-X-STREAM-INF:BANDWIDTH={rung['peak_bandwidth']},"
            f"AVERAGE-BANDWIDTH={rung['bandwidth']},"
            f"RESOLUTION={rung['width']}x{rung['height']},"
            f"FRAME-RATE={rung['frames_per_second']:.3f},"
            f'CODECS="{rung["codecs"]}"'
        )
        lines.append(f"{MADE}{playlist}")
    return "\n".join([*lines, ""])


def with_addresses(text: str, names: Mapping[str, str]) -> str:
    """Return the playlist with the files it refers to under their content-addressed names.

    Those are ab/abcd....mp4, and so is its own: one folder up leads to all of them.
    Raises KeyError when one has no name yet.
    """
    return _MADE.sub(lambda match: f"../{names[match[1]]}", text)

"""All rungs of a video by ONE ffmpeg process: decoded once, each rung made from the one above.

Each rung is a fragmented MP4 with its index in front (see playlists.py): it plays by itself,
and HLS addresses its fragments by their bytes.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import ffmpeg

from media_processing.derive import Job
from media_processing.derive.loudness import Correction, corrected
from media_processing.derive.program import THREADS
from media_processing.derive.recipes import (
    CLIP_FRAMES_PER_SECOND,
    KEYFRAME_SECONDS,
    MOMENT_SIDE,
    MOMENTS_A_SECOND,
    clip_short_sides,
    clip_size,
    most_bits,
)
from media_processing.limits import ProgramFailed, TooCostly, run
from media_processing.probe import LIMITS, Header, only_this
from media_processing.rules import MAX_PIXELS

H264 = {
    "c": "libx264",
    # The next quicker preset, but looking ahead as this one's slower neighbour does: half the
    # work of that for the same picture (docs/decisions/one-video-ladder.md).
    "preset": "superfast",
    "x264-params": "mbtree=1:rc-lookahead=10",
    "crf": 23,
    "profile": "high",
    "pix_fmt": "yuv420p",
    "fps_mode": "vfr",
    "sc_threshold": 0,  # keyframes only where all rungs have them
    "g": 600,
    "threads": THREADS,
    "colorspace": "bt709",
    "color_primaries": "bt709",
    "color_trc": "bt709",
    "color_range": "tv",
}
AAC = {"c:a": "aac", "b:a": "128k"}
# The edit list of delay_moov keeps picture and sound in step; the index comes first.
MP4 = (
    "f=mp4:movflags=+frag_keyframe+default_base_moof+delay_moov+global_sidx+skip_trailer"
    f":min_frag_duration={int(0.9 * KEYFRAME_SECONDS * 1e6)}"
)
# No place, name, date or program: neither in the container nor in the streams. Of the
# picture's units only slices and their parameters stay: x264 writes its settings into another,
# and who copies a stranger's picture copies no stranger's notes.
ANONYMOUS = {
    "map_metadata": -1,
    "map_chapters": -1,
    "sn": None,
    "dn": None,
    "fflags": "+bitexact",
    "flags:v": "+bitexact+global_header",
    "flags:a": "+bitexact+global_header",
    "metadata:s:v": "encoder=H.264",  # else it is the program's name
    "bsf:v": "filter_units=pass_types=1-5|7-8",
}
# Brighter than paper white: PQ (HDR10, Dolby Vision) and HLG (phones, broadcast).
HDR_TRANSFERS = {"smpte2084", "arib-std-b67"}
PAPER_WHITE_NITS, BRIGHTEST_NITS = 203, 1000  # ITU-R BT.2408
LARGE_PIXELS = 2560 * 1440
# Untagged pictures of this height and more are taken for BT.709 by every player.
HD_HEIGHT = 720


@dataclass(frozen=True)
class Rung:
    """One file to make; `copies` when its picture is the source's own."""

    short_side: int
    width: int
    height: int
    path: Path
    copies: bool = False

    @property
    def name(self) -> str:
        return f"video-{self.short_side}-mp4"


def rungs_of(header: Header, folder: Path, copies_top: bool) -> list[Rung]:
    """Return the rungs to make, largest first."""
    size = (header.width, header.height)
    return [
        Rung(side, *clip_size(size, side), folder / f"{side}.mp4", copies_top and place == 0)
        for place, side in enumerate(clip_short_sides(size))
    ]


def read_source(job: Job, header: Header, seconds: float | None) -> ffmpeg.Stream:
    """Return the original as an input: one local file, one container, no longer than `seconds`.

    Each thread of a decoder holds pictures of its own: large ones are decoded by one.
    """
    is_large = header.width * header.height > LARGE_PIXELS
    limits = {"t": seconds} if seconds else {}
    return ffmpeg.input(
        f"file:{job.source}",
        threads=1 if is_large else THREADS,
        max_pixels=MAX_PIXELS["video"],
        **only_this(job.format),
        **limits,
    )


def ladder_arguments(
    source: ffmpeg.Stream, header: Header, rungs: list[Rung], correction: Correction, moments: Path
) -> list[str]:
    """Return the command that makes all rungs at once; the smallest is its first picture.

    The sound is encoded once and goes into every rung. Into `moments` go small grey pictures of
    the film at a steady pace, byte by byte.
    """
    *pictures, smallest = _pictures(source[str(header.stream)], header, rungs)
    sounds = []
    if header.sound is not None:
        sounds = [corrected(source[str(header.sound)], correction)]
    upwards = rungs[::-1]
    options = {**AAC, **ANONYMOUS, "f": "tee"}
    for number, rung in enumerate(upwards):
        options |= _picture_options(rung, number, follows_source=rungs[0].copies)
    files = [_file(rung, number, bool(sounds)) for number, rung in enumerate(upwards)]
    film = ffmpeg.output(*pictures[::-1], *sounds, "|".join(files), **options)
    return ffmpeg.compile(ffmpeg.merge_outputs(film, moments_output(smallest, moments)))


def _file(rung: Rung, number: int, has_sound: bool) -> str:
    """Return what tells ffmpeg's tee to write this picture, with the sound, into the rung's file.

    A path is read with quotes and backslashes, and ends at a bar.
    """
    streams = f"v:{number},a:0" if has_sound else f"v:{number}"
    path = re.sub(r"([\\'|])", r"\\\1", str(rung.path))
    return rf"[select=\'{streams}\':{MP4}]file:{path}"


def moments_output(picture: ffmpeg.Stream, path: Path) -> ffmpeg.Stream:
    """Return an output for perceptual hashes: it costs next to nothing beside the rungs."""
    small = (
        picture.filter("fps", MOMENTS_A_SECOND, round="up")  # the frame at that time, no later one
        .filter("scale", MOMENT_SIDE, MOMENT_SIDE, flags="area", out_range="pc")
        .filter("format", "gray")
    )
    return ffmpeg.output(small, f"file:{path}", f="rawvideo")


def _picture_options(rung: Rung, number: int, follows_source: bool) -> dict[str, Any]:
    """Return how the picture of this number is written."""
    if rung.copies:
        return {f"c:v:{number}": "copy"}
    most = most_bits(rung.short_side)
    # Aligned keyframes let a player change rungs at any of them.
    regular = f"expr:gte(t,n_forced*{KEYFRAME_SECONDS})"
    encoded = {
        **H264,
        "maxrate": most,
        "bufsize": 2 * most,
        "force_key_frames": "source" if follows_source else regular,
    }
    return {f"{option}:v:{number}": value for option, value in encoded.items()}


def _pictures(picture: ffmpeg.Stream, header: Header, rungs: list[Rung]) -> list[ffmpeg.Stream]:
    """Return each rung's picture, every one scaled from the one above; last, the smallest again."""
    copied = [picture for rung in rungs if rung.copies]
    current, made = _steady(picture, header), []
    to_make = [rung for rung in rungs if not rung.copies]
    for place, rung in enumerate(to_make):
        colours = _colours(header) if place == 0 else {}
        current = current.filter("scale", rung.width, rung.height, flags="bicubic", **colours)
        if place == 0:
            current = _in_daylight(current, header)
        current = current.filter("setsar", 1)  # an even size is a hair off the shape
        both = current.split()
        made.append(both[0])
        current = both[1]
    return [*copied, *made, current]


def _steady(picture: ffmpeg.Stream, header: Header) -> ffmpeg.Stream:
    """Return whole frames, not too many, from the first moment on.

    ffmpeg has turned them by the display matrix before any filter of ours.
    """
    if header.is_interlaced:
        picture = picture.filter("yadif")
    if header.frames_per_second > CLIP_FRAMES_PER_SECOND + 1:
        picture = picture.filter("fps", CLIP_FRAMES_PER_SECOND)
    if header.starts_late:
        picture = picture.filter("setpts", "PTS-STARTPTS")
        picture = picture.filter("tpad", start_mode="clone", start_duration=header.starts_late)
    return picture


def _is_hdr(header: Header) -> bool:
    return header.picture.get("color_transfer") in HDR_TRANSFERS and _has_tone_mapping()


def _colours(header: Header) -> dict[str, str]:
    """Return scale's options: to BT.709 in television's range, unless tone mapping does it."""
    if _is_hdr(header):
        return {}
    options = {"out_color_matrix": "bt709", "out_range": "tv"}
    if header.picture.get("color_space", "unknown") in ("unknown", "reserved"):
        hd = min(header.width, header.height) >= HD_HEIGHT
        options["in_color_matrix"] = "bt709" if hd else "bt601"
    return options


def _in_daylight(picture: ffmpeg.Stream, header: Header) -> ffmpeg.Stream:
    """Return an HDR picture as a standard screen shows it.

    Up to near paper white it keeps its brightness; highlights are bent to fit, none is cut off.
    """
    if not _is_hdr(header):
        return picture
    tags = header.picture
    linear = picture.filter(
        "zscale",
        transfer="linear",
        npl=PAPER_WHITE_NITS,
        transferin=tags["color_transfer"],
        primariesin=_known(tags.get("color_primaries"), "bt2020"),
        matrixin=_known(tags.get("color_space"), "bt2020nc"),
        primaries="bt709",
    ).filter("format", "gbrpf32le")
    peak = BRIGHTEST_NITS / PAPER_WHITE_NITS
    mapped = linear.filter("tonemap", "mobius", param=0.3, desat=0, peak=peak)
    shown = mapped.filter("zscale", transfer="bt709", matrix="bt709", range="limited")
    return shown.filter("format", "yuv420p")


def _known(tag: str | None, otherwise: str) -> str:
    return tag if tag in ("bt709", "bt2020", "bt2020nc", "smpte432") else otherwise


@lru_cache(maxsize=1)
def _has_tone_mapping() -> bool:
    """Tell whether this ffmpeg was built with zimg; without it HDR looks pale, but plays."""
    try:
        filters = run(["ffmpeg", "-v", "error", "-filters"], limits=LIMITS)
    except (ProgramFailed, TooCostly):
        return False
    return all(f" {name} " in filters for name in ("zscale", "tonemap"))

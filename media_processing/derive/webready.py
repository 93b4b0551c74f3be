"""Whether a video can be shown as it came: then its picture is copied, not encoded again."""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from media_processing.derive import Job
from media_processing.derive.recipes import (
    CLIP_FRAMES_PER_SECOND,
    CLIP_SHORT_SIDES,
    KEYFRAME_SECONDS,
    clip_short_sides,
    most_bits,
)
from media_processing.limits import ProgramFailed, TooCostly, run
from media_processing.probe import LIMITS, UNNOTICED_SECONDS, Header, only_this

PROFILES = {"Constrained Baseline", "Baseline", "Main", "High"}
HIGHEST_LEVEL = 51
# A seek waits for the next keyframe; and each costs bits, so more than this are a waste.
LONGEST_GAP_SECONDS, MOST_KEYFRAMES_A_SECOND = 5.0, 2.0


@dataclass
class Rhythm:
    """Where a picture may be entered: its keyframes, in seconds, as its packets tell."""

    keyframes: list[float]
    end: float = 0.0
    hides: bool = False  # an edit list says that some frames are not to be shown

    def hear(self, line: str) -> None:
        """Take in one packet: its time and flags, as ffprobe writes them."""
        time, _, flags = line.partition(",")
        try:
            seconds = float(time)
        except ValueError:
            self.hides = self.hides or bool(line)  # without a time, nothing is known of it
            return
        self.end = max(self.end, seconds)
        self.hides = self.hides or "D" in flags or seconds < -UNNOTICED_SECONDS
        if "K" in flags:
            self.keyframes.append(seconds)

    @property
    def is_sane(self) -> bool:
        """Tell whether it begins at once, with a keyframe, and others follow at fair distances."""
        if self.hides or not self.keyframes or self.keyframes[0] > UNNOTICED_SECONDS:
            return False
        times = [*self.keyframes, self.end]
        gaps = [after - before for before, after in pairwise(times)]
        few = len(self.keyframes) <= MOST_KEYFRAMES_A_SECOND * max(self.end, KEYFRAME_SECONDS)
        return few and max(gaps) <= LONGEST_GAP_SECONDS


def is_web_ready(job: Job, header: Header) -> bool:
    """Tell whether the top rung may be a copy; the packets are read only if the header says so."""
    size = job.source.stat().st_size
    if job.format not in ("mp4", "mov") or not _header_is_fit(header, size):
        return False
    rhythm = _read_rhythm(job.source, job.format, header, job)
    return rhythm is not None and rhythm.is_sane


def _header_is_fit(header: Header, byte_size: int) -> bool:
    picture: dict[str, Any] = header.picture
    sides = clip_short_sides((header.width, header.height))
    if not header.seconds or len(sides) < 2:  # a lower rung has to prove that it can be decoded
        return False
    return (
        picture.get("codec_name") == "h264"
        and picture.get("profile") in PROFILES
        and 0 < picture.get("level", 0) <= HIGHEST_LEVEL
        and picture.get("pix_fmt") == "yuv420p"
        and picture.get("color_range", "tv") == "tv"
        and picture.get("color_transfer", "bt709") in ("bt709", "smpte170m", "iec61966-2-1")
        and not header.is_turned
        and not header.is_interlaced
        and not header.starts_late
        and header.frames_per_second <= CLIP_FRAMES_PER_SECOND + 1
        and header.sound_codec in ("", "aac")
        and min(header.width, header.height) <= CLIP_SHORT_SIDES[0]
        and byte_size * 8 / header.seconds <= most_bits(sides[0])
    )


def _read_rhythm(path: Path, format_name: str, header: Header, job: Job) -> Rhythm | None:
    """Read every packet's time, but decode none; None when that fails."""
    rhythm = Rhythm([])
    options = [part for key, value in only_this(format_name).items() for part in (f"-{key}", value)]
    question = ["-select_streams", str(header.stream), "-show_entries", "packet=pts_time,flags"]
    program = ["ffprobe", "-v", "error", *question, "-of", "csv=p=0", *options]
    try:
        run([*program, f"file:{path}"], limits=LIMITS, on_line=rhythm.hear, beat=job.beat)
    except (ProgramFailed, TooCostly):
        return None
    return rhythm

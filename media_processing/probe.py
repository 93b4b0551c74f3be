"""What a video's header says. ffprobe reads it: only the container we saw, only this file."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from media_processing.limits import Limits, ProgramFailed, TooCostly, run
from media_processing.rules import UploadRefused
from media_processing.states import Reason

LIMITS = Limits(cpu_seconds=20, wall_seconds=60, memory_mb=1024)
# Nobody sees or hears a picture that begins this little after the sound.
UNNOTICED_SECONDS = 0.05
DEMUXERS = {"mp4": "mov", "mov": "mov", "webm": "matroska", "mkv": "matroska", "avi": "avi"}


@dataclass(frozen=True)
class Header:
    """A video's header: upright, square pixels; times in seconds, None where it is silent."""

    stream: int  # index of the picture
    sound: int | None  # index of the first sound
    width: int
    height: int
    frames_per_second: float
    picture_seconds: float | None
    seconds: float | None  # of the longest stream
    tags: dict[str, str]
    counts_frames: bool = False  # the container has a table of them, not an estimate
    picture: dict[str, Any] = field(default_factory=dict)  # the stream, in ffprobe's words
    sound_codec: str = ""
    starts_late: float = 0.0  # seconds from the first sound to the first picture

    @property
    def is_turned(self) -> bool:
        """Tell whether a player must turn the picture, or stretch its pixels."""
        stored = (self.picture.get("width"), self.picture.get("height"))
        return bool(_turns(self.picture)) or stored != (self.width, self.height)

    @property
    def is_interlaced(self) -> bool:
        return self.picture.get("field_order", "progressive") in ("tt", "bb", "tb", "bt")


def only_this(format_name: str) -> dict[str, str]:
    """Return the options that keep ffmpeg to one local file of one container.

    Without them a text playlist named .mp4 makes it open other files, or addresses.
    """
    return {"protocol_whitelist": "file", "format_whitelist": DEMUXERS[format_name]}


def read_header(path: Path, format_name: str, beat: Callable[[], None] = lambda: None) -> Header:
    """Read the header. Raises UploadRefused when it cannot be read or has no picture."""
    options = [part for key, value in only_this(format_name).items() for part in (f"-{key}", value)]
    questions = ["-v", "error", "-of", "json", "-show_format", "-show_streams"]
    program = ["ffprobe", *questions, *options, "-i", f"file:{path}"]
    try:
        found = json.loads(run(program, limits=LIMITS, beat=beat))
    except TooCostly as error:
        raise UploadRefused(Reason.TOO_COSTLY) from error
    except ProgramFailed as error:
        if error.was_killed:
            raise
        raise UploadRefused(Reason.DAMAGED) from error
    return _header(found)


def _header(found: dict[str, Any]) -> Header:
    streams = found.get("streams", [])
    picture = next((one for one in streams if _is_moving_picture(one)), None)
    if picture is None:
        raise UploadRefused(Reason.NO_PICTURE)
    sound = next((one for one in streams if one.get("codec_type") == "audio"), None)
    width, height = _upright_size(picture)
    return Header(
        stream=picture["index"],
        sound=sound["index"] if sound else None,
        width=width,
        height=height,
        frames_per_second=float(_fraction(picture.get("avg_frame_rate"))),
        picture_seconds=_seconds(picture),
        seconds=_seconds(found.get("format", {})),
        tags={str(key): str(value) for key, value in found["format"].get("tags", {}).items()},
        counts_frames="nb_frames" in picture,
        picture=picture,
        sound_codec=sound.get("codec_name", "") if sound else "",
        starts_late=_lateness(picture, found["format"]),
    )


def _is_moving_picture(stream: dict[str, Any]) -> bool:
    """A sound file's cover is a video stream too, but no video."""
    is_cover = stream.get("disposition", {}).get("attached_pic")
    return stream.get("codec_type") == "video" and not is_cover and bool(stream.get("width"))


def _upright_size(stream: dict[str, Any]) -> tuple[int, int]:
    """Return width and height as shown: pixels made square, then turned."""
    aspect = _fraction(stream.get("sample_aspect_ratio", "1:1").replace(":", "/")) or 1
    width, height = round(stream["width"] * aspect), int(stream["height"])
    return (height, width) if _turns(stream) % 180 == 90 else (width, height)


def _turns(stream: dict[str, Any]) -> int:
    """Return by how many degrees a player must turn the picture."""
    turns = [one["rotation"] for one in stream.get("side_data_list", []) if "rotation" in one]
    return round(float(turns[0])) % 360 if turns else 0


def _lateness(picture: dict[str, Any], container: dict[str, Any]) -> float:
    began, first = (float(_fraction(one.get("start_time"))) for one in (picture, container))
    return began - first if began - first > UNNOTICED_SECONDS else 0.0


def _fraction(text: str | None) -> Fraction:
    try:
        return Fraction(text or "0")
    except (ValueError, ZeroDivisionError):
        return Fraction(0)


def _seconds(section: dict[str, Any]) -> float | None:
    seconds = float(_fraction(section.get("duration")))
    return seconds if seconds > 0 else None

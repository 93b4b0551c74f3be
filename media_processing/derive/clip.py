"""A video: one MP4 that plays everywhere, and the sizes of a telling still."""

import os
from collections.abc import Callable
from pathlib import Path

import ffmpeg

from media_processing.derive import Derived, Job, Made
from media_processing.derive.exif import EARLIEST_YEAR, camera_name
from media_processing.derive.photo import derive_stills
from media_processing.derive.recipes import (
    CLIP_FRAMES_PER_SECOND,
    POSTER_MOMENTS,
    clip_size,
)
from media_processing.limits import ProgramFailed, TooCostly, run
from media_processing.probe import Header, only_this, read_header
from media_processing.rules import MediaRules, UploadRefused, check_pixels, check_seconds
from media_processing.states import Reason

STILL_RULES = MediaRules(kind="photo", formats=("png",), max_bytes=0)
# How far what was decoded may differ from what the header promised.
SECONDS_TOLERATED, SHARE_TOLERATED = 0.3, 0.02
# The transcode's part of the bar that people watch.
FIRST_PERCENT, LAST_PERCENT = 2, 94
THREADS = min(os.cpu_count() or 1, 4)
OUR_FAULT = ("No space left on device", "Cannot allocate memory")

H264 = {
    "c:v": "libx264",
    "preset": "faster",
    "crf": 23,
    "maxrate": "4M",
    "bufsize": "8M",
    "profile:v": "high",
    "pix_fmt": "yuv420p",
    "force_key_frames": "expr:gte(t,n_forced*2)",  # seeks land within two seconds
    "fps_mode": "vfr",
    "threads": THREADS,
}
AAC = {"c:a": "aac", "b:a": "128k", "ac": 2, "ar": 48000}
# No place, name, date or program: neither in the container nor in the streams.
ANONYMOUS = {
    "map_metadata": -1,
    "map_chapters": -1,
    "fflags": "+bitexact",
    "flags:v": "+bitexact",
    "flags:a": "+bitexact",
    "metadata:s:v:0": "encoder=H.264",  # else it is the program's name
    "bsf:v": "filter_units=remove_types=6",  # x264 writes its settings into an SEI unit
}


def derive(job: Job) -> Derived:
    """Make the clip and the posters of a video. Raises UploadRefused, ProgramFailed, LeaseLost."""
    header = _check_header(job)
    clip, made = _transcode(job, header)
    job.report("poster", LAST_PERCENT)
    posters = derive_stills(
        _candidates(job, clip, made),
        format_name="png",
        rules=STILL_RULES,
        role="poster",
        folder=job.folder,
        limits=job.photo_limits,
        beat=job.beat,
    )
    facts = {
        "width": header.width,
        "height": header.height,
        "seconds": round(made.picture_seconds or 0, 3),
        "taken_at": _taken_at(header),
        "camera": _camera(header),
        "placeholder": posters.facts["placeholder"],
    }
    return Derived([clip, *posters.files], facts)


def _check_header(job: Job) -> Header:
    """Read the header and check what it tells, before anything is decoded."""
    job.report("header", 1)
    header = read_header(job.source, job.format, beat=job.beat)
    check_pixels(job.rules, header.width, header.height)
    if header.picture_seconds or header.seconds:
        check_seconds(job.rules, header.picture_seconds or header.seconds or 0)
    return header


def _transcode(job: Job, header: Header) -> tuple[Made, Header]:
    """Make the MP4, and return it with the header it has got."""
    path = job.folder / "video.mp4"

    def on_line(line: str) -> None:
        key, _, value = line.partition("=")
        if key == "out_time_us" and value.isdigit() and header.seconds:
            share = min(int(value) / 1e6 / header.seconds, 1)
            job.report("clip", FIRST_PERCENT + int(share * (LAST_PERCENT - FIRST_PERCENT)))

    _ffmpeg(_clip_arguments(job, header, path), job, on_line)
    made = read_header(path, "mp4")
    _compare(header, made)
    check_seconds(job.rules, made.picture_seconds or 0)
    name = f"video-{min(made.width, made.height)}-mp4"
    return Made("video", name, str(path), "video/mp4", made.width, made.height), made


def _clip_arguments(job: Job, header: Header, path: Path) -> list[str]:
    source = ffmpeg.input(f"file:{job.source}", threads=THREADS, **only_this(job.format))
    width, height = clip_size((header.width, header.height))
    picture = source[str(header.stream)]
    if header.frames_per_second > CLIP_FRAMES_PER_SECOND + 1:
        picture = picture.filter("fps", CLIP_FRAMES_PER_SECOND)
    # ffmpeg turns the picture by its display matrix before any filter of ours.
    picture = picture.filter("scale", width, height, flags="lanczos").filter("setsar", 1)
    streams = [picture] if header.sound is None else [picture, source[str(header.sound)]]
    options = {**H264, **({} if header.sound is None else AAC), **ANONYMOUS}
    most = _most_seconds(job.rules, header)
    limit = {"t": most} if most else {}
    output = ffmpeg.output(*streams, f"file:{path}", movflags="+faststart", **limit, **options)
    return ffmpeg.compile(output)


def _most_seconds(rules: MediaRules, header: Header) -> float | None:
    """Return where to stop decoding: a header may promise ten seconds and hold an hour."""
    promised = [header.seconds + 2] if header.seconds else []
    allowed = [rules.max_seconds + 2] if rules.max_seconds else []
    return min([*promised, *allowed], default=None)


def _compare(header: Header, made: Header) -> None:
    """Raise UploadRefused when decoding gave another length than the header promised.

    ffmpeg's own exit code is 0 for a file that ends in the middle.
    """
    pairs = [(header.picture_seconds, made.picture_seconds), (header.seconds, made.seconds)]
    promised, decoded = next((pair for pair in pairs if pair[0]), (None, None))
    if promised and abs((decoded or 0) - promised) > max(
        SECONDS_TOLERATED, SHARE_TOLERATED * promised
    ):
        raise UploadRefused(Reason.DAMAGED)


def _candidates(job: Job, clip: Made, made: Header) -> list[Path]:
    """Take stills from our own clip: small, upright and harmless already."""
    paths, outputs = [], []
    for number, share in enumerate(POSTER_MOMENTS):
        path = job.folder / f"candidate-{number}.png"
        moment = ffmpeg.input(f"file:{clip.path}", ss=share * (made.picture_seconds or 0))
        outputs.append(ffmpeg.output(moment["v:0"], f"file:{path}", vframes=1))
        paths.append(path)
    _ffmpeg(ffmpeg.compile(ffmpeg.merge_outputs(*outputs)), job, lambda line: None)
    found = [path for path in paths if path.exists()]
    if not found:
        raise UploadRefused(Reason.DAMAGED)
    return found


def _ffmpeg(arguments: list[str], job: Job, on_line: Callable[[str], None]) -> None:
    """Run ffmpeg under the video's limits. Raises UploadRefused, ProgramFailed, LeaseLost."""
    talk = ["-nostdin", "-v", "error", "-y", "-progress", "pipe:1", "-stats_period", "0.5"]
    program = [arguments[0], *talk, *arguments[1:]]
    try:
        run(program, limits=job.video_limits, on_line=on_line, beat=job.beat)
    except TooCostly as error:
        raise UploadRefused(Reason.TOO_COSTLY) from error
    except ProgramFailed as error:
        if error.was_killed or any(words in error.tail for words in OUR_FAULT):
            raise
        raise UploadRefused(Reason.DAMAGED) from error


def _taken_at(header: Header) -> str | None:
    local = header.tags.get("com.apple.quicktime.creationdate")
    taken = local or header.tags.get("creation_time", "")
    return taken if taken[:4] >= str(EARLIEST_YEAR) else None


def _camera(header: Header) -> str:
    apple = "com.apple.quicktime."
    make = header.tags.get(f"{apple}make") or header.tags.get("com.android.manufacturer", "")
    model = header.tags.get(f"{apple}model") or header.tags.get("com.android.model", "")
    return camera_name(make, model)

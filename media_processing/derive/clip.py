"""A video: a ladder of rungs that play everywhere, its playlists, poster and strip of scenes."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from media_processing.derive import Derived, Job, Made
from media_processing.derive.exif import EARLIEST_YEAR, camera_name
from media_processing.derive.ladder import Rung, ladder_arguments, read_source, rungs_of
from media_processing.derive.loudness import Correction, correct, measure
from media_processing.derive.photo import derive_stills
from media_processing.derive.playlists import (
    Index,
    NoIndex,
    master_playlist,
    media_playlist,
    read_index,
)
from media_processing.derive.program import run_ffmpeg
from media_processing.derive.recipes import CLIP_FRAMES_PER_SECOND, MASTER_PLAYLIST
from media_processing.derive.scenes import STILL_FORMAT, make_scenes
from media_processing.derive.webready import is_web_ready
from media_processing.probe import Header, read_header
from media_processing.rules import MediaRules, UploadRefused, check_pixels, check_seconds
from media_processing.states import Reason

STILL_RULES = MediaRules(kind="photo", formats=(STILL_FORMAT,), max_bytes=0)
HLS = "application/vnd.apple.mpegurl"
# How far what was decoded may differ from what the header promised.
SECONDS_MISSING, SECONDS_TOO_MANY, SHARE_TOLERATED = 0.3, 1.0, 0.02
FRAMES_TOLERATED, FRAMES_SHARE_TOLERATED = 3, 0.1
# The transcode's part of the bar that people watch.
FIRST_PERCENT, LAST_PERCENT = 3, 94


@dataclass(frozen=True)
class Film:
    """A rung that is made: its index, and how many frames it shows a second."""

    rung: Rung
    index: Index
    frames_per_second: float

    @property
    def size(self) -> tuple[int, int]:
        return self.rung.width, self.rung.height

    @property
    def details(self) -> dict[str, Any]:
        """Return what a player chooses by."""
        return {
            "codecs": self.index.codecs,
            "bandwidth": self.index.bandwidth,
            "peak_bandwidth": self.index.peak_bandwidth,
            "frames_per_second": round(self.frames_per_second, 3),
        }


def derive(job: Job) -> Derived:
    """Make everything of a video. Raises UploadRefused, ProgramFailed, LeaseLost."""
    header = _check_header(job)
    moments = job.folder / "moments.grey"
    made = _transcode(job, header, moments)
    seconds = made[-1].index.picture_seconds
    job.report("poster", LAST_PERCENT)
    candidates, strip = make_scenes(job, [one.rung for one in made], seconds)
    posters = derive_stills(
        candidates,
        format_name=STILL_FORMAT,
        rules=STILL_RULES,
        role="poster",
        moments=moments,
        folder=job.folder,
        limits=job.photo_limits,
        beat=job.beat,
    )
    facts = {
        "width": header.width,
        "height": header.height,
        "seconds": round(seconds, 3),
        "taken_at": _taken_at(header),
        "camera": _camera(header),
        "placeholder": posters.facts["placeholder"],
    }
    return Derived([*_films(job, made), *posters.files, strip], facts, posters.prints)


def _check_header(job: Job) -> Header:
    """Read the header and check what it tells, before anything is decoded."""
    job.report("header", 1)
    header = read_header(job.source, job.format, beat=job.beat)
    check_pixels(job.rules, header.width, header.height)
    if header.picture_seconds or header.seconds:
        check_seconds(job.rules, header.picture_seconds or header.seconds or 0)
    return header


def _transcode(job: Job, header: Header, moments: Path) -> list[Film]:
    """Make the rungs, largest first, and `moments`; the smallest tells what was decoded."""
    source = read_source(job, header, _most_seconds(job.rules, header))
    rungs = rungs_of(header, job.folder, copies_top=is_web_ready(job, header))
    correction = Correction()
    if header.sound is not None:
        job.report("sound", 2)
        correction = correct(measure(job, source[str(header.sound)]))
    frames = 0

    def on_line(line: str) -> None:
        nonlocal frames
        key, _, value = line.partition("=")
        if key == "frame" and value.isdigit():
            frames = int(value)
        if key == "out_time_us" and value.isdigit() and header.seconds:
            share = min(int(value) / 1e6 / header.seconds, 1)
            job.report("clip", FIRST_PERCENT + int(share * (LAST_PERCENT - FIRST_PERCENT)))

    arguments = ladder_arguments(source, header, rungs, correction, moments)
    run_ffmpeg(arguments, job, on_line)
    indexes = [_read_index(rung) for rung in rungs]
    _compare_seconds(header, indexes[-1])
    _compare_frames(header, frames)
    seconds = indexes[-1].picture_seconds
    check_seconds(job.rules, seconds)
    rate = frames / seconds
    return [Film(rung, index, rate) for rung, index in zip(rungs, indexes, strict=True)]


def _read_index(rung: Rung) -> Index:
    try:
        with rung.path.open("rb") as file:
            return read_index(file)
    except (NoIndex, FileNotFoundError) as error:  # nothing could be decoded
        raise UploadRefused(Reason.DAMAGED) from error


def _most_seconds(rules: MediaRules, header: Header) -> float | None:
    """Return where to stop decoding: a header may promise ten seconds and hold an hour."""
    promised = [header.seconds + 2] if header.seconds else []
    allowed = [rules.max_seconds + 2] if rules.max_seconds else []
    return min([*promised, *allowed], default=None)


def _compare_seconds(header: Header, made: Index) -> None:
    """Raise UploadRefused when decoding gave another length than the header promised.

    ffmpeg's own exit code is 0 for a file that ends in the middle. A header that counts in
    the order of decoding may promise a little less than is shown.
    """
    decoded = made.picture_seconds if header.picture_seconds else made.seconds
    promised = header.picture_seconds or header.seconds or decoded
    missing, surplus = promised - decoded, decoded - promised
    share = SHARE_TOLERATED * promised
    if missing > max(SECONDS_MISSING, share) or surplus > max(SECONDS_TOO_MANY, share):
        raise UploadRefused(Reason.DAMAGED)


def _compare_frames(header: Header, frames: int) -> None:
    """Raise UploadRefused when fewer frames came out than the header counts.

    A file with holes in it keeps its length.
    """
    if not header.counts_frames or not header.picture_seconds:
        return
    rate = min(header.frames_per_second, CLIP_FRAMES_PER_SECOND)
    promised = rate * header.picture_seconds
    if frames < promised * (1 - FRAMES_SHARE_TOLERATED) - FRAMES_TOLERATED:
        raise UploadRefused(Reason.DAMAGED)


def _films(job: Job, films: list[Film]) -> list[Made]:
    """Return the rungs and, after what they refer to, the playlists."""
    made, playlists, variants = [], [], []
    for film in films:
        rung = film.rung
        made.append(Made("video", rung.name, str(rung.path), "video/mp4", *film.size, film.details))
        name = f"playlist-{rung.short_side}"
        playlists.append(_playlist(job, name, media_playlist(film.index, rung.name), film.size))
        variants.append((name, {**film.details, "width": rung.width, "height": rung.height}))
    # A player begins with the first: the middle one starts at once and looks well.
    middle = len(variants) // 2
    first = [variants[middle], *variants[:middle], *variants[middle + 1 :]]
    master = _playlist(job, MASTER_PLAYLIST, master_playlist(first), films[0].size)
    return [*made, *playlists, master]


def _playlist(job: Job, name: str, text: str, size: tuple[int, int]) -> Made:
    path = job.folder / f"{name}.m3u8"
    path.write_text(text)
    return Made("playlist", name, str(path), HLS, *size)


def _taken_at(header: Header) -> str | None:
    local = header.tags.get("com.apple.quicktime.creationdate")
    taken = local or header.tags.get("creation_time", "")
    return taken if taken[:4] >= str(EARLIEST_YEAR) else None


def _camera(header: Header) -> str:
    apple = "com.apple.quicktime."
    make = header.tags.get(f"{apple}make") or header.tags.get("com.android.manufacturer", "")
    model = header.tags.get(f"{apple}model") or header.tags.get("com.android.model", "")
    return camera_name(make, model)

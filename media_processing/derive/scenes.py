"""Stills of a clip: candidates for its poster, and the strip of scenes below the player.

Both come from our own rungs: small, upright and harmless already.
"""

from itertools import pairwise
from pathlib import Path
from typing import Any

import ffmpeg

from media_processing.derive import Job, Made
from media_processing.derive.ladder import Rung
from media_processing.derive.program import run_ffmpeg
from media_processing.derive.recipes import (
    JPEG_LONG_SIDE,
    KEYFRAME_SECONDS,
    POSTER_MOMENTS,
    STRIP_COLUMNS,
    TILE_WIDTH,
    strip_grid,
)
from media_processing.rules import UploadRefused
from media_processing.states import Reason

STILL_FORMAT = "ppm"  # quick to write and to read, and gone at once
QUALITY = 4  # of the strip's JPEG: 2 is best, 31 worst


def make_scenes(job: Job, rungs: list[Rung], seconds: float) -> tuple[list[Path], Made]:
    """Return candidates for the poster, and the strip. Raises what run_ffmpeg raises."""
    candidates = [
        job.folder / f"candidate-{number}.{STILL_FORMAT}" for number in range(len(POSTER_MOMENTS))
    ]
    outputs = []
    for share, path in zip(POSTER_MOMENTS, candidates, strict=True):
        place = {"ss": share * seconds, "threads": 1, **_quickly(seconds)}
        moment = ffmpeg.input(f"file:{_for_poster(rungs).path}", **place)
        outputs.append(ffmpeg.output(moment["v:0"], f"file:{path}", **{"frames:v": 1}))
    strip, strip_output = _strip(job, rungs[-1], seconds)
    run_ffmpeg(ffmpeg.compile(ffmpeg.merge_outputs(*outputs, strip_output)), job)
    found = [path for path in candidates if path.exists()]
    if not found or not Path(strip.path).exists():
        raise UploadRefused(Reason.DAMAGED)
    return found, strip


def _quickly(seconds: float) -> dict[str, Any]:
    """Return how to read only the keyframe before a moment: a third of the work.

    In a short film several moments share one, and it may be its black beginning.
    """
    apart = min(after - before for before, after in pairwise(POSTER_MOMENTS)) * seconds
    return {"noaccurate_seek": None, "skip_frame": "nokey"} if apart >= KEYFRAME_SECONDS else {}


def _for_poster(rungs: list[Rung]) -> Rung:
    """Return the smallest rung that fills the poster's middle size, else the largest."""
    enough = [one for one in rungs if max(one.width, one.height) >= JPEG_LONG_SIDE]
    return [rungs[0], *enough][-1]


def _strip(job: Job, rung: Rung, seconds: float) -> tuple[Made, ffmpeg.Stream]:
    """Return the strip and what makes it: keyframes of the smallest rung, side by side."""
    tiles, step = strip_grid(seconds)
    columns = min(tiles, STRIP_COLUMNS)
    rows = -(-tiles // columns)
    height = max(round(TILE_WIDTH * rung.height / rung.width) // 2 * 2, 2)
    path = job.folder / "strip.jpg"
    keyframes = ffmpeg.input(f"file:{rung.path}", skip_frame="nokey", threads=1)["v:0"]
    sprite = (
        # The last keyframe stands for all that follows it.
        keyframes.filter("tpad", stop_mode="clone", stop_duration=step)
        .filter("fps", f"1/{step}", start_time=0)
        .filter("scale", TILE_WIDTH, height, out_range="pc")
        .filter("tile", f"{columns}x{rows}", nb_frames=tiles)
    )
    silent = {"fflags": "+bitexact", "flags:v": "+bitexact", "pix_fmt": "yuvj420p"}
    output = ffmpeg.output(sprite, f"file:{path}", **{"frames:v": 1, "q:v": QUALITY, **silent})
    details = {
        "columns": columns,
        "rows": rows,
        "tiles": tiles,
        "tile_width": TILE_WIDTH,
        "tile_height": height,
        "seconds_a_tile": step,
    }
    size = (columns * TILE_WIDTH, rows * height)
    return Made("strip", "strip-jpeg", str(path), "image/jpeg", *size, details), output

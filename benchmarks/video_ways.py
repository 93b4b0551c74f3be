"""Ways from one video to a ladder of rungs, a poster and a strip. Each runs by itself:

    python -m benchmarks.video_ways ours|stills|one_call|separate|default_set ORIGINAL FOLDER RUNGS

RUNGS are short sides, as "1080,720,480"; with "copy" before the first, its picture is taken
over as it is. Same codecs, preset, quality and limits of rate for all but `default_set`. `ours`
decides on its rungs by itself, and evens the loudness as well: the rivals are spared that.
`stills` is `ours`, of which only the poster and the strip are counted.
"""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks.measure import Cost, cpu_seconds, measure, tell
from media_processing.derive import Job, clip
from media_processing.derive.ladder import H264
from media_processing.derive.recipes import most_bits
from media_processing.limits import Limits
from media_processing.rules import VIDEO_FORMATS, MediaRules

PICTURE = "-c:v libx264 {effort} -crf 23 -profile:v high -pix_fmt yuv420p -g 60 -threads 2"
OUR_EFFORT = f"-preset {H264['preset']} -x264-params {H264['x264-params']}"
SOUND = "-c:a aac -b:a 128k -ac 2 -ar 48000"
MP4 = "-f mp4 -movflags +frag_keyframe+default_base_moof+delay_moov+global_sidx+skip_trailer"
PACKAGE = "-c copy -f hls -hls_time 2 -hls_playlist_type vod -hls_segment_type fmp4"
STRIP = "fps=1/2,scale=160:-2,tile=5x10"
# What MediaCMS makes unless told otherwise: so many sizes, with slower presets for small ones.
DEFAULT_SET = {1080: "faster", 720: "faster", 480: "medium", 360: "medium", 240: "medium"}
DEFAULT_SET |= {144: "medium"}
PREVIEW = "fps=10,scale=344:-2:flags=lanczos"


def ours(original: Path, folder: Path, rungs: list[int], copies: bool) -> None:
    """As the pipeline does it; what it made stays in the folder."""
    _derive(original, folder, lambda step, percent: None)


def stills(original: Path, folder: Path) -> Cost:
    """Return what our poster and strip cost, once the rungs are made."""
    begun = []

    def report(step: str, percent: int) -> None:
        if step == "poster":
            begun.append(cpu_seconds())

    whole = measure(lambda: _derive(original, folder, report))
    return Cost(cpu_seconds() - begun[0], whole.wall_seconds, whole.peak_mb)


def _derive(original: Path, folder: Path, report: Callable[[str, int], None]) -> None:
    limits = Limits(cpu_seconds=600, wall_seconds=600, memory_mb=4096)
    clip.derive(
        Job(
            source=original,
            format="mp4",
            rules=MediaRules(kind="video", formats=VIDEO_FORMATS),
            folder=folder,
            photo_limits=limits,
            video_limits=limits,
            report=report,
            beat=lambda: None,
        )
    )


def one_call(original: Path, folder: Path, rungs: list[int], copies: bool) -> None:
    """One command by hand: decoded once, split, every output of its own; then two stills."""
    made = rungs[1:] if copies else rungs
    names = "".join(f"[v{side}]" for side in made)
    graph = f"[0:v]split={len(made)}{names}"
    graph += "".join(f";[v{side}]scale=-2:{side}[s{side}]" for side in made)
    outputs = [
        part
        for side in rungs
        for part in _rung(side, folder, f"[s{side}]" if side in made else None)
    ]
    _ffmpeg("-i", original, "-filter_complex", graph, *outputs)
    _stills(folder / f"{rungs[-1]}.mp4", folder)


def separate(original: Path, folder: Path, rungs: list[int], copies: bool) -> None:
    """A process for each rung, then stills from the original, then packaging (MediaCMS)."""
    for side in rungs:
        picture = ["-vf", f"scale=-2:{side}"]
        _ffmpeg("-i", original, *picture, *_rung(side, folder, "0:v"))
        target = folder / f"hls-{side}"
        target.mkdir()
        _ffmpeg("-i", folder / f"{side}.mp4", *PACKAGE.split(), target / "index.m3u8")
    _ffmpeg("-ss", "1", "-i", original, "-frames:v", "1", folder / "poster.jpg")
    _ffmpeg("-i", original, "-vf", STRIP, "-frames:v", "1", folder / "strip.jpg")


def default_set(original: Path, folder: Path, rungs: list[int], copies: bool) -> None:
    """All that MediaCMS makes of a video as it comes: six sizes, a moving preview, a sprite."""
    for side, preset in DEFAULT_SET.items():
        picture = ["-vf", f"scale=-2:{side}"]
        _ffmpeg("-i", original, *picture, *_rung(side, folder, "0:v", f"-preset {preset}"))
        target = folder / f"hls-{side}"
        target.mkdir()
        _ffmpeg("-i", folder / f"{side}.mp4", *PACKAGE.split(), target / "index.m3u8")
    _ffmpeg("-t", "3", "-i", original, "-vf", PREVIEW, folder / "preview.gif")
    _ffmpeg("-ss", "1", "-i", original, "-frames:v", "1", folder / "poster.jpg")
    _ffmpeg("-i", original, "-vf", STRIP, "-frames:v", "1", folder / "strip.jpg")


def _rung(side: int, folder: Path, picture: str | None, effort: str = OUR_EFFORT) -> list[str]:
    """Return the options of one output; its picture is copied when `picture` is None."""
    most = most_bits(side)
    video = PICTURE.format(effort=effort).split()
    video += ["-maxrate", str(most), "-bufsize", str(2 * most)]
    if picture is None:
        picture, video = "0:v", ["-c:v", "copy"]
    maps = ["-map", picture, "-map", "0:a"]
    return [*maps, *video, *SOUND.split(), *MP4.split(), str(folder / f"{side}.mp4")]


def _stills(rung: Path, folder: Path) -> None:
    """A poster, and a strip from keyframes."""
    _ffmpeg("-ss", "2", "-i", rung, "-frames:v", "1", folder / "poster.jpg")
    keys = ["-skip_frame", "nokey", "-i", rung]
    _ffmpeg(*keys, "-vf", STRIP, "-frames:v", "1", folder / "strip.jpg")


def _ffmpeg(*arguments: str | Path) -> None:
    talk = ["-nostdin", "-v", "error", "-y"]
    subprocess.run(["ffmpeg", *talk, *map(str, arguments)], check=True)


WAYS = {way.__name__: way for way in (ours, one_call, separate, default_set)}


def main(name: str, original: str, folder: str, rungs: str) -> None:
    """Make everything, and tell what it cost."""
    copies = rungs.startswith("copy,")
    sides = [int(side) for side in rungs.removeprefix("copy,").split(",")]
    if name == stills.__name__:
        tell(stills(Path(original), Path(folder)))
    else:
        tell(measure(lambda: WAYS[name](Path(original), Path(folder), sides, copies)))


if __name__ == "__main__":
    main(*sys.argv[1:])

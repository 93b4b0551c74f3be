"""Videos: our way against one ffmpeg call by hand, and against one process a rung."""

from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measure import Cost, in_own_process, middle
from benchmarks.scenes import make_film
from benchmarks.video_ways import WAYS
from media_processing.derive.recipes import clip_short_sides, most_bits

RUNGS = clip_short_sides((1920, 1080))


def compare(folder: Path, *, seconds: int, rounds: int) -> dict[str, float]:
    """Run the ways in turn on a film to transcode, and on one whose picture can be kept."""
    most = most_bits(RUNGS[0]) // 10**6
    heavy = make_film(folder / "heavy.mp4", seconds, 2 * most)
    ready = make_film(folder / "ready.mp4", seconds, most - 2)
    full = _in_turn(heavy, folder, rounds, copies=False)
    kept = _in_turn(ready, folder, rounds, copies=True)
    for title, costs in (("transcoded", full), ("its picture kept", kept)):
        print(f"  {title}:")
        for name, cost in costs.items():
            rate = cost.cpu_seconds / seconds
            print(f"  {name:8} {rate:6.2f} CPU s a second of film, {cost.peak_mb:4.0f} MB")
    return {
        "video_vs_ffmpeg": _ratio(full, "one_call"),
        "video_vs_separate_runs": _ratio(full, "separate"),
        "video_remux_vs_separate_runs": _ratio(kept, "separate"),
        "video_peak_mb": full["ours"].peak_mb,
    }


def _in_turn(film: Path, folder: Path, rounds: int, *, copies: bool) -> dict[str, Cost]:
    rungs = ",".join(["copy"] * copies + [str(side) for side in RUNGS])
    costs: dict[str, list[Cost]] = {name: [] for name in WAYS}
    for _ in range(rounds):
        for name, found in costs.items():
            with TemporaryDirectory(dir=folder) as made:
                found.append(in_own_process("benchmarks.video_ways", name, film, made, rungs))
    return {name: middle(found) for name, found in costs.items()}


def _ratio(costs: dict[str, Cost], rival: str) -> float:
    return costs["ours"].cpu_seconds / costs[rival].cpu_seconds

"""Videos: our way against one ffmpeg call by hand, and against one process a rung."""

from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measure import Cost, in_own_process, middle
from benchmarks.scenes import make_film
from benchmarks.video_ways import WAYS
from media_processing.derive.recipes import clip_short_sides, most_bits

RUNGS = clip_short_sides((1920, 1080))
MEGABITS = most_bits(RUNGS[0]) // 10**6


def compare(folder: Path, *, seconds: int, rounds: int) -> dict[str, float]:
    """Run the ways in turn on a film of too many bits, so that every rung is encoded."""
    film = make_film(folder / "heavy.mp4", seconds, 2 * MEGABITS)
    costs = _in_turn(film, folder, rounds, seconds, copies=False)
    return {
        "video_vs_ffmpeg": _ratio(costs, "one_call"),
        "video_vs_separate_runs": _ratio(costs, "separate"),
        "video_peak_mb": costs["ours"].peak_mb,
    }


def compare_kept(folder: Path, *, seconds: int, rounds: int) -> dict[str, float]:
    """Run the ways in turn on a web-ready film: the highest rung may keep its picture."""
    film = make_film(folder / "ready.mp4", seconds, MEGABITS - 2)
    costs = _in_turn(film, folder, rounds, seconds, copies=True)
    return {"video_remux_vs_separate_runs": _ratio(costs, "separate")}


def _in_turn(
    film: Path, folder: Path, rounds: int, seconds: int, *, copies: bool
) -> dict[str, Cost]:
    rungs = ",".join(["copy"] * copies + [str(side) for side in RUNGS])
    costs: dict[str, list[Cost]] = {name: [] for name in WAYS}
    for _ in range(rounds):
        for name, found in costs.items():
            with TemporaryDirectory(dir=folder) as made:
                found.append(in_own_process("benchmarks.video_ways", name, film, made, rungs))
    typical = {name: middle(found) for name, found in costs.items()}
    for name, cost in typical.items():
        rate = cost.cpu_seconds / seconds
        print(f"  {name:8} {rate:6.2f} CPU s a second of film, {cost.peak_mb:4.0f} MB")
    return typical


def _ratio(costs: dict[str, Cost], rival: str) -> float:
    return costs["ours"].cpu_seconds / costs[rival].cpu_seconds

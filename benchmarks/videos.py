"""Videos: our way against one ffmpeg call by hand, and against one process a rung."""

from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measure import Cost, in_own_process, middle
from benchmarks.scenes import make_film
from benchmarks.video_ways import default_set, one_call, ours, separate, stills
from media_processing.derive.recipes import clip_short_sides, most_bits

RUNGS = clip_short_sides((1920, 1080))
MEGABITS = most_bits(RUNGS[0]) // 10**6
RIVALS = [ours.__name__, one_call.__name__, separate.__name__]


def compare(folder: Path, *, seconds: int, rounds: int) -> dict[str, float]:
    """Run the ways in turn on a film of too many bits, so that every rung is encoded."""
    film = make_film(folder / "heavy.mp4", seconds, 2 * MEGABITS)
    costs = _in_turn(RIVALS, film, folder, rounds, seconds)
    return {
        "video_vs_ffmpeg": _ratio(costs, "one_call"),
        "video_vs_separate_runs": _ratio(costs, "separate"),
        "video_peak_mb": costs["ours"].peak_mb,
    }


def compare_sets(folder: Path, *, seconds: int, rounds: int) -> dict[str, float]:
    """Compare with all that MediaCMS makes by default; and our stills with the film's length."""
    film = make_film(folder / "heavy.mp4", seconds, 2 * MEGABITS)
    ways = [ours.__name__, default_set.__name__, stills.__name__]
    costs = _in_turn(ways, film, folder, rounds, seconds)
    return {
        "video_vs_mediacms_set": _ratio(costs, "default_set"),
        "stills_vs_duration": costs["stills"].cpu_seconds / seconds,
    }


def peak_at_4k(folder: Path, *, seconds: int) -> dict[str, float]:
    """Tell how much memory our largest process takes for a film of 3840 x 2160."""
    film = make_film(folder / "4k.mp4", seconds, 4 * MEGABITS, size="3840x2160")
    costs = _in_turn([ours.__name__], film, folder, 1, seconds)
    return {"video_4k_peak_mb": costs["ours"].peak_mb}


def compare_kept(folder: Path, *, seconds: int, rounds: int) -> dict[str, float]:
    """Run the ways in turn on a web-ready film: the highest rung may keep its picture."""
    film = make_film(folder / "ready.mp4", seconds, MEGABITS - 2)
    costs = _in_turn(RIVALS, film, folder, rounds, seconds, copies=True)
    return {"video_remux_vs_separate_runs": _ratio(costs, "separate")}


def _in_turn(
    ways: list[str],
    film: Path,
    folder: Path,
    rounds: int,
    seconds: int,
    *,
    copies: bool = False,
) -> dict[str, Cost]:
    rungs = ",".join(["copy"] * copies + [str(side) for side in RUNGS])
    costs: dict[str, list[Cost]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, found in costs.items():
            with TemporaryDirectory(dir=folder) as made:
                found.append(in_own_process("benchmarks.video_ways", name, film, made, rungs))
    typical = {name: middle(found) for name, found in costs.items()}
    for name, cost in typical.items():
        rate = cost.cpu_seconds / seconds
        print(f"  {name:11} {rate:6.2f} CPU s a second of film, {cost.peak_mb:4.0f} MB")
    return typical


def _ratio(costs: dict[str, Cost], rival: str) -> float:
    return costs["ours"].cpu_seconds / costs[rival].cpu_seconds

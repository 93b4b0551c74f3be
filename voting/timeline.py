"""Votes over time as a drawing: plain values in, coordinates out; a template draws."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import ceil, floor

WIDTH, LEFT, RIGHT = 720, 48, 12  # units of the drawing
HEIGHT, TOP, BOTTOM = 200, 10, 26
BARS = 72  # at most
STEPS = [60, 300, 600, 1800, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 86400]  # seconds a bar


@dataclass(frozen=True)
class Window:
    """The time that is shown: `bars` bars of `step` seconds from `begins` (unix seconds)."""

    begins: int
    step: int
    bars: int

    @property
    def ends(self) -> int:
        return self.begins + self.step * self.bars


@dataclass(frozen=True)
class Bar:
    """The ballots of one step: those in question on top of the others."""

    at: int  # unix seconds
    found: int
    others: int
    x: float
    found_y: float
    found_height: float
    others_y: float
    others_height: float


@dataclass(frozen=True)
class Timeline:
    """`hours`: (x, unix seconds) to write below; `scale`: (y, ballots) to write at the side."""

    window: Window
    bars: list[Bar]
    hours: list[tuple[float, int]]
    scale: list[tuple[float, int]]
    bar_width: float
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    foot: int = HEIGHT - BOTTOM


def window_around(times: Collection[float]) -> Window:
    """Return a window with the times (unix seconds) in its middle half; at least one."""
    first, last = min(times), max(times)
    margin = max((last - first) / 2, 1800)
    begins, ends = first - margin, last + margin
    step = next((one for one in STEPS if (ends - begins) / one < BARS - 1), None)
    if step is None:
        step = ceil((ends - begins) / (BARS - 1) / STEPS[-1]) * STEPS[-1]
    start = floor(begins / step) * step
    return Window(start, step, floor((ends - start) / step) + 1)


def timeline(window: Window, found: Mapping[float, int], others: Mapping[float, int]) -> Timeline:
    """Lay out the bars of a window. Given are moments (unix seconds) -> ballots cast then."""
    in_question, beside = _count(window, found), _count(window, others)
    most = max((in_question[n] + beside[n] for n in range(window.bars)), default=0) or 1
    unit = (HEIGHT - TOP - BOTTOM) / most
    wide = (WIDTH - LEFT - RIGHT) / window.bars
    foot = HEIGHT - BOTTOM
    bars = []
    for n in range(window.bars):
        base = foot - beside[n] * unit
        bars.append(
            Bar(
                at=window.begins + n * window.step,
                found=in_question[n],
                others=beside[n],
                x=round(LEFT + n * wide, 1),
                found_y=round(base - in_question[n] * unit, 1),
                found_height=round(in_question[n] * unit, 1),
                others_y=round(base, 1),
                others_height=round(beside[n] * unit, 1),
            )
        )
    every = max(1, ceil(window.bars / 5))
    return Timeline(
        window=window,
        bars=bars,
        hours=[(bar.x, bar.at) for bar in bars[::every]],
        scale=[(foot, 0), (round(foot - most * unit, 1), most)],
        bar_width=round(wide * 0.85, 2),
    )


def _count(window: Window, ballots: Mapping[float, int]) -> Counter[int]:
    counts: Counter[int] = Counter()
    for at, count in ballots.items():
        counts[floor((at - window.begins) / window.step)] += count
    return counts

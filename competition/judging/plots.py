"""Numbers with their intervals as a drawing: plain values in, coordinates out; a template draws."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, floor, log10

from competition.judging.scoring import Estimate

WIDTH, LABEL, RIGHT = 640, 150, 20  # units of the drawing
ROW, TOP, BOTTOM = 24, 8, 28


@dataclass(frozen=True)
class Line:
    """One row: where its interval begins and ends, and its dot. None: there is no number."""

    label: str
    y: int
    estimate: Estimate | None
    low: float = 0
    dot: float = 0
    high: float = 0


@dataclass(frozen=True)
class Forest:
    """Rows of numbers on one scale. `ticks`: (x, what to write); `zero`: x of the line at 0."""

    lines: list[Line]
    ticks: list[tuple[float, str]]
    zero: float | None
    height: int
    width: int = WIDTH
    label_end: int = LABEL - 10


def forest(rows: Iterable[tuple[str, Estimate | None]]) -> Forest | None:
    """Lay the rows out from top to bottom, in the order given; None when no row has a number."""
    listed = list(rows)
    found = [estimate for _label, estimate in listed if estimate is not None]
    if not found:
        return None
    low, high = min(0, *(one.low for one in found)), max(0, *(one.high for one in found))
    step = _step(high - low)
    low, high = floor(low / step) * step, ceil(high / step) * step

    def x(value: float) -> float:
        return round(LABEL + (value - low) / (high - low or 1) * (WIDTH - LABEL - RIGHT), 1)

    lines = []
    for place, (label, estimate) in enumerate(listed):
        y = TOP + ROW * place + ROW // 2
        if estimate is None:
            lines.append(Line(label, y, None))
        else:
            ends = (x(estimate.low), x(estimate.value), x(estimate.high))
            lines.append(Line(label, y, estimate, *ends))
    count = round((high - low) / step)
    values = [low + number * step for number in range(count + 1)]
    ticks = [(x(value), f"{value:.6g}".replace("-", "−")) for value in values]
    return Forest(lines, ticks, x(0), TOP + ROW * len(listed) + BOTTOM)


def _step(extent: float) -> float:
    """Return the distance of ticks: 1, 2 or 5 times a power of ten, for some five of them."""
    rough = (extent or 1) / 5
    power = 10.0 ** floor(log10(rough))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)

"""Counts as drawings: plain values in, coordinates out; a template draws (components/chart_*).

A drawing is as wide as a telephone's screen, so that its letters can be read there.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

WIDTH = 480  # units of the drawing
ROW, BAR_TOP, BAR_HEIGHT = 46, 24, 10  # a label with its number, and the bar below
DAYS_TOP, DAYS_HEIGHT, DAYS_LEFT, DAYS_FOOT = 12, 150, 44, 26
TICKS = 4  # at most, above zero


@dataclass(frozen=True)
class Bar:
    """One row: `label_y` is where its words stand, `y` the bar's upper edge."""

    label: str
    value: int
    label_y: int
    y: int
    length: float


@dataclass(frozen=True)
class Bars:
    """Counts below one another, on one scale that begins at 0."""

    rows: list[Bar]
    height: int
    width: int = WIDTH
    bar_height: int = BAR_HEIGHT

    @property
    def table(self) -> list[tuple[str, int]]:
        return [(row.label, row.value) for row in self.rows]


def bars(counts: Iterable[tuple[str, int]]) -> Bars | None:
    """Lay out (label, count) in the order given; None when nothing was counted."""
    listed = list(counts)
    most = max((value for _label, value in listed), default=0)
    if most <= 0:
        return None
    rows = [
        Bar(label, value, place * ROW + 17, place * ROW + BAR_TOP, round(WIDTH * value / most, 1))
        for place, (label, value) in enumerate(listed)
    ]
    return Bars(rows, len(rows) * ROW)


@dataclass(frozen=True)
class Column:
    """One day's count."""

    day: date
    value: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Days:
    """Counts by day, each a column, days without any included.

    `ticks`: (y, count); `dates`: (x, day, which end of the words is there: an SVG text-anchor).
    """

    columns: list[Column]
    ticks: list[tuple[float, int]]
    dates: list[tuple[float, date, str]]
    busiest: Column
    width: int = WIDTH
    height: int = DAYS_TOP + DAYS_HEIGHT + DAYS_FOOT
    left: int = DAYS_LEFT
    foot: int = DAYS_TOP + DAYS_HEIGHT

    @property
    def table(self) -> list[tuple[date, int]]:
        return [(column.day, column.value) for column in self.columns if column.value]


def days(counts: Mapping[date, int]) -> Days | None:
    """Lay out counts by day from the first to the last; None when nothing was counted."""
    counted = {day: value for day, value in counts.items() if value > 0}
    if not counted:
        return None
    first, last = min(counted), max(counted)
    number = (last - first).days + 1
    step = _step(max(counted.values()))
    top = step * -(-max(counted.values()) // step)
    room = (WIDTH - DAYS_LEFT) / number
    columns = []
    for place in range(number):
        day = first + timedelta(place)
        value = counted.get(day, 0)
        height = round(DAYS_HEIGHT * value / top, 1)
        columns.append(
            Column(
                day,
                value,
                round(DAYS_LEFT + place * room + room * 0.1, 1),
                round(DAYS_TOP + DAYS_HEIGHT - height, 1),
                round(min(room * 0.8, 40), 1),
                height,
            )
        )
    ticks = [
        (round(DAYS_TOP + DAYS_HEIGHT * (1 - value / top), 1), value)
        for value in range(0, top + 1, step)
    ]
    busiest = max(columns, key=lambda column: column.value)
    return Days(columns, ticks, _dates(first, last), busiest)


def _dates(first: date, last: date) -> list[tuple[float, date, str]]:
    """Return the days that are written below: the first, and the last where there is room."""
    dates = [(float(DAYS_LEFT), first, "start")]
    if (last - first).days >= 3:
        dates.append((float(WIDTH), last, "end"))
    return dates


def _step(most: int) -> int:
    """Return 1, 2 or 5 times a power of ten, of which at most TICKS steps reach the most."""
    step = 1
    while True:
        for factor in (1, 2, 5):
            if step * factor * TICKS >= most:
                return step * factor
        step *= 10

"""A judge's habits, for the organiser: numbers to ask about, never to punish by.

Two of them compare a judge with the others on the same works: a reading's *difference* is its
value plus its judge's severity, less the mean of the other judges' of that work, theirs added too.
Works read once have none. Intervals are 95% and large-sample; with 20 judges one of 20 that does
nothing unusual lies outside by chance.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np

from competition.judging.adjusting import Adjustment
from competition.judging.scoring import Estimate, Reading
from competition.judging.severity import Grid
from competition.judging.shrinkage import Floats

PER_WORKS = 100  # the unit of drift
FEWEST = 3  # observations without which a standard error says nothing


@dataclass(frozen=True)
class Spread:
    """How widely a judge uses the scale; points. `panel`: the others' standard deviation.

    `deviation`: the judge's standard deviation with its interval.
    """

    judge_id: int
    deviation: Estimate
    panel: float


def spreads(readings: Iterable[Reading]) -> list[Spread]:
    """Return the spread of every judge with at least three readings, by judge id.

    The interval is that of a logarithm of a standard deviation of normal values, whose standard
    error is the root of 1 / 2(n - 1). The panel's is pooled within the other judges, so that
    their severities do not widen it.
    """
    grid = Grid.lay(readings)
    counts = np.bincount(grid.judge)
    means = grid.by_judge(grid.value) / counts
    squares = grid.by_judge((grid.value - means[grid.judge]) ** 2)
    found = []
    for at in np.flatnonzero(counts >= FEWEST).tolist():
        value = float(np.sqrt(squares[at] / (counts[at] - 1)))
        factor = float(np.exp(1.959964 / np.sqrt(2 * (counts[at] - 1))))
        spare = (counts.sum() - counts[at]) - (len(counts) - 1)
        panel = float(np.sqrt((squares.sum() - squares[at]) / spare)) if spare > 0 else 0.0
        deviation = Estimate(value, value / factor, value * factor, int(counts[at]))
        found.append(Spread(grid.judges[at], deviation, panel))
    return found


def home_biases(
    readings: Iterable[Reading], adjustment: Adjustment, home: Collection[tuple[int, int]]
) -> dict[int, Estimate]:
    """Return, by judge id, how many points more a judge gives works of the own association.

    `home`: pairs (judge id, entry id) of a judge and a work below the judge's association. The
    mean difference of home works less that of all others; Welch's standard error (Biometrika 34
    (1947) 28-35). `count`: the home works. Left out: judges with fewer than three works of either
    sort that somebody else has read too. Recusal makes this empty, as it should.
    """
    table = _differences(readings, adjustment)
    found = {}
    for judge_id, rows in table.items():
        at_home = np.array([(judge_id, entry_id) in home for entry_id, _turn, _value in rows])
        value = np.array([value for _entry_id, _turn, value in rows])
        ours, others = value[at_home], value[~at_home]
        if min(len(ours), len(others)) >= FEWEST:
            error = np.sqrt(np.var(ours, ddof=1) / len(ours) + np.var(others, ddof=1) / len(others))
            bias = float(ours.mean() - others.mean())
            found[judge_id] = Estimate.around(bias, float(error), len(ours))
    return found


def drifts(readings: Iterable[Reading], adjustment: Adjustment) -> dict[int, Estimate]:
    """Return, by judge id, by how many points a judge grows milder every 100 works.

    The slope, by least squares, of the differences over the judge's own order of reading. Below
    zero: grows stricter. Left out: judges with fewer than four works that others have read too.
    """
    found = {}
    for judge_id, rows in _differences(readings, adjustment).items():
        turn = np.array([turn for _entry_id, turn, _value in rows], float) / PER_WORKS
        value = np.array([value for _entry_id, _turn, value in rows])
        if len(rows) > FEWEST and np.ptp(turn):
            slope, error = _slope(turn, value)
            found[judge_id] = Estimate.around(slope, error, len(rows))
    return found


def _slope(along: Floats, value: Floats) -> tuple[float, float]:
    """Return the least-squares slope and its standard error."""
    centred = along - along.mean()
    slope = float(centred @ value / (centred @ centred))
    left = value - value.mean() - slope * centred
    return slope, float(np.sqrt(left @ left / (len(value) - 2) / (centred @ centred)))


def _differences(
    readings: Iterable[Reading], adjustment: Adjustment
) -> dict[int, list[tuple[int, int, float]]]:
    """Return, by judge id, (entry id, turn, difference) of each work others have read too."""
    severity = {
        one.judge_id: one.severity.value if one.severity else 0.0 for one in adjustment.judges
    }
    theirs: dict[int, list[tuple[int, int, float]]] = {}
    for one in sorted(readings, key=lambda one: (one.entry_id, one.judge_id)):
        levelled = float(one.value) + severity.get(one.judge_id, 0.0)
        theirs.setdefault(one.entry_id, []).append((one.judge_id, one.turn, levelled))
    found: dict[int, list[tuple[int, int, float]]] = {}
    for entry_id, rows in theirs.items():
        total = sum(value for _judge_id, _turn, value in rows)
        for judge_id, turn, value in rows if len(rows) > 1 else []:
            others = (total - value) / (len(rows) - 1)
            found.setdefault(judge_id, []).append((entry_id, turn, value - others))
    return found

"""How strict each judge is, told by the works that judges share, and by nothing else.

The model is additive: a reading is the work's worth less the judge's severity plus an error. Works
and judges both stand in it as fixed effects, so who was given weaker works does not look strict:
only differences between judges of the SAME work count. A judge's own mean is never used.

Judges err by different amounts, and who errs less counts for more, within limits.

Sources: the two-way classification without interaction, unequal numbers: Searle, Linear Models
(1971), 7.1; Henderson's method 3 for the variance of the error (Biometrics 9 (1953) 226-252); a
variance for each judge by the squares of residuals: Rao's MINQUE, JASA 65 (1970) 161-172. That
random works would bias severities when works are not dealt at random: Mundlak, Econometrica 46
(1978) 69-85.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from competition.judging.scoring import Reading
from competition.judging.shrinkage import Floats, Ints

# Sums of squares below this share of the scores' own are rounding errors: judges agree fully.
NOTHING = 1e-20
# A judge's error variance against the average: before anything is known, 1 give or take this.
PRIOR_SD = 0.5
# What it is taken for at least and at most: no judge counts more than four times another.
LEAST_RATIO, MOST_RATIO = 0.5, 2.0


@dataclass(frozen=True)
class Grid:
    """Readings as arrays, in an order that depends on their ids alone.

    `judge`, `entry`, `value`: one of each a reading; the first two are places in `judges` and
    `entries`, which are ids in ascending order.
    """

    judges: list[int]
    entries: list[int]
    judge: Ints
    entry: Ints
    value: Floats

    @classmethod
    def lay(cls, readings: Iterable[Reading]) -> "Grid":
        """Raise ValueError when a judge has two readings of an entry."""
        ordered = sorted(readings, key=lambda one: (one.entry_id, one.judge_id))
        if len({(one.entry_id, one.judge_id) for one in ordered}) < len(ordered):
            raise ValueError("a judge reads an entry once")
        judges = sorted({one.judge_id for one in ordered})
        entries = sorted({one.entry_id for one in ordered})
        judge_at = {pk: at for at, pk in enumerate(judges)}
        entry_at = {pk: at for at, pk in enumerate(entries)}
        judge = np.array([judge_at[one.judge_id] for one in ordered], np.intp)
        entry = np.array([entry_at[one.entry_id] for one in ordered], np.intp)
        return cls(judges, entries, judge, entry, np.array([float(one.value) for one in ordered]))

    def by_judge(self, values: Floats) -> Floats:
        """Return each judge's sum of such values, one a reading."""
        return np.bincount(self.judge, values, len(self.judges)).astype(np.float64)

    def by_entry(self, values: Floats) -> Floats:
        """Return each entry's sum of such values, one a reading."""
        return np.bincount(self.entry, values, len(self.entries)).astype(np.float64)

    def spread_out(self, values: Floats) -> Floats:
        """Return such values, one a reading, as a table: a row an entry, a column a judge."""
        table = np.zeros((len(self.entries), len(self.judges)))
        table[self.entry, self.judge] = values
        return table


@dataclass(frozen=True)
class Severities:
    """What was found, a value a judge in the grid's order; points, and points squared.

    `values`: what the judge gives less than the others would; those of a component, each as often
    as its judge has read, add up to zero. `components`: judges that no chain of shared works
    joins have different ones and cannot be compared. `weights`: how much a reading of the judge's
    counts; `noise` over it is the variance of its error. `noise` is None when no reading is left
    to tell it by, and then the values are zeros.
    """

    values: Floats
    covariance: Floats
    components: Ints
    weights: Floats
    noise: float | None


def find_components(shared: Floats) -> Ints:
    """Return each judge's component, from 0. `shared`: how much any two have read in common."""
    found = np.full(len(shared), -1, np.intp)
    for start in range(len(shared)):
        if found[start] < 0:
            number, ahead = int(found.max()) + 1, [start]
            found[start] = number
            while ahead:
                near = np.flatnonzero((shared[ahead.pop()] > 0) & (found < 0))
                found[near] = number
                ahead.extend(near.tolist())
    return found


def find_severities(grid: Grid, *, weigh_judges: bool) -> Severities:
    """Return the judges' severities by weighted least squares, works and judges both fixed.

    `weigh_judges`: let who errs less count for more; else all weights are 1.
    """
    equal = np.ones(len(grid.judges))
    presence = grid.spread_out(np.ones(len(grid.value)))
    components = find_components(presence.T @ presence)
    spare = len(grid.value) - len(grid.entries) - len(equal) + int(components.max()) + 1
    if spare <= 0:
        return Severities(0 * equal, np.diag(0 * equal), components, equal, None)
    values, unscaled = _fit(grid, equal, components)
    levelled = grid.value + values[grid.judge]
    counts = grid.by_entry(np.ones(len(grid.value)))
    left = levelled - (grid.by_entry(levelled) / counts)[grid.entry]
    noise = float(left @ left) / spare
    if noise * spare <= NOTHING * float(grid.value @ grid.value):
        return Severities(values, 0 * unscaled, components, equal, 0.0)
    weights = equal
    if weigh_judges:
        weights = 1 / _error_ratios(grid, left**2 / noise, counts, spare)
        values, unscaled = _fit(grid, weights, components)
    return Severities(values, noise * unscaled, components, weights, noise)


def _fit(grid: Grid, weights: Floats, components: Ints) -> tuple[Floats, Floats]:
    """Return the severities, and their covariance as a multiple of the noise."""
    weight = weights[grid.judge]
    totals = grid.by_entry(weight)
    own = grid.value - (grid.by_entry(weight * grid.value) / totals)[grid.entry]
    shares = grid.spread_out(weight / totals[grid.entry])
    shared = shares.T @ grid.spread_out(weight)
    same = (components[:, None] == components).astype(float)
    level = same / same.sum(axis=1)
    # The laplacian of the graph of shared works; `level` makes it regular in each component.
    laplacian = np.diag(grid.by_judge(weight)) - shared
    inverse = np.linalg.inv(laplacian + level) - level
    read = grid.by_judge(np.ones(len(grid.value)))
    centred = np.eye(len(read)) - same * read / (same @ read)[:, None]
    return -centred @ (inverse @ grid.by_judge(weight * own)), centred @ inverse @ centred.T


def _error_ratios(grid: Grid, squares: Floats, counts: Floats, spare: int) -> Floats:
    """Return each judge's error variance against the average one, within the limits.

    `squares`: of the residuals, over the noise. A residual holds the errors of all who read the
    work: (1 - 1/n) of the judge's own, 1/n of each other's. So the judges' sums of squares are,
    on average, a matrix times their variances. Those are drawn to 1 by a normal prior; few
    readings, or judges that always read in the same pair, leave them there.
    """
    # What the severities, being fitted, have taken out of the squares.
    taken = (len(grid.value) - len(grid.entries)) / spare
    found = taken * grid.by_judge(squares)
    inverse = grid.spread_out(1 / counts[grid.entry])
    mixing = inverse.T @ inverse
    np.fill_diagonal(mixing, grid.by_judge(((1 - 1 / counts) ** 2)[grid.entry]))
    known = np.where(np.diag(mixing) > 0, np.diag(mixing), 1)
    pulled = mixing.T / (2 * known)
    excess = np.linalg.solve(
        pulled @ mixing + np.eye(len(found)) / PRIOR_SD**2, pulled @ (found - mixing.sum(axis=1))
    )
    return np.clip(1 + excess, LEAST_RATIO, MOST_RATIO)

"""How strict each judge is, told by the works that judges share, and by nothing else.

The model is additive: a reading is the work's worth less the judge's severity plus an error. Works
and judges both stand in it as fixed effects, so who was given weaker works does not look strict:
only differences between judges of the SAME work count. A judge's own mean is never used.

Source: the two-way classification without interaction, unequal numbers: Searle, Linear Models
(1971), 7.1; Henderson's method 3 for the variance of the error (Biometrics 9 (1953) 226-252). That
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


@dataclass(frozen=True)
class Grid:
    """Readings as arrays, in an order that depends on their ids alone.

    `judge`, `entry`, `value`: one of each a reading; the first two are places in `judges` and
    `entries`, which are ids in ascending order. `shares`: a row an entry, a column a judge, one
    over the entry's number of readings where the judge has read it.
    """

    judges: list[int]
    entries: list[int]
    judge: Ints
    entry: Ints
    value: Floats
    counts: Ints
    shares: Floats

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
        counts = np.bincount(entry, minlength=len(entries))
        shares = np.zeros((len(entries), len(judges)))
        shares[entry, judge] = 1 / counts[entry]
        value = np.array([float(one.value) for one in ordered])
        return cls(judges, entries, judge, entry, value, counts, shares)

    def means(self, values: Floats) -> Floats:
        """Return each entry's mean of such values, one a reading."""
        return np.bincount(self.entry, values, minlength=len(self.entries)) / self.counts


@dataclass(frozen=True)
class Severities:
    """What was found, a value a judge in the grid's order; points, and points squared.

    `values`: what the judge gives less than the others would; those of a component, each as often
    as its judge has read, add up to zero. `components`: judges that no chain of shared works
    joins have different ones and cannot be compared. `noise`: the variance of one reading's
    error; None when no reading is left to tell it by, and then `values` are zeros.
    """

    values: Floats
    covariance: Floats
    components: Ints
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


def find_severities(grid: Grid) -> Severities:
    """Return the judges' severities by least squares, works and judges both fixed."""
    read = np.bincount(grid.judge, minlength=len(grid.judges)).astype(float)
    presence = grid.shares * grid.counts[:, None]
    shared = grid.shares.T @ presence
    components = find_components(shared)
    spare = len(grid.value) - len(grid.entries) - len(read) + int(components.max()) + 1
    if spare <= 0:
        nothing = np.zeros((len(read), len(read)))
        return Severities(np.zeros(len(read)), nothing, components, None)
    same = (components[:, None] == components).astype(float)
    level = same / same.sum(axis=1)
    # The laplacian of the graph of shared works; `level` makes it regular in each component.
    inverse = np.linalg.inv(np.diag(read) - shared + level) - level
    own = grid.value - grid.means(grid.value)[grid.entry]
    centred = np.eye(len(read)) - same * read / (same @ read)[:, None]
    values = -centred @ (inverse @ np.bincount(grid.judge, own, minlength=len(read)))
    levelled = grid.value + values[grid.judge]
    left = levelled - grid.means(levelled)[grid.entry]
    squares = float(left @ left)
    noise = squares / spare if squares > NOTHING * float(grid.value @ grid.value) else 0.0
    return Severities(values, noise * centred @ inverse @ centred.T, components, noise)

"""Whether judges mean the same by a criterion, and whether a judge tells the criteria apart."""

from collections.abc import Iterable, Sequence
from itertools import combinations

import numpy as np

from competition.judging.scoring import Estimate, Sheet
from competition.judging.shrinkage import Floats, Ints

RESAMPLINGS = 1000
FEWEST_SHEETS = 4  # fewer have no interval for a correlation


def agreement(
    sheets: Iterable[Sheet], criteria: Sequence[str], *, seed: int
) -> dict[str, Estimate]:
    """Return Krippendorff's alpha of each criterion: 1 full agreement, 0 as if by chance.

    For values on an interval scale; works read once do not count, and `count` is the number of
    the others. The interval is that of a bootstrap over works, seeded. A criterion on which all
    scores are equal, or that no work has twice, is left out.

    Source: Krippendorff, Content Analysis (4th ed., 2019), ch. 12. For interval data both of its
    disagreements are variances, so it takes no matrix of values by values.
    """
    ordered = sorted(sheets, key=lambda sheet: (sheet.entry_id, sheet.judge_id))
    found = {}
    for code in criteria:
        scored = [sheet for sheet in ordered if code in sheet.scores]
        value = np.array([float(sheet.scores[code]) for sheet in scored])
        _ids, unit = np.unique([sheet.entry_id for sheet in scored], return_inverse=True)
        sums = _unit_sums(value, unit)
        total = _alpha(sums.sum(axis=0))
        if np.isnan(total):
            continue
        chance = np.random.default_rng(seed)
        again = [_alpha(_resample(sums, chance)) for _ in range(RESAMPLINGS)]
        low, high = np.nanquantile(again, [0.025, 0.975])
        found[code] = Estimate(float(total), float(low), float(high), len(sums))
    return found


def halo(sheets: Iterable[Sheet], criteria: Sequence[str]) -> dict[int, Estimate]:
    """Return, by judge id, how alike the judge's scores on different criteria run: -1 to 1.

    The mean, over pairs of criteria, of Pearson's correlation over the judge's sheets. A high one
    beside the other judges' says that one impression colours all criteria; to itself it says
    little, because good works are good in many ways. The interval is Fisher's (1921), of one
    correlation: for a mean of several it is on the wide side. Left out: judges of fewer than four
    full sheets, or whose scores on a criterion are all equal.
    """
    theirs: dict[int, list[list[float]]] = {}
    for sheet in sorted(sheets, key=lambda sheet: (sheet.judge_id, sheet.entry_id)):
        if all(code in sheet.scores for code in criteria):
            row = [float(sheet.scores[code]) for code in criteria]
            theirs.setdefault(sheet.judge_id, []).append(row)
    found = {}
    for judge_id, rows in theirs.items():
        table = np.array(rows)
        if len(rows) < FEWEST_SHEETS or len(criteria) < 2 or not np.ptp(table, axis=0).all():
            continue
        matrix = np.corrcoef(table, rowvar=False)
        value = float(np.mean([matrix[pair] for pair in combinations(range(len(criteria)), 2)]))
        middle = np.arctanh(np.clip(value, -1 + 1e-12, 1 - 1e-12))
        reach = 1.959964 / np.sqrt(len(rows) - 3)
        low, high = np.tanh(middle - reach), np.tanh(middle + reach)
        found[judge_id] = Estimate(value, float(low), float(high), len(rows))
    return found


def _unit_sums(value: Floats, unit: Ints) -> Floats:
    """Return, for each work read at least twice, what alpha is made of.

    In columns: readings; sum; sum of squares; readings times the variance within the work.
    """
    if not len(value):
        return np.zeros((0, 4))
    counts = np.bincount(unit)
    # About the mean of all, or squares of large scores would drown small differences.
    centred = value - value.mean()
    sums, squares = np.bincount(unit, centred), np.bincount(unit, centred**2)
    several = counts > 1
    within = (
        counts[several]
        / (counts[several] - 1)
        * np.bincount(unit, (centred - (sums / counts)[unit]) ** 2)[several]
    )
    return np.column_stack((counts[several], sums[several], squares[several], within))


def _resample(sums: Floats, chance: np.random.Generator) -> Floats:
    """Return the sums over as many works, drawn from them with repetition."""
    drawn = np.bincount(chance.integers(0, len(sums), len(sums)), minlength=len(sums))
    return drawn @ sums


def _alpha(sums: Floats) -> Floats:
    """Return 1 less the observed disagreement by the expected one; NaN when none is expected."""
    readings, total, squares, within = np.moveaxis(sums, -1, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        expected = (squares - total**2 / readings) / (readings - 1)
        alpha = 1 - within / readings / expected
        return np.where(expected > 1e-12, alpha, np.nan)

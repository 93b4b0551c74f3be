"""Signs of purpose: a group is larger than what is usual explains. Friends show them, too."""

from math import inf, log

from voting.antifraud.rules import Rules


def surprise(count: float, expected: float) -> float:
    """Return how unlikely so many are, in nats: half the deviance of a Poisson count.

    exp(-surprise) bounds the chance of `count` or more where `expected` are usual (Chernoff 1952).
    0 where there are no more than expected.
    """
    if count <= expected:
        return 0
    if expected <= 0:
        return inf
    return count * log(count / expected) - (count - expected)


def is_excess(count: float, expected: float, rules: Rules) -> bool:
    """Tell whether so many are both surprising and several times what is usual.

    The factor also bounds the harm: most of a group that is set aside would not be there
    without what makes it unusual.
    """
    return count >= rules.times_usual * expected and surprise(count, expected) >= rules.surprise

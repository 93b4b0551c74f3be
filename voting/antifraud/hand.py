"""Signs of one hand behind many voters: devices, waits, intervals, sleep.

Each is a measure of a group of ballots, with a threshold that people do not reach however much
they agree, and a margin for chance: a measure must lie several of its standard deviations beyond.
"""

from dataclasses import dataclass
from math import lgamma, log, sqrt

import numpy as np

from voting.antifraud.rules import Rules
from voting.antifraud.usual import Usual, quiet_share
from voting.antifraud.votes import Floats, Ints, Poll, paired

FACTOR = 2.0


@dataclass(frozen=True)
class Sign:
    """What was measured, and what it is by chance or in the whole poll."""

    name: str
    measure: float
    usual: float


def signs(
    poll: Poll, usual: Usual, rules: Rules, rows: Ints, others: Ints | None = None
) -> list[Sign]:
    """Return the signs of one hand in these ballots; rows by time.

    `others`, for ballots of one place: rows of the place's other votes, which show what devices
    are usual there. Of ballots from everywhere, a device counts once a network: an office full of
    equal computers is no few devices.
    """
    at = poll.at[rows]
    firsts = rows[np.unique(poll.voter[rows], return_index=True)[1]]
    apart, beside = firsts, rows[:0] if others is None else others
    if others is None:
        cell = paired(poll.network[firsts], poll.device[firsts])
        apart = firsts[np.unique(cell, return_index=True)[1]]
    found = [
        few_devices(poll.device[apart], usual.device_share_beside(apart, beside), rules),
        even_waits(poll.wait[firsts], rules),
        even_intervals(at, rules),
        no_sleep(at, usual.quiet, rules),
    ]
    return [sign for sign in found if sign is not None]


def few_devices(devices: Ints, share: Floats, rules: Rules) -> Sign | None:
    """Return a sign where the voters' devices are rather a few ones, again and again.

    `share`: how usual each voter's device is. Compared are two ways of drawing the devices, one
    after another: each by its share; or from an urn in which every device drawn weighs as much
    as the whole start (Blackwell, MacQueen 1973; Pólya's urn with concentration 1). In nats a
    ballot, so that many voters with slightly unusual devices, as when a link goes round in one
    app, are not a sign: the urn pays some two nats for each of a crowd's devices.
    """
    names, where, counts = np.unique(devices, return_index=True, return_counts=True)
    total = -lgamma(1 + len(devices))
    for count, usual in zip(counts.tolist(), share[where].tolist(), strict=True):
        total += lgamma(count + usual) - lgamma(usual) - count * log(usual)
    each = total / len(devices)
    if each >= rules.device_nats and total >= rules.surprise:
        return Sign("few_devices", round(len(names) / len(devices), 3), 1)
    return None


def even_waits(waits: Floats, rules: Rules) -> Sign | None:
    """Return a sign where the voters all waited about as long between arriving and voting.

    Measured is the largest share of waits (s) within a factor of two, of those that fleeting
    voters have: longer ones say when a poll was announced. People leave pages at a
    rate that falls the longer they have stayed: a Weibull law of shape below 1 on nearly all pages
    (Liu, White, Dumais, SIGIR 2010), so that never more than a quarter lies within a factor of
    two. Half would be a shape of above 2. No sign below the margin for chance.
    """
    ordered = np.sort(waits[waits <= rules.fleeting_seconds])
    ends = np.searchsorted(ordered, ordered * FACTOR, side="right")
    most = float((ends - np.arange(len(ordered))).max(initial=0)) / max(len(waits), 1)
    margin = rules.deviations * sqrt(rules.wait_share * (1 - rules.wait_share) / max(len(waits), 1))
    if most >= rules.wait_share + margin:
        return Sign("even_waits", round(most, 3), 0.25)
    return None


def even_intervals(at: Floats, rules: Rules) -> Sign | None:
    """Return a sign where the ballots follow one another too evenly.

    Measured is the local variation of intervals: 1 for votes that know nothing of each other,
    however their rate drifts, above 1 for votes in bursts, 0 for a clock; a jitter of half the
    interval gives some 0.15. People who do not wait for each other are never below 1 but by
    chance. Source: Shinomoto, Shima, Tanji, Neural Computation 15 (2003). The mean of n
    terms, neighbours of which share an interval, has a standard deviation of 1.1/sqrt(n) by chance.
    """
    gaps = np.diff(at)
    both = gaps[1:] + gaps[:-1]
    terms = 3 * ((gaps[1:] - gaps[:-1])[both > 0] / both[both > 0]) ** 2
    if not len(terms):
        return None
    variation = float(terms.mean())
    if variation <= min(rules.unevenness, 1 - rules.deviations * 1.1 / sqrt(len(terms))):
        return Sign("even_intervals", round(variation, 3), 1)
    return None


def no_sleep(at: Floats, usual: float, rules: Rules) -> Sign | None:
    """Return a sign where the ballots have no night, wherever on earth it might be.

    Measured is the share in the quietest six hours in a row: 0.25 round the clock. People's is
    `usual`; those of one place abroad have the same, at other hours.
    """
    share = quiet_share(at)
    threshold = max(rules.quiet_share, rules.quiet_times_usual * usual)
    margin = rules.deviations * sqrt(threshold * (1 - threshold) / max(len(at), 1))
    if share >= threshold + margin:
        return Sign("no_sleep", round(share, 3), round(usual, 3))
    return None

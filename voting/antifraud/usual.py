"""What is usual in this poll: the measure for everything else.

A fraud is part of the poll from which we learn what is usual. So its many votes must not count as
many: an entry's fame and a device's are told by the number of *networks* in which they occur, and
shares by the median entry. Whoever wants to look usual must be everywhere.
"""

from functools import cached_property

import numpy as np

from voting.antifraud.votes import Floats, Ints, Poll, Truths, paired

PRIOR = 20  # observations that what holds overall is worth against what holds here
FEWEST = 30  # ballots of an entry that has a share of its own
RAREST = 0.01  # what nobody does may be done by one in a hundred
HOURS, QUIET_HOURS = 24, 6


class Usual:
    """Lazy measures of one poll."""

    def __init__(self, poll: Poll) -> None:
        self._poll = poll

    @cached_property
    def fame(self) -> Floats:
        """Return [entry, stretch]: which share of what networks vote for goes to this entry then.

        A network counts once an entry and stretch. Where few votes were cast, it is pulled
        towards the entry's share over all time.
        """
        poll = self._poll
        size = (len(poll.entries), int(poll.stretch.max(initial=0)) + 1)
        cell = np.ravel_multi_index((poll.entry, poll.stretch), size)
        once = np.unique(paired(cell, poll.network), return_index=True)[1]
        seen = np.bincount(cell[once], minlength=size[0] * size[1]).reshape(size)
        overall = seen.sum(axis=1, keepdims=True) / max(seen.sum(), 1)
        fame: Floats = (seen + PRIOR * overall) / (seen.sum(axis=0) + PRIOR)
        return fame

    @cached_property
    def device_share(self) -> Floats:
        """Return by device its share, where a network counts once a device."""
        poll = self._poll
        once = np.unique(paired(poll.device, poll.network), return_index=True)[1]
        return np.bincount(poll.device[once]) / len(once)

    def device_share_beside(self, rows: Ints, others: Ints) -> Floats:
        """Return the usual share of the devices of `rows`, where `others` vote, too."""
        poll = self._poll
        devices = poll.device[rows]
        here = np.bincount(poll.device[others], minlength=len(poll.devices))[devices]
        share: Floats = (here + PRIOR * self.device_share[devices]) / (len(others) + PRIOR)
        return share

    @cached_property
    def fleeting_odds(self) -> float:
        """Return how many fleeting ballots the median entry has for each other."""
        return self._median_odds(self._poll.fleeting)

    @cached_property
    def strayed_odds(self) -> float:
        """Return how many ballots without gallery or page before the median entry has to others."""
        return self._median_odds(self._poll.strayed)

    def _median_odds(self, mark: Truths) -> float:
        poll = self._poll
        total = np.bincount(poll.entry)
        marked = np.bincount(poll.entry, weights=mark)
        large = total >= FEWEST
        shares = (marked[large] / total[large]) if large.any() else np.array([mark.mean()])
        share = min(max(float(np.median(shares)), RAREST), 1 - RAREST)
        return share / (1 - share)

    @cached_property
    def quiet(self) -> float:
        """Return the share of ballots in the six quietest hours of the day, as networks count."""
        poll = self._poll
        hour = hour_of_day(poll.at)
        once = np.unique(paired(paired(hour, poll.day), poll.network), return_index=True)[1]
        return quiet_share(poll.at[once])


def hour_of_day(at: Floats) -> Ints:
    """Return the hour of the day in Greenwich: 0 to 23. Where the night is, nobody asks."""
    return (at // 3600 % HOURS).astype(np.int64)


def quiet_share(at: Floats) -> float:
    """Return the share of times in the six hours in a row, round the clock, that have fewest."""
    counts = np.bincount(hour_of_day(at), minlength=HOURS)
    sums = np.convolve(np.concatenate([counts, counts[: QUIET_HOURS - 1]]), np.ones(QUIET_HOURS))
    return float(sums[QUIET_HOURS - 1 : QUIET_HOURS - 1 + HOURS].min() / max(len(at), 1))

"""Many voters with the same list on the same days: `lockstep`.

Paid crowds are real people with phones and addresses of their own, told whom to vote for. Nothing
shows in one of them. Together they vote for the same few works on the same days, far more often
than the works' fame explains, and make up most of what these works get on those days. Works of one
town or club are often chosen together, too, but neither by most of their voters nor on the same
days by hundreds. (The idea: groups that act on the same things at the same times; Beutel and
others, CopyCatch, WWW 2013.) In a poll of few works everybody chooses most of them, and pairs are
compared with what is usual there.

One work alone has no list: a crowd bought for it is not seen here.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from voting.antifraud.rules import Rules
from voting.antifraud.votes import Ints, Poll, Suspicion, Truths, paired

LOCKSTEP = "lockstep"


@dataclass(frozen=True)
class _Pairs:
    """Pairs of works (numbers, first < second) that a voter chose on one day, one row a pair."""

    day: Ints
    first: Ints
    second: Ints


def lockstep(poll: Poll, rules: Rules) -> Iterator[Suspicion]:
    """Return the findings: of a list, the ballots for its works of all who keep step."""
    visit = paired(poll.voter, poll.day)
    hot = _in_step(poll, _pairs(poll, visit), rules)
    lasting = Counter((a, b) for _day, a, b in hot)
    edges = {pair for pair, days in lasting.items() if days >= rules.step_days}
    for works in _connected(edges):
        days = sorted({day for day, a, b in hot if (a, b) in edges and a in works})
        found = _members(poll, visit, works, days, rules)
        if found is not None:
            yield found


def _pairs(poll: Poll, visit: Ints) -> _Pairs:
    order = np.lexsort((poll.entry, visit))
    entry, whose, day = poll.entry[order], visit[order], poll.day[order]
    parts = []
    for step in range(1, len(order)):
        same = np.nonzero(whose[step:] == whose[:-step])[0]
        if not len(same):
            break
        parts.append(np.stack([day[same], entry[same], entry[same + step]]))
    columns = np.concatenate([np.zeros((3, 0), np.int64), *parts], axis=1)
    return _Pairs(*columns[:, columns[1] != columns[2]])


def _in_step(poll: Poll, pairs: _Pairs, rules: Rules) -> list[tuple[int, int, int]]:
    """Return (day, work, work) where one voter often chose both on that day: a large share of all
    who chose either, and far more than either has in common with its median other work."""
    works, days = len(poll.entries), int(poll.day.max(initial=0)) + 1
    votes = np.bincount(poll.day * works + poll.entry, minlength=days * works).reshape(days, works)
    hot = []
    for day in range(days):
        today = pairs.day == day
        cells, together = np.unique(
            pairs.first[today] * works + pairs.second[today], return_counts=True
        )
        first, second = cells // works, cells % works
        larger = np.maximum(votes[day, first], votes[day, second])
        often = (together >= rules.fewest_in_step_a_day) & (together >= rules.step_share * larger)
        for one, other, count in zip(first[often], second[often], together[often], strict=True):
            usual = max(
                _median_share(int(a), votes[day], first, second, together) * votes[day, b]
                for a, b in ((one, other), (other, one))
            )
            if count >= rules.step_times_usual * usual:
                hot.append((day, int(one), int(other)))
    return hot


def _median_share(work: int, votes: Ints, first: Ints, second: Ints, together: Ints) -> float:
    """Return of the median other work which share of its voters chose this one, too.

    The median, for a hired crowd can be most of a day's voters, and a list few of the works.
    """
    shared = np.zeros(len(votes))
    shared[second[first == work]] = together[first == work]
    shared[first[second == work]] = together[second == work]
    others = votes > 0
    others[work] = False
    return float(np.median(shared[others] / votes[others])) if others.any() else 0.0


def _connected(edges: set[tuple[int, int]]) -> list[set[int]]:
    """Return the works that hang together, as sets, in the order of their lowest numbers."""
    groups: list[set[int]] = []
    for edge in sorted(edges):
        touched = [group for group in groups if group & set(edge)]
        groups = [group for group in groups if group not in touched]
        groups.append(set(edge).union(*touched))
    return sorted(groups, key=min)


def _members(
    poll: Poll, visit: Ints, works: set[int], days: list[int], rules: Rules
) -> Suspicion | None:
    """Return the ballots of those who, on one of its days, voted for at least two works of the
    list and half of it: what they cast on such days, for other works too,
    for the visit was made for the list; and what they cast for the list on others."""
    listed = np.isin(poll.entry, sorted(works))
    within = np.isin(poll.day, days)
    names, where = np.unique(visit, return_inverse=True)
    where = where.reshape(-1)
    chosen = np.bincount(where, weights=listed & within, minlength=len(names))
    keeps: Truths = chosen >= max(2, len(works) / 2)
    members = np.unique(poll.voter[keeps[where]])
    if len(members) < rules.fewest_in_step:
        return None
    rows = np.nonzero(keeps[where] | listed & np.isin(poll.voter, members))[0]
    entries = [poll.entries[number] for number in sorted(works)]
    details = {"entries": entries, "days": len(days)}
    return poll.suspicion(LOCKSTEP, (LOCKSTEP, *entries), rows, details)

"""One work's votes against the work's own history: `burst`, `regular_timing`.

`burst`: three hours, or several such stretches in a row, with several times the votes that the
work has at its own usual rate. `regular_timing`: the same by days, for who goes slowly, and judged
by the clock alone. Most bursts are fame, and pass: a fame's votes come from all kinds of devices,
at uneven intervals, after uneven waits.
"""

from collections.abc import Iterator
from functools import partial

import numpy as np

from voting.antifraud.findings import Group, findings
from voting.antifraud.hand import Sign, signs
from voting.antifraud.purpose import is_excess
from voting.antifraud.rules import Rules
from voting.antifraud.usual import Usual
from voting.antifraud.votes import DAY, STRETCH, Floats, Ints, Poll, Suspicion, paired

BURST, TIMING = "burst", "regular_timing"
ITS_CLOCK = {"even_waits", "even_intervals"}


def bursts(poll: Poll, usual: Usual, rules: Rules) -> Iterator[Suspicion]:
    """Return the findings of `burst`."""
    yield from _find(poll, usual, rules, BURST, poll.stretch, STRETCH)


def regular_timing(poll: Poll, usual: Usual, rules: Rules) -> Iterator[Suspicion]:
    """Return the findings of `regular_timing`."""
    yield from _find(poll, usual, rules, TIMING, poll.day, DAY)


def _find(
    poll: Poll, usual: Usual, rules: Rules, code: str, when: Ints, seconds: int
) -> Iterator[Suspicion]:
    once = np.unique(paired(when, poll.network), return_index=True)[1]
    activity = np.bincount(when[once]).astype(float)
    for entry, rows in enumerate(poll.by_entry):
        if len(rows) < rules.fewest_anywhere:
            continue
        counts = np.bincount(when[rows], minlength=len(activity))
        expected = _expected(counts, activity)
        for run in _runs(_hot(counts, expected, rules)):
            inside = rows[np.isin(when[rows], run)]
            begins = int(poll.at[inside[0]] // seconds * seconds)
            about = {"begins": begins, "hours": len(run) * seconds // 3600}
            usually = float(expected[run].sum())
            group = Group(code, entry, (begins,), inside, usually, about)
            hand = partial(_hand, poll, usual, rules, code)
            yield from findings(poll, rules, group, rules.fewest_anywhere, hand)


def _hand(poll: Poll, usual: Usual, rules: Rules, code: str, rows: Ints) -> list[Sign]:
    found = signs(poll, usual, rules, rows)
    return [sign for sign in found if code != TIMING or sign.name in ITS_CLOCK]


def _expected(counts: Ints, activity: Floats) -> Floats:
    """Return the votes usual at each time: the work's rate in its quieter three quarters of the
    time, times how many networks vote then. One vote is added: nothing is usual in no time."""
    rate = counts / activity
    quieter = np.argsort(rate, kind="stable")[: max(1, len(rate) * 3 // 4)]
    usual_rate = (counts[quieter].sum() + 1) / float(activity[quieter].sum())
    expected: Floats = activity * usual_rate
    return expected


def _hot(counts: Ints, expected: Floats, rules: Rules) -> Ints:
    pairs = zip(counts.tolist(), expected.tolist(), strict=True)
    return np.array([at for at, pair in enumerate(pairs) if is_excess(*pair, rules)], np.int64)


def _runs(hot: Ints) -> list[Ints]:
    """Return the runs of numbers that follow one another; a time without any vote is none."""
    return [run for run in np.split(hot, np.nonzero(np.diff(hot) > 1)[0] + 1) if len(run)]

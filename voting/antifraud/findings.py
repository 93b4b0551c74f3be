"""From a group of one work's ballots to a finding: purpose and hand, both or nothing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from voting.antifraud.hand import Sign
from voting.antifraud.purpose import is_excess, surprise
from voting.antifraud.rules import Rules
from voting.antifraud.votes import Ints, Poll, Suspicion


@dataclass(frozen=True)
class Group:
    """Ballots (rows, by time) of one work that a rule looks at; `expected`: how many are usual.

    `name`: what tells the group from others of its rule. `about`: plain values for the reviewer.
    """

    code: str
    entry: int
    name: tuple[object, ...]
    rows: Ints
    expected: float
    about: dict[str, Any] = field(default_factory=dict)


def findings(
    poll: Poll, rules: Rules, group: Group, fewest: int, hand: Callable[[Ints], list[Sign]]
) -> Iterator[Suspicion]:
    """Return what is found: nothing, or fleeting voters' ballots, or the others', or both.

    They are judged apart, so that those who stayed do not fall with those who did not. Voters are
    counted, not ballots: somebody who comes again every day is no crowd.
    """
    fleeting = poll.fleeting[group.rows]
    for went in (True, False):
        part = group.rows[fleeting == went]
        voters = len(np.unique(poll.voter[part]))
        if voters < fewest or not is_excess(voters, group.expected, rules):
            continue
        found = hand(part)
        if found:
            details = group.about | {
                "entry": poll.entries[group.entry],
                "fleeting": went,
                "expected": round(group.expected, 1),
                "surprise": round(surprise(voters, group.expected), 1),
                "signs": {sign.name: [sign.measure, sign.usual] for sign in found},
            }
            name = (group.code, poll.entries[group.entry], *group.name, went)
            yield poll.suspicion(group.code, name, part, details)

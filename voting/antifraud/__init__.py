"""Turns the evidence of votes into reasons to set some aside. Pure: no Django, no clock.

Enthusiasm is not fraud: a class, an office or half a town may vote for one work within minutes,
newly come, by a link, without a look at the gallery. Each of that is a sign of *purpose*, and no
number of such signs sets a ballot aside. What friends cannot do is act as one *hand*: the same
device behind ever new voters, waits and intervals more even than people's, no sleep, or hundreds
of strangers with the same list on the same days. A finding needs a sign of each kind, both beyond
thresholds that are published: see `describe`, and docs/decisions/fraud-is-quarantined.md.
"""

from voting.antifraud.assessment import assess, describe
from voting.antifraud.rules import Rules
from voting.antifraud.votes import Suspicion, Vote

__all__ = ["Rules", "Suspicion", "Vote", "assess", "describe"]

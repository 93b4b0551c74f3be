"""All rules over all votes of a poll."""

from collections.abc import Sequence
from dataclasses import asdict

from voting.antifraud import clusters, history, lockstep, swarms
from voting.antifraud.rules import PUBLISHED, Rules
from voting.antifraud.usual import Usual
from voting.antifraud.votes import Poll, Suspicion, Vote

# What each rule's thresholds are, in the order in which the rules are applied and published.
_PURPOSE = ("times_usual", "surprise")
_HAND = ("wait_share", "unevenness", "quiet_share", "quiet_times_usual", "deviations")
_DEVICES = ("device_nats",)
_PLACE = ("fewest_here", "fleeting_seconds", *_PURPOSE, *_DEVICES, *_HAND)
_WORK = ("fewest_anywhere", *_PURPOSE, *_DEVICES, *_HAND)
_THRESHOLDS: dict[str, tuple[str, ...]] = {
    clusters.ADDRESS: _PLACE,
    clusters.NETWORK: _PLACE,
    clusters.DEVICE: ("fewest_here", "fleeting_seconds", *_PURPOSE, *_HAND),
    swarms.NEW: ("fleeting_seconds", *_WORK),
    swarms.UNSEEN: _WORK,
    history.BURST: _WORK,
    history.TIMING: ("fewest_anywhere", *_PURPOSE, "wait_share", "unevenness", "deviations"),
    lockstep.LOCKSTEP: (
        "fewest_in_step",
        "fewest_in_step_a_day",
        "step_days",
        "step_share",
        "step_times_usual",
    ),
}


def assess(ballots: Sequence[Vote], rules: Rules = PUBLISHED) -> list[Suspicion]:
    """Return what is to be set aside, and why, ordered by code and key.

    A ballot may be in several findings. The order of the ballots does not matter. 200,000 take
    some seconds; memory grows with works x three-hour stretches, and with pairs of works that one
    voter chose on one day.
    """
    if not ballots:
        return []
    poll = Poll(ballots, rules.fleeting_seconds)
    usual = Usual(poll)
    found = [
        *clusters.clusters(poll, usual, rules),
        *swarms.swarms(poll, usual, rules),
        *history.bursts(poll, usual, rules),
        *history.regular_timing(poll, usual, rules),
        *lockstep.lockstep(poll, rules),
    ]
    return sorted(found, key=lambda one: (one.code, one.key))


def describe(rules: Rules = PUBLISHED) -> list[tuple[str, dict[str, float]]]:
    """Return each rule's code with the thresholds it applies, to be published."""
    values = asdict(rules)
    return [(code, {name: values[name] for name in names}) for code, names in _THRESHOLDS.items()]

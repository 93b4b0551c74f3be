"""Many voters from one place for one work: `address_cluster`, `network_cluster`, `device_cluster`.

An office, a school or a mobile carrier stands behind one address. So a place is compared with
itself and with the hour: how many of its votes would go to the work, had the place voted as other
networks did in the same three hours? Half an office for its colleague's work is far above that,
which is a sign of purpose; set aside it is only with a sign of one hand.
"""

from collections.abc import Iterator
from functools import partial

import numpy as np

from voting.antifraud.findings import Group, findings
from voting.antifraud.hand import Sign, signs
from voting.antifraud.purpose import is_excess
from voting.antifraud.rules import Rules
from voting.antifraud.usual import Usual
from voting.antifraud.votes import Ints, Poll, Suspicion, paired, rows_by

ADDRESS, NETWORK, DEVICE = "address_cluster", "network_cluster", "device_cluster"


def clusters(poll: Poll, usual: Usual, rules: Rules) -> Iterator[Suspicion]:
    """Return the findings of all three rules."""
    for code in (ADDRESS, NETWORK, DEVICE):
        names, place = _places(poll, code)
        for number, here in enumerate(rows_by(place, len(names))):
            if len(here) >= rules.fewest_here:
                yield from _at(poll, usual, rules, code, names[number], here)


def _places(poll: Poll, code: str) -> tuple[list[str], Ints]:
    """Return the places' names, and the number of each ballot's place."""
    if code == ADDRESS:
        return poll.addresses, poll.address
    if code == NETWORK:
        return poll.networks, poll.network
    _both, first, place = np.unique(
        paired(poll.network, poll.device), return_index=True, return_inverse=True
    )
    names = [f"{poll.networks[poll.network[at]]} {poll.devices[poll.device[at]]}" for at in first]
    return names, place.reshape(-1)


def _at(
    poll: Poll, usual: Usual, rules: Rules, code: str, name: str, here: Ints
) -> Iterator[Suspicion]:
    """Return what is found of each work that this place votes for."""
    counts = np.bincount(poll.entry[here])
    for entry in np.nonzero(counts >= rules.fewest_here)[0].tolist():
        rows = here[poll.entry[here] == entry]
        expected = float(usual.fame[entry, poll.stretch[here]].sum())
        group = Group(code, entry, (name,), rows, expected)
        hand = partial(_hand, poll, usual, rules, code)
        yield from findings(poll, rules, group, rules.fewest_here, hand)


def _hand(poll: Poll, usual: Usual, rules: Rules, code: str, rows: Ints) -> list[Sign]:
    """Return the signs of one hand. Ballots chosen by their device show nothing by sharing it:
    the device must be more frequent among the work's voters than among others in its network."""
    network = poll.by_network[int(poll.network[rows[0]])]
    ours = poll.entry[network] == poll.entry[rows[0]]
    others = network[~ours]
    found = signs(poll, usual, rules, rows, others)
    if code != DEVICE:
        return found
    found = [sign for sign in found if sign.name != "few_devices"]
    share = float(usual.device_share_beside(rows[:1], others)[0])
    everyone = len(np.unique(poll.voter[network[ours]]))
    voters = len(np.unique(poll.voter[rows]))
    if is_excess(voters, everyone * share, rules):
        found.append(Sign("same_device", round(voters / everyone, 3), round(share, 3)))
    return found

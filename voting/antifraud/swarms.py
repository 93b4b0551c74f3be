"""One work's votes of a kind that other works have few of: `new_voters`, `unseen_gallery`.

`new_voters`: voters who came, voted and were never seen again. `unseen_gallery`: votes without the
gallery ever opened and without a page of the site before. A link that goes round brings both by
the thousand, so the numbers are a sign of purpose only. They are compared with the work's other
votes: how many of the kind does the median work have for each that is not?
"""

from collections.abc import Iterator
from functools import partial

from voting.antifraud.findings import Group, findings
from voting.antifraud.hand import signs
from voting.antifraud.rules import Rules
from voting.antifraud.usual import Usual
from voting.antifraud.votes import Poll, Suspicion

NEW, UNSEEN = "new_voters", "unseen_gallery"


def swarms(poll: Poll, usual: Usual, rules: Rules) -> Iterator[Suspicion]:
    """Return the findings of both rules."""
    for code, mark, odds in (
        (NEW, poll.fleeting, usual.fleeting_odds),
        (UNSEEN, poll.strayed, usual.strayed_odds),
    ):
        for entry, rows in enumerate(poll.by_entry):
            marked = rows[mark[rows]]
            group = Group(code, entry, (), marked, (len(rows) - len(marked) + 1) * odds)
            hand = partial(signs, poll, usual, rules)
            yield from findings(poll, rules, group, rules.fewest_anywhere, hand)

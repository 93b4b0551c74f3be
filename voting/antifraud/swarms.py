"""One work's votes of a kind that other works have few of: `new_voters`, `unseen_gallery`.

`new_voters`: voters who came, voted and were never seen again. `unseen_gallery`: votes without the
gallery ever opened and without a page of the site before. A link that goes round brings both by
the thousand, so the numbers are a sign of purpose only. They are compared with the work's other
votes: how many of the kind does the median work have for each that is not?
"""

from collections.abc import Iterator

from voting.antifraud.hand import signs
from voting.antifraud.purpose import is_excess, surprise
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
        for number, rows in enumerate(poll.by_entry):
            marked = rows[mark[rows]]
            expected = (len(rows) - len(marked) + 1) * odds
            if len(marked) < rules.fewest_anywhere or not is_excess(len(marked), expected, rules):
                continue
            hand = signs(poll, marked, usual, rules)
            if hand:
                entry = poll.entries[number]
                details = {
                    "entry": entry,
                    "expected": round(expected, 1),
                    "surprise": round(surprise(len(marked), expected), 1),
                    "signs": {sign.name: [sign.measure, sign.usual] for sign in hand},
                }
                yield poll.suspicion(code, (code, entry), marked, details)

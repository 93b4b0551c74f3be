"""Voters at work while something breaks, and the recount afterwards."""

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

from tests.faults.account import Account
from tests.faults.site import Answer, Site

VOTERS, WORKS = 6, 3
PAUSE = 0.2  # seconds; the load is to go on, not to fill the machine
PROOFS = {"email": "0" * 64}  # which a change of the day does not undo


class Voters:
    """Each vote is another voter's; what was acknowledged is kept in mind."""

    def __init__(self, site: Site) -> None:
        self.site, self.numbers = site, count()
        self.acknowledged: list[tuple[int, str]] = []
        self.answers: Counter[str] = Counter()
        self.unclear: list[str] = []
        self.is_over = threading.Event()
        self._guard = threading.Lock()

    def vote(self) -> Answer:
        """Cast one vote as a new voter."""
        from tests.factories import proved_badge
        from voting.ledger.receipts import parse_receipt

        with self._guard:
            number = next(self.numbers)
        token = f"{number:032}"
        answer = self.site.ask(
            "POST",
            f"/vote/faults/P-{number % WORKS:06}/",
            Accept="application/json",
            Cookie=f"csrftoken={token}; voter={proved_badge(token=token, proofs=PROOFS)}",
            X_CSRFToken=token,
            X_Forwarded_For=f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}",
        )
        code = json.loads(answer.body)["code"] if answer.status in (200, 409, 503) else "?"
        with self._guard:
            self.answers[f"{answer.status} {code}"] += 1
            if answer.status == 200:
                self.acknowledged.append(parse_receipt(json.loads(answer.body)["receipt"]))
            elif not answer.is_clear:
                self.unclear.append(f"{answer.status} {answer.text[:80]}")
        return answer

    def _go_on(self) -> None:
        while not self.is_over.is_set():
            self.vote()
            time.sleep(PAUSE)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        threads = [threading.Thread(target=self._go_on) for _ in range(VOTERS)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.is_over.set()
            for thread in threads:
                thread.join()
            self.is_over.clear()

    def more_are_acknowledged(self, votes: int = 40, seconds: float = 60) -> bool:
        """Tell whether so many more votes are acknowledged in time: the site is back."""
        before = len(self.acknowledged)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if len(self.acknowledged) >= before + votes:
                return True
            time.sleep(0.1)
        return False


def open_poll(site: Site) -> None:
    """Make an open poll over a few works, and the pages that show them."""
    from portal.pages.services import create_site
    from tests.factories import (
        EditionFactory,
        EntryFactory,
        PollFactory,
        SectionFactory,
        open_phase,
    )

    edition = EditionFactory(slug="faults")
    open_phase(edition, "voting")
    section = SectionFactory(edition=edition)
    PollFactory(edition=edition).sections.add(section)
    for number in range(WORKS):
        EntryFactory(section=section, state="admitted", number=f"P-{number:06}")
    create_site(edition=edition)


def recount(account: Account, voters: Voters) -> None:
    """Compare what was acknowledged with what is there, and the site's count with a recount."""
    from voting.models import Ballot, Poll
    from voting.queries import tally

    kept = list(Ballot.objects.values_list("pk", "secret"))
    account.missing("acknowledged votes", set(voters.acknowledged) - set(kept))
    account.missing("receipts given twice", _twice(voters.acknowledged))
    account.missing("votes counted twice", _twice(Ballot.objects.values_list("voter", "entry")))
    counted = Counter(Ballot.objects.filter(status=0).values_list("entry", flat=True))
    wrong = 0 if dict(counted) == tally(Poll.objects.get()) else 1
    account.missing("counts that differ from a recount", wrong)
    account.missing("answers a voter cannot understand", voters.unclear)
    account.note(
        acknowledged=len(voters.acknowledged),
        kept_without_an_answer=len(set(kept) - set(voters.acknowledged)),
        answers=dict(voters.answers),
        unclear=voters.unclear[:5],
    )
    with_one_gone = set(kept) - {voters.acknowledged[0]}
    account.control(
        "one acknowledged vote taken away",
        noticed=bool(set(voters.acknowledged) - with_one_gone),
    )


def _twice(found: object) -> list[object]:
    return [one for one, times in Counter(found).items() if times > 1]

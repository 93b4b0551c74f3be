"""Who votes when and for what: batches of votes, each the same whenever it is made again."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate, chain

from competition.entries.models import Entry
from portal.demo.ballots import Vote, bought_votes, honest_vote
from portal.rehearsal.size import Size
from voting.models import Poll

VOTES_A_BATCH = 600
VISITS = [1, 3, 5, 2, 4]  # votes of one visit, in turns
VISITS_A_BATCH = VOTES_A_BATCH * len(VISITS) // sum(VISITS)
BUYERS_EVERY = 10  # batches
COOKIES = 60
RETURNS = 12  # votes of a person over the days
PEOPLE_A_BROWSER = 40
LEAST_PEOPLE = 2000  # so many come before the first comes again: on another day
SPARE = timedelta(hours=1)  # for the last batch, which takes its time


@dataclass(frozen=True)
class Crowd:
    """All voters of a poll that is open from `opens_at` to `closes_at`."""

    poll: Poll
    size: Size
    works: Sequence[Entry]  # the most liked first
    opens_at: datetime
    closes_at: datetime

    @property
    def batches(self) -> int:
        return -(-self.size.votes // VOTES_A_BATCH)

    def batch(self, number: int) -> list[Vote]:
        """Return the votes of this batch in the order of their moments."""
        left = self.size.votes - number * VOTES_A_BATCH
        length = (self.closes_at - SPARE - self.opens_at) / self.batches
        begins = self.opens_at + number * length
        bought = self._bought(number, begins)[: max(0, left // 2)]
        honest = self._honest(number, begins, length)
        wanted = min(VOTES_A_BATCH, left) - len(bought)
        some = [vote for vote, _n in zip(honest, range(wanted), strict=False)]
        return sorted(chain(some, bought), key=lambda vote: vote.at)

    def _honest(self, number: int, begins: datetime, length: timedelta) -> Iterator[Vote]:
        chance = self.size.chance("crowd", number)
        people = max(LEAST_PEOPLE, self.size.votes // RETURNS)
        browsers = max(2, people // PEOPLE_A_BROWSER)
        fame = list(accumulate(1 / (place + 5) for place in range(len(self.works))))
        visit = number * VISITS_A_BATCH
        while True:
            at = begins + chance.random() * length
            for entry in _some(self.works, fame, VISITS[visit % len(VISITS)], chance):
                yield honest_vote(self.poll, visit % people, entry, at, browsers=browsers)
                at += timedelta(seconds=chance.uniform(8, 40))
            visit += 1

    def _bought(self, number: int, begins: datetime) -> list[Vote]:
        if number % BUYERS_EVERY:
            return []
        entry = self.works[-1 - number // BUYERS_EVERY % (len(self.works) // 2)]
        return bought_votes(self.poll, entry, begins, cookies=COOKIES, buyer=f"buyer {number}")


def _some(
    works: Sequence[Entry], fame: Sequence[float], number: int, chance: random.Random
) -> list[Entry]:
    """Return so many different works, famous ones more often."""
    chosen: dict[int, Entry] = {}
    while len(chosen) < min(number, len(works)):
        (entry,) = chance.choices(works, cum_weights=fame)
        chosen[entry.pk] = entry
    return list(chosen.values())

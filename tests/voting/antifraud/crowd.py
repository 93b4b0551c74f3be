"""Builds polls for the tests: ordinary voters, and whoever a test adds to them."""

from itertools import count
from random import Random

from voting.antifraud import Vote, assess

HOUR, DAY = 3600, 86400
OPENS = 20_000 * DAY  # a midnight
PLACES = ("address_cluster", "network_cluster", "device_cluster")


class Crowd:
    """Votes of a poll. What a vote does not say is new: a voter of their own, in a net of their
    own, who looked at the gallery and waited as long as people do."""

    def __init__(self, seed=1):
        self.chance = Random(seed)
        self.votes = []
        self._new = count(1)

    def vote(self, entry, at, *, wait=None, place=None, seen=True, referrer="here", **given):
        """Cast a vote and return its id. `wait`: since the voter was first seen; seconds."""
        number = next(self._new)
        address, network = place or (f"address {number}", f"network {number}")
        vote = Vote(
            id=number,
            entry=entry,
            voter=given.get("voter", f"voter {number}"),
            at=at,
            address=address,
            network=network,
            device=given.get("device") or self.phone(),
            referrer=referrer,
            saw_gallery=seen,
            voter_since=at - (self.wait() if wait is None else wait),
        )
        self.votes.append(vote)
        return vote.id

    def wait(self):
        """How long people take: half of them over 30 s, some minutes."""
        return self.chance.lognormvariate(3.4, 1)

    def phone(self):
        """Some models are frequent, most are rare."""
        return f"phone {int(300 * self.chance.random() ** 2)}"

    def awake(self, day):
        """A time between seven and midnight."""
        return OPENS + day * DAY + self.chance.uniform(7, 24) * HOUR

    def ordinary(self, voters=1500, works=40, days=5):
        """Voters who choose some works, and of whom half come again; return this crowd."""
        for number in range(voters):
            day = self.chance.randrange(days)
            since = at = self.awake(day)
            visits = [day] if number % 2 else range(day, min(days, day + 2))
            place = (f"home {number}", f"homes {number % 500}")
            phone = self.phone()
            for visit in visits:
                at = max(at, self.awake(visit))
                for entry in self.chance.sample(range(1, works + 1), self.chance.randint(1, 3)):
                    at += self.wait()
                    who = {"voter": f"ordinary {number}", "device": phone, "place": place}
                    self.vote(entry, at, wait=at - since, **who)
        return self

    def found(self):
        """What is found, as {code: set of ballots}."""
        by_code = {}
        for one in assess(self.votes):
            by_code.setdefault(one.code, set()).update(one.ballots)
        return by_code

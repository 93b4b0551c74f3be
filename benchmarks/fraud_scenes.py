"""A public vote that never was: honest people of many kinds, and the world they live in.

Knows nothing of how fraud is found. What is drawn anew for each seed: how famous works are, where
people are, what they use, when they come and how they vote.
"""

import hashlib
from bisect import bisect
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from math import log
from random import Random

from voting.antifraud import Vote

HOUR, DAY = 3600.0, 86400.0
DAYS, VOTES_PER_DAY = 10, 10
OPENS = 1_780_000_000 // 86400 * DAY - 8 * HOUR  # midnight in Beijing
# How busy each hour of the day is; the night is nearly empty.
RHYTHM = [3, 1.5, 0.8, 0.5, 0.5, 1, 3, 6, 9, 10, 10, 11, 14, 12, 9, 9, 9, 10, 12, 14, 17, 18, 14, 7]


@cache
def opaque(name: str) -> str:
    """Return 32 hex digits, as a keyed hash is."""
    return hashlib.blake2b(name.encode(), digest_size=16).hexdigest()


class Weighted:
    """Draws numbers from 0 by weight."""

    def __init__(self, weights: list[float]) -> None:
        self._ends = list(accumulate(weights))

    def draw(self, chance: Random) -> int:
        """Return one."""
        return bisect(self._ends, chance.random() * self._ends[-1])


@dataclass(frozen=True)
class Place:
    """Where a request comes from."""

    address: str
    network: str


@dataclass
class Voter:
    """Somebody with a browser. `gallery`: when they first opened it, if ever."""

    name: str
    place: Place
    device: str
    since: float
    referrer: str = "here"
    gallery: float = float("inf")


class World:
    """The works, the nets and the devices of one seed; and all votes cast so far, with their kind.

    Works belong to regions, whose people prefer them. Devices are heavy-tailed: one model of phone
    with one version of an app looks like any other.
    """

    def __init__(self, seed: int) -> None:
        self.chance = chance = Random(seed)
        self.works = chance.randint(600, 1200)
        self.regions = 30
        steep = chance.uniform(0.75, 1.05)
        self.fame = [1 / (rank + 5) ** steep for rank in range(self.works)]
        chance.shuffle(self.fame)
        self.region_of = [chance.randrange(self.regions) for _ in range(self.works)]
        self.by_fame = Weighted(self.fame)
        self.local = [self._local(region) for region in range(self.regions)]
        self.loyalty = chance.uniform(0.2, 0.5)
        self.mobile_share = chance.uniform(0.35, 0.55)
        self.links = chance.uniform(0.2, 0.4)  # of people come for one work, by a friend's link
        self.pause = chance.uniform(15, 35)  # s: the median between arriving and a first vote
        self.phones = Weighted([1 / (rank + 4) for rank in range(2000)])
        self.hours = Weighted([value * chance.uniform(0.8, 1.25) for value in RHYTHM])
        self.days = Weighted([1.8, 1.2, 1, 0.9, 0.8, 0.8, 0.9, 1, 1.3, 1.9])
        self.votes: list[Vote] = []
        self.kinds: list[str] = []
        self._people = self._places = 0
        self._given: Counter[tuple[str, int]] = Counter()
        self._cast: set[tuple[str, int, int]] = set()

    def _local(self, region: int) -> Weighted:
        theirs = [
            fame if self.region_of[work] == region else 0.0 for work, fame in enumerate(self.fame)
        ]
        return Weighted(theirs)

    # What there is

    def new_name(self) -> str:
        """Return the name of somebody who was not there before."""
        self._people += 1
        return f"person {self._people}"

    def new_place(self, network: str = "") -> Place:
        """Return an address of its own, in this network or in one of its own."""
        self._places += 1
        return Place(f"address {self._places}", network or f"network {self._places}")

    def home(self) -> Place:
        """Return a household's address, in a network that it shares with some others."""
        return self.new_place(f"homes {self.chance.randrange(15_000)}")

    def carrier(self, region: int) -> Place:
        """Return one of the few addresses behind which a region's mobile phones are."""
        net = f"carrier {region} {self.chance.randrange(3)}"
        return Place(f"{net} {self.chance.randrange(8)}", net)

    def phone(self, one_app: bool = False) -> str:
        """Return what somebody's browser says of itself; every third is that of a certain app."""
        number = self.phones.draw(self.chance)
        while one_app and number % 3:
            number = self.phones.draw(self.chance)
        return f"device {number}"

    def moment(self, day: int | None = None, shift: float = 0) -> float:
        """Return a time at which people are awake, on this day from 0 or on any."""
        chance = self.chance
        day = self.days.draw(chance) if day is None else day
        hour = (self.hours.draw(chance) + shift) % 24
        return OPENS + day * DAY + hour * HOUR + chance.uniform(0, HOUR)

    def dwell(self, median: float, spread: float = 0.9) -> float:
        """Return for how long somebody looks at something; seconds."""
        return max(1.0, self.chance.lognormvariate(log(median), spread))

    def choose(self, region: int) -> int:
        """Return a work that somebody from this region likes."""
        if self.chance.random() < self.loyalty:
            return self.local[region].draw(self.chance)
        return self.by_fame.draw(self.chance)

    def obscure(self, count: int) -> list[int]:
        """Return works that are worth a fraud: not among the most famous tenth."""
        order = sorted(range(self.works), key=lambda work: -self.fame[work])
        return self.chance.sample(order[self.works // 10 :], count)

    # What happens

    def cast(self, kind: str, voter: Voter, work: int, at: float) -> bool:
        """Cast a vote, unless the poll is closed or the voter's day is full; tell whether."""
        day = int((at - OPENS) // DAY)
        key = (voter.name, work, day)
        if not 0 <= day < DAYS or key in self._cast or self._given[key[0], day] >= VOTES_PER_DAY:
            return False
        self._cast.add(key)
        self._given[key[0], day] += 1
        self.votes.append(
            Vote(
                id=len(self.votes) + 1,
                entry=work + 1,
                voter=opaque(voter.name),
                at=at,
                address=opaque(voter.place.address),
                network=opaque(voter.place.network),
                device=opaque(voter.device),
                referrer=voter.referrer if at < voter.gallery else "here",  # type: ignore[arg-type]
                saw_gallery=at >= voter.gallery,
                voter_since=voter.since,
            )
        )
        self.kinds.append(kind)
        return True


# --- Honest people -----------------------------------------------------------------------------


def browse(
    world: World, kind: str, voter: Voter, region: int, at: float, favourite: int | None
) -> None:
    """Look around and vote, on one day or on several."""
    chance = world.chance
    days = 1 if chance.random() < 0.55 else chance.randint(2, 6)
    for _ in range(days):
        voter.gallery = min(voter.gallery, at - 1)
        count = min(VOTES_PER_DAY, 1 + int(chance.expovariate(0.45)))
        if favourite is not None:
            world.cast(kind, voter, favourite, at)
        for _ in range(count - (favourite is not None)):
            at += world.dwell(25)
            world.cast(kind, voter, world.choose(region), at)
        at = world.moment(int((at - OPENS) // DAY) + chance.randint(1, 2))


def follow_link(world: World, kind: str, voter: Voter, region: int, at: float, work: int) -> None:
    """Come for one work, vote; some look around after it, some come back for it."""
    chance = world.chance
    voter.referrer = "other" if chance.random() < 0.7 else "none"
    world.cast(kind, voter, work, at)
    if chance.random() < 0.2:
        browse(world, kind, voter, region, at + world.dwell(60), None)
    elif chance.random() < 0.25:
        for day in range(1, chance.randint(2, 5)):
            world.cast(kind, voter, work, world.moment(int((at - OPENS) // DAY) + day))


def person(
    world: World,
    kind: str,
    place: Place,
    region: int,
    *,
    device: str = "",
    favourite: int | None = None,
    shift: float = 0,
) -> None:
    """Somebody votes in one of the ways in which people do."""
    chance = world.chance
    at = world.moment(shift=shift)
    seen_before = chance.random() < 0.15
    since = at - (chance.uniform(1, 4) * DAY if seen_before else world.dwell(world.pause))
    voter = Voter(world.new_name(), place, device or world.phone(), since)
    if chance.random() < world.links:
        work = world.choose(region) if favourite is None else favourite
        follow_link(world, kind, voter, region, at, work)
    else:
        browse(world, kind, voter, region, at, favourite)


def household(world: World) -> None:
    """One to four people behind one address; some of them know somebody who takes part."""
    chance = world.chance
    region = chance.randrange(world.regions)
    place = world.home()
    size = chance.choice([1, 1, 2, 2, 3, 4])
    friend = world.choose(region) if chance.random() < 0.3 else None
    for _ in range(size):
        person(world, "family" if size > 1 else "alone", place, region, favourite=friend)


def mobile(world: World) -> None:
    """Somebody behind a carrier's address, with some thousand others."""
    region = world.chance.randrange(world.regions)
    person(world, "mobile", world.carrier(region), region)


def abroad(world: World) -> None:
    """Somebody who is awake when the others sleep."""
    shift = world.chance.choice([8, 13, 16])
    person(world, "abroad", world.home(), world.chance.randrange(world.regions), shift=shift)


def office(world: World, kind: str, low: int, high: int) -> None:
    """An office or a school behind one address, many of one make of computer; in every second of
    them, half vote for one of their own."""
    chance = world.chance
    region = chance.randrange(world.regions)
    place = world.new_place()
    computer = world.phone() if chance.random() < 0.4 else ""
    own = world.obscure(1)[0] if chance.random() < 0.5 else None
    for _ in range(chance.randint(low, high)):
        favourite = own if chance.random() < 0.5 else None
        device = computer if chance.random() < 0.7 else ""
        person(world, kind, place, region, device=device, favourite=favourite)


def viral(world: World, people: int) -> None:
    """A link goes round: thousands of new people within hours, straight to the work's page."""
    chance = world.chance
    work = world.obscure(1)[0]
    region = chance.randrange(world.regions)
    begins = world.moment(chance.randrange(1, DAYS - 1))
    fades = chance.uniform(1, 5) * HOUR
    one_app = chance.random() < 0.5
    for _ in range(people):
        at = begins + chance.uniform(0, 0.5 * HOUR) + chance.expovariate(1 / fades)
        near = region if chance.random() < 0.4 else chance.randrange(world.regions)
        place = world.carrier(near) if chance.random() < 0.7 else world.home()
        voter = Voter(world.new_name(), place, world.phone(one_app), at - world.dwell(12, 0.8))
        follow_link(world, "viral", voter, near, at, work)


def club(world: World) -> None:
    """Friends of photography who ask each other, day by day, to vote for their members' works."""
    chance = world.chance
    works = world.obscure(chance.randint(3, 6))
    for _ in range(chance.randint(25, 80)):
        place = (
            world.carrier(chance.randrange(world.regions))
            if chance.random() < 0.5
            else world.home()
        )
        first = chance.randrange(0, DAYS)
        at = world.moment(first)
        voter = Voter(world.new_name(), place, world.phone(), at - world.dwell(60), "other")
        for day in range(first, DAYS):
            if day > first and chance.random() < 0.5:
                continue
            at = at if day == first else world.moment(day)
            for work in works:
                if chance.random() < 0.8:
                    at += world.dwell(20)
                    world.cast("club", voter, work, at)


def lesson(world: World, *, people: int = 40, device: str = "", kind: str = "class") -> None:
    """A class votes for its teacher's work: some forty phones, one address, two minutes."""
    chance = world.chance
    place, work = world.new_place(), world.obscure(1)[0]
    begins = world.moment(chance.randrange(DAYS))
    for _ in range(round(people * chance.uniform(0.75, 1.25))):
        at = begins + chance.betavariate(2, 3) * 120
        since = at - world.dwell(15, 0.6)
        voter = Voter(world.new_name(), place, device or world.phone(), since, "none")
        world.cast(kind, voter, work, at)


def parents(world: World, people: int) -> None:
    """A school asks parents to vote, for three days, for the works of its three pupils."""
    chance = world.chance
    works, begins = world.obscure(3), chance.randrange(1, DAYS - 3)
    region = chance.randrange(world.regions)
    for _ in range(people):
        place = world.carrier(region) if chance.random() < 0.5 else world.home()
        at = world.moment(begins)
        voter = Voter(world.new_name(), place, world.phone(), at - world.dwell(30), "other")
        for day in range(begins, begins + 3):
            if chance.random() < 0.5:
                at = max(world.moment(day), at)
                for work in works:
                    world.cast("parents' list", voter, work, at)
                    at += world.dwell(15)


def honest_poll(world: World, ballots: int) -> None:
    """Fill the poll with so many honest ballots, all scenes in proportion."""
    chance = world.chance
    scenes: list[tuple[float, Callable[[], None]]] = [
        (3, lambda: viral(world, int(ballots * chance.uniform(0.004, 0.02)))),
        (ballots / 2500, lambda: office(world, "office", 10, 60)),
        (ballots / 10000, lambda: office(world, "school", 60, 200)),
        (ballots / 25000, lambda: club(world)),
        (ballots / 20000, lambda: lesson(world)),
    ]
    for count, scene in scenes:
        for _ in range(max(1, round(count))):
            scene()
    while len(world.votes) < ballots:
        drawn = chance.random()
        if drawn < world.mobile_share:
            mobile(world)
        elif drawn < world.mobile_share + 0.03:
            abroad(world)
        else:
            household(world)
    del world.votes[ballots:], world.kinds[ballots:]

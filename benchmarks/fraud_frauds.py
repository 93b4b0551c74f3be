"""The frauds: knows nothing of how they are found. Each seed's fraudsters have their own habits."""

from benchmarks.fraud_scenes import DAY, DAYS, OPENS, Place, Voter, World


def bots(world: World, ballots: int) -> None:
    """A farm: programs on rented machines, each vote as a new visitor.

    It may take breaks at night, have few or many makes of browser, pretend to have come by the
    gallery, vote in even steps or with much jitter.
    """
    chance = world.chance
    works = world.obscure(chance.randint(1, 3))
    networks = chance.randint(3, 8)
    machines = [
        world.new_place(f"rented {number % networks}")
        for number in range(networks * chance.randint(1, 6))
    ]
    makes = [world.phone() for _ in range(chance.choice([1, 3, 10, 40]))]
    fastest = chance.uniform(1, 4)
    slowest = fastest * chance.uniform(1.3, 4)
    jitter = chance.uniform(0.1, 1)
    polite, sleeps = chance.random() < 0.5, chance.random() < 0.5
    days = chance.uniform(1.5, 5)
    begins = OPENS + chance.uniform(0.5, DAYS - days - 0.5) * DAY
    pace = days * DAY * (0.6 if sleeps else 1) * len(machines) / ballots
    clocks = [begins + chance.uniform(0, pace) for _ in machines]
    for number in range(ballots):
        which = number % len(machines)
        clocks[which] += pace * chance.uniform(1 - jitter, 1 + jitter)
        if sleeps and (clocks[which] - OPENS) % DAY < 0.4 * DAY:
            clocks[which] += 0.4 * DAY
        at = clocks[which]
        since = at - chance.uniform(fastest, slowest)
        voter = Voter(world.new_name(), machines[which], chance.choice(makes), since, "none")
        if polite:
            voter.gallery, voter.referrer = since, "here"
        world.cast("bots", voter, chance.choice(works), at)


def cookies(world: World, ballots: int) -> None:
    """Somebody at home who votes, clears cookies, votes again; on a phone or two, in sittings."""
    chance = world.chance
    work = world.obscure(1)[0]
    home = world.home()
    places = [
        Place(f"{home.address} {number}", home.network) for number in range(chance.randint(1, 4))
    ]
    devices = [world.phone() for _ in range(chance.randint(1, 3))]
    pace, looks = chance.uniform(6, 20), chance.random() < 0.3
    left = ballots
    while left > 0:
        at = world.moment()
        place, device = chance.choice(places), chance.choice(devices)
        for _ in range(min(left, chance.randint(30, 150))):
            since = at
            at += world.dwell(pace, 0.4)
            voter = Voter(world.new_name(), place, device, since, "none")
            if looks:
                voter.gallery = since
            world.cast("cookies", voter, work, at)
            at += world.dwell(4, 0.5)
            left -= 1


def paid(world: World, people: int, *, works: int = 0, kind: str = "paid", days: int = 3) -> None:
    """A crowd of real people with phones of their own, told for some days to vote for the works of
    an agency's clients. Most do as told; some skip a work or a day; some add works at random."""
    chance = world.chance
    clients = world.obscure(works or chance.randint(2, 4))
    obedience, hides = chance.uniform(0.75, 0.98), chance.uniform(0.2, 0.5)
    loyal, link = chance.uniform(0.4, 0.9), chance.random() < 0.5
    begins = chance.randrange(1, DAYS - days)
    for _ in range(people):
        near = chance.randrange(world.regions)
        place = world.carrier(near) if chance.random() < world.mobile_share else world.home()
        voter = Voter(world.new_name(), place, world.phone(), 0.0, "other" if link else "none")
        attends = [day for day in range(days) if chance.random() < loyal]
        for day in attends or [chance.randrange(days)]:
            at = world.moment(begins + day)
            if not voter.since:
                voter.since = at - world.dwell(world.pause)
                voter.gallery = float("inf") if chance.random() < 0.6 else at - 5
            told = [work for work in clients if chance.random() < obedience]
            if chance.random() < hides:
                told += [world.choose(near) for _ in range(chance.randint(1, 3))]
            chance.shuffle(told)
            for work in told:
                world.cast(kind, voter, work, at)
                at += world.dwell(15)


def rotation(world: World, ballots: int, *, careful: bool = False) -> None:
    """A program behind proxies: each vote from another address, mostly of ordinary homes.

    `careful`: it waits as people do, at people's hours, by chance, with people's phones.
    """
    chance = world.chance
    works = world.obscure(1 if careful else chance.randint(1, 2))
    makes = [world.phone() for _ in range(chance.choice([20, 60, 200, 2000]))]
    spread, median = chance.uniform(0.15, 0.6), chance.uniform(3, 15)
    jitter, sleeps, polite = chance.uniform(0.2, 1), chance.random() < 0.5, chance.random() < 0.5
    by_chance = chance.random() < 0.3
    days = chance.uniform(2, 5)
    begins = OPENS + chance.uniform(0.5, DAYS - days - 0.5) * DAY
    pace = days * DAY * (0.6 if sleeps else 1) / ballots
    at = begins
    for _ in range(ballots):
        if careful:
            at = world.moment(int((begins - OPENS) // DAY) + chance.randrange(int(days)))
        else:
            steps = chance.expovariate(1) if by_chance else chance.uniform(1 - jitter, 1 + jitter)
            at += pace * steps
            if sleeps and (at - OPENS) % DAY < 0.4 * DAY:
                at += 0.4 * DAY
        since = at - (world.dwell(world.pause) if careful else world.dwell(median, spread))
        place = (
            world.home()
            if chance.random() < 0.8
            else world.new_place(f"proxies {chance.randrange(300)}")
        )
        device = world.phone() if careful else chance.choice(makes)
        voter = Voter(world.new_name(), place, device, since, "none")
        if polite:
            voter.gallery, voter.referrer = since, "here"
        kind = "careful rotation" if careful else "rotation"
        world.cast(kind, voter, chance.choice(works), at)


def all_frauds(world: World, scale: float) -> None:
    """Inject the frauds of the benchmark; at scale 1, 2,000 paid people."""
    chance = world.chance
    bots(world, int(scale * chance.randint(3000, 8000)))
    for _ in range(3):
        cookies(world, max(100, int(scale * chance.randint(150, 1200))))
    paid(world, int(scale * 2000))
    rotation(world, int(scale * chance.randint(3000, 6000)))

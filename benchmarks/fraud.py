"""Fraud in a public vote: how much of it is set aside, and how many honest ballots with it.

    python -m benchmarks.fraud [--quick] [--seed N]

A poll is simulated whose truth is known: 200,000 honest ballots (40,000 with --quick) and four
frauds. The rules see evidence alone. Then a smaller poll with what the rules cannot tell apart, or
only just: what becomes of it is printed, and does not count. The last line is JSON.
"""

import argparse
import json
import resource
import time
from collections import Counter
from dataclasses import dataclass

from benchmarks.fraud_frauds import all_frauds, paid, rotation
from benchmarks.fraud_scenes import World, honest_poll, lesson, parents
from voting.antifraud import Suspicion, assess

HONEST, QUICK_HONEST = 200_000, 40_000
FRAUDS = ("bots", "cookies", "paid", "rotation")


@dataclass(frozen=True)
class Outcome:
    """Ballots by kind, and those of them that were set aside."""

    cast: Counter[str]
    caught: Counter[str]
    findings: list[Suspicion]
    kinds: dict[int, str]
    seconds: float

    def share(self, kinds: list[str] | tuple[str, ...]) -> float:
        """Return which share of the ballots of these kinds was set aside."""
        return sum(self.caught[kind] for kind in kinds) / sum(self.cast[kind] for kind in kinds)


def judge(world: World) -> Outcome:
    """Let the rules look at all votes of this world."""
    begun = time.process_time()
    findings = assess(world.votes)
    seconds = time.process_time() - begun
    kinds = dict(zip((vote.id for vote in world.votes), world.kinds, strict=True))
    aside = {pk for finding in findings for pk in finding.ballots}
    caught = Counter(kinds[pk] for pk in aside)
    return Outcome(Counter(world.kinds), caught, findings, kinds, seconds)


def show(found: Outcome) -> list[str]:
    """Print fates by kind, and what each rule has set aside. Return the honest kinds."""
    honest = sorted(set(found.cast) - set(FRAUDS))
    total, lost = (sum(count[kind] for kind in honest) for count in (found.cast, found.caught))
    print(f"  {'fraud':18}{'ballots':>9}{'recall':>8}{'precision':>11}")
    for kind in FRAUDS:
        # Honest ballots that were set aside together with this kind.
        with_it = {pk for one in found.findings if kind in _kinds(one, found) for pk in one.ballots}
        wrong = sum(found.kinds[pk] in honest for pk in with_it)
        caught = found.caught[kind]
        precision = caught / (caught + wrong) if caught else 0
        print(f"  {kind:18}{found.cast[kind]:9}{found.share([kind]):8.3f}{precision:11.3f}")
    print(f"  {'honest':18}{'ballots':>9}{'aside':>8}{'share':>11}")
    for kind in honest:
        print(f"  {kind:18}{found.cast[kind]:9}{found.caught[kind]:8}{found.share([kind]):11.4f}")
    print(f"  {'all honest':18}{total:9}{lost:8}{found.share(honest):11.4f}")
    rules: dict[str, set[int]] = {}
    for one in found.findings:
        rules.setdefault(one.code, set()).update(one.ballots)
    for code, ballots in sorted(rules.items()):
        wrong = sum(found.kinds[pk] in honest for pk in ballots)
        count = sum(one.code == code for one in found.findings)
        print(f"  rule {code:16}{count:4} findings{len(ballots):8} ballots, {wrong} of them honest")
    return honest


def _kinds(finding: Suspicion, found: Outcome) -> set[str]:
    return {found.kinds[pk] for pk in finding.ballots}


def hard(seed: int) -> None:
    """Print what becomes of what cannot be told apart by evidence, or only just."""
    world = World(1000 + seed)
    honest_poll(world, QUICK_HONEST)
    lesson(world, kind="computer room", device="device 7")
    lesson(world, kind="hall of 300", people=300)
    parents(world, 400)
    paid(world, 400, works=1, kind="paid for one work")
    paid(world, 100, kind="paid, a hundred")
    rotation(world, 800, careful=True)
    found = judge(world)
    print("Hard to tell apart, in a smaller poll: set aside of")
    for kind in (
        "class",
        "hall of 300",
        "computer room",
        "parents' list",
        "paid for one work",
        "paid, a hundred",
        "careful rotation",
    ):
        print(f"  {kind:18}{found.cast[kind]:9}{found.caught[kind]:8}{found.share([kind]):11.3f}")


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a fifth of the ballots")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    ballots = QUICK_HONEST if asked.quick else HONEST
    world = World(asked.seed)
    honest_poll(world, ballots)
    all_frauds(world, ballots / HONEST)
    found = judge(world)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"Seed {asked.seed}: {len(world.votes)} ballots for {world.works} works", flush=True)
    print(f"  assessed in {found.seconds:.1f} CPU seconds; {peak} MB with the simulation")
    honest = show(found)
    hard(asked.seed)
    answer = {
        "honest_quarantined": round(found.share(honest), 5),
        "recall": {kind: round(found.share([kind]), 4) for kind in FRAUDS},
    }
    print(json.dumps(answer))


if __name__ == "__main__":
    main()

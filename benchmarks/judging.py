"""Judging: whose ranking is nearest the truth, how honest its intervals are, what it costs.

    python -m benchmarks.judging [--quick]

A panel is simulated whose truth is known: works, judges' severities, errors, and the works dealt
in three ways. Then four ways of ranking see the scores alone. The last line is JSON.
"""

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from competition.editions.weighing import mean
from competition.judging import adjusting, agreement, assignment, chances, habits
from competition.judging.scoring import Reading, Sheet, readings, trimmed_mean

SEEDS, QUICK_SEEDS = 10, 3
WORKS, JUDGES, READINGS, PLACES = 6_526, 20, 3, 360
PHOTOS, VIDEOS = 6_526, 864  # of the assignment: 7,390 works
WEIGHTS = {"theme": 30, "artistry": 40, "story": 30}
LOWEST, HIGHEST = 0, 100
# What counts as equal. The recall of one seed has a standard error of 0.025, so 0.01 is nothing.
EQUAL_TAU, EQUAL_RECALL = 0.002, 0.01

Floats = NDArray[np.float64]
RANDOM, UNEQUAL, SCALES = DESIGNS = ("at random", "unequal works", "unequal scales")


# --- The simulation: knows nothing of how anybody ranks ----------------------------------------


@dataclass(frozen=True)
class Truth:
    """`worth`: of each work. `level`: what the judges who read took off on average; points."""

    worth: Floats
    level: float
    sheets: list[Sheet]


def simulate(design: str, seed: int) -> Truth:
    """Return a judged competition: integer scores from 0 to 100 on three criteria.

    A judge's score is the work's worth, less the judge's severity, plus what the judge sees in
    the work (an error common to the criteria: the halo), plus an error for each criterion.
    Judges differ in how large their errors are. "unequal works": some judges meet good works more
    often, as when each reads what comes from certain regions. "unequal scales": some judges use
    less of the scale, some more: beside the point, to show where an additive model ends.
    """
    chance = np.random.default_rng([seed, DESIGNS.index(design)])
    worth = chance.normal(65, 8, WORKS)
    severity = chance.normal(0, 5, JUDGES)
    carelessness = chance.uniform(4, 8, JUDGES)
    stretch = np.exp(chance.normal(0, 0.2 if design == SCALES else 0, JUDGES))
    most = 1 if design == UNEQUAL else 0
    fondness = chance.permutation(np.linspace(-most, most, JUDGES))
    # Keys with Gumbel noise draw judges without repetition, by weight (Efraimidis, Spirakis 2006).
    odds = np.outer((worth - 65) / 8, fondness)
    keys = odds + chance.gumbel(size=(WORKS, JUDGES))
    readers = np.argsort(-keys, axis=1)[:, :READINGS]
    seen = worth[:, None] + chance.normal(0, 1, readers.shape) * carelessness[readers]
    seen = 65 + stretch[readers] * (seen - 65) - severity[readers]
    scores = {code: seen + chance.normal(0, 4, seen.shape) for code in WEIGHTS}
    whole = {code: np.rint(np.clip(given, LOWEST, HIGHEST)) for code, given in scores.items()}
    turns = chance.permuted(np.tile(np.arange(1, WORKS + 1), (JUDGES, 1)), axis=1)
    sheets = [
        Sheet(
            judge + 1,
            work + 1,
            {code: int(whole[code][work, at]) for code in WEIGHTS},
            int(turns[judge, work]),
        )
        for work, theirs in enumerate(readers.tolist())
        for at, judge in enumerate(theirs)
    ]
    return Truth(worth, float(severity[readers].mean()), sheets)


# --- Ways of ranking: see readings alone -------------------------------------------------------


def by_entry(counted: list[Reading], value_of: Callable[[list[Reading]], float]) -> Floats:
    """Return, in the order of ids, what this makes of each entry's readings."""
    theirs: dict[int, list[Reading]] = {}
    for one in counted:
        theirs.setdefault(one.entry_id, []).append(one)
    return np.array([value_of(theirs[pk]) for pk in sorted(theirs)])


def raw_mean(counted: list[Reading]) -> Floats:
    """The mean of all readings."""
    return by_entry(counted, lambda ones: float(mean(one.value for one in ones) or 0))


def trimmed(counted: list[Reading]) -> Floats:
    """The mean without the highest and the lowest."""
    return by_entry(counted, lambda ones: float(trimmed_mean(one.value for one in ones) or 0))


def z_score(counted: list[Reading]) -> Floats:
    """The mean of readings, each less its judge's mean, over its judge's standard deviation."""
    theirs: dict[int, list[float]] = {}
    for one in counted:
        theirs.setdefault(one.judge_id, []).append(float(one.value))
    scales = {judge: (np.mean(values), np.std(values)) for judge, values in theirs.items()}

    def standard(one: Reading) -> float:
        middle, deviation = scales[one.judge_id]
        return float((float(one.value) - middle) / deviation)

    return by_entry(counted, lambda ones: float(np.mean([standard(one) for one in ones])))


PEERS: dict[str, Callable[[list[Reading]], Floats]] = {
    "raw": raw_mean,
    "trimmed": trimmed,
    "z": z_score,
}


def adjust(counted: list[Reading]) -> adjusting.Adjustment:
    """Ours, with all that comes with it; all works in one section."""
    return adjusting.adjust(counted, dict.fromkeys((one.entry_id for one in counted), 1))


# --- Measures ----------------------------------------------------------------------------------


def kendall_tau(values: Floats, truth: Floats) -> float:
    """Return Kendall's tau-b: 1 the same order, 0 none in common; `truth` has no ties."""
    values = values[np.argsort(truth)]
    agreeing = tied = 0
    for at in range(len(values) - 1):
        above = np.count_nonzero(values[at + 1 :] > values[at])
        below = np.count_nonzero(values[at + 1 :] < values[at])
        agreeing += above - below
        tied += len(values) - 1 - at - above - below
    pairs = len(values) * (len(values) - 1) / 2
    return float(agreeing / np.sqrt(pairs * (pairs - tied)))


def recall_at_cut(values: Floats, truth: Floats) -> float:
    """Return which share of the truly best is chosen; ties at the cut count in part."""
    best = np.argsort(-truth)[:PLACES]
    line = np.sort(values)[-PLACES]
    left = PLACES - int((values > line).sum())
    share = left / int((values == line).sum())
    return float(((values[best] > line) + share * (values[best] == line)).sum() / PLACES)


@dataclass(frozen=True)
class Outcome:
    """Of one simulated competition: measures by way of ranking, and how often ours holds."""

    tau: dict[str, float]
    recall: dict[str, float]
    coverage: float

    @property
    def is_best_or_equal(self) -> bool:
        """Tell whether none of the others is nearer the truth by more than nothing."""
        near = self.tau["ours"] >= max(self.tau.values()) - EQUAL_TAU
        return near and self.recall["ours"] >= max(self.recall.values()) - EQUAL_RECALL


def judge(truth: Truth) -> Outcome:
    """Rank in all ways. Covered: the worth, as this panel's average judge sees it."""
    counted = readings(truth.sheets, WEIGHTS)
    entries = adjust(counted).entries
    value = np.array([float(one.adjusted) for one in entries])
    error = np.array([one.standard_error for one in entries], float)
    values = {name: way(counted) for name, way in PEERS.items()} | {"ours": value}
    return Outcome(
        {name: kendall_tau(found, truth.worth) for name, found in values.items()},
        {name: recall_at_cut(found, truth.worth) for name, found in values.items()},
        float(np.mean(abs(value - (truth.worth - truth.level)) <= 1.96 * error)),
    )


# --- Time --------------------------------------------------------------------------------------


def assign_seconds(seed: int) -> float:
    """Return how long it takes to deal 7,390 works to the judges."""
    chance = np.random.default_rng(seed)
    minutes = np.append(np.full(PHOTOS, 0.2), chance.uniform(0.25, 3, VIDEOS)).round(2).tolist()
    works = [
        assignment.Work(pk, length, organisation=pk % 400, association=pk % 34)
        for pk, length in enumerate(minutes)
    ]
    judges = [assignment.Juror(pk, associations=frozenset({pk})) for pk in range(JUDGES)]
    begun = time.perf_counter()
    assignment.assign(works, judges, readings=READINGS, seed=seed)
    return time.perf_counter() - begun


def score_seconds(sheets: list[Sheet], seed: int) -> float:
    """Return how long it takes from sheets to all that the organiser is shown."""
    begun = time.perf_counter()
    counted = readings(sheets, WEIGHTS)
    found = adjust(counted)
    chances.chances(found, {1: PLACES}, seed=seed)
    chances.near_cut(found, {1: PLACES})
    agreement.agreement(sheets, list(WEIGHTS), seed=seed)
    agreement.halo(sheets, list(WEIGHTS))
    habits.spreads(counted)
    habits.home_biases(counted, found, set())
    habits.drifts(counted, found)
    return time.perf_counter() - begun


# --- Printing ----------------------------------------------------------------------------------


def means(rows: list[dict[str, float]]) -> dict[str, float]:
    """Return each way's mean over the seeds."""
    return {name: round(fmean(row[name] for row in rows), 4) for name in rows[0]}


def run(design: str, seeds: int) -> list[Outcome]:
    """Print and return what is found in the competitions of this design."""
    outcomes = []
    for seed in range(seeds):
        one = judge(simulate(design, seed))
        outcomes.append(one)
        taus = "  ".join(f"{name} {one.tau[name]:.4f}/{one.recall[name]:.3f}" for name in one.tau)
        equal = "best or equal" if one.is_best_or_equal else "NOT best"
        print(f"  {design:14} seed {seed}  {taus}  covered {one.coverage:.3f}  {equal}", flush=True)
    return outcomes


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="three seeds")
    seeds = QUICK_SEEDS if parser.parse_args().quick else SEEDS
    print(f"Kendall's tau / recall of the best {PLACES} of {WORKS}")
    found = {design: run(design, seeds) for design in DESIGNS}
    tau = {design: means([one.tau for one in found[design]]) for design in DESIGNS}
    recall = {design: means([one.recall for one in found[design]]) for design in DESIGNS}
    judged = zip(found[RANDOM], found[UNEQUAL], strict=True)
    best = [one.is_best_or_equal and other.is_best_or_equal for one, other in judged]
    covered = [one.coverage for outcomes in found.values() for one in outcomes]
    answer = {
        "seeds": seeds,
        "best_or_equal": sum(best),
        "tau": tau[RANDOM],
        "recall_at_cut": recall[RANDOM],
        "tau_unequal_works": tau[UNEQUAL],
        "recall_unequal_works": recall[UNEQUAL],
        "tau_unequal_scales": tau[SCALES],
        "recall_unequal_scales": recall[SCALES],
        "best_or_equal_unequal_scales": sum(one.is_best_or_equal for one in found[SCALES]),
        "coverage": round(fmean(covered), 4),
        "coverage_lowest": round(min(covered), 4),
        "assign_s": round(assign_seconds(0), 1),
        "score_s": round(score_seconds(simulate(RANDOM, 0).sheets, 0), 1),
    }
    print(json.dumps(answer))


if __name__ == "__main__":
    main()

"""How sure the cut is: each work's probability of being inside, and where to read once more."""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from competition.judging.adjusting import AdjustedEntry, Adjustment
from competition.judging.shrinkage import Floats

DRAWS = 2000  # an error of at most 0.011 (one standard deviation) in a probability
NORMAL = NormalDist()


@dataclass(frozen=True)
class NearCut:
    """A work for which another reading may change whether it is inside.

    `distance`: from the cut line, points, above 0 when inside. `flip`: the probability that one
    more reading would move it across. `gain`: by how many points the worth of what is chosen is
    expected to rise through that reading.
    """

    entry_id: int
    section_id: int
    distance: float
    flip: float
    gain: float


def chances(
    adjustment: Adjustment, places: Mapping[int, int], *, seed: int, draws: int = DRAWS
) -> dict[int, float]:
    """Return each entry's probability (0 to 1) of being among the best of its section.

    `places`: how many are inside, by section id; sections without it are left out. So is every
    entry when nothing tells how sure the values are. The probabilities of a section add up to its
    places. They hold what the readings leave open, errors of severities included; that judges of
    different components may be differently strict they do not hold. Entries that are sure to tie
    share the places left. The same seed gives the same answer, whatever the order of readings.
    """
    posterior = adjustment.posterior
    if posterior is None:
        return {}
    found: dict[int, float] = {}
    for section_id, count in sorted(places.items()):
        rows = _rows(adjustment, section_id)
        chance = np.random.default_rng([seed, section_id])
        mean, own, shared = posterior.mean[rows], posterior.own[rows], posterior.shared[rows]
        inside = np.zeros(len(rows))
        for _ in range(draws if 0 < count < len(rows) else 0):
            errors = shared @ chance.standard_normal(shared.shape[1])
            drawn = mean + errors + own * chance.standard_normal(len(rows))
            # Sure ties are broken by chance, or the last bit would decide every draw alike.
            drawn += 1e-9 * chance.random(len(rows))
            inside[np.argpartition(-drawn, count - 1)[:count]] += 1 / draws
        if count >= len(rows):
            inside[:] = 1
        found |= {
            adjustment.entries[row].entry_id: float(inside[at]) for at, row in enumerate(rows)
        }
    return found


def near_cut(
    adjustment: Adjustment, places: Mapping[int, int], *, limit: int = 30
) -> list[NearCut]:
    """Return the works for which another reading is worth most, the most worth first.

    One more reading will move a work's adjusted value by a normal amount with mean 0; its
    variance is what the reading takes off the value's own. The cut line stands still, half way
    between the last work inside and the first outside. Empty when nothing tells the error.

    Source: the expected value of sample information, Raiffa and Schlaifer, Applied Statistical
    Decision Theory (1961), 5.5; as a rule for what to measure next: Frazier, Powell, Dayanik,
    SIAM J. Control Optim. 47 (2008) 2410-2439.
    """
    posterior, noise = adjustment.posterior, adjustment.noise
    if posterior is None or not noise:
        return []
    found = []
    for section_id, count in places.items():
        rows = _rows(adjustment, section_id)
        if not 0 < count < len(rows):
            continue
        ordered = sorted((posterior.mean[row] for row in rows), reverse=True)
        line = (ordered[count - 1] + ordered[count]) / 2
        moves = _moves(posterior.own[rows], noise)
        for row, move in zip(rows, moves.tolist(), strict=True):
            distance = float(posterior.mean[row] - line)
            found.append(_near(adjustment.entries[row], distance, move))
    return sorted(found, key=lambda one: (-round(one.gain, 9), one.entry_id))[:limit]


def _rows(adjustment: Adjustment, section_id: int) -> list[int]:
    """Return where the section's entries stand."""
    return [at for at, one in enumerate(adjustment.entries) if one.section_id == section_id]


def _moves(own: Floats, noise: float) -> Floats:
    """Return the standard deviation by which one more reading will move each value."""
    return own**2 / np.sqrt(own**2 + noise**2)


def _near(entry: AdjustedEntry, distance: float, move: float) -> NearCut:
    steps = -abs(distance) / move
    flip = NORMAL.cdf(steps)
    gain = move * (NORMAL.pdf(steps) + steps * flip)
    return NearCut(entry.entry_id, entry.section_id, distance, flip, gain)

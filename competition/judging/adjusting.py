"""The adjusted value of each work, beside its raw one: what it would have got from all judges.

Three steps, each from the readings alone:

1. Severities by least squares from shared works (`severity`). They are not shrunk, so a constant
   added to one judge's scores moves no rank.
2. A work's levelled mean: the mean of its readings, each plus its judge's severity; who errs
   less counts for more, within limits, unless all judges shall count alike.
3. Shrinkage of that mean to the section's, by the share of its variance that is error: the best
   linear unbiased prediction of a random effect. A work read less often is shrunk more. Sections
   are ranked apart; severity and error are estimated over all of them together, because a judge's
   severity is taken to be the same in all and each section alone may not join the judges.

Sources: Henderson, Biometrics 31 (1975) 423-447; Searle, Casella, McCulloch, Variance Components
(1992), ch. 7; standard errors after Kackar and Harville, JASA 79 (1984) 853-862, first term.

When to prefer the raw mean: docs/decisions/adjusted-beside-raw.md.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np

from competition.editions.weighing import mean
from competition.judging.scoring import Estimate, Reading, StandingLine, rounded, trimmed_mean
from competition.judging.severity import Grid, Severities, find_severities
from competition.judging.shrinkage import Floats, Ints, find_prior, section_means

SHOWN_PLACES = 4
# Halves are told from almost-halves at this digit, so that the last bit of a sum decides nothing.
GUARD_PLACES = 9


@dataclass(frozen=True)
class AdjustedEntry:
    """What the panel found of one entry; points. `component`: see `Adjustment`.

    `standard_error`: of the adjusted value; None when the readings cannot tell it.
    """

    entry_id: int
    section_id: int
    readings: int
    raw: Decimal
    trimmed: Decimal
    adjusted: Decimal
    standard_error: float | None
    component: int

    def line(self) -> StandingLine:
        """Return the line by which the entry is ranked when adjusted values count."""
        return StandingLine(self.entry_id, self.section_id, self.adjusted, self.readings)


@dataclass(frozen=True)
class JudgeSeverity:
    """What a judge gives less than the panel would for the same works; points, above 0: strict.

    `severity`: None when no other judge has read any of the same works, or nothing is left to
    tell the error by. `noise`: standard deviation of a reading's error, points, as it was used.
    """

    judge_id: int
    component: int
    readings: int
    severity: Estimate | None
    noise: float | None


@dataclass(frozen=True)
class Posterior:
    """How sure the entries' values are, in the order of `Adjustment.entries`; points.

    An entry's value is `mean`, plus `own` times a normal number of its own, plus `shared` times
    the normal numbers, one a judge, by which the severities may be wrong.
    """

    mean: Floats
    own: Floats
    shared: Floats


@dataclass(frozen=True)
class Adjustment:
    """What the whole panel found.

    `components`: into how many parts the judges fall that share no works. In more than one, each
    is adjusted by itself, and whether one part's judges are stricter than another's is unknown.
    `noise`: standard deviation of one reading's error, points; None: the adjusted values are the
    raw ones. `worth`: standard deviation of the works' true values in a section, points; None:
    nothing was shrunk. `severity_sd`: that of the true severities, points, their error taken off;
    `severity_error`: the standard error, points, with which the severity of a judge is known.
    """

    entries: tuple[AdjustedEntry, ...]
    judges: tuple[JudgeSeverity, ...]
    unread: tuple[int, ...]
    components: int
    noise: float | None
    worth: float | None
    severity_sd: float | None
    severity_error: float | None
    posterior: Posterior | None

    @property
    def pays(self) -> bool:
        """Tell whether adjusted values are likely to be nearer the truth than raw ones.

        They are when judges differ by more than the error with which it is known by how much.
        """
        if self.severity_sd is None or self.severity_error is None:
            return False
        return self.components == 1 and self.severity_sd > self.severity_error


def adjust(
    readings: Iterable[Reading], sections: Mapping[int, int], *, weigh_judges: bool = True
) -> Adjustment:
    """Return every entry's raw and adjusted value, and every judge's severity.

    `sections`: the section's id of each entry's; entries without a reading come back as `unread`.
    Readings of entries that are not in it do not count. The order of either changes nothing.
    `weigh_judges`: False lets every judge's reading count alike; where all judges have read all
    works, the adjusted order is then the raw one.
    Raises ValueError when a judge has two readings of an entry.
    """
    counted = [one for one in readings if one.entry_id in sections]
    if not counted:
        return Adjustment((), (), tuple(sorted(sections)), 0, None, None, None, None, None)
    grid = Grid.lay(counted)
    severities = find_severities(grid, weigh_judges=weigh_judges)
    codes, section = np.unique([sections[pk] for pk in grid.entries], return_inverse=True)
    severity_sd, severity_error = _how_severe(severities)
    adjusted, posterior, worth = _shrink(grid, severities, section)
    errors = None
    if posterior is not None:
        errors = np.sqrt(posterior.own**2 + np.sum(posterior.shared**2, axis=1))
    values: dict[int, list[Fraction]] = {}
    for one in counted:
        values.setdefault(one.entry_id, []).append(one.value)
    component = np.empty(len(grid.entries), np.intp)
    component[grid.entry] = severities.components[grid.judge]
    entries = tuple(
        AdjustedEntry(
            entry_id=pk,
            section_id=int(codes[section[at]]),
            readings=len(values[pk]),
            raw=rounded(mean(values[pk]) or Fraction()),
            trimmed=rounded(trimmed_mean(values[pk]) or Fraction()),
            adjusted=adjusted[at],
            standard_error=None if errors is None else float(errors[at]),
            component=int(component[at]),
        )
        for at, pk in enumerate(grid.entries)
    )
    return Adjustment(
        entries=entries,
        judges=_judges(grid, severities),
        unread=tuple(sorted(sections.keys() - values.keys())),
        components=int(severities.components.max()) + 1,
        noise=None if severities.noise is None else float(np.sqrt(severities.noise)),
        worth=worth,
        severity_sd=severity_sd,
        severity_error=severity_error,
        posterior=posterior,
    )


def shown(values: Floats) -> list[Decimal]:
    """Return the values to SHOWN_PLACES, halves to the even digit."""
    unit = Decimal(1).scaleb(-SHOWN_PLACES)
    return [Decimal(f"{value:.{GUARD_PLACES}f}").quantize(unit) for value in values.tolist()]


def _shrink(
    grid: Grid, severities: Severities, section: Ints
) -> tuple[list[Decimal], Posterior | None, float | None]:
    """Return the adjusted values, how sure they are, and the works' standard deviation."""
    weight = severities.weights[grid.judge]
    totals = grid.by_entry(weight)
    levelled = grid.by_entry(weight * (grid.value + severities.values[grid.judge])) / totals
    if severities.noise is None:
        return shown(levelled), None, None
    own = severities.noise / totals
    shares = grid.spread_out(weight / totals[grid.entry])
    shared = shares @ _root(severities.covariance)
    errors = own + np.sum(shared**2, axis=1)
    prior = find_prior(levelled, errors, section) if severities.noise else None
    if prior is None:
        adjusted = _above_level(levelled, np.ones(len(levelled)), section, None)
        return adjusted, Posterior(levelled, np.sqrt(own), shared), None
    kept = prior.variance / (prior.variance + own)
    adjusted = _above_level(levelled, kept, section, prior.means)
    base = prior.means[section]
    variance = kept * own + (1 - kept) ** 2 * prior.mean_variances[section]
    mean = base + kept * (levelled - base)
    posterior = Posterior(mean, np.sqrt(variance), kept[:, None] * shared)
    return adjusted, posterior, float(np.sqrt(prior.variance))


def _above_level(
    levelled: Floats, kept: Floats, section: Ints, means: Floats | None
) -> list[Decimal]:
    """Return the shrunken values: the section's level and the distance from it, each rounded.

    Rounded apart, because a constant added to a judge's scores moves the level alone: ranks and
    ties then stay what they were.
    """
    if means is None:
        means, _weights = section_means(levelled, np.ones(len(levelled)), section)
    levels = shown(means)
    apart = shown(kept * (levelled - means[section]))
    return [levels[at] + one for at, one in zip(section.tolist(), apart, strict=True)]


def _root(covariance: Floats) -> Floats:
    """Return a matrix whose product with its own transpose is the covariance."""
    found, vectors = np.linalg.eigh(covariance)
    return vectors * np.sqrt(np.clip(found, 0, None))


def _judges(grid: Grid, severities: Severities) -> tuple[JudgeSeverity, ...]:
    read = np.bincount(grid.judge)
    sizes = np.bincount(severities.components)
    errors = np.sqrt(np.clip(np.diag(severities.covariance), 0, None))
    found = []
    for at, pk in enumerate(grid.judges):
        component = int(severities.components[at])
        severity = noise = None
        if severities.noise is not None:
            noise = float(np.sqrt(severities.noise / severities.weights[at]))
            if sizes[component] > 1:
                severity = Estimate.around(severities.values[at], errors[at], int(read[at]))
        found.append(JudgeSeverity(pk, component, int(read[at]), severity, noise))
    return tuple(found)


def _how_severe(severities: Severities) -> tuple[float | None, float | None]:
    """Return how much the true severities differ, by the method of moments, and their error."""
    if severities.noise is None or len(severities.values) < 2:
        return None, None
    error = float(np.mean(np.diag(severities.covariance)))
    excess = float(np.var(severities.values, ddof=1)) - error
    return float(np.sqrt(max(excess, 0))), float(np.sqrt(max(error, 0)))

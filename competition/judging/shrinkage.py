"""How far the worth of works really differs, when what is known of each is known with an error.

The works of a section have true values around the section's mean, normal, with one variance A for
all sections; the value observed for work i has an error variance of its own, D(i). A is found by
restricted maximum likelihood, times A itself, which keeps the estimate above zero: works that
differ are never all shrunk to one value.

Sources: Searle, Casella, McCulloch, Variance Components (1992), 6.6 and 9.2; the factor A: Li and
Lahiri, J. Multivariate Analysis 101 (2010) 882-892; Morris and Tang, Statistical Science 26 (2011).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

FEWEST = 3  # works beyond the number of sections: with fewer the likelihood has no maximum


@dataclass(frozen=True)
class Prior:
    """What is known of a section's works before they are read; points, and points squared.

    `variance`: of the works' true values. `means`, `mean_variances`: a value for each section.
    """

    variance: float
    means: Floats
    mean_variances: Floats


def find_prior(values: Floats, errors: Floats, sections: Ints) -> Prior | None:
    """Return the works' variance and their sections' means.

    `errors`: the error variance of each value, above zero. `sections`: each value's, from 0.
    None: there are too few works to tell.
    """
    if len(values) - len(np.unique(sections)) < FEWEST:
        return None
    scale = float(np.mean(errors) + np.var(values))
    low, high = -60.0, 60.0  # of the logarithm of A against the scale
    while (middle := (low + high) / 2) not in (low, high):
        if _slope(scale * float(np.exp(middle)), values, errors, sections) > 0:
            low = middle
        else:
            high = middle
    variance = scale * float(np.exp(low))
    weights = 1 / (variance + errors)
    means, totals = section_means(values, weights, sections)
    return Prior(variance, means, 1 / totals)


def section_means(values: Floats, weights: Floats, sections: Ints) -> tuple[Floats, Floats]:
    """Return each section's weighted mean, and the sum of its weights."""
    totals = np.bincount(sections, weights).astype(np.float64)
    return np.bincount(sections, weights * values) / totals, totals


def _slope(variance: float, values: Floats, errors: Floats, sections: Ints) -> float:
    """Return A times the derivative by A of the logarithm of A times the restricted likelihood."""
    weights = 1 / (variance + errors)
    means, totals = section_means(values, weights, sections)
    squares = np.bincount(sections, weights**2)
    misfit = float(np.sum((weights * (values - means[sections])) ** 2))
    lost = float(np.sum(weights)) - float(np.sum(squares / totals))
    return 1 + variance * (misfit - lost) / 2

"""Whether a difference between two groups may be chance, and how many such questions were asked."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import fisher_exact, norm

SMALL = 5.0
"""Below this expected count in any cell the normal approximation is not used (Cochran, 1954)."""


def difference_p(hits: int, of: int, other_hits: int, other_of: int) -> float:
    """Test whether two shares differ: Fisher's exact test for small counts, else the two-proportion z test.

    Parameters
    ----------
    hits, of : int
        Customers with the outcome, and customers, of a group.
    other_hits, other_of : int
        Those of the other group.

    Returns
    -------
    float
        Two-sided p-value; 1 where nobody or everybody has the outcome.

    References
    ----------
    W. G. Cochran, "Some methods for strengthening the common chi-squared tests", Biometrics 10, 1954: expected counts
    of five and more.

    Examples
    --------
    >>> round(difference_p(3, 4, 1, 4), 4), round(difference_p(60, 100, 40, 100), 4)
    (0.4857, 0.0047)
    """
    together, everyone = hits + other_hits, of + other_of
    if together in (0, everyone):
        return 1.0
    share = together / everyone
    if min(of, other_of) * min(share, 1.0 - share) < SMALL:
        table = np.array([[hits, of - hits], [other_hits, other_of - other_hits]])
        return float(fisher_exact(table).pvalue)
    spread = math.sqrt(share * (1.0 - share) * (1.0 / of + 1.0 / other_of))
    return float(2.0 * norm.sf(abs(hits / of - other_hits / other_of) / spread))


def against_best(p: float, groups: int) -> float:
    """Allow for the best-off group being chosen after the fact: any of the pairs of groups might have been shown.

    Parameters
    ----------
    p : float
        Of one group against the best-off.
    groups : int
        How many were compared.

    Returns
    -------
    float
        As many pairs as there are, over those that are shown: half the groups.

    Examples
    --------
    >>> against_best(0.01, 2), against_best(0.01, 4), against_best(0.9, 4)
    (0.01, 0.02, 1.0)
    """
    return min(1.0, p * groups / 2.0)


def holm(p: Sequence[float]) -> NDArray[np.float64]:
    """Adjust p-values for how many were taken.

    Parameters
    ----------
    p : sequence of float
        Of all tests of an audit.

    Returns
    -------
    array of shape (n,)
        In the same order.

    References
    ----------
    S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6, 1979.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03]).tolist()
    [0.03, 0.06, 0.06]
    """
    asked = np.asarray(p, dtype=np.float64)
    order = np.argsort(asked, kind="stable")
    steps = np.maximum.accumulate(asked[order] * np.arange(len(asked), 0, -1))
    found = np.empty_like(asked)
    found[order] = np.minimum(steps, 1.0)
    return found

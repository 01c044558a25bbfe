"""Whether a difference between two groups may be chance, and how many such questions were asked."""

from __future__ import annotations

import math

import numpy as np
from scipy.stats import fisher_exact, norm

SMALL = 5.0
"""Below this expected count in any cell the normal approximation is not used (Cochran, 1954)."""


def difference_p(hits: int, of: int, other_hits: int, other_of: int) -> float:
    """Test whether two shares differ: Fisher's exact test for small counts, else the two-proportion z test."""
    # Source: W. G. Cochran, "Some methods for strengthening the common chi-squared tests", Biometrics 10, 1954:
    # expected counts of five and more.
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
    """Allow for the best-off group being chosen after the fact: any of the pairs of groups might have been shown."""
    return min(1.0, p * groups / 2.0)

"""Volumes that some customers do not have at all, and that are log-normal among those who do."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import ndtr, ndtri

from segment.arrays import Flags, Floats


class SpikedLognormal(NamedTuple):
    """What each customer's wallet is taken to be: nothing, or a draw from a log-normal distribution."""

    median: Floats  # (n,): of those who have any
    spread: float  # standard deviation of the logarithm
    held: float  # share of those who have any

    def at(self, rows: Flags | slice) -> SpikedLognormal:
        """Take some customers."""
        return self._replace(median=self.median[rows])

    def quantile(self, level: float) -> Floats:
        """Volume that a share `level` of such customers stays below."""
        above = (level - (1.0 - self.held)) / self.held
        return self.median * np.exp(self.spread * ndtri(above)) if above > 0.0 else np.zeros(len(self.median))

    def mean(self, least: Floats, level: float = 1.0) -> Floats:
        """Mean of a volume `level` times as large that is known to be `least` or more."""
        # E max(V, a) of a log-normal V with median m: m exp(s^2 / 2) P(Z < s - d) + a P(Z < d), d = ln(a / m) / s
        median = level * self.median
        with np.errstate(divide="ignore"):
            border = np.log(np.maximum(least, 0.0) / median) / self.spread
        some = median * np.exp(self.spread**2 / 2.0) * ndtr(self.spread - border) + least * ndtr(border)
        return np.asarray(self.held * some + (1.0 - self.held) * least, dtype=np.float64)

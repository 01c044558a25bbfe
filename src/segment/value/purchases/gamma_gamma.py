"""Gamma-gamma: what a customer spends on a day with a purchase."""

# Source: P. S. Fader and B. G. S. Hardie, The Gamma-Gamma Model of Monetary Value, brucehardie.com/notes/025 (2013),
# equations 1a (likelihood) and 5 (expected spend).

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import digamma, gammaln

from segment.arrays import Floats
from segment.value.purchases.repeat_history import RepeatHistory, most_likely

LEAST, MOST = np.array([1e-2, 1.05, 1e-3]), np.array([1e3, 1e3, 1e4])
"""`q` stays above 1: below, no mean exists."""


@dataclass(frozen=True)
class GammaGamma:
    """Amounts are gamma of shape `p` about a mean of the customer's own; means follow `q` and `v` (book currency)."""

    p: float
    q: float
    v: float

    @classmethod
    def fit(cls, history: RepeatHistory) -> GammaGamma:
        """Find the parameters of the greatest likelihood, from customers who came again and paid."""
        paid = (history.frequency > 0) & (history.spend > 0)
        x, unit = history.frequency[paid], float(np.mean(history.spend[paid]))
        z = history.spend[paid] / unit

        def loss(logged: Floats) -> tuple[float, Floats]:
            value, slope = _log_likelihood(np.exp(logged), x, z)
            return -float(value.mean()), -slope.mean(axis=1) * np.exp(logged)

        p, q, v = most_likely(loss, np.array([2.0, 3.0, 1.0]), LEAST, MOST)
        return cls(float(p), float(q), float(v * unit))

    def log_likelihood(self, history: RepeatHistory) -> Floats:
        """Log-likelihood of each customer who came again and paid."""
        paid = (history.frequency > 0) & (history.spend > 0)
        return _log_likelihood(np.array([self.p, self.q, self.v]), history.frequency[paid], history.spend[paid])[0]

    def expected_spend(self, history: RepeatHistory) -> Floats:
        """Amount expected on a day with a purchase."""
        x = np.where(history.spend > 0, history.frequency, 0.0)
        return np.asarray(self.p * (self.v + x * history.spend) / (self.p * x + self.q - 1.0))


def _log_likelihood(parameters: Floats, x: Floats, z: Floats) -> tuple[Floats, Floats]:
    """Of each customer, and its slope by each parameter."""
    p, q, v = parameters
    px, sum_ = p * x, x * z + v
    value = gammaln(px + q) - gammaln(px) - gammaln(q) + q * np.log(v) + (px - 1) * np.log(z) + px * np.log(x)
    value = value - (px + q) * np.log(sum_)
    of_p = x * (digamma(px + q) - digamma(px) + np.log(z) + np.log(x) - np.log(sum_))
    of_q = digamma(px + q) - digamma(q) + np.log(v) - np.log(sum_)
    of_v = q / v - (px + q) / sum_
    return value, np.stack([of_p, of_q, of_v])

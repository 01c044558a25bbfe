"""BG/NBD: customers buy at a rate of their own and may drop out after each purchase."""

# Source: P. S. Fader, B. G. S. Hardie and K. L. Lee, "Counting Your Customers" the Easy Way, Marketing Science 24
# (2005), equations 6 (likelihood) and 10 (expected purchases).

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import betaln, digamma, gammaln, hyp2f1

from segment.arrays import Floats
from segment.value.purchases.repeat_history import RepeatHistory, most_likely_rates

NEAR_ONE = 1e-5


@dataclass(frozen=True)
class BgNbd:
    """Rates are gamma (`r`, `alpha` in weeks), chances to drop out beta (`a`, `b`)."""

    r: float
    alpha: float
    a: float
    b: float

    @classmethod
    def fit(cls, history: RepeatHistory) -> BgNbd:
        """Find the parameters of the greatest likelihood."""
        (r, alpha, a, b), unit = most_likely_rates(history, np.array([0.5, 0.5, 0.7, 2.5]), _log_likelihood)
        return cls(float(r), float(alpha * unit), float(a), float(b))

    def log_likelihood(self, history: RepeatHistory) -> Floats:
        """Log-likelihood of each customer."""
        parameters = np.array([self.r, self.alpha, self.a, self.b])
        return _log_likelihood(parameters, history.frequency, history.recency, history.age)[0]

    def alive(self, history: RepeatHistory) -> Floats:
        """Chance that a customer has not dropped out."""
        x, r, alpha = history.frequency, self.r, self.alpha
        longer = (r + x) * np.log((alpha + history.age) / (alpha + history.recency))
        gone = np.where(x > 0, np.exp(np.minimum(longer, 700.0)) * self.a / (self.b + np.maximum(x, 1.0) - 1.0), 0.0)
        return np.asarray(1.0 / (1.0 + gone))

    def expected_purchases(self, history: RepeatHistory, weeks: float) -> Floats:
        """Purchases expected in the next weeks."""
        x, age = history.frequency, history.age
        a = self.a if abs(self.a - 1.0) > NEAR_ONE else 1.0 + NEAR_ONE
        shrink = (self.alpha + age) / (self.alpha + age + weeks)
        with np.errstate(all="ignore"):
            tail = hyp2f1(self.r + x, self.b + x, a + self.b + x - 1.0, 1.0 - shrink)
            exact = (a + self.b + x - 1.0) / (a - 1.0) * (1.0 - shrink ** (self.r + x) * tail)
        # the series fails for customers of hundreds of purchases; their chance to drop out is all but known
        dropout = self.a / (self.a + self.b + x)
        nearly = (1.0 - ((self.alpha + age) / (self.alpha + age + dropout * weeks)) ** (self.r + x)) / dropout
        most = (self.r + x) / (self.alpha + age) * weeks
        holds = np.isfinite(exact) & (exact >= 0.0) & (exact <= most * (1.0 + 1e-6))
        return self.alive(history) * np.where(holds, exact, nearly)


def _log_likelihood(parameters: Floats, x: Floats, recency: Floats, age: Floats) -> tuple[Floats, Floats]:
    """Of each customer, and its slope by each parameter."""
    r, alpha, a, b = parameters
    again = x > 0
    before = np.maximum(x, 1.0) - 1.0
    alive = -(r + x) * np.log(alpha + age)
    gone = np.where(again, np.log(a) - np.log(b + before) - (r + x) * np.log(alpha + recency), -np.inf)
    both = np.logaddexp(alive, gone)
    value = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + betaln(a, b + x) - betaln(a, b) + both
    share = np.exp(alive - both)
    lost = 1.0 - share
    of_r = digamma(r + x) - digamma(r) + np.log(alpha) - share * np.log(alpha + age) - lost * np.log(alpha + recency)
    of_alpha = r / alpha - (r + x) * (share / (alpha + age) + lost / (alpha + recency))
    of_a = digamma(a + b) - digamma(a + b + x) + lost / a
    of_b = digamma(b + x) - digamma(a + b + x) - digamma(b) + digamma(a + b) - lost / (b + before)
    return value, np.stack([of_r, of_alpha, of_a, of_b])

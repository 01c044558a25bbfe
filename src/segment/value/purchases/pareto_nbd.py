"""Pareto/NBD: customers buy at a rate of their own and leave at a moment of their own."""

# Source: D. C. Schmittlein, D. G. Morrison and R. Colombo, Counting Your Customers, Management Science 33 (1987);
# P. S. Fader and B. G. S. Hardie, A Note on Deriving the Pareto/NBD Model, brucehardie.com/notes/009 (2005). The
# likelihood there is a difference of two hypergeometric functions, which cancel and overflow for customers of many
# purchases. It is the integral over the moment of leaving, from the last purchase to the cut-off, and is taken so: its
# steep factor by substitution, the flat one by Gauss and Legendre. Tests hold it to the hypergeometric form.

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import digamma, gammaln

from segment.arrays import Floats
from segment.value.purchases.repeat_history import RepeatHistory, most_likely_rates

NEAR_ONE = 1e-6
NODES = 24


@dataclass(frozen=True)
class ParetoNbd:
    """Rates of purchase are gamma (`r`, `alpha` in weeks), rates of leaving too (`s`, `beta` in weeks)."""

    r: float
    alpha: float
    s: float
    beta: float

    @classmethod
    def fit(cls, history: RepeatHistory) -> ParetoNbd:
        """Find the parameters of the greatest likelihood."""
        (r, alpha, s, beta), unit = most_likely_rates(history, np.array([0.5, 0.5, 0.5, 0.5]), _log_likelihood)
        return cls(float(r), float(alpha * unit), float(s), float(beta * unit))

    def log_likelihood(self, history: RepeatHistory) -> Floats:
        """Log-likelihood of each customer."""
        return self._likelihood(history)[0]

    def alive(self, history: RepeatHistory) -> Floats:
        """Chance that a customer has not left."""
        return self._likelihood(history)[2]

    def expected_purchases(self, history: RepeatHistory, weeks: float) -> Floats:
        """Purchases expected in the next weeks."""
        s = self.s if abs(self.s - 1.0) > NEAR_ONE else 1.0 + NEAR_ONE
        left = self.beta + history.age
        lasting = left / (s - 1.0) * -np.expm1((s - 1.0) * np.log(left / (left + weeks)))
        rate = (self.r + history.frequency) / (self.alpha + history.age)
        return np.asarray(self.alive(history) * rate * lasting)

    def _likelihood(self, history: RepeatHistory) -> tuple[Floats, Floats, Floats]:
        parameters = np.array([self.r, self.alpha, self.s, self.beta])
        return _log_likelihood(parameters, history.frequency, history.recency, history.age)


def _log_likelihood(parameters: Floats, x: Floats, recency: Floats, age: Floats) -> tuple[Floats, Floats, Floats]:
    """Of each customer, its slope by each parameter, and the chance that the customer has not left."""
    r, alpha, s, beta = parameters
    moment, log_weight = _moments(r + x - 1.0, alpha, recency, age)
    bought, stayed = np.log(alpha + moment), np.log(beta + moment)
    power = (r + x)[:, None]
    each = log_weight - power * bought - (s + 1.0) * stayed
    top = each.max(axis=1, keepdims=True)
    shares = np.exp(each - top)
    total = shares.sum(axis=1)
    gone = np.log(s) + top[:, 0] + np.log(total)
    shares /= total[:, None]
    alive = -(r + x) * np.log(alpha + age) - s * np.log(beta + age)
    both = np.logaddexp(alive, gone)
    value = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta) + both
    share = np.exp(alive - both)
    lost = 1.0 - share
    of_r = digamma(r + x) - digamma(r) + np.log(alpha) - share * np.log(alpha + age) - lost * (shares * bought).sum(1)
    of_alpha = r / alpha - (r + x) * (share / (alpha + age) + lost * (shares / (alpha + moment)).sum(1))
    of_s = np.log(beta) - share * np.log(beta + age) + lost * (1.0 / s - (shares * stayed).sum(1))
    of_beta = s / beta - share * s / (beta + age) - lost * (s + 1.0) * (shares / (beta + moment)).sum(1)
    return value, np.stack([of_r, of_alpha, of_s, of_beta]), share


def _moments(steep: Floats, alpha: float, recency: Floats, age: Floats) -> tuple[Floats, Floats]:
    """Moments of leaving between the last purchase and the cut-off, and the logarithms of their weights."""
    # With v = (1 - e^(-steep u)) / steep and e^u = (alpha + moment) / (alpha + recency), dv holds the steep factor.
    node, weight = np.polynomial.legendre.leggauss(NODES)
    steep = np.where(np.abs(steep) < 1e-9, 1e-9, steep)
    end = -np.expm1(-steep * np.log((alpha + age) / (alpha + recency))) / steep
    v = end[:, None] * (0.5 + 0.5 * node)
    u = -np.log1p(-steep[:, None] * v) / steep[:, None]
    moment = (alpha + recency)[:, None] * np.exp(u) - alpha
    log_weight = np.log(np.maximum(end, 1e-300))[:, None] + np.log(0.5 * weight) + (steep[:, None] + 1.0) * u
    return moment, log_weight + np.log(alpha + recency)[:, None]

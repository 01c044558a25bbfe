"""Where the scorecard's zero lies at this bank, and from which probability customers are called customers of others."""

# An expert's weights say how signals compare. How high they run at a given bank depends on how it records things: where
# everyone logs in daily, logins pull every customer towards "here" and a sleeping account, of which nothing is known,
# ranks above customers whose main bank is plainly elsewhere. The share of customers who bank mainly elsewhere settles
# it, where the bank knows it; else the base rate does, as far as a bank is large enough to show a level.

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, logit

from segment.arrays import Flags, Floats


def prior_shift(log_odds: Floats, base_rate: float, bound: float, customers: float) -> float:
    """Find what to add to the intercept so that a share `base_rate` of customers lies above `base_rate`."""
    # The order of customers does not change; only where those of whom nothing is known stand among them.
    # `log_odds` (n,): Of customers of whom enough is known.
    # `customers`: Whom the expert's own level weighs as much as; fewer customers move it less.
    if len(log_odds) == 0 or not 0.0 < base_rate < 1.0:
        return 0.0
    shift = float(logit(base_rate)) - float(np.quantile(log_odds, 1.0 - base_rate))
    return float(np.clip(shift, -bound, bound)) * len(log_odds) / (len(log_odds) + customers)


def share_shift(log_odds: Floats, share: float) -> float:
    """Find what to add to the intercept so that probabilities come to `share` on average."""
    # `log_odds` (n,): Of customers of whom enough is known.
    if len(log_odds) == 0:
        return 0.0
    low, high = (float(logit(share)) - float(end) for end in (log_odds.max(), log_odds.min()))
    return float(brentq(lambda shift: float(expit(log_odds + shift).mean()) - share, low - 1e-9, high + 1e-9))


def cut_by_expected_precision(probability: Floats, may_be_called: Flags, precision: float, beta: float) -> float:
    """Find the probability from which customers are called customers of other banks."""
    # Those called are to be right in a share `precision` of cases by their own probabilities; where a higher cut gains
    # more in precision than it loses in recall, that one is taken (F measure: van Rijsbergen, Information
    # Retrieval, 1979). Where nobody is that sure, it is `precision`: nobody is called, and the first to be that sure
    # moves the cut by little.
    # `probability` (n,): Of customers of whom enough is known.
    # `may_be_called` (n,): Those with a proven link.
    descending = np.sort(probability[may_be_called])[::-1]
    right, called = np.cumsum(descending), np.arange(1, len(descending) + 1)
    allowed = np.flatnonzero(right / called >= precision - 1e-12)
    if len(allowed) == 0:
        return precision
    measure = (1.0 + beta**2) * right / (called + beta**2 * probability.sum())
    return float(descending[allowed[np.argmax(measure[allowed])]])

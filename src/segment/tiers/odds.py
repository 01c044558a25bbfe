"""The odds of each tier twelve months on, and the tier that they make least costly to be wrong about."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from segment.arrays import Flags, Floats
from segment.policy.cost_of_error import Matrix, expected_costs
from segment.tiers.tier_columns import HIGH_VALUE, TIERS

ODDS = tuple(f"chance_{tier}" for tier in TIERS)
"""Columns of the odds, best tier first; they add up to 1."""

MARGIN = "guard_margin"
"""Column of how much dearer the cluster's tier may be by a customer's own odds before these decide."""

LEAST_PROBABILITY = 0.002
"""No border is passed, or not passed, with less probability than this: nobody has seen enough customers to say so."""

_SPREAD = 0.1


class OddsCalibration:
    """What customers whom the models had not seen say about the probabilities of falling short of the borders."""

    # One logistic correction per border, `logit p' = slope logit p + intercept`, so that a better prospect never gets
    # worse odds; the corrected probabilities are put in order, as those of ascending borders must be.

    def __init__(self, slopes: Sequence[float] = (1.0, 1.0, 1.0), intercepts: Sequence[float] = (0.0, 0.0, 0.0)):
        self.slopes = list(slopes)
        self.intercepts = list(intercepts)

    def apply(self, below: ArrayLike) -> Floats:
        """Correct the probabilities of lying below the three borders."""
        # `below` (n, 3): Ascending borders.
        # Returns ndarray of shape (n, 3): Never decreasing within a row.
        chances = np.asarray(below, dtype=np.float64)
        corrected = [self.apply_to(chances[:, border], border) for border in range(len(self.slopes))]
        return np.maximum.accumulate(np.column_stack(corrected), axis=1)

    def apply_to(self, below: ArrayLike, border: int) -> Floats:
        """Correct the probabilities of lying below one border, or below an amount near it."""
        # `below` (n,): Probabilities.
        # Returns ndarray of shape (n,).
        from scipy.special import expit  # commands that only show tiers do without SciPy's start

        corrected = expit(self.slopes[border] * _log_odds(below) + self.intercepts[border])
        return np.clip(corrected, LEAST_PROBABILITY, 1.0 - LEAST_PROBABILITY)


def calibrate_odds(below: ArrayLike, tiers: Sequence[str | None], customers: ArrayLike) -> OddsCalibration:
    """Learn the correction from customers whom the models had not seen."""
    # The likeliest slopes and intercepts, with normal priors around "nothing to correct" of standard deviation 0.1 (of
    # the slope's logarithm, and of the intercept): the probabilities are conformal already, and what one moment's
    # customers say of the next date's is worth only so much. A customer counts once, however many dates are
    # stacked.
    # `below` (n, 3): Probabilities of lying below the three borders, from models that had not seen the row's customer;
    # NaN rows are left out.
    # `customers` (n,): Whose row it is.
    # Source: J. Platt, Probabilistic Outputs for Support Vector Machines, 1999, here per cumulative border, as the
    # proportional odds of P. McCullagh, J. R. Stat. Soc. B 42 (1980), with a slope of its own for each.
    chances = np.asarray(below, dtype=np.float64)
    rank = np.array([-1 if tier is None else TIERS.index(tier) for tier in tiers])
    usable = (rank >= 0) & ~np.isnan(chances).any(axis=1)
    if not usable.any():
        return OddsCalibration()
    _, place, rows = np.unique(np.asarray(customers)[usable], return_inverse=True, return_counts=True)
    weight = 1.0 / rows[place]
    # the worst tier lies below the first border, the two worst below the second, all but the best below the third
    fits = [
        _correction(_log_odds(chances[usable, border]), rank[usable] >= len(TIERS) - 1 - border, weight)
        for border in range(len(TIERS) - 1)
    ]
    return OddsCalibration([slope for slope, _ in fits], [intercept for _, intercept in fits])


def odds_of_tiers(below: ArrayLike) -> Floats:
    """Turn probabilities of lying below the borders into the odds of the tiers between them."""
    # `below` (n, 3): Ascending borders.
    # Returns ndarray of shape (n, 4): Best tier first; each row adds up to 1.
    chances = np.asarray(below, dtype=np.float64)
    edges = np.column_stack([np.zeros(len(chances)), chances, np.ones(len(chances))])
    return np.diff(edges, axis=1)[:, ::-1]


def costs_of_tiers(odds: ArrayLike, matrix: Matrix, open_to_high_value: ArrayLike | None = None) -> Floats:
    """Expected cost of giving each tier, infinite where high-value is closed."""
    # `odds` (n, 4): Probabilities of the tiers, best first.
    # `matrix` (4, 4): Costs: rows are the tiers that customers are truly in, columns the tiers given
    # (`CostOfError.matrix`).
    # `open_to_high_value` (n,): False where a further condition of the policy rules high-value out; all may have it by
    # default.
    costs = expected_costs(odds, matrix)
    if open_to_high_value is not None:
        costs[~np.asarray(open_to_high_value, dtype=bool), TIERS.index(HIGH_VALUE)] = np.inf
    return costs


def decide_by_expected_cost(odds: ArrayLike, matrix: Matrix, open_to_high_value: ArrayLike | None = None) -> list[str]:
    """Choose the tier whose expected cost of serving the customer wrongly is least, of equal ones the better."""
    return [TIERS[place] for place in costs_of_tiers(odds, matrix, open_to_high_value).argmin(axis=1)]


def with_odds(frame: pl.DataFrame, odds: Floats) -> pl.DataFrame:
    """Add the odds of each tier."""
    # `odds` (n, 4): Of `odds_of_tiers`.
    return frame.with_columns(pl.Series(name, odds[:, place]) for place, name in enumerate(ODDS))


def _log_odds(chances: ArrayLike) -> Floats:
    from scipy.special import logit

    clipped = np.clip(np.asarray(chances, dtype=np.float64), LEAST_PROBABILITY, 1.0 - LEAST_PROBABILITY)
    return np.asarray(logit(clipped), dtype=np.float64)


def _correction(log_odds: Floats, fell_short: Flags, weight: Floats) -> tuple[float, float]:
    """Likeliest slope and intercept of one border, given the priors."""
    sign = np.where(fell_short, -1.0, 1.0)

    def regret(theta: Floats) -> float:
        misfit = np.logaddexp(0.0, sign * (np.exp(theta[0]) * log_odds + theta[1]))
        return float(weight @ misfit + 0.5 * np.sum((theta / _SPREAD) ** 2))

    from scipy.optimize import minimize

    solution = minimize(regret, np.zeros(2), method="L-BFGS-B").x
    return float(np.exp(solution[0])), float(solution[1])

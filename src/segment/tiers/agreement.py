"""How well tiers agree with the tiers of what really came: shares, F1, kappa, and what the mistakes cost."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from segment.arrays import Floats
from segment.exceptions import ModelError
from segment.statistics import divided
from segment.tiers.tier_columns import TIERS

AGREEMENT = ("tier_accuracy", "tier_macro_f1", "tier_weighted_kappa", "tier_cost")
"""The figures of `agreement`, in its order."""


def confusion(actual: Sequence[str], given: Sequence[str], counts: Floats | None = None) -> Floats:
    """Count customers by the tier that came (rows) and the tier given (columns), best first."""
    # `counts` (resamples, n): How often each customer counts; once by default.
    # Returns array of shape (4, 4) or (resamples, 4, 4).
    place = {tier: number for number, tier in enumerate(TIERS)}
    unknown = sorted({str(tier) for tier in (*actual, *given) if tier not in place})
    if unknown:
        raise ModelError(f"A tier must be one of {', '.join(TIERS)}. Got {', '.join(unknown)}.")
    cells = np.array([place[a] * len(TIERS) + place[g] for a, g in zip(actual, given, strict=True)], dtype=np.intp)
    one_hot = np.zeros((len(cells), len(TIERS) ** 2))
    one_hot[np.arange(len(cells)), cells] = 1.0
    counted = one_hot.sum(axis=0) if counts is None else counts @ one_hot
    return np.asarray(counted.reshape(*counted.shape[:-1], len(TIERS), len(TIERS)), dtype=np.float64)


def agreement(table: Floats, cost: ArrayLike) -> dict[str, Floats]:
    """Measure how well given tiers agree with those that came."""
    # `table` (..., 4, 4): What `confusion` counts.
    # `cost` (4, 4): Cost of serving a customer of the row's tier as one of the column's.
    # Returns dict of str to array of shape (...): `tier_accuracy`; `tier_macro_f1`, the mean over the tiers that occur;
    # `tier_weighted_kappa`, with quadratic weights; `tier_cost`, the mean cost of a customer. NaN where there is
    # nothing to take it from.
    # Source: J. Cohen, Weighted Kappa, Psychological Bulletin 70 (1968).
    total = table.sum(axis=(-2, -1))
    came, given, right = table.sum(axis=-1), table.sum(axis=-2), np.diagonal(table, axis1=-2, axis2=-1)
    distance = np.subtract.outer(np.arange(len(TIERS)), np.arange(len(TIERS))) ** 2.0
    by_chance = came[..., :, None] * given[..., None, :]
    missed, expected = (table * distance).sum(axis=(-2, -1)), (by_chance * distance).sum(axis=(-2, -1))
    occurs = (came + given) > 0
    f1 = divided(2.0 * right, came + given)
    return {
        "tier_accuracy": divided(right.sum(axis=-1), total),
        "tier_macro_f1": divided(np.where(occurs, f1, 0.0).sum(axis=-1), occurs.sum(axis=-1).astype(np.float64)),
        "tier_weighted_kappa": 1.0 - divided(missed * total, expected),
        "tier_cost": divided((table * np.asarray(cost, dtype=np.float64)).sum(axis=(-2, -1)), total),
    }

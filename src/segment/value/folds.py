"""Splits that keep each customer's rows together and do not depend on the order of the rows."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.model_selection import GroupKFold
from sklearn.utils.validation import _check_sample_weight

from segment.arrays import Flags, Floats, Integers
from segment.exceptions import ModelError
from segment.statistics import weights_of

Split = tuple[Integers, Integers]

FEW_ROWS = 6_000
MAX_HELD_OUT = 40_000
LEAST_ROWS = 2


@dataclass(frozen=True)
class FoldPlan:
    """Into how many parts to cut the customers, and how many of these to hold out, one at a time."""

    folds: int
    turns: int


def plan_folds(rows: int, customers: int) -> FoldPlan:
    """Hold every customer out once where data are few, and one part only where that part is large enough."""
    # Repeating the folds with other seeds changed no figure in the third digit on panels of 740 and 1,920 rows, and ten
    # folds no more than five.
    # From there to twice as many rows a model less is trained with each fifth more: not all but one fall out at once.
    if rows < 2 * FEW_ROWS:
        folds = min(5, customers)
        turns = 5 - min(max(5 * rows // FEW_ROWS - 5, 0), 4)
        return FoldPlan(folds, turns=min(folds, turns))
    return FoldPlan(min(max(5, -(-rows // MAX_HELD_OUT)), customers), turns=1)


def splits_by_group(groups: NDArray[np.int64], plan: FoldPlan, seed: int) -> list[Split]:
    """Draw pairs of training and held-out rows; no group is on both sides of a pair."""
    # `groups` (n,): Customer of each row, as numbers.
    splitter = GroupKFold(plan.folds, shuffle=True, random_state=seed)
    return list(islice(splitter.split(np.zeros((len(groups), 1)), groups=groups), plan.turns))


@dataclass(frozen=True)
class TrainingRows:
    """Rows that are learned from, in an order that what they hold decides."""

    X: Floats
    y: Floats
    customers: NDArray[np.int64]  # (n,): 0 to one less than their number
    weight: Floats | None  # (n,): 1 on average; None: all the same
    place: Integers  # (n,): where they stood


def training_rows(X: Floats, y: Floats, groups: ArrayLike | None, sample_weight: ArrayLike | None) -> TrainingRows:
    """Leave out what weighs nothing, and put the others in order."""
    counted, weight = relative_weights(sample_weight, X)
    numbers = group_numbers(groups, len(y), counted)
    X, y = X[counted], y[counted]
    order = canonical_order(X, y, numbers, weight)
    customers = np.arange(len(y)) if numbers is None else numbers[order]
    return TrainingRows(X[order], y[order], customers, weights_of(weight, order), np.flatnonzero(counted)[order])


def relative_weights(sample_weight: ArrayLike | None, X: Floats) -> tuple[Flags, Floats | None]:
    """Find the rows that weigh something, and what they weigh, 1 on average; None where all weigh the same."""
    if sample_weight is None:
        return np.ones(len(X), dtype=np.bool_), None
    weight = _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
    counted = weight > 0
    if counted.sum() < LEAST_ROWS:
        raise ModelError.with_hint(
            f"At least {LEAST_ROWS} rows must have a positive weight. Got {counted.sum()}.", "check `sample_weight`."
        )
    weight = weight[counted]
    # in as many digits as trees add up: the same ratios would else differ in their last digit, and so would trees
    return counted, None if np.ptp(weight) == 0.0 else (weight / weight.mean()).astype(np.float32).astype(np.float64)


def group_numbers(groups: ArrayLike | None, rows: int, counted: Flags | None = None) -> NDArray[np.int64] | None:
    """Number the customers by the order of their ids, those of rows that count; None stays None."""
    if groups is None:
        return None
    names = np.asarray(groups)
    if names.shape != (rows,):
        raise ModelError.with_hint(
            f"`groups` must hold one customer for each of the {rows} rows. Got shape {names.shape}.",
            "pass the customer column of the same frame.",
        )
    names = names if counted is None else names[counted]
    unique, numbers = np.unique(names.astype(str), return_inverse=True)
    if len(unique) < 2:
        raise ModelError.with_hint("`groups` must hold at least two customers. Got 1.", "pass more customers.")
    return np.asarray(numbers, dtype=np.int64)


def canonical_order(X: Floats, y: Floats, groups: NDArray[np.int64] | None, weight: Floats | None = None) -> Integers:
    """Sort the rows by what they hold, so that engines that return rows in any order train the same model."""
    weights = np.random.default_rng(0).uniform(1.0, 2.0, X.shape[1])
    signature = np.arcsinh(np.nan_to_num(X)) @ weights
    return np.lexsort([key for key in (weight, signature, y, groups) if key is not None])

"""Splits that keep each customer's rows together and do not depend on the order of the rows."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.model_selection import GroupKFold

from segment.arrays import Floats, Integers
from segment.exceptions import ModelError

Split = tuple[Integers, Integers]

FEW_ROWS = 6_000
MAX_HELD_OUT = 40_000


@dataclass(frozen=True)
class FoldPlan:
    """Into how many parts to cut the customers, and how many of these to hold out, one at a time."""

    folds: int
    turns: int


def plan_folds(rows: int, customers: int) -> FoldPlan:
    """Hold every customer out once where data are few, and one part only where that part is large enough."""
    # Repeating the folds with other seeds changed no figure in the third digit on panels of 740 and 1,920 rows, and ten
    # folds no more than five.
    if rows < FEW_ROWS:
        folds = min(5, customers)
        return FoldPlan(folds, turns=folds)
    return FoldPlan(min(max(5, -(-rows // MAX_HELD_OUT)), customers), turns=1)


def splits_by_group(groups: NDArray[np.int64], plan: FoldPlan, seed: int) -> list[Split]:
    """Draw pairs of training and held-out rows; no group is on both sides of a pair."""
    # `groups` (n,): Customer of each row, as numbers.
    splitter = GroupKFold(plan.folds, shuffle=True, random_state=seed)
    return list(islice(splitter.split(np.zeros((len(groups), 1)), groups=groups), plan.turns))


def group_numbers(groups: ArrayLike | None, rows: int) -> NDArray[np.int64] | None:
    """Number the customers by the order of their ids; None stays None."""
    if groups is None:
        return None
    names = np.asarray(groups)
    if names.shape != (rows,):
        raise ModelError.with_hint(
            f"`groups` must hold one customer for each of the {rows} rows. Got shape {names.shape}.",
            "pass the customer column of the same frame.",
        )
    unique, numbers = np.unique(names.astype(str), return_inverse=True)
    if len(unique) < 2:
        raise ModelError.with_hint("`groups` must hold at least two customers. Got 1.", "pass more customers.")
    return np.asarray(numbers, dtype=np.int64)


def canonical_order(X: Floats, y: Floats, groups: NDArray[np.int64] | None) -> Integers:
    """Sort the rows by what they hold, so that engines that return rows in any order train the same model."""
    weights = np.random.default_rng(0).uniform(1.0, 2.0, X.shape[1])
    signature = np.arcsinh(np.nan_to_num(X)) @ weights
    keys = (signature, y) if groups is None else (signature, y, groups)
    return np.lexsort(keys)

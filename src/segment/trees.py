"""Columns that scikit-learn's gradient boosting can bin: 1.9 fails on a column empty in the rows it learns."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from segment.arrays import Floats, Integers

P = ParamSpec("P")
R = TypeVar("R")

RARE = 1 / 5_000
"""Of large data it bins a sample of 200,000 rows, which may miss a column known in fewer rows than this."""


def usable_columns(X: Floats, parts: Sequence[NDArray[Any]] | None = None) -> Integers:
    """Find the columns with values in every training part."""
    # `X` (n, features): NaN where unknown.
    has_value = ~np.isnan(X)
    learned = [has_value] if parts is None else [has_value[part] for part in parts]
    return np.flatnonzero(np.all([part.mean(axis=0) > RARE for part in learned], axis=0))


def only_columns(X: Floats, columns: Integers) -> Floats:
    """Take the columns that trees learn from; one of zeros where there is none."""
    # `X` (n, features): To learn from or to predict.
    # Returns array of shape (n, len(columns)) or (n, 1).
    if len(columns) == X.shape[1]:
        return X
    return X[:, columns] if len(columns) else np.zeros((len(X), 1))


def without_empty_columns(X: Floats, rows: NDArray[Any] | None = None) -> Floats:
    """Put zero where nothing can be learned: trees never ask for such a column, and the others keep their places."""
    # `X` (n, features): NaN where unknown.
    # Returns array of shape (n, features): A copy, with zeros in columns that `usable_columns` would leave out.
    filled = np.zeros_like(X)
    usable = usable_columns(X, None if rows is None else [rows])
    filled[:, usable] = X[:, usable]
    return filled


def one_thread_if_few(rows: int, few: int) -> AbstractContextManager[Any]:
    """Keep trees on few rows to one thread: they grow in less time than threads take to meet on a busy machine."""
    # Measured with four other processes on two cores: 100 trees on 1,920 rows took 0.6 s on one thread and 32 to 75 s
    # on two.
    return threadpool_limits(1, "openmp") if rows < few else nullcontext()


def on_one_blas_thread(function: Callable[P, R]) -> Callable[P, R]:
    """Let products of matrices add up in one order, however many cores a machine has."""
    # Threads share a sum out, and its last bits follow from how many they are: a training that chooses between
    # near-equal settings by them would give other tiers on another machine.

    @functools.wraps(function)
    def limited(*args: P.args, **kwargs: P.kwargs) -> R:
        with threadpool_limits(1, "blas"):
            return function(*args, **kwargs)

    return limited

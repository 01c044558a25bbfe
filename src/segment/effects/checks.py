"""Whether the draw was kept: the arms' sizes, and what they were before; and several tests at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.stats import chisquare

LEAST_RATIO_P = 0.001
"""Below it the arms' sizes are not those of the draw, and no effect is valid (DOMAIN.md 3.3)."""

LARGEST_IMBALANCE = 0.1
"""Standardised difference before the draw above which an arm is not like the other (DOMAIN.md 3.3)."""


def sample_ratio(treated: int, control: int, share: float) -> float:
    """Test whether the arms have the sizes that were drawn.

    Parameters
    ----------
    treated, control : int
        Households that are seen in each arm.
    share : float
        Of the control arm, as drawn.

    Returns
    -------
    float
        Chi-square p; 1 where nobody was drawn. Below `LEAST_RATIO_P` the experiment is not valid.

    Examples
    --------
    >>> round(sample_ratio(900, 100, 0.10), 2), sample_ratio(900, 200, 0.10) < LEAST_RATIO_P
    (1.0, True)
    """
    total = treated + control
    if not total or not 0.0 < share < 1.0:
        return 1.0
    return float(chisquare([treated, control], [total * (1.0 - share), total * share]).pvalue)


def balance(frame: pl.DataFrame, treated: str, columns: Sequence[str]) -> pl.DataFrame:
    """Compare the arms before anything was done.

    Parameters
    ----------
    frame : polars.DataFrame
        A row per person.
    treated : str
        Name of the boolean column of the arms.
    columns : sequence of str
        Numbers known before the draw; missing values are left out.

    Returns
    -------
    polars.DataFrame
        `column`, `treated_mean`, `control_mean`, `standardised_difference` (difference by the pooled standard
        deviation; 0 where nothing varies, null where an arm is empty).
    """
    rows: list[tuple[str, float | None, float | None, float | None]] = []
    for column in columns:
        known = frame.select(treated, column).drop_nulls()
        ours, others = (known.filter(arm)[column] for arm in (pl.col(treated), ~pl.col(treated)))
        if ours.is_empty() or others.is_empty():
            rows.append((column, None, None, None))
            continue
        one, other = ours.cast(pl.Float64).to_numpy(), others.cast(pl.Float64).to_numpy()
        pooled = float(np.sqrt((one.var() + other.var()) / 2.0))
        difference = float(one.mean() - other.mean())
        rows.append((column, float(one.mean()), float(other.mean()), difference / pooled if pooled > 0.0 else 0.0))
    schema = dict.fromkeys(("treated_mean", "control_mean", "standardised_difference"), pl.Float64)
    return pl.DataFrame(rows, schema={"column": pl.String, **schema}, orient="row")


def holm(p_values: Sequence[float]) -> list[float]:
    """Raise p-values for the number of tests (Holm 1979), so that one false find among all stays as rare as promised.

    Parameters
    ----------
    p_values : sequence of float
        Of the single tests; NaN stays NaN and counts as no test.

    Returns
    -------
    list of float
        In the same order.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    given: NDArray[np.float64] = np.asarray(p_values, dtype=float)
    order = [int(at) for at in np.argsort(given) if not np.isnan(given[at])]
    raised, largest = given.tolist(), 0.0
    for place, at in enumerate(order):
        largest = max(largest, min(1.0, round((len(order) - place) * float(given[at]), 12)))
        raised[at] = largest
    return raised

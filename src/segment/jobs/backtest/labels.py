"""The main bank against labels that were observed after a window's moment."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from segment.features.known import month_end, next_month
from segment.jobs.backtest.judge import SCHEMA, Resampling
from segment.main_bank import labels_at
from segment.main_bank.metrics import expected_calibration_error
from segment.value.intervals import interval

Floats = NDArray[np.float64]

LEAST_LABELS = 50
MONTHS_OF_LABELS = 12


def judge_main_bank(
    as_of: dt.date,
    customer_ids: pl.Series,
    elsewhere: Floats,
    labels: pl.DataFrame,
    resampling: Resampling,
    *,
    is_last: bool,
) -> pl.DataFrame:
    """Compare the probability of a main bank elsewhere with the labels of the next twelve months.

    Parameters
    ----------
    as_of : datetime.date
        The window's moment.
    customer_ids : polars.Series of str
        Of the moment.
    elsewhere : array of shape (n,)
        Probability given on the moment.
    labels : polars.DataFrame
        The ledger's `main_bank_labels`.
    resampling : Resampling
        Of customers.
    is_last : bool
        Whether it is the window to be looked at once.

    Returns
    -------
    polars.DataFrame
        `main_bank_roc_auc` and `main_bank_calibration_error`; no rows with fewer than 50 labels, or labels of one kind.
    """
    until = month_end(next_month(as_of, MONTHS_OF_LABELS))
    y = labels_at(labels, customer_ids, until, since=as_of + dt.timedelta(days=1)).y
    known = ~np.isnan(y)
    if known.sum() < LEAST_LABELS or len(np.unique(y[known])) < 2:
        return pl.DataFrame(schema=SCHEMA)
    came, said = y[known], elsewhere[known]
    draws = np.array([_figures(came, said, row) for row in resampling.counts(len(came))])
    rows = [
        (as_of, "model", "all", "all", metric, *interval(draws[:, place]), len(came), is_last)
        for place, metric in enumerate(("main_bank_roc_auc", "main_bank_calibration_error"))
    ]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _figures(came: Floats, said: Floats, counts: Floats) -> tuple[float, float]:
    times = counts.astype(np.int64)
    y, probability = np.repeat(came, times), np.repeat(said, times)
    if len(np.unique(y)) < 2:
        return float("nan"), float("nan")
    return float(roc_auc_score(y, probability)), expected_calibration_error(y, probability)

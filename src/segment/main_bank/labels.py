"""From label rows to the classifier's `y` and `sample_weight`, knowing only what was observed by the date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import polars as pl
from sklearn.linear_model import LogisticRegression

from segment.arrays import Floats


class Labels(NamedTuple):
    """What is known of each customer.

    Attributes
    ----------
    y : array of shape (n,)
        1: main bank elsewhere, 0: here, NaN: no label.
    weight : array of shape (n,)
        1 where the source has no weight of its own.
    """

    y: Floats
    weight: Floats


def labels_at(
    labels: pl.DataFrame,
    customers: Sequence[str] | pl.Series,
    as_of: dt.date,
    *,
    since: dt.date | None = None,
    source_weights: Mapping[str, float] | None = None,
) -> Labels:
    """Take each customer's newest label that was observed on or before `as_of`.

    Parameters
    ----------
    labels : polars.DataFrame
        The ledger's `main_bank_labels`.
    customers : sequence of str
        In the order of the rows to be labelled.
    as_of : datetime.date
        Nothing observed later is seen.
    since : datetime.date, optional
        Labels observed before it are too old to use: people change their main bank.
    source_weights : mapping of str to float, optional
        How far to trust a source; 1 for those not named. A label that is wrong in a share e of cases carries about
        `1 - 2 e` of the information of a sure one.

    Returns
    -------
    Labels
        One entry per customer. Of several labels on the newest day the most trusted source is taken, and where those
        contradict each other there is no label.

    Examples
    --------
    >>> rows = pl.DataFrame(
    ...     {
    ...         "customer_id": ["a", "a", "b"],
    ...         "observed_on": [dt.date(2025, 1, 5), dt.date(2025, 3, 5), dt.date(2025, 7, 1)],
    ...         "main_bank_here": [True, False, True],
    ...         "source": ["survey", "survey", "survey"],
    ...     }
    ... )
    >>> labels_at(rows, ["a", "b"], dt.date(2025, 6, 30)).y
    array([ 1., nan])
    """
    seen = labels.filter(pl.col("observed_on") <= as_of)
    if since is not None:
        seen = seen.filter(pl.col("observed_on") >= since)
    return _labels(seen, pl.DataFrame({"customer_id": pl.Series(customers, dtype=pl.String)}), source_weights or {})


def labels_by_date(labels: pl.DataFrame, rows: pl.DataFrame, most_months: int) -> Labels:
    """Take each row's newest label among those that were observed nearer to its date than to any other's.

    Parameters
    ----------
    labels : polars.DataFrame
        The ledger's `main_bank_labels`.
    rows : polars.DataFrame
        `customer_id` and `as_of` of stacked snapshots; nothing observed after the last of their dates is seen.
    most_months : int
        Labels further from every date are not used: people change their main bank, and an answer is learned with the
        signals of its own time.

    Returns
    -------
    Labels
        One entry per row.

    Examples
    --------
    >>> labels = pl.DataFrame({"customer_id": ["a"], "observed_on": [dt.date(2024, 5, 5)], "main_bank_here": [True]})
    >>> rows = pl.DataFrame({"customer_id": ["a", "a"], "as_of": [dt.date(2024, 6, 30), dt.date(2025, 6, 30)]})
    >>> labels_by_date(labels.with_columns(source=pl.lit("survey")), rows, most_months=12).y
    array([ 0., nan])
    """
    dates = rows.select(pl.col("as_of").unique().sort())
    near = labels.filter(pl.col("observed_on") <= rows["as_of"].max()).sort("observed_on")
    near = near.join_asof(dates, left_on="observed_on", right_on="as_of", strategy="nearest")
    month, answered = pl.col("as_of").dt.truncate("1mo"), pl.col("observed_on").dt.truncate("1mo")
    earliest, latest = (month.dt.offset_by(f"{months}mo") for months in (-most_months, most_months))
    return _labels(near.filter(answered.is_between(earliest, latest)), rows.select("customer_id", "as_of"), {})


def _labels(labels: pl.DataFrame, rows: pl.DataFrame, trust: Mapping[str, float]) -> Labels:
    """Of each row, the newest label of its customer, and of its date where labels have one."""
    own = ["customer_id", "as_of"] if "as_of" in labels.columns else ["customer_id"]
    weight = pl.col("source").cast(pl.String).replace_strict(dict(trust), default=1.0, return_dtype=pl.Float64)
    ranked = labels.filter(pl.col("main_bank_here").is_not_null()).select(
        *own, "observed_on", elsewhere=~pl.col("main_bank_here"), weight=weight.fill_null(1.0)
    )
    newest = _most_trusted(_newest(ranked, own), own)
    labelled = rows.join(newest, on=own, how="left", maintain_order="left")
    return Labels(
        labelled["elsewhere"].cast(pl.Float64).fill_null(np.nan).to_numpy(),
        labelled["weight"].fill_null(1.0).to_numpy(),
    )


def _newest(ranked: pl.DataFrame, own: Sequence[str]) -> pl.DataFrame:
    return ranked.filter(pl.col("observed_on") == pl.col("observed_on").max().over(own))


def _most_trusted(ranked: pl.DataFrame, own: Sequence[str]) -> pl.DataFrame:
    best = ranked.filter(pl.col("weight") == pl.col("weight").max().over(own))
    agreed = best.group_by(own, maintain_order=True).agg(
        pl.col("elsewhere").first(), pl.col("weight").first(), answers=pl.col("elsewhere").n_unique()
    )
    return agreed.filter(pl.col("answers") == 1).drop("answers")


ANSWERS_DEPEND_ON: Final = (
    "months_since_activity",
    "initiated_events_12m",
    "tenure_months",
    "accounts_open",
    "signal_spend_weeks",
    "signal_logins",
)
"""Columns of a snapshot by which those who answer may differ from those who do not."""


def representative_weights(snapshot: pl.DataFrame, y: Floats, weight: Floats | None, clip: float) -> Floats:
    """Weigh labels so that those who have one stand for every customer."""
    # `y` (n,): NaN where there is no label.
    # `weight` (n,): How far each label is trusted.
    # Returns array of shape (n,): Trust times `response_weights`. Labels of one kind alone are no survey, and keep
    # their trust.
    trust = np.ones(len(y)) if weight is None else np.asarray(weight, dtype=np.float64)
    answered = ~np.isnan(y)
    columns = [name for name in ANSWERS_DEPEND_ON if name in snapshot.columns]
    if len(np.unique(y[answered])) < 2 or not columns:
        return trust
    values = snapshot.select(pl.col(columns).cast(pl.Float64)).fill_null(0.0).to_numpy()
    return trust * response_weights(values, answered, clip=clip)


def response_weights(values: Floats, answered: Sequence[bool] | np.ndarray, *, clip: float = 10.0) -> Floats:
    """Weigh up those who answer a survey less often, so that the labelled stand for everyone."""
    # `values` (n, m): What answering may depend on; NaN counts as 0.
    # `answered` (n,).
    # Returns array of shape (n,): Share of those who answered over `P(answered | values)`, at most `clip`, scaled to a
    # mean of 1 over those who answered; ones where all or none did. (Where few are asked, 1 / P itself is above any
    # clip for everyone, and nothing would be corrected.)
    # Source: DOMAIN.md 2.4; D. G. Horvitz and D. J. Thompson, A Generalization of Sampling Without Replacement, JASA
    # 1952.
    columns, responded = np.nan_to_num(np.asarray(values, dtype=np.float64), nan=0.0), np.asarray(answered, dtype=bool)
    if responded.all() or not responded.any():
        return np.ones(len(responded))
    # counts have long tails, which a logistic regression would follow
    columns = np.arcsinh(columns)
    columns = (columns - columns.mean(axis=0)) / np.maximum(columns.std(axis=0), 1e-12)
    propensity = LogisticRegression().fit(columns, responded).predict_proba(columns)[:, 1]
    weight = np.minimum(responded.mean() / propensity, clip)
    return np.asarray(weight / weight[responded].mean(), dtype=np.float64)

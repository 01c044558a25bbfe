"""Signals that need the whole bank: what income is usual here, and whether salaries and sessions are recorded.

Works on the complete snapshot of a moment, so it knows what the snapshot knows and nothing else.
"""

from __future__ import annotations

import polars as pl

from segment.features.signals import LOGINS_A_MONTH, MONTHS
from segment.policy import Policy

LEAST_SALARY_MONTHS = 4
LEAST_SALARIES = 50


def with_bank_signals(snapshot: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Complete `signal_salary_months`, `signal_inflow_share` and `signal_logins`.

    Parameters
    ----------
    snapshot : polars.DataFrame
        Every customer of one moment.
    policy : Policy
        Expected income where the bank's own salaries cannot say.

    Returns
    -------
    polars.DataFrame

    Notes
    -----
    - Salaries are inferred from regular transfers only where the bank recorded no `salary` in six months: where they
      are coded, a regular transfer is a rent or a relative's.
    - Expected income is the median monthly salary of customers with at least four salary months, if there are fifty.
    - Sessions are service events in the mobile or online channel; where the bank records none, transactions in these
      channels stand for them; where there are none either, nothing is known.
    """
    coded = float(snapshot["flow_salary_6m"].fill_null(0.0).sum()) > 0.0
    salaried = _with_salaries(snapshot, coded)
    income = expected_income(salaried, policy)
    known = pl.col("signal_salary_months").is_not_null()
    months = pl.min_horizontal(pl.col("months_observed"), pl.lit(float(MONTHS)))
    outside = (pl.col("external_inflow_6m") - pl.col("own_in_other_bank_6m")) / (months * income)
    logins = _sessions(snapshot) / (months * LOGINS_A_MONTH)
    completed = salaried.with_columns(
        signal_inflow_share=pl.when(known).then(outside.clip(0.0, 1.0)),
        signal_logins=pl.when(known).then(logins.clip(0.0, 1.0)),
    )
    return completed.select(snapshot.columns)


def expected_income(snapshot: pl.DataFrame, policy: Policy) -> float:
    """Income a month that a customer is expected to have somewhere.

    Parameters
    ----------
    snapshot : polars.DataFrame
        With `salary_month_count` and `salary_month_amount`.
    policy : Policy
        Holds the figure used where fewer than fifty salaries are known.

    Returns
    -------
    float
    """
    paid = snapshot.filter(pl.col("salary_month_count") >= LEAST_SALARY_MONTHS)["salary_month_amount"].drop_nulls()
    median = paid.median()
    if len(paid) < LEAST_SALARIES or not isinstance(median, float) or median <= 0.0:
        return policy.main_bank.expected_income_month
    return median


def _with_salaries(snapshot: pl.DataFrame, coded: bool) -> pl.DataFrame:
    count, amount = pl.col("salary_months_6m"), pl.col("salary_income_6m")
    signal = pl.col("signal_salary_months")
    regular = pl.lit(not coded) & (pl.col("inferred_salary_months_6m").fill_null(0.0) > count.fill_null(0.0))
    months = pl.min_horizontal(pl.col("months_observed"), pl.lit(float(MONTHS)))
    inferred = (pl.col("inferred_salary_months_6m") / months).clip(0.0, 1.0)
    trend = pl.col("signal_salary_months_trend")
    return snapshot.with_columns(
        salary_month_count=pl.when(regular).then("inferred_salary_months_6m").otherwise(count),
        salary_month_amount=pl.when(regular).then("inferred_salary_6m").otherwise(amount / count),
        signal_salary_months=pl.when(regular & signal.is_not_null()).then(inferred).otherwise(signal),
        signal_salary_months_trend=pl.when(regular).then(None).otherwise(trend),
    )


def _sessions(snapshot: pl.DataFrame) -> pl.Expr:
    for names in (("visits_mobile_6m", "visits_online_6m"), ("count_mobile_6m", "count_online_6m")):
        if float(snapshot.select(pl.sum_horizontal(names).sum()).item() or 0.0) > 0.0:
            return pl.sum_horizontal(names)
    return pl.lit(None, dtype=pl.Float64)

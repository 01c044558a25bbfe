"""What a forecast of departures reads of a snapshot: no protected column, and nothing of other customers."""

from __future__ import annotations

import numpy as np
import polars as pl

from segment.arrays import Flags, Floats

TENURE = "tenure_months"
MAIN_MONTHS = "main_account_months_12m"

SIGNS: tuple[str, ...] = (
    TENURE,
    MAIN_MONTHS,
    "months_observed",
    "months_since_salary",
    "months_since_activity",
    "months_since_own_out_other_bank",
    "salary_months_12m",
    "salary_months_3m",
    "salary_income_1m_of_usual",
    "salary_income_3m_of_usual",
    "external_inflow_1m_of_usual",
    "external_inflow_3m_of_usual",
    "bill_types_1m_of_usual",
    "bill_types_3m_of_usual",
    "spend_1m_of_usual",
    "spend_3m_of_usual",
    "initiated_events_1m_of_usual",
    "initiated_events_3m_of_usual",
    "digital_events_1m_of_usual",
    "deposits_1m_of_usual",
    "deposits_3m_of_usual",
    "wealth_1m_of_usual",
    "deposits_falling_months",
    "complaint_cost_3m",
    "external_inflow_12m",
    "deposits_12m",
    "wealth_12m",
    "debt_3m",
    "spend_12m",
    "bill_types_6m",
    "benefit_months_12m",
    "own_out_other_bank_3m",
    "own_out_other_bank_12m",
    "other_bank_outflow_12m",
    "other_bank_outflow_trend_3m",
    "initiated_events_12m",
    "product_families",
    "accounts_open",
    "holds_loan",
    "days_past_due_6m",
)

LEAST_MAIN_MONTHS = 7.0
"""Months of the last twelve that income came in and was lived on here: a move takes up to five of them away."""


def signs_of(snapshot: pl.DataFrame) -> Floats:
    """Take the signs of a snapshot; those that it lacks are missing."""
    # Returns array of shape (n, len(SIGNS)).
    absent = [pl.lit(None, dtype=pl.Float64).alias(name) for name in SIGNS if name not in snapshot.columns]
    whole = snapshot.with_columns(absent)
    return whole.select(pl.col(name).cast(pl.Float64) for name in SIGNS).fill_null(float("nan")).to_numpy()


def is_main_here(signs: Floats) -> Flags:
    """Whether income comes in and is lived on here, or did until a move of the last months began."""
    return np.nan_to_num(signs[:, SIGNS.index(MAIN_MONTHS)]) >= LEAST_MAIN_MONTHS

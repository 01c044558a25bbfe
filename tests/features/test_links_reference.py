"""The windows over a month's end against plain loops that see the whole ledger at once."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

import polars as pl
import pytest

from segment.contribution.lines import to_polars
from segment.features import on_engine
from segment.features.bookings import INCOMING, WITHIN, everyday_products
from segment.features.monthly import build_customer_months
from tests.features.random_bank import random_bank
from tests.features.small_ledger import policy

MONTHS = [dt.date(2024, month, 1) for month in (1, 2, 3)]
Flows = dict[str, list[tuple[dt.date, float, str, bool]]]
Daily = dict[tuple[str, dt.date], float]


@pytest.fixture(scope="module")
def bank() -> dict[str, pl.DataFrame]:
    always = {"joined_on": pl.lit(dt.date(2020, 1, 1)), "left_on": pl.lit(None, pl.Date)}
    tables = random_bank(customers=25, months=4, seed=5)
    return {**tables, "customers": tables["customers"].with_columns(**always)}


@pytest.fixture(scope="module")
def flows(bank: dict[str, pl.DataFrame]) -> Flows:
    everyday = bank["accounts"].filter(pl.col("product").is_in(everyday_products(policy())))
    rows = bank["transactions"].join(everyday, on="account_id").join(bank["holdings"], on="account_id")
    found: Flows = defaultdict(list)
    for row in rows.filter(pl.col("share") > 0).sort("booked_on").iter_rows(named=True):
        other = row["counterparty_bank"] is not None
        found[row["customer_id"]].append((row["booked_on"], row["amount"] * row["share"], row["kind"], other))
    return found


def inflows(flows: Flows) -> Daily:
    daily: Daily = defaultdict(float)
    for customer, rows in flows.items():
        for day, value, kind, other in rows:
            if value > 0 and (kind in INCOMING or (kind == "own_transfer_in" and other)):
                daily[customer, day] += value
    return daily


def ending_in(daily: Daily, days: int) -> dict[tuple[str, dt.date], list[tuple[dt.date, float]]]:
    """Days of inflow by customer and the month in which the window that starts on them ends."""
    grouped = defaultdict(list)
    for (customer, day), inflow in daily.items():
        grouped[customer, (day + dt.timedelta(days=days)).replace(day=1)].append((day, inflow))
    return grouped


def test_sweeps_equal_a_plain_loop(bank: dict[str, pl.DataFrame], flows: Flows) -> None:
    expected: dict[tuple[str, dt.date], tuple[float, float]] = {}
    for (customer, month), days in ending_in(inflows(flows), 3).items():
        large = [(day, inflow) for day, inflow in days if inflow >= 0.3 * sum(other for _, other in days)]
        swept = [min(inflow, sum(forwarded(flows[customer], day, inflow))) for day, inflow in large]
        expected[customer, month] = (sum(inflow for _, inflow in large), sum(swept))
    agree(bank, expected, ("large_inflow", "swept_inflow"))


def forwarded(rows: list[tuple[dt.date, float, str, bool]], day: dt.date, inflow: float) -> list[float]:
    near = [(-v, kind) for on, v, kind, other in rows if v < 0 and other and 0 <= (on - day).days <= 3]
    large = ("transfer_out", "standing_order")
    return [v for v, kind in near if kind == "own_transfer_out" or (kind in large and v >= 0.5 * inflow)]


def test_retention_equals_a_plain_loop(bank: dict[str, pl.DataFrame], flows: Flows) -> None:
    expected: dict[tuple[str, dt.date], tuple[float, float]] = {}
    for (customer, month), days in ending_in(inflows(flows), 10).items():
        day, inflow = max(days, key=lambda pair: (pair[1], -pair[0].toordinal()))
        left = inflow
        for on, value, kind, other in flows[customer]:
            after = (on - day).days
            if (0 < after <= 10 or (after == 0 and value < 0)) and (other or kind not in WITHIN):
                left += value
        expected[customer, month] = (inflow, min(max(left, 0.0), inflow))
    agree(bank, expected, ("retention_base", "retained_10d"))


def agree(
    bank: dict[str, pl.DataFrame], expected: dict[tuple[str, dt.date], tuple[float, float]], names: tuple[str, str]
) -> None:
    seen = 0
    for month in MONTHS:
        rows = to_polars(build_customer_months(on_engine(bank, "polars"), policy(), month))
        for row in rows.iter_rows(named=True):
            figures = (row[names[0]], row[names[1]])
            assert figures == pytest.approx(expected.get((row["customer_id"], month), (0.0, 0.0)), abs=1e-6)
            seen += figures[1] > 0.0
    assert seen >= 5

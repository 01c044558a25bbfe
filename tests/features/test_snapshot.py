"""Snapshots: who is in them, what the accounting says, and the target."""

from __future__ import annotations

import datetime as dt
from importlib import import_module
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from segment.contribution import line_names
from segment.exceptions import HistoryError, UsageError
from segment.features import snapshot, write_customer_months
from segment.features.catalogue import KEYS
from segment.features.customer_sample import draw_customers
from segment.features.snapshot import snapshots_in_parts
from segment.features.store import month_file
from tests.features.random_bank import random_bank
from tests.features.small_ledger import booking, ledger, policy, snapshot_of

FIRST, LAST = dt.date(2024, 12, 31), dt.date(2025, 12, 31)


@pytest.fixture(scope="module")
def bank() -> dict[str, pl.DataFrame]:
    return random_bank(customers=40, months=24)


@pytest.fixture(scope="module")
def folder(bank: dict[str, pl.DataFrame], tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("customer_months")
    write_customer_months(bank, policy(), LAST, made)
    return made


@pytest.fixture(scope="module")
def snapshots(bank: dict[str, pl.DataFrame], folder: Path) -> dict[dt.date, pl.DataFrame]:
    return snapshot(bank, folder, policy(), [FIRST, LAST])


def commissions_spread(rows: pl.DataFrame, months: int) -> dict[tuple[str, dt.date], float]:
    booked = {(row["customer_id"], row["month"]): row["commission_income"] for row in rows.to_dicts()}
    spread = dict.fromkeys(booked, 0.0)
    for (customer, month), amount in booked.items():
        for later in range(months):
            index = month.year * 12 + month.month - 1 + later
            place = (customer, dt.date(index // 12, index % 12 + 1, 1))
            if place in spread:
                spread[place] += amount / months
    return spread


def test_the_accounting_is_the_plain_sum_of_twelve_months_to_the_cent(
    snapshots: dict[dt.date, pl.DataFrame], folder: Path
) -> None:
    months = [dt.date(year, month, 1) for year in (2024, 2025) for month in range(1, 13)]
    rows = pl.concat([pl.read_parquet(month_file(folder, month)) for month in months])
    spread = commissions_spread(rows, policy().fees.commission.spread_months)
    recent = rows.filter(pl.col("month") >= dt.date(2025, 1, 1))
    for made in snapshots[LAST].to_dicts():
        own = recent.filter(pl.col("customer_id") == made["customer_id"])
        shared = sum(spread[made["customer_id"], month] for month in own["month"])
        income = (
            own.select(pl.sum_horizontal(line_names("income")).sum()).item() - own["commission_income"].sum() + shared
        )
        cost = own.select(pl.sum_horizontal(line_names("cost")).sum()).item()
        clipped = own["contribution_clipped"].sum() + shared
        figures = [made[name] for name in ("income_12m", "cost_12m", "contribution_12m", "contribution_winsorised_12m")]
        np.testing.assert_allclose(figures, [income, cost, income - cost, clipped], atol=1e-5)


def test_the_target_is_the_contribution_as_of_a_year_later(snapshots: dict[dt.date, pl.DataFrame]) -> None:
    both = snapshots[FIRST].join(snapshots[LAST], on="customer_id", suffix="_later")
    assert len(both) > 20
    np.testing.assert_allclose(both["contribution_next_12m"], both["contribution_12m_later"], atol=1e-5)


def test_the_cost_that_came_is_the_cost_as_of_a_year_later(snapshots: dict[dt.date, pl.DataFrame]) -> None:
    both = snapshots[FIRST].join(snapshots[LAST], on="customer_id", suffix="_later")
    np.testing.assert_allclose(both["cost_next_12m"], both["cost_12m_later"], atol=1e-5)


def test_the_target_is_left_out_where_its_months_have_not_passed(snapshots: dict[dt.date, pl.DataFrame]) -> None:
    assert "contribution_next_12m" in snapshots[FIRST].columns
    assert "contribution_next_12m" not in snapshots[LAST].columns
    assert "cost_next_12m" in snapshots[FIRST].columns
    assert "cost_next_12m" not in snapshots[LAST].columns


def test_the_target_looks_no_further_than_what_is_known(bank: dict[str, pl.DataFrame], folder: Path) -> None:
    def columns(until: dt.date, months: int) -> list[str]:
        made = snapshot(bank, folder, policy(), [FIRST], known_until=until, horizon_months=months)
        return made[FIRST].columns

    assert "contribution_next_3m" in columns(dt.date(2025, 3, 31), 3)
    assert "contribution_next_3m" not in columns(dt.date(2025, 3, 30), 3)
    assert "contribution_next_3m" not in columns(FIRST, 3)


def test_who_leaves_keeps_what_was_earned_until_then(tmp_path: Path) -> None:
    tables = ledger(
        customers=[{"left_on": dt.date(2025, 7, 10)}, {"customer_id": "y"}],
        transactions=[booking(day, -106.0, "fee") for day in ("06-10", "07-05", "08-05")],
    )
    write_customer_months(tables, policy(), dt.date(2025, 9, 30), tmp_path)
    june = dt.date(2025, 6, 30)
    until = dt.date(2025, 9, 30)
    made = snapshot(tables, tmp_path, policy(), [june], known_until=until, horizon_months=3)[june]
    # one fee of 100 without VAT in July, less the account's fixed cost and the booking's own
    left = made.row(by_predicate=pl.col("customer_id") == "x", named=True)
    assert left["cost_next_3m"] == pytest.approx(3.0 + 1.0 + 0.02)
    assert left["contribution_next_3m"] == pytest.approx(100.0 - left["cost_next_3m"])


def test_several_moments_at_once_are_the_same_as_one_by_one(
    bank: dict[str, pl.DataFrame], folder: Path, snapshots: dict[dt.date, pl.DataFrame]
) -> None:
    alone = snapshot(bank, folder, policy(), [FIRST], known_until=LAST)[FIRST]
    assert alone.equals(snapshots[FIRST])


def test_the_number_of_buckets_and_of_processes_leaves_no_trace(
    bank: dict[str, pl.DataFrame], folder: Path, snapshots: dict[dt.date, pl.DataFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_module("segment.features.snapshot"), "CUSTOMERS_A_BUCKET", 10)
    told: list[tuple[str, int, int]] = []
    made = snapshot(bank, folder, policy(), [LAST], n_jobs=2, progress=lambda *step: told.append(step))[LAST]
    assert made.equals(snapshots[LAST])
    assert told[-1] == ("snapshots", 4, 4)


def test_rows_are_those_who_had_joined_and_not_left(
    bank: dict[str, pl.DataFrame], snapshots: dict[dt.date, pl.DataFrame]
) -> None:
    left = pl.col("left_on").is_null() | (pl.col("left_on") > FIRST)
    present = bank["customers"].filter((pl.col("joined_on") <= FIRST) & left)
    assert snapshots[FIRST]["customer_id"].to_list() == present["customer_id"].sort().to_list()
    assert snapshots[FIRST].columns[:3] == list(KEYS)
    assert snapshots[FIRST]["as_of"].unique().to_list() == [FIRST]


def test_no_figure_is_infinite_or_nan(snapshots: dict[dt.date, pl.DataFrame]) -> None:
    figures = snapshots[FIRST].select(pl.selectors.float())
    assert figures.select(pl.all().is_finite().all()).row(0) == (True,) * figures.width


def test_what_the_record_of_a_person_says(tmp_path: Path) -> None:
    people = [
        {"household_id": "h", "life_stage": "young", "is_staff": True, "joined_on": dt.date(2025, 5, 31)},
        {"customer_id": "y", "household_id": "h", "left_on": dt.date(2025, 7, 1)},
        {"customer_id": "z", "household_id": "h", "left_on": dt.date(2025, 6, 30)},
    ]
    made = snapshot_of(
        ledger(customers=people, transactions=[booking("06-10", 1.0, "other")]), dt.date(2025, 6, 30), tmp_path
    )
    x = made.row(0, named=True)
    assert made["customer_id"].to_list() == ["x", "y"]
    assert (x["household_size"], x["life_stage"], x["is_staff"], x["occupation"]) == (2.0, "young", True, None)
    assert x["tenure_months"] == pytest.approx(30 / 30.4375, abs=1e-3)
    assert (x["peer_group"], x["months_observed"]) == ("all", 1.0)


def test_a_snapshot_in_parts_is_the_snapshot(
    bank: dict[str, pl.DataFrame],
    folder: Path,
    snapshots: dict[dt.date, pl.DataFrame],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("segment.features.row_spool.ROWS_A_CHUNK", 7)
    with snapshots_in_parts(bank, folder, policy(), [FIRST, LAST]) as made:
        parts = {day: list(rows) for day, rows in made.items()}
    assert {day: pl.concat(rows).equals(snapshots[day]) for day, rows in parts.items()} == {FIRST: True, LAST: True}
    assert all(len(rows) == 6 for rows in parts.values())


def test_a_bank_without_customers_has_a_snapshot_without_rows(bank: dict[str, pl.DataFrame], folder: Path) -> None:
    nobody = {**bank, "customers": bank["customers"].clear()}
    made = snapshot(nobody, folder, policy(), [LAST])[LAST]
    assert made.height == 0
    assert "contribution_12m" in made.columns


def test_a_sample_has_the_rows_that_the_whole_bank_has(
    bank: dict[str, pl.DataFrame], folder: Path, snapshots: dict[dt.date, pl.DataFrame]
) -> None:
    sample = draw_customers(bank["customers"], 12, seed=0)
    assert sample is not None
    made = snapshot(bank, folder, policy(), [FIRST, LAST], sample=sample)
    drawn = pl.col("customer_id").is_in(sample.customer_ids.implode())
    for day, rows in made.items():
        whole = snapshots[day].filter(drawn)
        # what a signal asks of the bank, it asks of the sample
        own = [name for name in whole.columns if not name.startswith("signal_")]
        assert rows.select(own).equals(whole.select(own))


def test_a_moment_must_be_a_months_last_day(bank: dict[str, pl.DataFrame], folder: Path) -> None:
    with pytest.raises(UsageError, match="Got 2025-06-15 instead"):
        snapshot(bank, folder, policy(), [dt.date(2025, 6, 15)])


@pytest.mark.parametrize("as_of", [dt.date(2023, 12, 31), dt.date(2026, 1, 31)])
def test_a_moment_whose_month_was_never_built_is_refused(
    bank: dict[str, pl.DataFrame], folder: Path, as_of: dt.date
) -> None:
    with pytest.raises(HistoryError, match=f"up to {as_of} must have been built"):
        snapshot(bank, folder, policy(), [as_of])

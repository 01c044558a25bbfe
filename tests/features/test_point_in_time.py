"""Nothing dated after a moment may touch the moment's snapshot."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from segment.features import catalogue
from segment.features.point_in_time import windows
from tests.features.random_bank import random_bank
from tests.features.small_ledger import policy, snapshot_of

AS_OF = dt.date(2025, 1, 31)
DATED = {
    "transactions": "booked_on",
    "balances": "month",
    "service_events": "occurred_on",
    "contact_rules": "starts_on",
    "customers": "joined_on",
    "accounts": "opened_on",
}
UNTIL = {"customers": "left_on", "accounts": "closed_on", "contact_rules": "ends_on"}
Tables = dict[str, pl.DataFrame]


@pytest.fixture(scope="module")
def bank() -> Tables:
    return random_bank(customers=40, months=15, seed=3)


def written(tables: Tables, folder: Path) -> bytes:
    path = folder / "snapshot.parquet"
    snapshot_of(tables, AS_OF, folder / "months").write_parquet(path)
    return path.read_bytes()


@pytest.fixture(scope="module")
def as_it_was(bank: Tables, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return written(bank, tmp_path_factory.mktemp("as_it_was"))


def deleted(bank: Tables) -> Tables:
    """Every row dated after the moment is gone, and every end after it is empty."""
    cut = {name: frame.filter(pl.col(DATED[name]) <= AS_OF) if name in DATED else frame for name, frame in bank.items()}
    for name, column in UNTIL.items():
        known = pl.when(pl.col(column) <= AS_OF).then(pl.col(column))
        cut[name] = cut[name].with_columns(known.alias(column))
    return cut


def changed(bank: Tables) -> Tables:
    """Every amount after the moment is another."""
    future = pl.col("booked_on") > AS_OF
    worth = pl.when(future).then(-3.0 * pl.col("amount") + 1.0).otherwise(pl.col("amount"))
    kind = pl.when(future).then(pl.lit("salary")).otherwise(pl.col("kind").cast(pl.String))
    bank["transactions"] = bank["transactions"].with_columns(
        worth.alias("amount"), kind.cast(bank["transactions"].schema["kind"]).alias("kind")
    )
    later = pl.col("month") > AS_OF
    bank["balances"] = bank["balances"].with_columns(
        pl.when(later).then(1e9).otherwise(pl.col("average_balance")).alias("average_balance"),
        pl.when(later).then(99).otherwise(pl.col("days_past_due")).alias("days_past_due"),
    )
    return bank


def moved(days: int) -> Callable[[Tables], Tables]:
    """Every later row and every later end happens so many days later still."""

    def shift(bank: Tables) -> Tables:
        for columns in (DATED, UNTIL):
            for name, column in columns.items():
                later = pl.when(pl.col(column) > AS_OF).then(pl.col(column) + pl.duration(days=days))
                bank[name] = bank[name].with_columns(later.otherwise(pl.col(column)).alias(column))
        return bank

    return shift


def added(bank: Tables) -> Tables:
    """Everything that was ever dated happens again after the moment; everybody leaves, every account closes."""
    for name in ("transactions", "service_events", "balances"):
        again = bank[name].with_columns((pl.col(DATED[name]) + pl.duration(days=3650)).alias(DATED[name]))
        bank[name] = pl.concat([bank[name], again])
    for name, column in UNTIL.items():
        bank[name] = bank[name].with_columns(pl.col(column).fill_null(AS_OF + dt.timedelta(days=1)))
    newcomers = bank["customers"].with_columns(
        pl.col("customer_id") + "_new",
        pl.lit(AS_OF + dt.timedelta(days=1)).alias("joined_on"),
        left_on=pl.lit(None, pl.Date),
    )
    bank["customers"] = pl.concat([bank["customers"], newcomers])
    opened = bank["accounts"].with_columns(
        pl.col("account_id") + "_new",
        pl.lit(AS_OF + dt.timedelta(days=1)).alias("opened_on"),
        closed_on=pl.lit(None, pl.Date),
    )
    bank["accounts"] = pl.concat([bank["accounts"], opened])
    held = bank["holdings"].with_columns(pl.col("account_id") + "_new")
    bank["holdings"] = pl.concat([bank["holdings"], held])
    return bank


@pytest.mark.parametrize(
    "future",
    [deleted, changed, moved(1), moved(400), added],
    ids=["deleted", "changed", "moved a day", "moved a year", "added"],
)
def test_the_snapshot_is_byte_identical_whatever_happens_after_it(
    bank: Tables, as_it_was: bytes, tmp_path: Path, future: Callable[[Tables], Tables]
) -> None:
    assert written(future(dict(bank)), tmp_path) == as_it_was


def test_the_test_would_notice_a_change_on_the_day_itself(bank: Tables, as_it_was: bytes, tmp_path: Path) -> None:
    today = pl.col("booked_on") == AS_OF
    worth = pl.when(today).then(pl.col("amount") + 1.0).otherwise(pl.col("amount"))
    assert (
        written({**bank, "transactions": bank["transactions"].with_columns(worth.alias("amount"))}, tmp_path)
        != as_it_was
    )


def test_the_random_bank_gives_every_feature_a_value(bank: Tables, tmp_path: Path) -> None:
    made = snapshot_of(bank, AS_OF, tmp_path)
    silent = [feature.name for feature in catalogue(policy()) if made[feature.name].null_count() == len(made)]
    # a byte test says nothing about a feature that is missing for everybody
    assert silent == []


def test_more_months_built_beforehand_change_nothing(bank: Tables, as_it_was: bytes, tmp_path: Path) -> None:
    snapshot_of(bank, dt.date(2025, 2, 28), tmp_path / "months")
    assert written(bank, tmp_path) == as_it_was


def test_the_window_of_transactions_begins_before_the_month() -> None:
    assert windows(dt.date(2025, 6, 1))["transactions"] == (dt.date(2025, 5, 18), dt.date(2025, 6, 30))

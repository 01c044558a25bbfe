"""A small bank whose long tables lie in one file per month, as a bank's monthly export writes them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl

from segment.policy import Policy
from tests.features.random_bank import random_bank
from tests.features.small_ledger import policy

MONTHS = 4
LAST = dt.date(2024, 4, 30)
DATED = {"transactions": "booked_on", "balances": "month", "service_events": "occurred_on"}


def month_ledger(customers: int = 24, months: int = MONTHS, seed: int = 3) -> dict[str, pl.DataFrame]:
    """A bank of a few customers, with the words of the contract as text."""
    return {
        name: rows.with_columns(pl.col(pl.Enum, pl.Categorical).cast(pl.String))
        for name, rows in random_bank(customers, months, seed).items()
    }


def by_month(name: str, rows: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """The rows of each month, by file name."""
    keyed = rows.with_columns(file=pl.col(DATED[name]).dt.strftime("%Y-%m")).partition_by("file", as_dict=True)
    return {f"{key[0]}.parquet": part.drop("file") for key, part in sorted(keyed.items())}


def write_ledger(tables: dict[str, pl.DataFrame], folder: Path) -> None:
    """Write the whole ledger: long tables month by month, the others in one file each."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        if name in DATED:
            write_months(name, by_month(name, rows), folder)
        else:
            rows.write_parquet(folder / f"{name}.parquet")


def write_months(name: str, files: dict[str, pl.DataFrame], folder: Path) -> None:
    """Write a long table's files, and take away those of months that are gone."""
    (folder / name).mkdir(parents=True, exist_ok=True)
    for file in (folder / name).iterdir():
        if file.name not in files:
            file.unlink()
    for file_name, rows in files.items():
        rows.write_parquet(folder / name / file_name)


def lenient() -> Policy:
    """The retail policy with every share of bad rows tolerated: the bank above has bad rows in most tables."""
    rules = policy()
    return rules.model_copy(update={"ledger": rules.ledger.model_copy(update={"tolerated_bad_row_share": 1.0})})

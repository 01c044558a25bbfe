"""A bank whose ledger is as clusters get it: many small files in any order, one huge customer, and bad rows."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl

from segment.banks.simulator import simulate_bank
from segment.ledger import TABLES
from segment.workspace import Workspace

CUSTOMERS, MONTHS, FILES, HUGE = 60, 3, 7, 20_000
RELATIVE = 1e-9


def scattered_bank(folder: Path) -> Path:
    """Write the ledger: every file holds days of every month, and those of `balances` are CSV."""
    simulate_bank(folder, customers=CUSTOMERS, months=MONTHS, seed=11)
    ledger = folder / "ledger"
    for name, bad in (("transactions", _bad_bookings), ("balances", _bad_balances), ("service_events", _bad_events)):
        path = next(ledger.glob(f"{name}*"))
        rows = _read(path)
        shutil.rmtree(path) if path.is_dir() else path.unlink()
        rows = pl.concat([rows, bad(rows)], how="vertical").sample(fraction=1.0, shuffle=True, seed=3)
        _write(rows, ledger / name)
    return ledger


def read_ledger(ledger: Path) -> dict[str, pl.DataFrame]:
    """The tables of a ledger in files, with every column of the contract, as a database declares them."""
    return {
        name: _declared(name, _read(next(ledger.glob(f"{name}*")))) for name in TABLES if [*ledger.glob(f"{name}*")]
    }


def _declared(name: str, rows: pl.DataFrame) -> pl.DataFrame:
    empty = {column.name: pl.String() if column.as_enum else column.dtype for column in TABLES[name].columns}
    days = [pl.col(column).str.to_date() for column, dtype in empty.items()
            if dtype == pl.Date and rows.schema.get(column) == pl.String]  # fmt: skip
    typed = rows.with_columns(days).select(pl.col(column).cast(empty[column]) for column in rows.columns)
    return pl.concat([pl.DataFrame(schema=empty), typed], how="diagonal")


def assert_same_workspace(first: Workspace, second: Workspace) -> None:
    """Hold every table of two workspaces to each other: figures within 1e-9, all else equal."""
    ones, others = _tables(first), _tables(second)
    assert ones.keys() == others.keys()
    for name, rows in ones.items():
        other = others[name]
        if name.startswith("quarantine"):
            rows, other = rows.sort(pl.all()), other.sort(pl.all())
        assert_same_rows(rows, other, name)


def assert_same_rows(one: pl.DataFrame, other: pl.DataFrame, name: str) -> None:
    """Hold two tables to each other, column by column."""
    assert (one.schema, one.height) == (other.schema, other.height), name
    for column in one.columns:
        _assert_equal(one[column], other[column], f"{name}: {column}")


def _assert_equal(one: pl.Series, other: pl.Series, name: str) -> None:
    if not one.dtype.is_float():
        assert one.equals(other, null_equal=True), name
        return
    assert (one.is_null() == other.is_null()).all(), name
    off = (one - other).abs() > RELATIVE * pl.select(pl.max_horizontal(one.abs(), pl.lit(1e-3))).to_series()
    assert not off.any(), name


def _tables(workspace: Workspace) -> dict[str, pl.DataFrame]:
    root = workspace.root
    places = {path.relative_to(root).as_posix(): path for path in root.glob("*/**/*.parquet")}
    named = {
        name.rsplit("-", 1)[0] if name.startswith("reconciliations") else name: path
        for name, path in places.items()
        if not name.startswith("ledger_parts")
    }
    return {name: pl.read_parquet(path, glob=False) for name, path in named.items()}


def _read(path: Path) -> pl.DataFrame:
    if path.suffix == ".csv" or (path.is_dir() and [*path.glob("*.csv")]):
        return pl.read_csv(path / "*.csv" if path.is_dir() else path, infer_schema=False)
    return pl.read_parquet(path)


def _write(rows: pl.DataFrame, folder: Path) -> None:
    folder.mkdir()
    size = -(-rows.height // FILES)
    for number in range(FILES):
        part = rows.slice(number * size, size)
        if folder.name == "balances":
            part.write_csv(folder / f"part-{number}.csv")
        else:
            part.write_parquet(folder / f"part-{number}.parquet")


def _bad_bookings(rows: pl.DataFrame) -> pl.DataFrame:
    """Of each rule a few, and many bookings of one account."""
    few = rows.head(3)
    booked = rows.filter(pl.col("kind").cast(pl.String) == "card_payment").head(1)
    huge = pl.concat([booked] * HUGE).with_columns(
        transaction_id=pl.concat_str(pl.lit("huge-"), pl.int_range(pl.len()).cast(pl.String))
    )
    return pl.concat(
        [
            few,  # the same rows again
            rows.slice(10, 2).with_columns(amount=pl.col("amount") * 2),  # the same keys, other rows
            rows.slice(20, 3).with_columns(
                account_id=pl.lit("nobody's"), transaction_id=pl.lit("o-") + "transaction_id"
            ),
            rows.slice(30, 3).with_columns(amount=pl.col("amount") * 0, transaction_id=pl.lit("z-") + "transaction_id"),
            rows.slice(40, 3).with_columns(transaction_id=pl.lit(None, pl.String)),
            huge,
        ]
    )


def _bad_balances(rows: pl.DataFrame) -> pl.DataFrame:
    return pl.concat([rows.head(1), rows.slice(5, 1).with_columns(closing_balance=pl.col("closing_balance") + 1)])


def _bad_events(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.head(2).with_columns(customer_id=pl.lit("nobody"), event_id=pl.lit("e-") + "event_id")

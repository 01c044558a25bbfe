"""Builds the page's copy of the newest published tiers, with what the page shows of one customer."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import polars as pl

from segment.exceptions import PublishError
from segment.features.store import MANIFEST
from segment.files import make_file, make_folder, stamp_of
from segment.jobs.publish.branch_drawers import write_branch_drawers
from segment.jobs.publish.customer_drawers import own_accounts, tiers_by_date, write_drawers
from segment.store.tombstones import Erased
from segment.warehouse.reference_tables import read_small_tables
from segment.warehouse.serving_copy import (
    COLUMNS,
    FIGURES,
    NO_TIER,
    SORTS,
    TEXTS,
    ServingCopy,
    alone_in,
    current_copy,
    point_at,
)
from segment.warehouse.serving_ledger import ledger_stamp, write_small_tables
from segment.warehouse.tiers_table import published_dates, published_version, read_tiers
from segment.workspace import Workspace

_ACCOUNTS = ("accounts", "holdings")


def build_serving_copy(workspace: Workspace) -> ServingCopy | None:
    """Build the copy of what is published now, unless it is there.

    Parameters
    ----------
    workspace : Workspace
        Holds what is published, and the copy.

    Returns
    -------
    ServingCopy or None
        Open; none where nothing is published.

    Raises
    ------
    PublishError
        Where the copy does not hold what is published.
    """
    make_folder(workspace.serving)
    with alone_in(workspace):
        version, copy = published_version(workspace.tiers), current_copy(workspace)
        dates = published_dates(workspace.tiers)
        if version is None or not dates:
            return None
        as_of = dates[-1]
        held = [workspace.reference / f"{name}.parquet" for name in _ACCOUNTS]
        figures = stamp_of([workspace.snapshot(as_of), workspace.customer_months / MANIFEST, *held])
        stamps = ledger_stamp(workspace), figures
        if copy is not None and (copy.version, copy.as_of, copy.made_of) == (version, as_of, stamps):
            return copy
        published = Erased.of(workspace).leave_out(read_tiers(workspace.tiers, as_of, version))
        rows = _rows(published, workspace.reference / "customers.parquet")
        history = tiers_by_date(workspace.tiers, version, as_of, rows["customer_id"])
        there = all(file.is_file() for file in held)
        accounts = own_accounts(read_small_tables(workspace, _ACCOUNTS)) if there else None
        path = workspace.serving / f"{as_of.isoformat()}-v{version}.db"
        with _beside(path) as beside:
            with closing(sqlite3.connect(beside)) as connection, connection:
                connection.execute("PRAGMA journal_mode = OFF")
                connection.execute("CREATE TABLE made_of AS SELECT ? AS ledger, ? AS figures", stamps)
                _write(rows, connection)
                write_small_tables(connection, workspace)
                snapshot, months = workspace.snapshot(as_of), workspace.customer_months
                write_drawers(connection, published, history, accounts, snapshot, months)
                write_branch_drawers(connection, published, months)
            _check(rows, beside)
        point_at(path, version, as_of, workspace.serving)
        return current_copy(workspace)


def renew_serving_copy(workspace: Workspace) -> None:
    """Build the copy of what was just published, where somebody has served the page of the workspace before."""
    if workspace.serving.is_dir():
        build_serving_copy(workspace)


def _rows(published: pl.DataFrame, households: Path) -> pl.DataFrame:
    tiers = published.select(name for name in published.columns if name in COLUMNS)
    homes = pl.DataFrame(schema={"customer_id": pl.String, "household_id": pl.String})
    if households.is_file():
        homes = pl.read_parquet(households, columns=homes.columns, glob=False)
    rows = tiers.drop("household_id", strict=False).join(homes, on="customer_id", how="left", maintain_order="left")
    # what an earlier release published has fewer columns
    missing = [pl.lit(None, pl.Float64).alias(name) for name in FIGURES if name not in rows.columns]
    missing += [pl.lit(None, pl.String).alias(name) for name in TEXTS if name not in rows.columns]
    # codes are words of letters: a list of them is JSON once they are in quotes
    quoted = pl.col("reasons").list.eval(pl.format('"{}"', pl.element())).list.join(", ").fill_null("")
    rows = rows.with_columns(*missing, pl.format("[{}]", quoted).alias("reasons"))
    return rows.with_columns(
        pl.col(pl.Categorical, pl.Enum).cast(pl.String),
        pl.col(*SORTS).cast(pl.Float64).fill_nan(None).fill_null(0.0),
        pl.when(pl.col("standing").cast(pl.String).ne_missing(NO_TIER))
        .then(pl.col("tier").cast(pl.String))
        .fill_null(NO_TIER)
        .alias("tier"),
        pl.col("main_bank_elsewhere").fill_null(value=False).cast(pl.Int64),
        pl.col("tier_since").cast(pl.String) if "tier_since" in rows.columns else pl.lit(None).alias("tier_since"),
    ).select(COLUMNS)


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    beside = path.with_name(f".{path.name}")
    beside.unlink(missing_ok=True)
    make_file(beside)
    try:
        yield beside
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _write(rows: pl.DataFrame, connection: sqlite3.Connection) -> None:
    whole = {"months_observed", "main_bank_elsewhere", "cluster"}
    kinds = {name: "INTEGER" if name in whole else "REAL" if name in FIGURES else "TEXT" for name in COLUMNS}
    columns = ", ".join(f"{name} {kind}" for name, kind in kinds.items())
    places = ", ".join("?" for _ in COLUMNS)
    connection.execute(f"CREATE TABLE customers ({columns})")
    connection.executemany(f"INSERT INTO customers VALUES ({places})", rows.iter_rows())  # noqa: S608  no value in it
    connection.execute("CREATE UNIQUE INDEX by_id ON customers (customer_id)")
    connection.execute("CREATE INDEX by_household ON customers (household_id) WHERE household_id IS NOT NULL")
    for name in SORTS:
        connection.execute(f"CREATE INDEX bank_{name} ON customers (tier, {name} DESC, customer_id)")
        connection.execute(f"CREATE INDEX branch_{name} ON customers (branch_id, tier, {name} DESC, customer_id)")
    connection.execute(
        "CREATE TABLE overview AS SELECT branch_id, tier, previous_tier, COUNT(*) AS customers, "
        "SUM(contribution_12m) AS contribution_12m, SUM(main_bank_elsewhere) AS main_bank_elsewhere, "
        "SUM(CASE WHEN main_bank_elsewhere THEN wallet_elsewhere_12m ELSE 0 END) AS wallet_elsewhere_12m "
        "FROM customers GROUP BY branch_id, tier, previous_tier"
    )


def _check(rows: pl.DataFrame, path: Path) -> None:
    """Hold the copy to what it was made of, before anybody sees it."""
    copy = ServingCopy(path, 0, dt.date.min)
    held = copy.rows("SELECT COUNT(*), SUM(contribution_12m), COUNT(DISTINCT customer_id) FROM customers")[0]
    summed = copy.rows("SELECT SUM(customers) FROM overview")[0][0] or 0
    total = float(rows["contribution_12m"].sum())
    same = abs((held[1] or 0.0) - total) <= 1e-9 * max(1.0, float(rows["contribution_12m"].abs().sum()))
    whole = copy.rows("PRAGMA quick_check")[0][0] == "ok"
    if not (whole and same and held[0] == held[2] == summed == rows.height):
        raise PublishError.of("errors.copy_differs", held=held[0], rows=rows.height)

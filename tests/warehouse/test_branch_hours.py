from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl

from segment.ledger.increments.long_table import WholeTable
from segment.warehouse.branch_hours import SCHEMA, read_branch_hours, write_branch_hours
from segment.workspace import Workspace

AS_OF = dt.date(2025, 12, 31)
HOME = pl.DataFrame({"customer_id": ["a", "b"], "branch_id": ["n", "s"]})


def events(*rows: tuple[str, dt.date, str, dt.time | None]) -> WholeTable:
    schema = {"customer_id": pl.String, "occurred_on": pl.Date, "channel": pl.String, "occurred_at": pl.Time}
    return WholeTable(pl.DataFrame(list(rows), schema=schema, orient="row"), "occurred_on")


def test_the_last_years_visits_are_counted_by_branch_and_hour(tmp_path: Path) -> None:
    nine, ten, day = dt.time(9, 59), dt.time(10), dt.date(2025, 6, 3)
    table = events(
        ("a", day, "counter", nine), ("a", AS_OF, "counter", nine), ("a", day, "counter", ten),
        ("b", day, "counter", ten), ("a", day, "counter", None), ("a", day, "phone", ten),
        ("a", dt.date(2024, 12, 31), "counter", ten), ("a", dt.date(2026, 1, 1), "counter", ten),
        ("erased", day, "counter", ten),
    )  # fmt: skip
    write_branch_hours(table.rows, HOME, AS_OF, Workspace(tmp_path))
    assert read_branch_hours(Workspace(tmp_path)).rows() == [("n", 9, 2), ("n", 10, 1), ("s", 10, 1)]


def test_a_workspace_of_before_and_a_ledger_without_times_know_no_hours(tmp_path: Path) -> None:
    assert read_branch_hours(Workspace(tmp_path)).equals(pl.DataFrame(schema=SCHEMA))
    write_branch_hours(events(("a", AS_OF, "counter", None)).rows, HOME, AS_OF, Workspace(tmp_path))
    assert read_branch_hours(Workspace(tmp_path)).is_empty()

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from segment.ledger import TABLES
from segment.policy import load_policy
from segment.warehouse.reference_tables import COLUMNS, managers_by_branch, read_reference, write_reference
from segment.workspace import Workspace
from tests.conftest import RETAIL

CELLS = {pl.String: ["current", None], pl.Date: [dt.date(2025, 1, 31), None], pl.Boolean: [True, None]}


def checked_table(name: str, words: pl.DataType) -> pl.DataFrame:
    """Two rows with the contract's types, the second unknown; columns of given words hold them as `words`."""
    cells = {column.name: CELLS.get(column.dtype.base_type(), [1, None]) for column in TABLES[name].columns}
    rows = pl.DataFrame(cells, schema=TABLES[name].schema)
    return rows.cast({column.name: words for column in TABLES[name].columns if column.values})


@pytest.mark.parametrize("words", [pl.String(), pl.Categorical(), pl.Enum(["current"])], ids=str)
def test_what_is_handed_on_is_what_a_reader_gets(words: pl.DataType, tmp_path: Path) -> None:
    product = next(iter(load_policy(RETAIL).products))
    tables = {name: checked_table(name, words) for name in COLUMNS}
    tables["accounts"] = tables["accounts"].with_columns(product=pl.lit(product))
    written = write_reference(tables, Workspace(tmp_path), load_policy(RETAIL))
    stored = read_reference(Workspace(tmp_path))
    assert {name: rows.schema for name, rows in written.items()} == {name: rows.schema for name, rows in stored.items()}
    assert [name for name, rows in written.items() if not rows.equals(stored[name])] == []


def test_managers_are_counted_by_branch() -> None:
    assert managers_by_branch(pl.DataFrame({"rm_id": ["r1", "r2", "r3"], "branch_id": ["b", "a", "b"]})) == {
        "a": 1,
        "b": 2,
    }

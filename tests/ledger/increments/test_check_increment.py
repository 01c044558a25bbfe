"""Checking part by part finds what checking the whole ledger finds, whatever happened to the ledger in between."""

from __future__ import annotations

import datetime as dt
import re
import tempfile
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from segment.exceptions import LedgerError
from segment.ledger import TABLES, check_ledger, open_source
from segment.ledger.contents import contents_of
from segment.ledger.increments import Increment, check_increment
from segment.warehouse.shelf import Shelf
from tests.jobs.increments import CHANGES, Bank, Change
from tests.jobs.month_files import lenient

PRODUCTS = tuple(lenient().products)
EVER = (dt.date(1900, 1, 1), dt.date(2100, 12, 31))


def increment(ledger: Path, as_of: dt.date, shelf: Shelf) -> tuple[Increment, dict[str, pl.DataFrame]]:
    """What is found part by part, and every clean row."""
    with open_source(ledger) as source:
        inputs = {name: source.find(table) for name, table in TABLES.items()}
        contents = {name: contents_of(found) for name, found in inputs.items()}
        found = check_increment(inputs, contents, PRODUCTS, 1.0, as_of, shelf, terms="", location=source.description)
        return found, {**found.tables, **{name: table.rows(*EVER) for name, table in found.long.items()}}


def assert_as_whole(ledger: Path, as_of: dt.date, shelf: Shelf) -> None:
    """Hold a check by parts to a check of the whole, an error to the same error."""
    try:
        whole = check_ledger(ledger, PRODUCTS, 1.0, as_of=as_of)
    except LedgerError as error:
        with pytest.raises(LedgerError, match=f"^{re.escape(str(error))}$"):
            increment(ledger, as_of, shelf)
        return
    found, tables = increment(ledger, as_of, shelf)
    assert found.report == whole.report
    assert found.quarantine.keys() == whole.quarantine.keys()
    assert all(found.quarantine[name].equals(rows) for name, rows in whole.quarantine.items())
    assert all(tables[name].equals(rows) for name, rows in whole.tables.items())


@given(st.lists(st.tuples(st.sampled_from(CHANGES), st.integers(0, 999)), min_size=2, max_size=7))
@settings(max_examples=20, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
def test_any_order_of_increments_gives_the_verdicts_of_a_check_of_the_whole(changes: list[tuple[Change, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        bank, ledger, shelf = Bank(), Path(folder, "ledger"), Shelf(Path(folder, "shelf"))
        bank.write(ledger)
        assert_as_whole(ledger, bank.as_of, shelf)
        for change, seed in changes:
            change(bank, np.random.default_rng(seed))
            bank.write(ledger)
            assert_as_whole(ledger, bank.as_of, shelf)


@pytest.fixture
def checked(tmp_path: Path) -> tuple[Bank, Path, Shelf]:
    """A bank of three months whose ledger was checked once."""
    bank, shelf = Bank(months=3), Shelf(tmp_path / "shelf")
    bank.write(tmp_path / "ledger")
    increment(tmp_path / "ledger", bank.as_of, shelf)
    return bank, tmp_path / "ledger", shelf

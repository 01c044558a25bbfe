"""A row that protects and breaks a rule protects all the same."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from segment.jobs.build.extract import extract
from segment.ledger import check_ledger
from segment.ledger.protection import IN_DOUBT, with_doubts
from segment.warehouse.reference_tables import read_reference
from segment.workspace import Workspace
from tests.jobs.build.month_files import LAST, lenient, month_ledger, write_ledger
from tests.ledger.small_ledger import PRODUCTS, Tables, write_csv


def in_doubt(tables: Tables, folder: Path) -> list[str | None]:
    ledger = check_ledger(write_csv(tables, folder), PRODUCTS, 1.0)
    rules = with_doubts(ledger.tables, ledger.quarantine)["contact_rules"]
    assert rules.filter(pl.col("rule") != IN_DOUBT).equals(ledger.tables["contact_rules"])
    return rules.filter(pl.col("rule") == IN_DOUBT)["customer_id"].sort().to_list()


def broken(tables: Tables, table: str, **cells: object) -> Tables:
    """Break the table's first row."""
    text = tables[table].with_columns(pl.all().cast(pl.String))
    first = pl.int_range(pl.len()) == 0
    changed = [pl.when(first).then(pl.lit(cell)).otherwise(pl.col(name)).alias(name) for name, cell in cells.items()]
    return {**tables, table: text.with_columns(changed)}


@pytest.mark.parametrize(
    ("table", "cells"),
    [
        ("contact_rules", {"rule": "Deceased"}),
        ("contact_rules", {"rule": "opt-out"}),
        ("contact_rules", {"rule": None}),
        ("contact_rules", {"starts_on": "soon"}),
        ("contact_rules", {"starts_on": None}),
        ("contact_rules", {"ends_on": "2023-01-01"}),
        ("campaign_outcomes", {"response": "Declined"}),
        ("campaign_outcomes", {"responded_on": "yesterday"}),
    ],
)
def test_whom_it_names_is_in_doubt(
    small_ledger: Tables, tmp_path: Path, table: str, cells: dict[str, str | None]
) -> None:
    assert in_doubt(small_ledger, tmp_path / "good") == []
    assert in_doubt(broken(small_ledger, table, **cells), tmp_path / "broken") == ["00000"]


@pytest.mark.parametrize("given", ["0", "000000", "0.0"])
def test_an_id_that_is_written_another_way_may_be_that_customer_s(
    small_ledger: Tables, tmp_path: Path, given: str
) -> None:
    assert in_doubt(broken(small_ledger, "contact_rules", customer_id=given), tmp_path) == ["00000"]


@pytest.mark.parametrize("given", [" 00000", "00000  ", "\u300000000\u00a0"])
def test_blanks_around_an_id_are_no_part_of_it(small_ledger: Tables, tmp_path: Path, given: str) -> None:
    ledger = check_ledger(write_csv(broken(small_ledger, "contact_rules", customer_id=given), tmp_path), PRODUCTS, 0.0)
    assert ledger.tables["contact_rules"]["customer_id"].sort().to_list()[0] == "00000"


@pytest.mark.parametrize("given", ["nobody", None])
def test_a_row_that_names_nobody_is_counted(small_ledger: Tables, tmp_path: Path, given: str | None) -> None:
    assert in_doubt(broken(small_ledger, "contact_rules", customer_id=given), tmp_path) == [None]


def test_a_row_that_stands_twice_is_no_doubt(small_ledger: Tables, tmp_path: Path) -> None:
    rows = small_ledger["campaign_outcomes"]
    assert in_doubt({**small_ledger, "campaign_outcomes": pl.concat([rows, rows[:1]])}, tmp_path) == []


def test_a_source_whose_day_cannot_be_read_has_no_day(small_ledger: Tables, tmp_path: Path) -> None:
    tables = broken(small_ledger, "suppression_sources", refreshed_on="lately")
    ledger = check_ledger(write_csv(tables, tmp_path), PRODUCTS, 1.0)
    sources = with_doubts(ledger.tables, ledger.quarantine)["suppression_sources"]
    assert dict(sources.iter_rows())["opt-outs"] is None


def test_an_extract_keeps_who_is_in_doubt_until_the_row_is_mended(tmp_path: Path) -> None:
    tables, workspace = month_ledger(), Workspace(tmp_path / "workspace")
    customer = tables["customers"]["customer_id"][0]
    rows = {"customer_id": [customer], "starts_on": [dt.date(2024, 1, 1)], "ends_on": [None], "channel": [None]}
    for word, rule in (("Deceased", IN_DOUBT), ("deceased", "deceased")):
        write_ledger({**tables, "contact_rules": pl.DataFrame({**rows, "rule": [word]})}, tmp_path / "ledger")
        extract(str(tmp_path / "ledger"), LAST, workspace, lenient(), n_jobs=1)
        assert read_reference(workspace)["contact_rules"].select("customer_id", "rule").rows() == [(customer, rule)]

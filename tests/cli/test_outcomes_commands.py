"""The outcomes command takes files in and measures."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import polars as pl

from tests.conftest import Bank, Said


def test_outcomes_of_a_released_list_are_taken_and_wait_for_their_months(
    segment: Callable[..., Said], bank: Bank, tmp_path: Path
) -> None:
    root, out = bank.workspace.root, tmp_path / "list.csv"
    assert segment("upgrade-list", "--as-of", "2025-12-31", "--out", out, workspace=root).code == 0
    listed = pl.read_csv(out).head(2)
    file = tmp_path / "told.csv"
    listed.select(
        "list_id",
        "customer_id",
        contacted_on=pl.lit("2025-12-31"),
        response=pl.lit("declined"),
        responded_on=pl.lit("2025-12-31"),
    ).write_csv(file)

    taken = segment("outcomes", file, "--json", workspace=root)
    assert taken.code == 0, taken.err
    assert json.loads(taken.out)["added"] == 2
    again = segment("upgrade-list", "--as-of", "2025-12-31", "--out", out, workspace=root)
    assert again.code == 0
    assert not set(pl.read_csv(out)["customer_id"]) & set(listed["customer_id"])

    said = segment("outcomes", "--report", workspace=root)
    assert said.code == 0, said.err
    assert "on lists whose months have not passed" in said.out


def test_a_file_or_a_report_but_not_both(segment: Callable[..., Said], tmp_path: Path) -> None:
    said = segment("outcomes", workspace=tmp_path)
    assert said.code == 2
    assert "either a file or --report" in said.err


def test_a_report_before_any_extract_says_what_is_missing(segment: Callable[..., Said], tmp_path: Path) -> None:
    said = segment("outcomes", "--report", workspace=tmp_path)
    assert said.code == 2
    assert "Customer months must have been built. Found none" in said.err

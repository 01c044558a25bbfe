"""The levers on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from tests.conftest import AS_OF, Bank, Said


def test_the_summary_counts_customers_with_a_lever_and_those_lifted(
    segment: Callable[..., Said], trained_bank: Bank
) -> None:
    said = segment("levers", "--as-of", AS_OF, workspace=trained_bank.workspace.root)
    assert said.code == 0, said.err
    for word in ("break-even", "loss-making", "with a lever", "lifted"):
        assert word in said.out


def test_each_row_is_a_change_in_lines_that_add_up_to_its_gain(
    segment: Callable[..., Said], trained_bank: Bank, tmp_path: Path
) -> None:
    out = tmp_path / "levers.csv"
    said = segment("levers", "--as-of", AS_OF, "--out", out, workspace=trained_bank.workspace.root)
    assert said.code == 0, said.err
    rows = pl.read_csv(out)
    costs = [name for name in rows.columns if name.endswith("_cost")]
    others = rows.columns[rows.columns.index("gain_12m") + 1 :]
    income = sum(rows[name] for name in others if name not in costs)
    assert (rows["gain_12m"] - (income - sum(rows[name] for name in costs))).abs().max() < 1e-6
    assert rows.select(pl.col("change").str.contains(": [+]\\d+ a year$").all()).item()
    assert set(rows.select("tier", "target_tier").rows()) <= {
        ("loss_making", "break_even"),
        ("break_even", "valuable"),
    }


def test_the_rows_of_a_branch_come_as_json(segment: Callable[..., Said], trained_bank: Bank) -> None:
    branch = "B001"
    said = segment("levers", "--as-of", AS_OF, "--branch", branch, "--json", workspace=trained_bank.workspace.root)
    assert {row["branch_id"] for row in json.loads(said.out)} <= {branch}


@pytest.mark.parametrize("out", ["levers", "levers.doc"])
def test_a_strange_ending_is_refused_before_any_work(
    segment: Callable[..., Said], trained_bank: Bank, tmp_path: Path, out: str
) -> None:
    said = segment("levers", "--as-of", AS_OF, "--out", tmp_path / out, workspace=trained_bank.workspace.root)
    assert said.code == 2
    assert list(tmp_path.iterdir()) == []


def test_levers_say_in_a_line_that_birth_dates_are_missing(segment: Callable[..., Said], bank: Bank) -> None:
    extract = bank.workspace.runs / f"extract-{AS_OF.isoformat()}.json"
    content = json.loads(extract.read_text(encoding="utf-8"))
    content["check"]["switched_off"] = ["customers.birth_date", "ledger_totals"]
    extract.write_text(json.dumps(content), encoding="utf-8")
    said = segment("levers", "--as-of", AS_OF, "--json", workspace=bank.workspace.root)
    assert "no dates of birth" in said.err
    assert "general ledger" not in said.err
    assert isinstance(json.loads(said.out), list)

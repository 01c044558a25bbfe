"""Examples of bad rows lie in the quarantine folder of a workspace, and the command says where."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from segment.exceptions import UsageError
from segment.jobs.build.bad_row_examples import MOST_EXAMPLES, write_examples
from segment.policy import load_policy
from segment.workspace import Workspace
from tests.conftest import RETAIL, Said
from tests.ledger.small_ledger import Tables, small_ledger, write_csv


@pytest.fixture
def tables() -> Tables:
    made = small_ledger()
    return {**made, "accounts": made["accounts"].with_columns(product=pl.lit("CA01"))}


def test_some_rows_are_written_as_they_came(tables: Tables, tmp_path: Path) -> None:
    ledger, workspace = write_csv(tables, tmp_path / "ledger"), Workspace(tmp_path / "workspace")
    made = write_examples(str(ledger), "unknown_product", workspace, load_policy(RETAIL))
    assert made.rows == {"accounts": 40}
    assert made.files == (workspace.quarantine / "examples" / "accounts-unknown_product.parquet",)
    rows = pl.read_parquet(made.files[0])
    assert rows.height == MOST_EXAMPLES
    assert set(rows["product"]) == {"CA01"}
    assert write_examples(str(ledger), "amount_zero", workspace, load_policy(RETAIL)).files == ()


def test_a_rule_that_is_none_is_refused(tables: Tables, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="must name a rule"):
        write_examples(str(write_csv(tables, tmp_path)), "unknown", Workspace(tmp_path / "w"), load_policy(RETAIL))


def test_the_command_says_where_and_a_check_shows_its_whole_report(
    tables: Tables, tmp_path: Path, segment: Callable[..., Said]
) -> None:
    ledger = write_csv(tables, tmp_path / "ledger")
    checked = segment("check", ledger, "--policy", RETAIL)
    assert checked.code == 2
    assert "`product` `CA01`: 40" in checked.out
    assert "published" not in checked.err
    shown = segment("check", ledger, "--policy", RETAIL, "--show", "unknown_product", workspace=tmp_path / "w")
    assert shown.code == 0
    assert "accounts-unknown_product.parquet" in shown.out
    assert "A00001" not in checked.out + checked.err + shown.out

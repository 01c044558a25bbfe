"""No module but the release writes the rows of a list to a file for people."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from segment.exceptions import PublishError
from segment.warehouse.export import export_table

SOURCE = Path(__file__).parents[2] / "src" / "segment"
MODULES = [*SOURCE.rglob("*.py"), *(SOURCE.parents[1] / "flows").rglob("*.py")]
# Writers of formats that spreadsheets open, whatever library they are of.
WRITERS = {"write_csv", "write_excel", "to_csv", "to_excel", "Workbook", "sink_csv"}


def calls(module: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def callers(names: set[str]) -> set[str]:
    return {str(path.relative_to(SOURCE.parents[1])) for path in MODULES if names & set(calls(path))}


def test_only_one_module_writes_rows_that_name_customers_and_two_jobs_call_it() -> None:
    assert callers({"write_export"}) == {"src/segment/jobs/leaving.py", "src/segment/warehouse/export.py"}
    assert callers({"leave_on_record"}) == {
        "src/segment/jobs/release.py",
        "src/segment/jobs/reviews/hand_over.py",
        "src/segment/jobs/service_trial/release.py",
    }


def test_only_known_tables_that_are_no_lists_leave_without_a_record() -> None:
    known = {"src/segment/cli/tiers.py", "src/segment/cli/levers.py", "src/segment/jobs/service_plan.py"}
    assert callers({"export_table"}) == known


def test_no_module_that_knows_a_list_writes_what_a_spreadsheet_opens() -> None:
    knowing = {
        str(path.relative_to(SOURCE.parents[1]))
        for path in MODULES
        if any(word in path.read_text(encoding="utf-8") for word in ("upgrade_list", "workspace.lists", "to_contact"))
    }
    assert "src/segment/jobs/release.py" in knowing
    assert callers(WRITERS) & knowing == set()


def test_an_export_without_a_record_refuses_the_rows_of_a_list(tmp_path: Path) -> None:
    with pytest.raises(PublishError, match="leaves only with a record"):
        export_table(pl.DataFrame({"list_id": ["l"], "customer_id": ["c"]}), tmp_path / "list.csv", "list")
    with pytest.raises(PublishError, match="leaves only with a record"):
        export_table(pl.DataFrame({"review_id": ["r"], "customer_id": ["c"]}), tmp_path / "fees.csv", "fees")
    assert list(tmp_path.iterdir()) == []

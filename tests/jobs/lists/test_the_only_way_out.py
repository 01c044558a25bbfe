"""No module but the release writes the rows of a list to a file for people."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from segment.exceptions import ExportError
from segment.warehouse.export import export_table

SOURCE = Path(__file__).parents[3] / "src" / "segment"
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
    assert callers({"write_export"}) == {
        "src/segment/warehouse/controlled_export.py",
        "src/segment/warehouse/export.py",
    }
    assert callers({"export_with_record"}) == {
        "src/segment/jobs/lists/release.py",
        "src/segment/jobs/reviews/hand_over.py",
        "src/segment/jobs/service/trial_release.py",
    }


def test_only_known_tables_that_are_no_lists_leave_without_a_record() -> None:
    known = {
        "src/segment/cli/tiers_commands.py",
        "src/segment/cli/levers_commands.py",
        "src/segment/jobs/service/service_plan.py",
    }
    assert callers({"export_table"}) == {*known, "src/segment/warehouse/export.py"}
    assert callers({"table_bytes"}) == {"src/segment/web/api.py", "src/segment/web/table_pages.py"}


def test_no_module_that_knows_a_list_writes_what_a_spreadsheet_opens() -> None:
    knowing = {
        str(path.relative_to(SOURCE.parents[1]))
        for path in MODULES
        if any(word in path.read_text(encoding="utf-8") for word in ("upgrade_list", "LIST_ROWS", "to_contact"))
    }
    assert "src/segment/jobs/lists/release.py" in knowing
    assert callers(WRITERS) & knowing == set()


def test_an_export_without_a_record_refuses_the_rows_of_a_list(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="leaves only with a record"):
        export_table(pl.DataFrame({"list_id": ["l"], "customer_id": ["c"]}), tmp_path / "list.csv", "list")
    with pytest.raises(ExportError, match="leaves only with a record"):
        export_table(pl.DataFrame({"review_id": ["r"], "customer_id": ["c"]}), tmp_path / "fees.csv", "fees")
    assert list(tmp_path.iterdir()) == []

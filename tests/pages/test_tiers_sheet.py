"""Published tiers as a manager reads them: counted by branch, and each branch's customers in few columns."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from segment.pages.tiers_sheet import tiers_sheets
from segment.sentences import Language, Sentences
from segment.warehouse.export import export_table

TIERS = pl.DataFrame(
    {
        "as_of": [dt.date(2025, 12, 31)] * 4,
        "customer_id": ["007", "008", "009", "=1"],
        "branch_id": ["B1", "B1", "B1", "B2"],
        "tier": ["break_even", "high_value", None, "loss_making"],
        "contribution_12m": [20.0, 4_000.0, 5.0, -300.0],
        "future_value_12m": [25.0, 4_100.0, 0.0, -200.0],
        "main_bank_elsewhere": [True, False, False, False],
        "wallet_elsewhere_12m": [900.0, 50.0, None, None],
        "reasons": [["MAIN_BANK_ELSEWHERE", "GROWTH", "DORMANT"], ["GROWTH"], ["EXCLUDED"], []],
    }
)


def lines(
    path: Path, language: Language = "en", directory: pl.DataFrame | None = None
) -> dict[str, list[list[object]]]:
    sheets = tiers_sheets(TIERS, {"B1": "Markt (B1)"}, Sentences(language), directory)
    export_table(TIERS, path, "tiers", sheets)
    return {
        sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)] for sheet in openpyxl.load_workbook(path)
    }


def test_customers_stand_by_branch_those_who_bring_most_first(tmp_path: Path) -> None:
    read = lines(tmp_path / "t.xlsx")
    firsts = [line[0] for line in read["Customers"]]
    assert firsts[4:] == ["Markt (B1)", "008", "007", "009", "Total", "B2", "=1", "Total"]
    t = Sentences()
    known = next(line for line in read["Customers"] if line[0] == "007")
    assert known == ["007", "break-even", 20, 25, "yes", 900, "\n".join(t.reasons(["MAIN_BANK_ELSEWHERE", "GROWTH"]))]
    # what another bank earns from a customer is said of those whom the flag marks, and of nobody else
    assert next(line for line in read["Customers"] if line[0] == "008")[4:6] == [None, None]


def test_totals_are_those_of_the_table(tmp_path: Path) -> None:
    read = lines(tmp_path / "t.xlsx")
    totals = [line[1:4] for line in read["Customers"] if line[0] == "Total"]
    assert totals == [["customers: 3", 4_025, 4_125], ["customers: 1", -300, -200]]
    counted = [line for line in read["Summary"] if line[0] == "Total"]
    assert [line[1] for line in counted] == [4, 3, 1]
    assert [line[3] for line in counted] == [3_725, 4_025, -300]
    of_bank = [line[:3] for line in read["Summary"] if line[0] == "break-even"][0]
    assert of_bank == ["break-even", 1, pytest.approx(1 / 3)]


def test_the_sheet_speaks_the_readers_language_and_the_table_stays(tmp_path: Path) -> None:
    people = pl.DataFrame(
        {"customer_id": ["008"], "name": ["欧阳"], "phone": [None]}, schema_overrides={"phone": pl.String}
    )
    read = lines(tmp_path / "t.xlsx", "zh", people)
    assert list(read) == ["客户分层", "汇总", "tiers"]
    assert next(line for line in read["客户分层"] if line[0] == "008")[:3] == ["008", "欧阳", "高价值客户"]
    assert read["tiers"][0] == TIERS.columns
    assert len(read["tiers"]) == TIERS.height + 1


@pytest.mark.parametrize("marks", [False, True])
def test_csv_begins_with_the_mark_of_its_byte_order_where_that_is_asked_for(tmp_path: Path, marks: bool) -> None:
    export_table(TIERS.drop("reasons"), tmp_path / "t.csv", "tiers", marks_bytes=marks)
    content = (tmp_path / "t.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf") == marks
    assert pl.read_csv(tmp_path / "t.csv", infer_schema=False)["customer_id"].to_list() == ["007", "008", "009", "'=1"]

"""A list is a sheet to call by: handed out by adviser, filled in by drop-down, and handed back as it is."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

from segment.exceptions import InputFileError
from segment.jobs.lists.release import Paper, release
from segment.jobs.lists.take_outcomes import take_outcomes
from segment.ledger.directory import read_directory
from segment.model_folder import find_model_file
from segment.policy import load_policy
from segment.sentences import Sentences
from segment.store.row_store import read_rows
from segment.store.stored_tables import OUTCOMES
from segment.workspace import Workspace
from tests.jobs.lists.made_lists import LIST_ID, LIST_ON, bank, listed, retail

CALLED_ON = dt.datetime(2025, 12, 31)


def released(tmp_path: Path, **given: Any) -> tuple[Workspace, Path, pl.DataFrame]:
    workspace = bank(tmp_path / "w")
    rows, path = listed(workspace), tmp_path / "list.xlsx"
    release(rows, path, list_id=LIST_ID, workspace=workspace, policy=retail(), list_on=LIST_ON, as_of=LIST_ON, **given)
    return workspace, path, rows


def line_of(sheet: Any, customer: str) -> int:
    return next(row for row in range(1, sheet.max_row + 1) if sheet.cell(row, 2).value == customer)


def column_of(sheet: Any, name: str) -> int:
    """By the hidden first row, which names the columns that are read back."""
    return next(place for place in range(1, sheet.max_column + 1) if sheet.cell(1, place).value == name)


def shown_columns(sheet: Any) -> int:
    hidden = sum(column.max - column.min + 1 for column in sheet.column_dimensions.values() if column.hidden)
    return sheet.max_column - hidden


@pytest.mark.parametrize("with_names", [False, True])
def test_a_call_sheet_is_one_page_wide_with_six_to_nine_columns(tmp_path: Path, with_names: bool) -> None:
    people = pl.DataFrame({"customer_id": ["c1"], "name": ["Ada"], "phone": ["0170"]}) if with_names else None
    _, path, rows = released(tmp_path, paper=Paper(directory=people))
    book = openpyxl.load_workbook(path)
    assert book.sheetnames[:2] == ["Call sheet", "Summary"]
    for sheet in book.worksheets:
        assert (sheet.sheet_properties.pageSetUpPr.fitToPage, sheet.page_setup.fitToHeight) == (True, 0) or (
            sheet.title.startswith("About")
        )
    assert 6 <= shown_columns(book["Call sheet"]) <= 9
    assert book["Call sheet"].row_dimensions[1].hidden
    table = next(sheet for sheet in book.worksheets if sheet.cell(1, 3).value == "customer_id")
    assert table.max_row == rows.height + 1


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["A deposit of 50,000 matures on 14 January", "Contact by 14 January at the latest"]),
        ("zh", ["一笔 50,000 的存款将于1月14日到期", "最迟于1月14日联系"]),
    ],
)
def test_an_event_is_said_with_its_day_in_the_readers_language(tmp_path: Path, language: str, said: list[str]) -> None:
    workspace, path, day = bank(tmp_path / "w"), tmp_path / "list.xlsx", dt.date(2026, 1, 14)
    event = {"trigger": "deposit_matures", "trigger_on": day, "trigger_amount": 50_000.0, "expires_on": day}
    first = {**event, "reason_1": "A deposit of 50,000 matures on 14 January", "reason_2": None}
    rows = listed(workspace, [first, {}])
    given = {"list_id": LIST_ID, "list_on": LIST_ON, "as_of": LIST_ON}
    paper = Paper(Sentences(language))  # type: ignore[arg-type]
    release(rows, path, workspace=workspace, policy=retail(), paper=paper, **given)  # type: ignore[arg-type]
    sheet = openpyxl.load_workbook(path).worksheets[0]
    why = [sheet.cell(line_of(sheet, customer), 4).value for customer in ("c0", "c1")]
    assert why[0].split("\n") == said
    assert "2026" not in why[1]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_call_sheet_is_handed_back_as_it_was_filled_in(tmp_path: Path, language: str) -> None:
    t = Sentences(language)  # type: ignore[arg-type]
    workspace, path, _ = released(tmp_path, paper=Paper(t))
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    given = {"c1": ("sheet.response.interested", None), "c2": ("sheet.response.declined", t("words.yes"))}
    for customer, (answer, wish) in given.items():
        line = line_of(sheet, customer)
        sheet.cell(line, column_of(sheet, "contacted_on")).value = CALLED_ON
        sheet.cell(line, column_of(sheet, "response")).value = t(answer)
        sheet.cell(line, column_of(sheet, "do_not_contact")).value = wish
    book.save(tmp_path / "back.xlsx")
    taken = take_outcomes(tmp_path / "back.xlsx", workspace)
    assert (taken.taken.added, taken.refused) == (2, {})
    kept = read_rows(workspace, OUTCOMES).sort("customer_id")
    assert kept.select("list_id", "customer_id", "contacted_on", "response", "do_not_contact").rows() == [
        (LIST_ID, "c1", CALLED_ON.date(), "interested", False),
        (LIST_ID, "c2", CALLED_ON.date(), "declined", True),
    ]


def test_choices_of_the_drop_down_are_what_outcomes_know(tmp_path: Path) -> None:
    _, path, _ = released(tmp_path)
    rules = openpyxl.load_workbook(path).worksheets[0].data_validations.dataValidation
    lists = [rule.formula1.strip('"').split(",") for rule in rules if rule.type == "list"]
    t = Sentences()
    words = [t(f"sheet.response.{code}") for code in ("moved", "interested", "declined", "no_answer", "not_contacted")]
    assert words in lists
    assert ["yes"] in lists
    assert any(rule.type == "date" for rule in rules)


def test_an_answer_without_its_day_is_refused_and_no_name_is_kept(tmp_path: Path) -> None:
    people = pl.DataFrame({"customer_id": ["c1"], "name": ["Ada Lovelace"], "phone": ["0170 55"]})
    workspace, path, _ = released(tmp_path, paper=Paper(directory=people))
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    line = line_of(sheet, "c1")
    assert sheet.cell(line, 3).value == "Ada Lovelace\n0170 55"
    assert sheet.cell(line_of(sheet, "c2"), 3).value is None
    sheet.cell(line, column_of(sheet, "response")).value = "interested"
    book.save(tmp_path / "back.xlsx")
    taken = take_outcomes(tmp_path / "back.xlsx", workspace)
    assert taken.refused == {"contacted without a day": 1}
    assert taken.refused_rows is not None
    assert "Ada" not in str(pl.read_parquet(taken.refused_rows, glob=False).rows())
    stored = b"".join(file.read_bytes() for file in workspace.root.rglob("*") if file.is_file())
    assert b"Lovelace" not in stored
    assert b"Lovelace" not in Path(f"{path}.manifest.json").read_bytes()


def test_the_sheet_sums_up_what_it_lists(tmp_path: Path) -> None:
    _, path, rows = released(tmp_path)
    summary = openpyxl.load_workbook(path)["Summary"]
    totals = [
        [summary.cell(line, place).value for place in (3, 4)]
        for line in range(1, summary.max_row + 1)
        if summary.cell(line, 1).value == "Total"
    ]
    assert totals == [[rows.height, pytest.approx(rows["expected_net_value"].sum())]]


def test_a_directory_names_each_customer_once(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("customer_id,name,phone\nc1,Ada,007\nc2,,\n", encoding="utf-8")
    assert read_directory(path).rows() == [("c1", "Ada", "007"), ("c2", None, None)]
    path.write_text("customer_id,name\nc1,Ada\nc1,Eve\n", encoding="utf-8")
    with pytest.raises(InputFileError, match="each customer once. 1 of 2 rows") as fault:
        read_directory(path)
    assert "Ada" not in str(fault.value)
    path.write_text("customer,name\nc1,Ada\n", encoding="utf-8")
    with pytest.raises(InputFileError, match="Missing: customer_id"):
        read_directory(path)


@pytest.mark.parametrize("name", ["cn", "eu", "uk", "us", "retail"])
def test_every_programme_and_bundle_of_our_policies_has_its_words_in_chinese(name: str) -> None:
    policy, t = load_policy(find_model_file(f"{name}.toml")), Sentences("zh")
    texts = {f"sheet.bundle.{code}": bundle.name for code, bundle in policy.upgrade.bundles.items()}
    for code, programme in policy.programmes.items():
        texts |= {
            f"sheet.programme.{code}": programme.name,
            f"sheet.say.{code}": programme.say,
            f"sheet.never.{code}": programme.do_not_say,
        }
    assert [key for key, text in texts.items() if "「" in t.own_or_quoted(key, text)] == []


def test_a_pool_is_named_in_the_readers_language(tmp_path: Path) -> None:
    workspace, path = bank(tmp_path / "w"), tmp_path / "list.xlsx"
    rows = listed(workspace).with_columns(rm_id=pl.lit(None, pl.String), owner=pl.lit("Branch pool, b1"))
    about = {"list_id": LIST_ID, "workspace": workspace, "policy": retail(), "list_on": LIST_ON, "as_of": LIST_ON}
    release(rows, path, paper=Paper(words=Sentences("zh")), **about)
    text = str([cell.value for row in openpyxl.load_workbook(path).worksheets[0].iter_rows() for cell in row])
    assert "网点团队" in text
    assert "pool" not in text

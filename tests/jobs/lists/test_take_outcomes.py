"""Outcomes are taken once, bad rows are set aside with a reason, and refusals hold the same day."""

from __future__ import annotations

import datetime as dt
import gzip
from itertools import permutations
from pathlib import Path

import polars as pl
import pytest

from segment.exceptions import InputFileError
from segment.jobs.lists.suppressions import ContactSources, find_suppressions
from segment.jobs.lists.take_outcomes import take_outcomes
from segment.ledger.protection import IN_DOUBT
from segment.store.record_kinds import RecordKind
from segment.store.records import read_records
from segment.store.row_store import read_rows
from segment.store.stored_tables import OUTCOMES
from segment.warehouse.export import export_table
from segment.workspace import Workspace
from tests.jobs.lists.made_lists import LIST_ON, bank, retail

HEAD = "list_id,customer_id,contacted_on,response,responded_on,do_not_contact\n"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return bank(tmp_path / "workspace")


def handed_in(folder: Path, *lines: str) -> Path:
    file = folder / "outcomes.csv"
    file.write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")
    return file


def test_the_same_file_again_changes_nothing(workspace: Workspace, tmp_path: Path) -> None:
    file = handed_in(tmp_path, "l1,c1,2025-12-31,moved,2025-12-31,", "l1,c2,2025-12-31,no_answer,,")
    first = take_outcomes(file, workspace)
    assert (first.taken.added, first.taken.changed, first.taken.same) == (2, 0, 0)
    kept = read_rows(workspace, OUTCOMES)
    again = take_outcomes(file, workspace)
    assert (again.taken.added, again.taken.changed, again.taken.same) == (0, 0, 2)
    assert read_rows(workspace, OUTCOMES).equals(kept)
    assert len(read_records(workspace, RecordKind.OUTCOMES_TAKEN)) == 1


def test_a_later_answer_replaces_the_earlier_and_never_the_other_way(workspace: Workspace, tmp_path: Path) -> None:
    early, late = "l1,c1,2025-12-30,no_answer,,", "l1,c1,2025-12-30,declined,2026-01-04,"
    take_outcomes(handed_in(tmp_path, late), workspace)
    assert take_outcomes(handed_in(tmp_path, early), workspace).older == 1
    assert read_rows(workspace, OUTCOMES)["response"].to_list() == ["declined"]


def test_of_several_rows_in_a_file_the_latest_counts(workspace: Workspace, tmp_path: Path) -> None:
    file = handed_in(
        tmp_path, "l1,c1,2025-12-30,interested,2026-01-04,", "l1,c1,2025-12-30,no_answer,,", "l1,c1,,not_contacted,,"
    )
    take_outcomes(file, workspace)
    assert read_rows(workspace, OUTCOMES)["response"].to_list() == ["interested"]


def test_a_refusal_keeps_its_customer_out_the_same_day_and_do_not_contact_for_good(
    workspace: Workspace, tmp_path: Path
) -> None:
    take_outcomes(
        handed_in(tmp_path, "l1,c1,2025-12-31,declined,2025-12-31,", "l1,c2,2025-12-31,declined,2025-12-31,yes"),
        workspace,
    )
    assert {"c1", "c2"} <= set(
        find_suppressions(ContactSources.read(workspace), retail(), [LIST_ON]).people["customer_id"]
    )
    fresh = retail(suppression_source_max_age_days=9999)
    years_later = set(
        find_suppressions(ContactSources.read(workspace), fresh, [dt.date(2030, 12, 31)]).people["customer_id"]
    )
    assert years_later & {"c1", "c2"} == {"c2"}


def test_a_wish_not_to_be_contacted_outlasts_later_answers(workspace: Workspace, tmp_path: Path) -> None:
    take_outcomes(handed_in(tmp_path, "l1,c1,2025-12-30,declined,2025-12-30,1"), workspace)
    take_outcomes(handed_in(tmp_path, "l1,c1,2025-12-30,interested,2026-01-09,"), workspace)
    assert read_rows(workspace, OUTCOMES).select("response", "do_not_contact").rows() == [("interested", True)]


def test_bad_rows_are_set_aside_with_a_reason_and_good_ones_taken(workspace: Workspace, tmp_path: Path) -> None:
    file = handed_in(
        tmp_path,
        "l1,c1,2025-12-31,moved,2025-12-31,",
        ",c1,2025-12-31,moved,2025-12-31,",
        "l1,nobody,2025-12-31,moved,2025-12-31,",
        "l1,c2,2025-12-31,perhaps,2025-12-31,",
        "l1,c3,31.12.2025,moved,2025-12-31,",
        "l1,c4,,moved,2025-12-31,",
        "l1,c5,2025-12-31,moved,2025-12-30,",
    )
    made = take_outcomes(file, workspace)
    assert made.taken.added == 1
    assert made.refused == {
        "a key is missing": 1,
        "answered before contacted": 1,
        "contacted without a day": 1,
        "not a date": 1,
        "unknown customer": 1,
        "unknown response": 1,
    }
    assert made.refused_rows is not None
    assert pl.read_parquet(made.refused_rows)["reason"].len() == 6
    assert "nobody" not in str(made)


@pytest.mark.parametrize("content", ["customer_id,response\nc1,moved\n", "\x00\x01"])
def test_a_file_without_the_columns_says_which_and_takes_nothing(
    workspace: Workspace, tmp_path: Path, content: str
) -> None:
    file = tmp_path / "outcomes.csv"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(InputFileError, match="outcomes must"):
        take_outcomes(file, workspace)
    assert read_rows(workspace, OUTCOMES).is_empty()


def test_a_path_without_a_file_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match="must be a file"):
        take_outcomes(tmp_path / "none.csv", workspace)


def test_records_hold_no_customer(workspace: Workspace, tmp_path: Path) -> None:
    take_outcomes(handed_in(tmp_path, "l1,c1,2025-12-31,moved,2025-12-31,"), workspace)
    (record,) = read_records(workspace, RecordKind.OUTCOMES_TAKEN)
    assert set(record.content) == {"sha256", "added", "changed", "refused"}


def test_what_an_adviser_says_of_a_potential_is_kept_and_another_word_refused(
    workspace: Workspace, tmp_path: Path
) -> None:
    file = tmp_path / "outcomes.csv"
    head = "list_id,customer_id,contacted_on,response,responded_on,wallet_feedback"
    rows = [f"l1,c{number},2025-12-31,interested,,{word}" for number, word in enumerate(("Agree", "", "huge"), start=1)]
    file.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    assert take_outcomes(file, workspace).refused == {"unknown wallet feedback": 1}
    assert read_rows(workspace, OUTCOMES)["wallet_feedback"].to_list() == ["agree", None]


def test_ids_as_they_stand_in_a_released_csv_file_are_known(tmp_path: Path) -> None:
    names = ["=1+1", "+395e5", '200 a,b;"c"', "7;-7", "007"]
    workspace = bank(tmp_path / "workspace", customers=[(name, dt.date(1980, 1, 1), False, None) for name in names])
    file = tmp_path / "back.csv"
    back = pl.DataFrame({"customer_id": names}).with_columns(
        list_id=pl.lit("l1"), contacted_on=pl.lit("2025-12-31"), response=pl.lit("declined"), responded_on=pl.lit("")
    )
    export_table(back.rename({"list_id": "list"}), file, "back")
    pl.read_csv(file, infer_schema=False).rename({"list": "list_id"}).write_csv(file)
    assert "'+395e5" in file.read_text(encoding="utf-8")
    made = take_outcomes(file, workspace)
    assert made.refused == {}
    assert sorted(read_rows(workspace, OUTCOMES)["customer_id"]) == sorted(names)


def test_whom_a_refused_row_names_is_kept_out_until_it_is_mended(workspace: Workspace, tmp_path: Path) -> None:
    def kept_out() -> dict[str, int]:
        found = find_suppressions(ContactSources.read(workspace), retail(), [LIST_ON])
        codes = dict(found.people.filter(pl.col("customer_id") == "c1").group_by("code").len().iter_rows())
        return codes | {"customers": found.protections.customers_in_doubt}

    assert take_outcomes(handed_in(tmp_path, "l1,c1,2025-12-30,Declined,2025-12-31,"), workspace).refused
    assert kept_out() == {IN_DOUBT: 1, "customers": 1}
    take_outcomes(handed_in(tmp_path, "l1,c1,2025-12-30,declined,2025-12-31,"), workspace)
    # of a list that nobody knows, the contact counts as a call
    assert kept_out() == {"declined": 1, "recently_contacted": 1, "call_cap": 1, "customers": 0}


@pytest.mark.parametrize(("word", "never"), [("Y", True), ("x", True), ("1.0", True), ("no", False), ("off", False)])
def test_a_word_that_nobody_knows_protects(workspace: Workspace, tmp_path: Path, word: str, never: bool) -> None:
    take_outcomes(handed_in(tmp_path, f"l1,c1,2025-12-30,moved,2025-12-31,{word}"), workspace)
    assert read_rows(workspace, OUTCOMES)["do_not_contact"].to_list() == [never]


def test_a_wish_in_an_older_file_is_never_lost(workspace: Workspace, tmp_path: Path) -> None:
    take_outcomes(handed_in(tmp_path, "l1,c1,2025-12-30,interested,2026-01-09,"), workspace)
    late = take_outcomes(handed_in(tmp_path, "l1,c1,2025-12-20,no_answer,,yes"), workspace)
    assert (late.older, late.taken.changed) == (1, 1)
    assert read_rows(workspace, OUTCOMES).select("response", "do_not_contact").rows() == [("interested", True)]


@pytest.mark.slow
def test_the_order_of_files_changes_nothing(tmp_path: Path) -> None:
    lines = (
        "l1,c1,2025-12-30,interested,2026-01-04,",
        "l1,c1,2025-12-30,declined,2026-01-04,",
        "l1,c1,2025-12-29,no_answer,,1",
        "l1,c1,2025-12-28,declined,2026-01-02,",
    )
    found = set()
    for number, order in enumerate(permutations(lines)):
        made = bank(tmp_path / f"workspace-{number}")
        for line in order:
            take_outcomes(handed_in(tmp_path, line), made)
        found |= set(read_rows(made, OUTCOMES).select("response", "responded_on", "do_not_contact").rows())
    assert found == {("declined", dt.date(2026, 1, 4), True)}


@pytest.mark.parametrize(
    "line",
    ["l1,c1,2025-12-31,perhaps,2025-12-31,yes", ",c1,2025-12-31,declined,2025-12-31,yes", "l1,c1,1.1.26,moved,,yes"],
)
def test_a_wish_in_a_row_that_is_refused_counts(workspace: Workspace, tmp_path: Path, line: str) -> None:
    made = take_outcomes(handed_in(tmp_path, line), workspace)
    assert sum(made.refused.values()) == 1
    people = find_suppressions(ContactSources.read(workspace), retail(), [LIST_ON]).people
    assert "c1" in set(people["customer_id"])


@pytest.mark.parametrize("word", ["NULL", "\\N", "None", "nan", "N/A", "-", " "])
def test_a_word_for_nothing_is_no_wish(workspace: Workspace, tmp_path: Path, word: str) -> None:
    take_outcomes(handed_in(tmp_path, f"l1,c1,2025-12-30,moved,{word},{word}"), workspace)
    assert read_rows(workspace, OUTCOMES).select("responded_on", "do_not_contact").rows() == [(None, False)]


@pytest.mark.parametrize("word", ["Ja", "是", "#REF!", "stop", "2", "Sperre"])
def test_any_other_word_is_a_wish(workspace: Workspace, tmp_path: Path, word: str) -> None:
    take_outcomes(handed_in(tmp_path, f"l1,c1,2025-12-30,moved,2025-12-31,{word}"), workspace)
    assert read_rows(workspace, OUTCOMES)["do_not_contact"].to_list() == [True]


@pytest.mark.parametrize("name", ["Do_Not_Contact", "do-not-contact", "DNC", "opt_out", "勿扰", "DoNotCall"])
def test_a_wish_under_another_name_is_not_passed_over(workspace: Workspace, tmp_path: Path, name: str) -> None:
    file = handed_in(tmp_path, "l1,c1,2025-12-30,moved,2025-12-31,yes")
    file.write_text(file.read_text(encoding="utf-8").replace("do_not_contact", name), encoding="utf-8")
    with pytest.raises(InputFileError, match="do_not_contact`"):
        take_outcomes(file, workspace)
    assert read_rows(workspace, OUTCOMES).is_empty()


def test_outcomes_come_in_whatever_a_ledger_may_come_in(workspace: Workspace, tmp_path: Path) -> None:
    rows = pl.DataFrame(
        {
            "list_id": ["l1", "l1"],
            "customer_id": ["c1", "c2"],
            "contacted_on": [dt.date(2025, 12, 30)] * 2,
            "response": ["declined", "no_answer"],
            "responded_on": [dt.date(2025, 12, 31), None],
            "do_not_contact": [True, False],
        }
    )
    text = rows.write_csv(separator=";").encode()
    rows.write_parquet(tmp_path / "a.parquet")
    rows.with_columns(pl.col("do_not_contact").cast(pl.String)).write_excel(tmp_path / "b.xlsx")
    for name, content in (("c.csv", "\ufeff".encode() + text), ("d.csv.gz", gzip.compress(text)), ("e.txt", text)):
        (tmp_path / name).write_bytes(content)
    for file in sorted(tmp_path.glob("?.*")):
        made = bank(tmp_path / f"of {file.name}")
        assert take_outcomes(file, made).refused == {}
        taken = read_rows(made, OUTCOMES).sort("customer_id").select(*rows.columns)
        assert taken.rows() == rows.rows()


@pytest.mark.parametrize(
    ("column", "cells"),
    [("customer_id", [6222021234567890123.0]), ("customer_id", ["6.22E+18"]), ("list_id", [float(2**53)])],
)
def test_outcomes_of_rounded_ids_are_refused_whole(
    workspace: Workspace, tmp_path: Path, column: str, cells: list[object]
) -> None:
    row = {"list_id": "l1", "customer_id": "c1", "contacted_on": "", "response": "not_contacted", "responded_on": ""}
    pl.DataFrame({**{name: [cell] for name, cell in row.items()}, column: cells}).write_parquet(tmp_path / "x.parquet")
    with pytest.raises(InputFileError, match="rounded numbers"):
        take_outcomes(tmp_path / "x.parquet", workspace)


@pytest.mark.parametrize("given", ["7", "0007"])
def test_an_id_without_its_zeros_is_refused_and_its_customer_is_protected(tmp_path: Path, given: str) -> None:
    workspace = bank(tmp_path / "w", customers=[("007", dt.date(1980, 1, 1), False, None)])
    made = take_outcomes(handed_in(tmp_path, f"l1,{given},2025-12-30,declined,2025-12-31,"), workspace)
    assert made.refused == {"unknown customer": 1}
    assert ContactSources.read(workspace).in_doubt.rows() == [("007", IN_DOUBT)]
    take_outcomes(handed_in(tmp_path, f"l1,{given},2025-12-30,declined,2025-12-31,yes"), workspace)
    assert read_rows(workspace, OUTCOMES).select("customer_id", "do_not_contact").rows() == [("007", True)]


def test_an_instant_with_a_zone_is_no_day_of_an_outcome(workspace: Workspace, tmp_path: Path) -> None:
    made = take_outcomes(handed_in(tmp_path, "l1,c1,2025-12-30T17:00:00Z,declined,2025-12-31,"), workspace)
    assert made.refused == {"not a date": 1}

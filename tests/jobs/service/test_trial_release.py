"""Who is served otherwise leaves with a record first, and the file names no arm."""

from __future__ import annotations

import datetime as dt
import json
import re
import stat
from collections.abc import Callable
from pathlib import Path

import openpyxl
import polars as pl
import pytest

import segment.warehouse.controlled_export as export_module
from segment.exceptions import BusyError, ListError, SuppressionError
from segment.jobs.service.trial_draw import draw_trial
from segment.jobs.service.trial_release import release_served
from segment.ledger.protection import IN_DOUBT
from segment.store.records import check_chain, read_records
from segment.store.row_store import read_rows, upsert_rows
from segment.store.stored_tables import ENROLMENTS, OBJECTIONS
from segment.workspace import Workspace
from tests.jobs.lists.campaign import campaigns_of
from tests.jobs.service.trial_bank import UNTIL, crowd, policy, workspace_of
from tests.service.people import AS_OF

POLICY = policy()


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    made = workspace_of(tmp_path / "w", crowd(400))
    draw_trial(AS_OF, made, POLICY)
    return made


def let_go(workspace: Workspace, out: Path, **given: object) -> pl.DataFrame:
    release_served(draw_trial(AS_OF, workspace, POLICY), out, workspace, POLICY, **given)  # type: ignore[arg-type]
    return pl.read_csv(out, try_parse_dates=True)


def test_a_file_holds_only_who_is_served_otherwise_and_no_arm(workspace: Workspace, tmp_path: Path) -> None:
    out = tmp_path / "served.csv"
    rows = let_go(workspace, out)
    assert rows.columns == ["customer_id", "branch_id", "tier", "served_as", "until", "watermark"]
    assert (rows["tier"] != rows["served_as"]).all()
    assert rows["customer_id"].is_sorted()
    assert set(rows["until"]) == {UNTIL}
    kept = read_rows(workspace, ENROLMENTS).filter(pl.col("arm") != "as_is")
    assert set(rows["customer_id"]) == set(kept["customer_id"])
    assert stat.S_IMODE(out.stat().st_mode) == 0o600


def test_a_branch_gets_its_own_customers(workspace: Workspace, tmp_path: Path) -> None:
    whole = let_go(workspace, tmp_path / "all.csv")
    own = let_go(workspace, tmp_path / "own.csv", branch="b1")
    assert own.drop("watermark").equals(whole.filter(pl.col("branch_id") == "b1").drop("watermark"))


def test_the_record_comes_first_and_names_no_customer(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, seen, write = tmp_path / "served.csv", [], export_module.append_record

    def watched(*arguments: object, **named: object) -> object:
        seen.append(out.exists())
        return write(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(export_module, "append_record", watched)
    let_go(workspace, out)
    (record,) = read_records(workspace)
    assert seen == [False]
    assert (record.kind, record.why) == ("service_released", "service by branches")
    assert "c0" not in json.dumps(record.content["filter"])
    # as a word: a hash may hold the letters of an id
    assert not set(crowd(400)["customer_id"]) & set(re.findall(r"\w+", json.dumps(record.to_dict())))
    assert check_chain(workspace) == 1


def test_without_a_record_there_is_no_file(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(export_module, "append_record", broken)
    with pytest.raises(OSError, match="no space"):
        let_go(workspace, tmp_path / "out" / "served.csv")
    assert list((tmp_path / "out").iterdir()) == []


def test_no_cell_is_a_formula(tmp_path: Path) -> None:
    tiers = crowd(400).with_columns(customer_id=pl.concat_str(pl.lit("=1+"), "customer_id"))
    workspace = workspace_of(tmp_path / "w", tiers)
    assert let_go(workspace, tmp_path / "served.csv")["customer_id"].str.starts_with("'=").all()
    release_served(draw_trial(AS_OF, workspace, POLICY), tmp_path / "served.xlsx", workspace, POLICY)
    page = openpyxl.load_workbook(tmp_path / "served.xlsx")["service by branch"]
    assert {cell.data_type for cell in page["A"]} == {"s"}


def test_an_objection_of_this_morning_takes_its_row_out(workspace: Workspace, tmp_path: Path) -> None:
    """GDPR art. 21, PIPL art. 24: within a day of the objection nothing is decided by profiling."""
    first = let_go(workspace, tmp_path / "first.csv")
    gone = first["customer_id"][0]
    made = pl.DataFrame(
        [(gone, "profiling", AS_OF + dt.timedelta(days=9), None)], schema=OBJECTIONS.schema, orient="row"
    )
    upsert_rows(workspace, OBJECTIONS, made)
    second = let_go(workspace, tmp_path / "second.csv")
    assert second["customer_id"].to_list() == first["customer_id"].to_list()[1:]


def test_nothing_leaves_where_a_source_of_protection_is_stale(
    workspace: Workspace, tmp_path: Path, clock: Callable[[dt.date], None]
) -> None:
    clock(AS_OF + dt.timedelta(days=90))
    with pytest.raises(SuppressionError, match="Stale: deaths"):
        let_go(workspace, tmp_path / "served.csv", on=AS_OF + dt.timedelta(days=90))


def test_nobody_served_otherwise_is_no_file(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(ListError, match="Nobody is, of 400 customers, in this branch"):
        let_go(workspace, tmp_path / "served.csv", branch="b9")


def test_the_days_rows_count_with_those_of_lists(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = let_go(workspace, tmp_path / "one.csv").height
    contact = POLICY.upgrade.contact_rules.model_copy(update={"most_rows_a_day": 2 * rows - 1})
    upgrade = POLICY.upgrade.model_copy(update={"contact_rules": contact})
    few = POLICY.model_copy(update={"upgrade": upgrade})
    with pytest.raises(ListError, match=f"Got {rows} after {rows} today"):
        release_served(draw_trial(AS_OF, workspace, few), tmp_path / "two.csv", workspace, few)


def test_the_file_is_no_list_of_contacts(workspace: Workspace, tmp_path: Path) -> None:
    let_go(workspace, tmp_path / "served.csv")
    assert campaigns_of(AS_OF, workspace, POLICY) == ()


def test_a_release_of_service_asks_for_the_protections_and_says_which_were_looked_at(
    workspace: Workspace, tmp_path: Path
) -> None:
    out = tmp_path / "served.csv"
    let_go(workspace, out)
    told = json.loads((tmp_path / "served.csv.manifest.json").read_text())["protections"]
    assert (told["contact_rules"], told["birth_dates"]) == (1, 400)
    kept = workspace.reference / "contact_rules.parquet"
    pl.read_parquet(kept).clear().write_parquet(kept)
    with pytest.raises(SuppressionError, match="no row of: contact_rules"):
        let_go(workspace, tmp_path / "again.csv")
    assert not (tmp_path / "again.csv").exists()


def test_a_household_in_doubt_is_in_no_arm(tmp_path: Path) -> None:
    people = crowd(400)
    names = people["customer_id"].to_list()
    made = workspace_of(tmp_path / "w", people, rules=[(name, IN_DOUBT, None, None, None) for name in names[:390]])
    drawn = draw_trial(AS_OF, made, POLICY)
    assert drawn.now.filter(pl.col("served_as") != pl.col("tier"))["customer_id"].is_in(names[390:]).all()


def test_an_objection_since_the_draw_stops_the_file(workspace: Workspace, tmp_path: Path) -> None:
    drawn = draw_trial(AS_OF, workspace, POLICY)
    row = ("c0001", "profiling", AS_OF, None)
    upsert_rows(workspace, OBJECTIONS, pl.DataFrame([row], schema=OBJECTIONS.schema, orient="row"))
    with pytest.raises(BusyError, match="Something was handed in meanwhile"):
        release_served(drawn, tmp_path / "served.csv", workspace, POLICY)
    assert not (tmp_path / "served.csv").exists()

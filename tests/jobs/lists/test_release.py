"""A list leaves held to every rule again, with its record written first, whole or not at all."""

from __future__ import annotations

import datetime as dt
import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from filelock import FileLock

import segment.jobs.lists.release as release_module
import segment.warehouse.controlled_export as export_module
from segment.exceptions import BusyError, ExportError, ListError, WorkspaceError
from segment.files import file_hash, write_parquet
from segment.jobs.lists.list_words import summary_of
from segment.jobs.lists.release import Paper, Released, release
from segment.ledger.protection import IN_DOUBT
from segment.policy import Policy
from segment.sentences import Language, Sentences
from segment.store.record_kinds import RecordKind
from segment.store.records import check_chain, read_records
from segment.store.row_store import delete_rows, read_rows, upsert_rows
from segment.store.stored_tables import LIST_ROWS, OBJECTIONS, OUTCOMES, RELEASED, StoredTable
from segment.warehouse.controlled_export import manifest_of
from segment.warehouse.tiers_table import publish_tiers
from segment.workspace import Workspace
from tests.jobs.lists.made_lists import EXPIRES_ON, LIST_ID, LIST_ON, bank, listed, retail
from tests.stored import stored_list

RETAIL = retail()


def leave(workspace: Workspace, rows: pl.DataFrame, path: Path, policy: Policy = RETAIL, **changes: Any) -> Released:
    given = {"list_id": LIST_ID, "list_on": LIST_ON, "as_of": LIST_ON, **changes}
    return release(rows, path, workspace=workspace, policy=policy, **given)


def day(offset: int) -> dt.date:
    return LIST_ON + dt.timedelta(days=offset)


def nothing_at(path: Path) -> bool:
    """Neither file nor manifest nor a leftover beside them."""
    return not path.parent.exists() or list(path.parent.iterdir()) == []


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out" / "list.csv"


@pytest.mark.parametrize("ending", [".csv", ".parquet", ".xlsx"])
def test_file_and_manifest_are_for_their_owner_alone(tmp_path: Path, out: Path, ending: str) -> None:
    workspace = bank(tmp_path / "w")
    made = leave(workspace, listed(workspace), out.with_suffix(ending))
    assert {stat.S_IMODE(path.stat().st_mode) for path in out.parent.iterdir()} == {0o600}
    assert sorted(out.parent.iterdir()) == sorted([made.path, made.manifest])


def test_the_manifest_says_what_the_file_holds(tmp_path: Path, out: Path) -> None:
    workspace = bank(tmp_path / "w")
    made = leave(workspace, listed(workspace), out, purpose="spring campaign", selection={"branch": "007"})
    told, record = json.loads(made.manifest.read_text()), read_records(workspace, RecordKind.LIST_RELEASED)[0]
    assert told["sha256"] == file_hash(out) == record.content["sha256"]
    assert (told["record"], told["record_sha256"]) == (record.number, record.sha256)
    assert (told["rows"], told["expires_on"], told["policy_hash"]) == (10, EXPIRES_ON.isoformat(), RETAIL.hash)
    types = {column["name"]: column["type"] for column in told["columns"]}
    assert types["expected_net_gain_12m"] == "Float64"
    assert types["customer_id"] == "String"


def test_the_record_says_who_why_and_what_but_names_no_customer_and_no_folder(tmp_path: Path, out: Path) -> None:
    workspace = bank(tmp_path / "w")
    made = leave(workspace, listed(workspace), out, purpose="spring campaign", selection={"branch": "007"})
    record = read_records(workspace)[made.record - 1]
    assert (record.kind, record.why, record.content["rows"]) == ("list_released", "spring campaign", 10)
    assert (record.content["filter"], record.content["file"]) == ({"branch": "007"}, "list.csv")
    assert not any(f"c{number}" in json.dumps(record.content["filter"]) for number in range(10))
    assert str(tmp_path) not in json.dumps(record.to_dict())
    assert check_chain(workspace) == 1


def test_a_file_holds_only_what_marketing_needs_and_says_in_each_row_who_released_it(
    tmp_path: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("segment.settings.login_name", lambda: "ann")
    workspace = bank(tmp_path / "w")
    leave(workspace, listed(workspace), out)
    rows = pl.read_csv(out)
    assert {"household", "stratum"}.isdisjoint(rows.columns)
    assert {"say", "do_not_say", "bundle_name", "rm_id", "expires_on"} <= set(rows.columns)
    assert rows.columns[-1] == "watermark"
    assert rows["watermark"].str.contains(f"List {LIST_ID}, released by ann at 20").all()


# --- asked again now ---------------------------------------------------------------------------------------------


def test_a_refusal_of_the_same_day_keeps_its_customer_out_of_the_file(tmp_path: Path, out: Path) -> None:
    """GDPR art. 21(3): after an objection to direct marketing the data are no longer processed for it."""
    workspace = bank(tmp_path / "w")
    rows = listed(workspace)
    refused = [
        ("old", "c1", LIST_ON, "declined", LIST_ON, False, None),
        ("old", "c2", None, "no_answer", None, True, None),
    ]
    upsert_rows(workspace, OUTCOMES, pl.DataFrame(refused, schema=OUTCOMES.schema, orient="row"))
    objected = [("c3", "profiling", LIST_ON, None)]
    upsert_rows(workspace, OBJECTIONS, pl.DataFrame(objected, schema=OBJECTIONS.schema, orient="row"))
    made = leave(workspace, rows, out)
    assert made.withdrawn == {"declined": 1, "do_not_contact": 1, "profiling_objection": 1}
    assert set(pl.read_csv(out)["customer_id"]) == {"c0", "c4", "c5", "c6", "c7", "c8", "c9"}


def test_an_objection_that_was_withdrawn_keeps_nobody_out(tmp_path: Path, out: Path) -> None:
    workspace = bank(tmp_path / "w")
    objected = [("c3", "profiling", day(-9), day(-1))]
    upsert_rows(workspace, OBJECTIONS, pl.DataFrame(objected, schema=OBJECTIONS.schema, orient="row"))
    assert leave(workspace, listed(workspace), out).withdrawn == {}


def test_a_customer_whom_the_ledger_does_not_know_is_withdrawn(tmp_path: Path, out: Path) -> None:
    workspace = bank(tmp_path / "w")
    made = leave(workspace, listed(workspace, [{}, {"customer_id": "stranger"}]), out)
    assert made.withdrawn == {"unknown_customer": 1}


def test_a_row_that_several_rules_keep_out_counts_under_the_hardest(tmp_path: Path, out: Path) -> None:
    rules = [("c0", "opt_out", None, day(-5), None), ("c0", "deceased", None, day(-5), None)]
    workspace = bank(tmp_path / "w", rules=rules)
    assert leave(workspace, listed(workspace), out).withdrawn == {"deceased": 1}


def test_a_bundle_that_was_offered_within_half_a_year_is_not_offered_again(tmp_path: Path, out: Path) -> None:
    outcomes = [("old", customer, day(-100), "interested", None) for customer in ("c0", "c1")]
    workspace = bank(tmp_path / "w", outcomes=outcomes)
    listed(workspace, [{"channel": "online"}, {"bundle": "card", "channel": "online"}], "old")
    assert leave(workspace, listed(workspace), out).withdrawn == {"same_bundle": 1}


@pytest.mark.parametrize("channel", ["phone", "online"])
def test_a_second_call_within_a_month_is_withdrawn_and_another_channel_is_not(
    tmp_path: Path, out: Path, channel: str
) -> None:
    workspace = bank(tmp_path / "w", outcomes=[("lost", "c0", day(-20), "no_answer", None)])
    made = leave(workspace, listed(workspace, [{"channel": channel}, {}]), out)
    assert made.withdrawn == ({"call_cap": 1} if channel == "phone" else {})


# --- what stops a release ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sources", "needed", "message"),
    [
        ([("deaths", day(-4))], (), r"Stale: deaths"),
        ([("deaths", None)], (), r"Stale: deaths"),
        ([("deaths", LIST_ON)], ("objections",), r"Missing: objections"),
        ([], ("objections",), r"It gives no row of: suppression_sources"),
    ],
)
def test_a_stale_or_missing_source_stops_the_file(
    tmp_path: Path, out: Path, sources: list[tuple[object, ...]], needed: tuple[str, ...], message: str
) -> None:
    workspace = bank(tmp_path / "w", sources=sources)
    with pytest.raises(ListError, match=message):
        leave(workspace, listed(workspace), out, retail(needed_sources=needed))
    assert nothing_at(out)


def test_a_lost_table_of_contact_rules_stops_the_file(tmp_path: Path, out: Path) -> None:
    workspace = bank(tmp_path / "w")
    rows = listed(workspace)
    (workspace.reference / "contact_rules.parquet").unlink()
    with pytest.raises(WorkspaceError, match="Missing: contact_rules"):
        leave(workspace, rows, out)
    assert nothing_at(out)


@pytest.mark.parametrize(("late", "stops"), [(30, False), (31, True)])
def test_an_expired_list_stays(
    tmp_path: Path, out: Path, late: int, stops: bool, clock: Callable[[dt.date], None]
) -> None:
    clock(day(late))
    workspace = bank(tmp_path / "w", sources=[("deaths", day(late))])
    if stops:
        with pytest.raises(ListError, match="must not have expired on 2026-01-31. 10 rows have"):
            leave(workspace, listed(workspace), out, on=day(late))
        assert nothing_at(out)
    else:
        assert leave(workspace, listed(workspace), out, on=day(late)).rows == 10


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (pl.lit("control").alias("arm"), "are not of the contact arm"),
        (pl.lit(None, pl.String).alias("arm"), "are not of the contact arm"),
        (pl.lit("other").alias("list_id"), "are not of this list"),
        (pl.lit("c1").alias("customer_id"), "name a customer twice"),
        (pl.lit(None, pl.Date).alias("expires_on"), "have no expiry date"),
        (pl.lit(None, pl.String).alias("channel"), "name no channel"),
        (pl.lit("Paid 12,500 to another bank").alias("reason_1"), "give an amount or a number as a reason"),
        (pl.lit("You see: no salary or pension arrives here!").alias("say"), "recite a reason"),
    ],
)
def test_rows_that_may_not_leave_stop_the_file(tmp_path: Path, out: Path, change: pl.Expr, message: str) -> None:
    workspace = bank(tmp_path / "w")
    with pytest.raises(ListError, match=message):
        leave(workspace, listed(workspace).with_columns(change), out)
    assert nothing_at(out)
    assert read_records(workspace) == []


def test_the_figure_of_an_event_at_this_bank_may_leave_and_no_other(tmp_path: Path, out: Path) -> None:
    workspace = bank(tmp_path / "w")
    event = {"trigger": "deposit_matures", "trigger_on": day(14), "trigger_amount": 50_000.0}
    rows = listed(workspace, [{**event, "reason_1": "A deposit of 50,000 matures on 14 January"}])
    assert leave(workspace, rows, out).rows == 1
    told = rows.with_columns(reason_2=pl.lit("Paid 12,500 to another bank"))
    with pytest.raises(ListError, match="1 give an amount or a number as a reason"):
        leave(workspace, told, out)


def test_a_row_whose_event_is_over_stays_and_the_others_go(
    tmp_path: Path, out: Path, clock: Callable[[dt.date], None]
) -> None:
    clock(day(15))
    workspace = bank(tmp_path / "w", sources=[("deaths", day(15))])
    rows = listed(workspace, [{"expires_on": day(14)}, {"expires_on": day(15)}, {}])
    made = leave(workspace, rows, out, on=day(15))
    assert (made.rows, made.withdrawn) == (2, {"expired": 1})
    assert json.loads(made.manifest.read_text())["expires_on"] == EXPIRES_ON.isoformat()


def test_a_customer_of_the_control_arm_cannot_be_put_among_those_to_contact(tmp_path: Path, out: Path) -> None:
    workspace = bank(tmp_path / "w")
    rows = listed(workspace, [{}, {"arm": "control"}])
    smuggled = pl.concat([rows, rows.with_columns(customer_id=pl.lit("c1"))])
    with pytest.raises(ListError, match="1 are not of the contact arm, 1 are not of this list"):
        leave(workspace, smuggled, out)
    assert nothing_at(out)


def test_a_list_without_its_analytics_copy_stays(tmp_path: Path, out: Path) -> None:
    workspace = bank(tmp_path / "w")
    rows = listed(workspace)
    delete_rows(workspace, LIST_ROWS, stored_list(workspace, LIST_ID))
    with pytest.raises(ListError, match="analytics copy"):
        leave(workspace, rows, out)


def test_a_list_of_which_nobody_is_left_stays(tmp_path: Path, out: Path) -> None:
    workspace = bank(tmp_path / "w", rules=[("c0", "deceased", None, day(-5), None)])
    with pytest.raises(ListError, match="All 1 rows of the list are suppressed"):
        leave(workspace, listed(workspace, 1), out)
    assert nothing_at(out)


def test_a_person_releases_only_so_many_rows_a_day(tmp_path: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace, policy = bank(tmp_path / "w"), retail(most_rows_a_day=15)
    monkeypatch.setattr("segment.settings.login_name", lambda: "ann")
    leave(workspace, listed(workspace), out, policy)
    with pytest.raises(ListError, match="up to 15 rows a day. Got 10 after 10 today"):
        leave(workspace, listed(workspace), out.with_name("again.csv"), policy)
    assert not out.with_name("again.csv").exists()
    monkeypatch.setattr("segment.settings.login_name", lambda: "ben")
    assert leave(workspace, listed(workspace), out.with_name("again.csv"), policy).rows == 10


def test_two_releases_do_not_go_on_at_once(tmp_path: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = bank(tmp_path / "w")
    rows = listed(workspace)
    leave(workspace, rows, out.with_name("first.csv"))
    monkeypatch.setattr(release_module, "WAIT_SECONDS", 0.1)
    with FileLock(workspace.lists / "release.lock"), pytest.raises(BusyError, match="One release at a time"):
        leave(workspace, rows, out)
    assert not out.exists()


# --- record first, then the file ---------------------------------------------------------------------------------


def broken(*_: object, **__: object) -> None:
    raise OSError("no space left")


def test_without_a_record_there_is_no_file(tmp_path: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = bank(tmp_path / "w")
    monkeypatch.setattr(export_module, "append_record", broken)
    with pytest.raises(OSError, match="no space"):
        leave(workspace, listed(workspace), out)
    assert nothing_at(out)
    assert read_rows(workspace, RELEASED).is_empty()


def test_the_record_stands_before_the_file_has_its_name(
    tmp_path: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, seen, write = bank(tmp_path / "w"), [], export_module.append_record

    def watched(*arguments: Any, **named: Any) -> Any:
        seen.append(out.exists() or manifest_of(out).exists())
        return write(*arguments, **named)

    monkeypatch.setattr(export_module, "append_record", watched)
    leave(workspace, listed(workspace), out)
    assert seen == [False]


@pytest.mark.parametrize("step", ["write_json", "write_export", "upsert_rows"])
def test_a_failure_on_the_way_leaves_nothing_at_the_path(
    tmp_path: Path, out: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    workspace = bank(tmp_path / "w")
    rows = listed(workspace)
    monkeypatch.setattr(release_module if step == "upsert_rows" else export_module, step, broken)
    with pytest.raises(OSError, match="no space"):
        leave(workspace, rows, out)
    assert nothing_at(out)
    told = [one.kind for one in read_records(workspace)]
    assert told == (["list_released", "list_release_failed"] if step == "write_json" else [])


def test_a_path_that_cannot_be_written_takes_the_manifest_back(tmp_path: Path, out: Path) -> None:
    workspace = bank(tmp_path / "w")
    out.mkdir(parents=True)
    with pytest.raises(OSError, match="directory"):
        leave(workspace, listed(workspace), out)
    assert not manifest_of(out).exists()
    assert [one.kind for one in read_records(workspace)] == ["list_released", "list_release_failed"]


def test_an_unknown_ending_is_refused_before_any_work(tmp_path: Path, out: Path) -> None:
    workspace = bank(tmp_path / "w")
    with pytest.raises(ExportError, match="must end in"):
        leave(workspace, listed(workspace), out.with_suffix(".doc"))
    assert nothing_at(out)


def test_who_is_in_doubt_stays_and_the_release_says_which_protections_were_looked_at(tmp_path: Path, out: Path) -> None:
    workspace = bank(tmp_path / "w", rules=[("c3", IN_DOUBT, None, None, None), (None, IN_DOUBT, None, None, None)])
    made = leave(workspace, listed(workspace), out)
    assert made.withdrawn == {IN_DOUBT: 1}
    assert "1 customers are kept out until they are mended, and 1 of the rows name nobody" in str(made)
    told = json.loads(made.manifest.read_text())["protections"]
    assert told == read_records(workspace, RecordKind.LIST_RELEASED)[0].content["protections"]
    counts = ("contact_rules", "rows_in_doubt", "customers_in_doubt", "birth_dates", "suppression_sources")
    assert [told[name] for name in counts] == [1, 2, 1, 10, 1]


@pytest.mark.parametrize("table", ["contact_rules", "suppression_sources"])
def test_no_list_leaves_without_the_protections_of_the_law(tmp_path: Path, out: Path, table: str) -> None:
    workspace = bank(tmp_path / "w")
    rows, kept = listed(workspace), workspace.reference / f"{table}.parquet"
    write_parquet(pl.read_parquet(kept).clear(), kept)
    with pytest.raises(ListError, match=f"no row of: {table}"):
        leave(workspace, rows, out)
    assert nothing_at(out)


@pytest.mark.parametrize("table", [OBJECTIONS, OUTCOMES], ids=["objection", "outcome"])
def test_a_wish_that_comes_between_check_and_record_stops_the_file(
    tmp_path: Path, out: Path, monkeypatch: pytest.MonkeyPatch, table: StoredTable
) -> None:
    workspace = bank(tmp_path / "w")
    rows, write = listed(workspace), export_module.write_export
    wishes = {
        OBJECTIONS.name: ("c3", "marketing", LIST_ON, None),
        OUTCOMES.name: ("old", "c2", None, "no_answer", None, True, None),
    }

    def meanwhile(*arguments: Any, **options: Any) -> None:
        upsert_rows(workspace, table, pl.DataFrame([wishes[table.name]], schema=table.schema, orient="row"))
        write(*arguments, **options)

    with monkeypatch.context() as patched:
        patched.setattr(export_module, "write_export", meanwhile)
        with pytest.raises(BusyError, match="Something was handed in meanwhile"):
            leave(workspace, rows, out)
    assert nothing_at(out)
    assert read_records(workspace) == []
    assert leave(workspace, rows, out).rows == 9


def test_who_has_fallen_into_arrears_since_the_list_was_made_stays(tmp_path: Path, out: Path) -> None:
    """DOMAIN.md 3.10: no marketing in arrears."""
    workspace = bank(tmp_path / "w")
    rows = listed(workspace)
    states = pl.DataFrame({"customer_id": ["c3", "c4"], "sub_state": ["in_arrears", "be_mass"]})
    publish_tiers(states.with_columns(as_of=pl.lit(LIST_ON)), workspace.tiers)
    assert leave(workspace, rows, out).withdrawn == {"in_arrears": 1}


def test_a_chinese_workbook_says_in_chinese_what_it_is(tmp_path: Path, out: Path) -> None:
    workspace, path = bank(tmp_path / "w"), out.with_suffix(".xlsx")
    leave(workspace, listed(workspace), path, paper=Paper(words=Sentences("zh")))
    book = openpyxl.load_workbook(path)
    assert book.sheetnames[-1] == "关于本名单"
    titles = [row[0].value for row in book["关于本名单"].iter_rows()]
    assert "释出人" in titles
    assert not [title for title in titles if title.isascii() and title != "Trial"]


@pytest.mark.parametrize(
    ("language", "tiers", "value"),
    [
        ("en", "as of 2025-12-31, published by refresh-1", "1,200 to 3,000"),
        ("zh", "截至 2025-12-31，由 refresh-1 发布", "1,200 至 3,000"),
    ],
)
def test_a_file_says_whose_tiers_it_is_made_of_and_what_the_list_is_worth(
    language: Language, tiers: str, value: str
) -> None:
    worth = {"value": 2_000.0, "low": 1_200.0, "high": 3_000.0, "contacts": 40, "cost": 99.0, "hours": 3.0}
    worth |= {"hours_there": 9.0, "adviser_more": 70.0, "left_out": {"control": {"customers": 4, "value": 50.0}}}
    report = {"as_of": "2025-12-31", "tiers_runs": ["refresh-1"], "worth": worth}
    said = list(summary_of(json.dumps(report), Sentences(language)).values())
    assert said[0] == tiers
    assert said[2] == value
    assert summary_of("{}", Sentences(language)) == {}

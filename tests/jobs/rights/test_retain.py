"""What was kept for long enough goes, what a law or the next run needs stays, and both are on record."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from pydantic import ValidationError

from segment.exceptions import NotPublishedError
from segment.files import write_json, write_parquet
from segment.jobs.build.extract import extract
from segment.jobs.publish.refresh import refresh
from segment.jobs.rights.retain import retain
from segment.policy import Policy
from segment.policy.retention import Retention
from segment.service.service_trial import ENROLLED
from segment.store.record_kinds import RecordKind
from segment.store.records import read_records
from segment.store.row_store import read_rows, upsert_rows
from segment.store.stored_tables import DRAWS, ENROLMENTS, OBJECTIONS, OUTCOMES, REVIEWS
from segment.warehouse.tiers_table import publish_tiers, published_dates, read_tiers
from segment.warehouse.version_history import orphaned_files
from segment.warehouse.workspace_clock import admit_ledger
from segment.workspace import Workspace
from tests.conftest import AS_OF, Bank, Said
from tests.jobs.lists.made_lists import bank, listed, retail
from tests.stored import store_list
from tests.warehouse.test_tiers_table import lose_the_log_before, tiers

ON = dt.date(2030, 6, 30)
OLD, YOUNG = dt.date(2027, 6, 29), dt.date(2027, 7, 1)
POLICY = retail()


def moment(year: int) -> dt.date:
    return dt.date(year, 12, 31)


@pytest.fixture
def workspace(tmp_path: Path, clock: Callable[[dt.date], None]) -> Workspace:
    clock(ON)
    place = bank(tmp_path / "w", rules=[("c1", "litigation", None, dt.date(2025, 1, 1), None)])
    listed(place)
    for year in range(2023, 2027):
        publish_tiers(tiers(moment(year)), place.tiers)
        write_parquet(pl.DataFrame({"customer_id": ["c1", "c2"]}), place.snapshot(moment(year)))
        write_json({}, place.runs / f"refresh-{moment(year)}-abc" / "run.json")
    return place


def test_nothing_goes_in_a_dry_run_and_what_would_go_first_is_said(workspace: Workspace) -> None:
    before = {path: path.read_bytes() for path in workspace.root.rglob("*") if path.is_file()}
    found = retain(workspace, POLICY, ON, dry_run=True)
    assert (found.counts["snapshots"], found.counts["tiers"], found.counts["lists"]) == (3, 2, 10)
    assert found.to_dict()["stores"][0]["files"] == [f"{moment(year)}.parquet" for year in (2023, 2024, 2025)]
    assert {path: path.read_bytes() for path in workspace.root.rglob("*") if path.is_file()} == before


def test_old_moments_leave_every_version_and_the_last_two_stay(workspace: Workspace) -> None:
    assert retain(workspace, POLICY, ON).counts["reports"] == 2
    assert published_dates(workspace.tiers) == [moment(2025), moment(2026)]
    assert published_dates(workspace.tiers, 1) == []
    assert read_tiers(workspace.tiers, moment(2025), 2).height == 2
    with pytest.raises(NotPublishedError, match="Published: 2025-12-31, 2026-12-31"):
        read_tiers(workspace.tiers, moment(2023))
    reports = sorted(path.name for path in workspace.runs.iterdir())
    assert reports == [f"refresh-{moment(year)}-abc" for year in (2025, 2026)]
    assert retain(workspace, POLICY, ON).record is None


def test_versions_that_were_replaced_long_ago_go_and_the_newest_stays(workspace: Workspace) -> None:
    publish_tiers(tiers(moment(2026), "high_value"), workspace.tiers)
    retain(workspace, POLICY, ON)
    assert published_dates(workspace.tiers, 3) == [moment(2025)]
    assert read_tiers(workspace.tiers, moment(2026))["tier"].to_list() == ["break_even", "high_value"]


def test_published_rows_that_no_version_names_go_as_well(workspace: Workspace) -> None:
    of_a_killed_write = workspace.tiers / f"as_of={moment(2026)}" / "part-0.parquet"
    write_parquet(tiers(moment(2026)).drop("as_of"), of_a_killed_write)
    assert retain(workspace, POLICY, ON).counts["orphaned tiers"] == 1
    assert not of_a_killed_write.exists()
    assert read_tiers(workspace.tiers, moment(2026)).height == 2


def test_publications_whose_log_was_lost_stay_for_as_long_as_others(
    workspace: Workspace, clock: Callable[[dt.date], None]
) -> None:
    lose_the_log_before(workspace.tiers, 3)
    assert retain(workspace, POLICY, ON, dry_run=True).counts["orphaned tiers"] == 0
    publish_tiers(tiers(moment(2026), "high_value"), workspace.tiers)
    lose_the_log_before(workspace.tiers, 4)
    assert len(orphaned_files(workspace.tiers)) == 1
    young = dt.date.today() + dt.timedelta(days=30)
    clock(young)
    assert retain(workspace, POLICY, young).counts["orphaned tiers"] == 0
    clock(ON)
    assert retain(workspace, POLICY, ON).counts["orphaned tiers"] == 1
    assert orphaned_files(workspace.tiers) == []


def test_gdpr_17_3_rows_of_who_is_in_a_lawsuit_stay_until_it_ends(workspace: Workspace) -> None:
    retain(workspace, POLICY, ON)
    held = workspace.legal_holds
    kept = sorted(path.relative_to(held).as_posix() for path in held.rglob("*.parquet"))
    assert f"snapshots/{moment(2023)}.parquet" in kept
    assert all(set(pl.read_parquet(workspace.legal_holds / name)["customer_id"]) == {"c1"} for name in kept)
    rules = workspace.reference / "contact_rules.parquet"
    write_parquet(pl.read_parquet(rules).with_columns(ends_on=dt.date(2029, 1, 1)), rules)
    retain(workspace, POLICY, ON)
    assert list(workspace.legal_holds.rglob("*.parquet")) == []


@pytest.mark.parametrize(("day", "left"), [(OLD, 1), (YOUNG, 2)])
def test_pipl_56_decisions_go_after_three_years_and_not_a_day_before(
    workspace: Workspace, day: dt.date, left: int
) -> None:
    decided = ("r1", "c2", "B", "fee", "i", OLD, "Ann", OLD, "refused", "Bea", day, "no")
    still_open = ("r2", "c2", "B", "fee", "i", OLD, "Ann", OLD, None, None, None, None)
    rows = [dict(zip(REVIEWS.schema, row, strict=False)) for row in (decided, still_open)]
    upsert_rows(workspace, REVIEWS, pl.DataFrame(rows, schema=REVIEWS.schema))
    objections = [("c2", "profiling", OLD, day), ("c3", "profiling", OLD, None)]
    upsert_rows(workspace, OBJECTIONS, pl.DataFrame(objections, schema=OBJECTIONS.schema, orient="row"))
    retain(workspace, POLICY, ON)
    assert read_rows(workspace, REVIEWS).height == left
    assert read_rows(workspace, OBJECTIONS).height == left
    assert "c3" in set(read_rows(workspace, OBJECTIONS)["customer_id"])


def test_gdpr_21_3_a_wish_never_to_be_contacted_outlasts_the_outcome(workspace: Workspace) -> None:
    rows = [("l", name, OLD, "declined", OLD, never, None) for name, never in (("c2", True), ("c3", False))]
    upsert_rows(workspace, OUTCOMES, pl.DataFrame(rows, schema=OUTCOMES.schema, orient="row"))
    assert retain(workspace, POLICY, ON).counts["outcomes"] == 1
    assert read_rows(workspace, OUTCOMES)["customer_id"].to_list() == ["c2"]


@pytest.mark.parametrize(("day", "left"), [(OLD, 0), (YOUNG, 1)])
def test_who_was_in_a_trial_goes_three_years_after_its_end_unless_in_a_lawsuit(
    workspace: Workspace, day: dt.date, left: int
) -> None:
    people = pl.DataFrame([{"customer_id": name, "until": day} for name in ("c1", "c2")], schema_overrides=ENROLLED)
    people = people.with_columns(trial=pl.lit("t"))
    upsert_rows(
        workspace,
        ENROLMENTS,
        people.select(
            pl.lit(None, kind).alias(name) if name not in people.columns else name for name, kind in ENROLLED.items()
        ),
    )
    assert retain(workspace, POLICY, ON).counts["service trials"] == 1 - left
    assert read_rows(workspace, ENROLMENTS)["customer_id"].to_list() == ["c1", "c2"][: 1 + left]


def test_an_arm_stays_for_as_long_as_a_list_that_stays_has_its_customer(workspace: Workspace) -> None:
    rows = [("s", "p", name, False, day) for name, day in (("c1", OLD), ("c2", OLD), ("c3", OLD), ("c4", YOUNG))]
    columns = ["salt", "programme", "customer_id", "control", "drawn_on"]
    upsert_rows(workspace, DRAWS, pl.DataFrame(rows, schema=columns, orient="row"))
    store_list(workspace, pl.DataFrame({"customer_id": ["c2"]}), f"{YOUNG}-abc")
    assert retain(workspace, POLICY, ON).counts["control arms"] == 1
    assert read_rows(workspace, DRAWS)["customer_id"].to_list() == ["c1", "c2", "c4"]


def test_rows_in_quarantine_go_by_the_day_they_were_set_aside(workspace: Workspace) -> None:
    for name, days in (("old", 181), ("young", 179)):
        path = workspace.quarantine / f"{name}.parquet"
        write_parquet(pl.DataFrame({"a": [1]}), path)
        at = dt.datetime.combine(ON - dt.timedelta(days=days), dt.time(12), dt.UTC).timestamp()
        os.utime(path, (at, at))
    retain(workspace, POLICY, ON)
    assert [path.stem for path in workspace.quarantine.glob("*.parquet")] == ["young"]


def test_what_a_killed_replay_left_goes_and_one_that_runs_does_not(workspace: Workspace) -> None:
    for name, days in (("replay-killed", 2), ("replay-running", 0)):
        write_parquet(pl.DataFrame({"customer_id": ["c2"]}), workspace.root / name / "customer_months" / "m.parquet")
        at = dt.datetime.combine(ON - dt.timedelta(days=days), dt.time(12), dt.UTC).timestamp()
        os.utime(workspace.root / name, (at, at))
    assert retain(workspace, POLICY, ON).counts["unfinished replays"] == 1
    assert [path.name for path in workspace.root.glob("replay-*")] == ["replay-running"]


def test_the_record_counts_and_says_from_when(workspace: Workspace) -> None:
    done = retain(workspace, POLICY, ON)
    (record,) = read_records(workspace, RecordKind.RETENTION_APPLIED)
    assert record.content["counts"] == done.counts
    assert record.content["before"]["snapshots"] == "2027-06-30"


def test_pipl_56_no_policy_keeps_decisions_for_less_than_three_years() -> None:
    laxer = POLICY.model_dump() | {"law": {"retention_years": 2}}
    with pytest.raises(ValidationError, match="retention_years` must be at least 3"):
        Policy.model_validate(laxer)
    with pytest.raises(ValidationError, match="greater than or equal to 37"):
        Retention(customer_month_months=36)


@pytest.mark.slow
def test_a_workspace_works_on_and_builds_no_month_again_that_was_let_go(
    bank: Bank, segment: Callable[..., Said]
) -> None:
    root, day = bank.workspace.root, dt.date(2029, 6, 30)
    admit_ledger(bank.workspace, day)
    said = segment("retain", "--on", day, workspace=root)
    assert said.code == 0, said.err
    months = sorted(path.stem for path in bank.workspace.customer_months.glob("*.parquet"))
    assert (months[0], months[-1]) == ("2024-05", "2025-12")
    assert extract(str(bank.ledger), AS_OF, bank.workspace, bank.policy, n_jobs=1).months_built == 0
    assert sorted(path.stem for path in bank.workspace.customer_months.glob("*.parquet")) == months
    refresh(None, AS_OF, bank.workspace, bank.policy, bank.tracking())
    assert "Would go" in segment("retain", "--on", day, "--dry-run", workspace=root).out

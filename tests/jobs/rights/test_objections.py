"""An objection holds from the moment it is handed in, on every list and in the service plan, and lowers nothing."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from segment.exceptions import DayError, ObjectionError
from segment.jobs.lists.release import release
from segment.jobs.lists.suppressions import ContactSources, find_suppressions
from segment.jobs.lists.upgrade_list import upgrade_list
from segment.jobs.lists.verify_list import verify_list
from segment.jobs.rights.objections import list_objections, object_to, objecting
from segment.jobs.service.service_plan import service_plan
from segment.store.records import read_records
from segment.store.row_store import read_rows
from segment.store.stored_tables import OBJECTIONS
from segment.warehouse.tiers_table import read_tiers
from segment.workspace import Workspace
from tests.conftest import AS_OF, Bank, Said
from tests.jobs.lists.made_lists import EXPIRES_ON, LIST_ID, LIST_ON, bank, listed, retail

POLICY = retail(suppression_source_max_age_days=60)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return bank(tmp_path / "w")


@pytest.mark.parametrize("against", ["profiling", "marketing"])
def test_gdpr_21_and_pipl_24_an_objection_keeps_a_customer_off_lists_at_once(
    workspace: Workspace, against: str, tmp_path: Path
) -> None:
    rows, path = listed(workspace), tmp_path / "list.csv"
    terms = {"list_id": LIST_ID, "workspace": workspace, "policy": POLICY, "list_on": LIST_ON, "as_of": LIST_ON}
    made = release(rows, path, **terms)  # type: ignore[arg-type]
    assert object_to(workspace, POLICY, "c3", against).in_force
    codes = find_suppressions(ContactSources.read(workspace), POLICY, [LIST_ON], EXPIRES_ON).codes_of(rows)
    assert codes.rows() == [("c3", f"{against}_objection")]
    assert not verify_list(made.path, workspace, POLICY, LIST_ON).usable
    assert release(rows, tmp_path / "again.csv", **terms).withdrawn == {f"{against}_objection": 1}  # type: ignore[arg-type]


def test_an_objection_is_taken_back_and_made_again(workspace: Workspace) -> None:
    object_to(workspace, POLICY, "c3", "profiling")
    assert object_to(workspace, POLICY, "c3", "profiling").record is None
    assert not object_to(workspace, POLICY, "c3", "profiling", withdraw=True).in_force
    assert objecting(read_rows(workspace, OBJECTIONS)).is_empty()
    assert object_to(workspace, POLICY, "c3", "profiling").standing == 1
    assert [one.kind for one in read_records(workspace)] == ["objection", "objection_withdrawn", "objection"]


def test_the_chain_holds_a_count_and_a_keyed_hash_and_no_id(workspace: Workspace) -> None:
    object_to(workspace, POLICY, "c3", "profiling")
    object_to(workspace, POLICY, "c4", "profiling")
    told = [one.content for one in read_records(workspace)]
    assert [one["standing"] for one in told] == [1, 2]
    assert len({one["subject"] for one in told}) == 2
    assert not any(f'"{name}"' in json.dumps(told) for name in ("c3", "c4"))


def test_domain_5_an_objection_within_24_hours_is_in_time_and_a_later_one_is_not(
    workspace: Workspace, clock: Callable[[dt.date], None]
) -> None:
    today = dt.datetime.now(dt.UTC).date()
    clock(today)
    object_to(workspace, POLICY, "c1", "profiling", made_on=today)
    object_to(workspace, POLICY, "c2", "profiling", made_on=today - dt.timedelta(days=3))
    found = list_objections(workspace, POLICY)
    assert found["in_time"].to_list() == [True, False]
    assert found["hours_to_effect"][0] == 0.0
    assert found["hours_to_effect"][1] >= 24.0
    assert found["in_force_at"].to_list() == found["recorded_at"].to_list()


@pytest.mark.parametrize(
    ("customer", "against", "changes", "said"),
    [
        ("nobody", "profiling", {}, "must be known to the workspace"),
        ("c1", "weather", {}, "is against profiling or marketing"),
        ("c1", "profiling", {"withdraw": True}, "must stand before"),
        ("c1", "profiling", {"made_on": dt.date(2999, 1, 1)}, "must have come"),
    ],
)
def test_what_makes_no_sense_is_refused_and_names_nobody(
    workspace: Workspace, customer: str, against: str, changes: dict[str, object], said: str
) -> None:
    with pytest.raises((ObjectionError, DayError), match=said) as refused:
        object_to(workspace, POLICY, customer, against, **changes)  # type: ignore[arg-type]
    assert "nobody" not in str(refused.value)
    assert read_records(workspace) == []


def test_pipl_24_who_objects_to_profiling_gets_service_that_no_tier_decides_and_keeps_the_tier(bank: Bank) -> None:
    before = service_plan(AS_OF, bank.workspace, bank.policy).table
    tiers = read_tiers(bank.workspace.tiers, AS_OF).filter(pl.col("standing") == "active")
    chosen = [tiers.filter(pl.col("tier") == tier)["customer_id"][0] for tier in ("high_value", "loss_making")]
    for customer in chosen:
        object_to(bank.workspace, bank.policy, customer, "profiling")
    plan = service_plan(AS_OF, bank.workspace, bank.policy).table
    generic = plan.filter(pl.col("tier") == "generic")
    assert generic["customers"].sum() == 2
    assert plan["customers"].sum() == before["customers"].sum()
    assert set(generic["counter_wait_minutes"]) == {15.0}
    assert generic["contribution_12m"].null_count() == generic.height
    sums = [one.group_by("branch_id").agg(pl.col("budget").sum().round(2)).sort("branch_id") for one in (before, plan)]
    assert sums[0].equals(sums[1])
    after = read_tiers(bank.workspace.tiers, AS_OF)
    assert tiers.equals(after.filter(pl.col("standing") == "active"))
    made = upgrade_list(AS_OF, bank.workspace, bank.policy)
    assert not set(chosen) & set(made.to_contact["customer_id"])


def test_the_command_takes_an_objection_in_and_lists_it(workspace: Workspace, segment: Callable[..., Said]) -> None:
    said = segment("object", "c3", "--against", "profiling", workspace=workspace.root)
    assert said.code == 0, said.err
    assert "the tier stays" in said.out
    assert "profiling" in segment("objections", workspace=workspace.root).out
    wrong = segment("object", "c99", "--against", "profiling", workspace=workspace.root)
    assert (wrong.code, "c99" in wrong.err) == (2, False)

"""What a customer brought, and whether they were lost, is what the months show; nothing later is read."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from segment.dates import next_month
from segment.exceptions import HistoryError
from segment.files import write_parquet
from segment.jobs.service.trial_draw import draw_trial
from segment.jobs.service.trial_measure import TrialHistory, measure_trial
from segment.store.row_store import upsert_rows
from segment.store.stored_tables import OBJECTIONS
from segment.workspace import Workspace
from tests.jobs.lists.campaign import months_of
from tests.jobs.service.trial_bank import UNTIL, policy, workspace_of, write_months
from tests.service.people import AS_OF, published
from tests.stored import store_list

POLICY = policy(down=[])
NAMES = [f"c{n}" for n in range(6)]


def drawn(root: Path, **given: object) -> Workspace:
    tiers = published(**dict.fromkeys(NAMES, "valuable"), high="high_value")
    workspace = workspace_of(root, tiers, managers=[("m", "b1")], **given)  # type: ignore[arg-type]
    draw_trial(AS_OF, workspace, POLICY)
    return workspace


def usual(**changes: dict[str, object] | None) -> dict[str, dict[str, object]]:
    given = {name: changes.get(name, {}) for name in NAMES}
    return {name: figures for name, figures in given.items() if figures is not None}


def lost(workspace: Workspace, as_of: dt.date = UNTIL) -> list[str]:
    measured = measure_trial(TrialHistory.read(as_of, workspace, POLICY))
    return measured.filter(pl.col("lost"))["customer_id"].sort().to_list()


def test_contribution_is_that_of_the_months_after_and_of_the_year_before(tmp_path: Path) -> None:
    workspace = drawn(tmp_path)
    before = usual(c0={"fee_income": 10.0, "overhead_cost": 4.0})
    write_months(workspace, POLICY, before, usual(c0={"net_interest": 7.0, "account_cost": 2.0}))
    row = (
        measure_trial(TrialHistory.read(UNTIL, workspace, POLICY))
        .filter(pl.col("customer_id") == "c0")
        .row(0, named=True)
    )
    assert (row["contribution_before"], row["contribution_after"]) == (pytest.approx(72.0), pytest.approx(30.0))
    assert (row["events_before"], row["months"]) == (12.0, 6)
    assert row["cost_of_months"] == pytest.approx(row["cost_12m"] / 2)


def test_who_is_lost_by_hand(tmp_path: Path) -> None:
    days = {"c0": AS_OF + dt.timedelta(days=1), "c5": UNTIL + dt.timedelta(days=1)}
    workspace = drawn(tmp_path, left=days, rules=[("c4", "deceased", None, dt.date(2026, 3, 1), None)])
    # c0 leaves, c1 closes every account, c2 does nothing any more, c3 is gone from the months, c4 has died
    after = usual(c1={"accounts_open": 0}, c2={"initiated_events": 0.0}, c3=None, c4=None)
    write_months(workspace, POLICY, usual(), after)
    assert lost(workspace) == ["c0", "c1", "c2", "c3"]


def test_one_event_of_their_own_in_the_months_is_enough_to_be_here(tmp_path: Path) -> None:
    workspace = drawn(tmp_path)
    write_months(workspace, POLICY, usual(), usual(c0={"initiated_events": 0.0}))
    path = workspace.customer_months / "2026-01.parquet"
    once = pl.when(pl.col("customer_id") == "c0").then(1.0).otherwise("initiated_events")
    pl.read_parquet(path).with_columns(initiated_events=once).write_parquet(path)
    assert lost(workspace) == []


def test_accounts_closed_for_a_time_are_open_if_they_are_at_the_end(tmp_path: Path) -> None:
    workspace = drawn(tmp_path)
    write_months(workspace, POLICY, usual(), usual(c0={"accounts_open": 0}))
    write_parquet(
        months_of(usual(c0={"accounts_open": 1}), POLICY).with_columns(
            month=pl.lit(dt.date(2026, 6, 1)), initiated_events=pl.lit(1.0)
        ),
        workspace.customer_months / "2026-06.parquet",
    )
    assert lost(workspace) == []


def test_months_that_have_not_passed_are_waited_for_and_no_failure(tmp_path: Path) -> None:
    workspace = drawn(tmp_path)
    write_months(workspace, POLICY, usual(), usual(), last=dt.date(2026, 5, 31))
    waiting = measure_trial(TrialHistory.read(dt.date(2026, 5, 31), workspace, POLICY))
    assert waiting["lost"].null_count() == waiting["contribution_after"].null_count() == len(NAMES)
    assert measure_trial(TrialHistory.read(dt.date(2025, 11, 30), workspace, POLICY)).is_empty()


def test_nothing_after_the_moment_is_read(tmp_path: Path) -> None:
    left = {"c1": UNTIL + dt.timedelta(days=1)}
    workspace = drawn(tmp_path, left=left, rules=[("c2", "deceased", None, UNTIL + dt.timedelta(days=1), None)])
    write_months(workspace, POLICY, usual(), usual(c2={"accounts_open": 0}))
    first = measure_trial(TrialHistory.read(UNTIL, workspace, POLICY))
    assert first.filter(pl.col("lost"))["customer_id"].to_list() == ["c2"]
    wild = months_of(usual(c0={"fee_income": 9e9, "accounts_open": 0}), POLICY)
    later = next_month(UNTIL)
    write_parquet(wild.with_columns(month=pl.lit(later)), workspace.customer_months / f"{later:%Y-%m}.parquet")
    listed = pl.DataFrame({"customer_id": ["c0"], "list_on": [later], "arm": ["contact"]})
    store_list(workspace, listed, "later")
    assert measure_trial(TrialHistory.read(UNTIL, workspace, POLICY)).equals(first)


def test_whom_a_list_had_contacted_in_those_months_is_marked(tmp_path: Path) -> None:
    workspace = drawn(tmp_path)
    write_months(workspace, POLICY, usual(), usual())
    listed = pl.DataFrame({"customer_id": ["c0", "c1"], "list_on": [UNTIL] * 2, "arm": ["contact", "control"]})
    store_list(workspace, listed, "one")
    measured = measure_trial(TrialHistory.read(UNTIL, workspace, POLICY))
    assert measured.filter("on_list")["customer_id"].to_list() == ["c0"]


def test_who_objected_since_is_not_measured(tmp_path: Path) -> None:
    """GDPR art. 21(3): after an objection nothing more is made of the customer's data for it."""
    workspace = drawn(tmp_path)
    write_months(workspace, POLICY, usual(), usual())
    made = pl.DataFrame([("c0", "profiling", UNTIL, None)], schema=OBJECTIONS.schema, orient="row")
    upsert_rows(workspace, OBJECTIONS, made)
    assert measure_trial(TrialHistory.read(UNTIL, workspace, POLICY))["customer_id"].to_list() == NAMES[1:]


def test_a_missing_month_says_what_to_run(tmp_path: Path) -> None:
    workspace = drawn(tmp_path)
    write_months(workspace, POLICY, usual(), usual(), last=AS_OF)
    with pytest.raises(HistoryError, match="Missing: 2026-01, 2026-02"):
        measure_trial(TrialHistory.read(UNTIL, workspace, POLICY))

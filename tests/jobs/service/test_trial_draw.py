"""A household is drawn once, by a secret, and stays where it was drawn."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from segment.exceptions import PolicyError
from segment.jobs.service.service_plan import service_plan
from segment.jobs.service.trial_draw import TrialDraw, draw_trial
from segment.jobs.service.trial_served import find_members, served_tiers, trial_of
from segment.service.plan import plan_table
from segment.service.service_trial import AS_IS
from segment.store.row_store import read_rows
from segment.store.stored_tables import ENROLMENTS, OBJECTIONS
from segment.warehouse.published_tiers import published_tiers
from segment.warehouse.reference_tables import read_reference
from segment.warehouse.tiers_table import publish_tiers
from segment.workspace import Workspace
from tests.jobs.lists.made_lists import retail
from tests.jobs.service.trial_bank import crowd, policy, workspace_of
from tests.service.people import AS_OF, published

LATER = dt.date(2026, 1, 31)


def kept(workspace: Workspace) -> pl.DataFrame:
    return read_rows(workspace, ENROLMENTS).sort("customer_id")


def arms(workspace: Workspace) -> dict[str, str]:
    return dict(kept(workspace).select("customer_id", "arm").iter_rows())


def at(tiers: pl.DataFrame, as_of: dt.date) -> pl.DataFrame:
    return tiers.with_columns(as_of=pl.lit(as_of))


def test_the_arms_have_the_shares_that_were_asked_for(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path, crowd(2000))
    drawn = draw_trial(AS_OF, workspace, policy(up_share=0.02, down_share=0.01))
    sizes = kept(workspace).group_by("way").agg(n=pl.len(), served=(pl.col("arm") != AS_IS).sum()).sort("way")
    # 400 high-value, of whom 4; 400 valuable and 800 break-even, of whom 24: met to one household in each way
    assert sizes.select("way", "n").rows() == [("down", 400), ("up", 1200)]
    assert sizes["served"].to_list() == [pytest.approx(4, abs=1), pytest.approx(24, abs=1)]
    assert drawn.served == sizes["served"].sum()
    assert "difference below" in str(drawn)


def test_who_was_drawn_stays_when_others_come_and_when_the_tier_changes(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path, crowd(500))
    draw_trial(AS_OF, workspace, policy())
    before = kept(workspace)
    moved = crowd(500).with_columns(tier=pl.lit("break_even"))
    publish_tiers(at(moved, LATER), workspace.tiers)
    draw_trial(LATER, workspace, policy())
    after = kept(workspace)
    assert after.join(before, on="customer_id", how="semi").equals(before)
    assert set(after.join(before, on="customer_id", how="anti")["enrolled_on"]) == {LATER}


def test_the_order_of_the_rows_decides_nothing_and_a_second_draw_changes_nothing(tmp_path: Path) -> None:
    one = workspace_of(tmp_path / "one", crowd(300))
    other = workspace_of(tmp_path / "other", crowd(300).sample(fraction=1.0, shuffle=True, seed=3))
    first, second = draw_trial(AS_OF, one, policy()), draw_trial(AS_OF, other, policy())
    assert kept(one).equals(kept(other))
    again = draw_trial(AS_OF, one, policy())
    assert kept(one).equals(kept(other))
    assert (first.fresh, second.fresh, again.fresh) == (300 * 4 // 5, 300 * 4 // 5, 0)
    assert again.now.equals(first.now)


def test_another_secret_or_another_name_draws_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for number, (salt, name) in enumerate([("x", "t"), ("y", "t"), ("x", "other")]):
        monkeypatch.setenv("SEGMENT_CONTROL_SALT", salt)
        workspace = workspace_of(tmp_path / str(number), crowd(300))
        draw_trial(AS_OF, workspace, policy(name=name))
        found.append(arms(workspace))
    assert found[0] != found[1]
    assert found[0] != found[2]


def test_a_household_has_one_arm_and_who_joins_it_later_has_the_same_unmeasured(tmp_path: Path) -> None:
    tiers = published(**{f"c{n:03}": "break_even" for n in range(200)})
    partners = [(f"c{n:03}", f"c{n + 100:03}") for n in range(100)]
    half = tiers.filter(pl.col("customer_id") < "c100")
    workspace = workspace_of(tmp_path, tiers, together=partners)
    publish_tiers(half, workspace.tiers)
    draw_trial(AS_OF, workspace, policy())
    publish_tiers(at(tiers, LATER), workspace.tiers)
    draw_trial(LATER, workspace, policy())
    drawn = arms(workspace)
    assert all(drawn[one] == drawn[other] for one, other in partners)
    assert kept(workspace).filter("drawn")["customer_id"].to_list() == half["customer_id"].to_list()


def test_nobody_is_drawn_outside_the_trials_days_or_for_a_moment_before_the_last_draw(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path, crowd(300))
    assert draw_trial(AS_OF, workspace, policy(starts_on=LATER)).fresh == 0
    publish_tiers(at(crowd(300), LATER), workspace.tiers)
    assert draw_trial(LATER, workspace, policy()).fresh == 240
    early = draw_trial(AS_OF, workspace, policy())
    assert (early.fresh, early.households) == (0, 0)
    assert (early.now["served_as"] == early.now["tier"]).all()


def test_nobody_protected_goes_down_and_who_objects_is_in_no_arm(tmp_path: Path) -> None:
    """DOMAIN.md 5: vulnerable and older customers; PIPL art. 24, GDPR art. 21: objections."""
    tiers = crowd(400)
    names = tiers.filter(pl.col("tier") == "high_value")["customer_id"].to_list()
    rules = [(name, "vulnerable", None, AS_OF, None) for name in names[:60]]
    rules += [(name, "profiling_objection", None, AS_OF, None) for name in names[60:70]]
    old = dict.fromkeys(names[70:], dt.date(1950, 1, 1))
    workspace = workspace_of(tmp_path, tiers, rules=rules, born=old)
    draw_trial(AS_OF, workspace, policy(down_share=0.05))
    assert not set(names) & set(kept(workspace)["customer_id"])


def test_a_branch_without_room_takes_no_part_in_better_service(tmp_path: Path) -> None:
    # 40 advisers in b0, none elsewhere
    workspace = workspace_of(tmp_path, crowd(400), managers=[(f"m{n}", "b0") for n in range(40)])
    drawn = draw_trial(AS_OF, workspace, policy())
    assert drawn.without_room == 3
    up = kept(workspace).filter(pl.col("way") == "up")
    assert set(up["branch_id"]) == {"b0"}
    assert "3 branches take no part" in str(drawn)


def test_the_served_never_outgrow_the_advisers(tmp_path: Path) -> None:
    # a high-value customer takes 1/200 of an adviser: one adviser per branch has room for some more
    many = published(**{f"c{n:04}": {"tier": "valuable", "branch_id": f"b{n % 4}"} for n in range(1980)})
    workspace = workspace_of(tmp_path, many, managers=[(f"m{n}", f"b{n}") for n in range(4)])
    drawn = draw_trial(AS_OF, workspace, policy(up=["valuable"], down=[]))
    load = drawn.now.group_by("branch_id").agg(
        (
            pl.col("served_as").replace_strict({"high_value": 1 / 200, "valuable": 1 / 500}, return_dtype=pl.Float64)
        ).sum()
    )
    assert drawn.without_room in (0, 4)
    assert (load["served_as"] <= 1.0 + 1e-9).all()


def test_without_managers_in_the_ledger_the_message_says_that_room_is_not_known(tmp_path: Path) -> None:
    drawn = draw_trial(AS_OF, workspace_of(tmp_path, crowd(200), managers=[]), policy())
    assert drawn.served > 0
    assert "room for better service was not looked at" in str(drawn)


def test_what_the_step_costs_is_that_of_the_plans_budgets(tmp_path: Path) -> None:
    # one branch, 120 a head: half by head, the other half by contribution, 3 to 1, of ten customers each
    rows = {f"h{n}": {"tier": "high_value", "contribution_12m": 300.0} for n in range(10)}
    rows |= {f"v{n}": {"tier": "valuable", "contribution_12m": 100.0} for n in range(10)}
    workspace = workspace_of(tmp_path, published(**rows), managers=[("m", "b1")])
    draw_trial(AS_OF, workspace, policy(up=["valuable"], down=["high_value"]))
    cost = dict(kept(workspace).select("way", "cost_12m").unique().iter_rows())
    assert cost == {"up": pytest.approx(60.0), "down": pytest.approx(-60.0)}


def test_without_a_trial_the_command_says_so_and_tiers_stay_as_they_are(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path, crowd(20))
    rules = retail()
    assert rules.service is not None
    as_published = plan_table(published_tiers(workspace, AS_OF), rules.service, rules)
    assert service_plan(AS_OF, workspace, rules).table.equals(as_published)
    with pytest.raises(PolicyError, match=r"needs the policy's \[trial\]"):
        draw_trial(AS_OF, workspace, rules)


def test_a_member_in_another_branch_protects_the_household_in_a_branchs_plan_too(tmp_path: Path) -> None:
    rows = {f"c{n:03}": {"tier": "high_value", "branch_id": "b0"} for n in range(100)}
    rows |= {f"d{n:03}": {"tier": "valuable", "branch_id": "b1"} for n in range(100)}
    tiers = published(**rows)
    workspace = workspace_of(tmp_path, tiers, together=[(f"c{n:03}", f"d{n:03}") for n in range(100)])
    rules = policy(up=[])
    tried, _ = trial_of(rules)
    draw_trial(AS_OF, workspace, rules)

    def lowered() -> int:
        everyone = published_tiers(workspace, AS_OF)
        members = find_members(everyone, read_reference(workspace), read_rows(workspace, OBJECTIONS), rules, [AS_OF])
        made = served_tiers(members, kept(workspace), tried)
        return made.filter((pl.col("branch_id") == "b0") & (pl.col("served_as") != pl.col("tier"))).height

    assert lowered() > 0
    warned = pl.when(pl.col("branch_id") == "b1").then(0.9).otherwise("chance_of_lower_tier")
    publish_tiers(tiers.with_columns(chance_of_lower_tier=warned), workspace.tiers)
    assert lowered() == 0


def test_the_published_tiers_stay_true(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path, crowd(300))
    drawn: TrialDraw = draw_trial(AS_OF, workspace, policy())
    assert drawn.now.drop("household", "served_as", "until").sort("customer_id").equals(crowd(300).sort("customer_id"))
    assert "c0" not in str(drawn)
    assert "c0" not in str(drawn.to_dict())

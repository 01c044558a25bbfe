"""The report finds the effect that was put in, takes its cost away, and claims no more than it can."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from segment.jobs.service.effects import report_effects
from segment.jobs.service.trial_draw import draw_trial
from segment.jobs.service.trial_measure import TrialHistory
from segment.jobs.service.trial_report import TrialReport, evaluate_trial, tier_effect
from segment.policy import Policy
from segment.service.service_trial import AS_IS
from segment.statistics import holm
from segment.store.row_store import delete_rows, read_rows, upsert_rows
from segment.store.stored_tables import ENROLMENTS
from segment.workspace import Workspace
from tests.jobs.lists.made_lists import retail
from tests.jobs.service.trial_bank import UNTIL, policy, workspace_of, write_months
from tests.service.people import AS_OF, published

RUNS = 300
LEAST_COVERED = 0.93
COST = 30.0


def evaluate(as_of: dt.date, workspace: Workspace, rules: Policy) -> TrialReport:
    return evaluate_trial(TrialHistory.read(as_of, workspace, rules), rules)


def campaign(seed: int, gain: float, fewer_lost: float, homes: int = 2000) -> pl.DataFrame:
    """A tier's households of one to three people, a tenth served better; contribution is skewed and foretold."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 4, homes)
    household = np.repeat(np.arange(homes), sizes)
    people = len(household)
    treated = np.repeat(rng.permutation(homes) < homes // 10, sizes)
    shared = np.repeat(rng.normal(size=homes), sizes)
    before = np.exp(5.0 + 0.4 * shared + 0.3 * rng.normal(size=people))
    after = 0.5 * before * np.exp(0.2 * rng.normal(size=people)) + gain * treated
    lost = rng.random(people) < 0.08 - fewer_lost * treated
    return pl.DataFrame(
        {
            "household": household,
            "way": ["up"] * people,
            "share": [0.1] * people,
            "months": [6] * people,
            "treated": treated,
            "contribution_before": before,
            "events_before": rng.poisson(20.0, people).astype(float),
            "on_list": rng.random(people) < 0.1,
            "contribution_after": after,
            "lost": lost,
            "cost_of_months": np.full(people, COST),
        }
    )


def test_the_interval_covers_a_known_effect_in_at_least_93_percent_of_300_trials() -> None:
    truth = {"contribution": 25.0, "net": 25.0 - COST, "lost": -0.04}
    covered = dict.fromkeys(truth, 0)
    for seed in range(RUNS):
        made = tier_effect("break_even", "valuable", campaign(seed, gain=25.0, fewer_lost=0.04), cut=1.0)
        assert made.valid
        for name, true in truth.items():
            covered[name] += getattr(made, name).low <= true <= getattr(made, name).high
    assert min(covered.values()) >= LEAST_COVERED * RUNS


def test_where_there_is_no_effect_about_one_in_twenty_trials_finds_one_and_holm_makes_it_one_for_all() -> None:
    found = {"contribution": 0, "lost": 0, "any after Holm": 0}
    for seed in range(RUNS):
        made = tier_effect(
            "break_even", "valuable", campaign(10_000 + seed, gain=0.0, fewer_lost=0.0, homes=1000), cut=0.995
        )
        tests = [made.contribution.p, made.lost.p]
        found["contribution"] += tests[0] < 0.05
        found["lost"] += tests[1] < 0.05
        found["any after Holm"] += min(holm(tests)) < 0.05
    # of 300 trials with 15 expected, 4 and 30 lie at the ends of what chance does
    assert all(4 <= count <= 30 for count in found.values()), found


def trial_bank(
    root: Path,
    rules: Policy,
    *,
    gain: float = 0.0,
    lost_better: float = 0.0,
    lost_as_is: float = 0.0,
    count: int = 1500,
) -> Workspace:
    """Drawn for real; then those who are served better bring `gain` more in a month and are lost so often."""
    rng = np.random.default_rng(17)
    workspace = workspace_of(root, published(**{f"c{n:04}": "break_even" for n in range(count)}))
    draw_trial(AS_OF, workspace, rules)
    arms = read_rows(workspace, ENROLMENTS).sort("customer_id")
    before, after = {}, {}
    for name, arm in arms.select("customer_id", "arm").iter_rows():
        usual = float(rng.normal(100.0, 20.0))
        gone = rng.random() < (lost_as_is if arm == AS_IS else lost_better)
        before[name] = {"fee_income": usual}
        after[name] = {"fee_income": usual + gain * (arm != AS_IS), "accounts_open": int(not gone)}
    write_months(workspace, rules, before, after)
    return workspace


def answer(root: Path, way: str, gain: float) -> TrialReport:
    """The report where each month's effect is `gain` and half a year of the other service costs 40 more or less."""
    rules = (
        policy(up=["break_even"], down=[])
        if way == "up"
        else policy(up=[], down=["break_even"], floor="loss_making", reviewed_by="Ann")
    )
    workspace = trial_bank(root, rules, gain=gain)
    cost = 80.0 if way == "up" else -80.0
    upsert_rows(workspace, ENROLMENTS, read_rows(workspace, ENROLMENTS).with_columns(cost_12m=pl.lit(cost)))
    return evaluate(UNTIL, workspace, rules)


@pytest.mark.parametrize(
    ("way", "gain", "pays", "words"),
    [
        ("up", 30.0, True, "valuable pays for these customers is shown: it does."),
        ("up", -10.0, False, "valuable pays for these customers is shown: it does not."),
        ("down", -30.0, True, "break_even pays for these customers is shown: it does."),
        ("down", 10.0, False, "break_even pays for these customers is shown: it does not."),
    ],
)
def test_whether_better_service_pays(tmp_path: Path, way: str, gain: float, pays: bool, words: str) -> None:
    made = answer(tmp_path, way, gain)
    (row,) = made.effects.to_dicts()
    cost = 40.0 if way == "up" else -40.0
    assert row["pays"] is pays
    # the effect is that on contributions as they are cut
    assert row["contribution_effect"] == pytest.approx(6 * gain, rel=0.05)
    assert row["net_effect"] == pytest.approx(row["contribution_effect"] - cost)
    assert row["net_high"] - row["net_low"] == pytest.approx(row["contribution_high"] - row["contribution_low"])
    assert words in str(made)


def test_what_cannot_be_shown_is_not_called_none(tmp_path: Path) -> None:
    made = answer(tmp_path, "up", 40.0 / 6.0)
    (row,) = made.effects.to_dicts()
    assert row["pays"] is None
    assert "is not shown either way" in str(made)
    assert "Not shown either way: a difference below" in str(made)


def test_all_tests_of_the_trial_are_raised_together(tmp_path: Path) -> None:
    (row,) = answer(tmp_path, "up", 1.0).effects.to_dicts()
    assert [row[f"{name}_p_holm"] for name in ("contribution", "net", "lost")] == [
        round(p, 12) for p in holm([row[f"{name}_p"] for name in ("contribution", "net", "lost")])
    ]


def test_fewer_customers_lost_is_found(tmp_path: Path) -> None:
    rules = policy(up=["break_even"], down=[])
    made = evaluate(UNTIL, trial_bank(tmp_path, rules, lost_as_is=0.5), rules)
    (row,) = made.effects.to_dicts()
    assert row["lost_served"] == 0.0
    assert row["lost_low"] <= -0.5 <= row["lost_high"] < 0.0


def test_a_broken_draw_shows_no_effect(tmp_path: Path) -> None:
    rules = policy(up=["break_even"], down=[])
    workspace = trial_bank(tmp_path, rules, gain=30.0)
    kept = read_rows(workspace, ENROLMENTS)
    few = pl.concat([kept.filter(pl.col("arm") == "up"), kept.filter(pl.col("arm") == AS_IS).head(300)])
    delete_rows(workspace, ENROLMENTS, kept.join(few, on="customer_id", how="anti"))
    made = evaluate(UNTIL, workspace, rules)
    (row,) = made.effects.to_dicts()
    assert not row["valid"]
    assert row["contribution_effect"] is row["lost_effect"] is row["net_effect"] is row["pays"] is None
    assert "Not valid: the arms are not of the sizes drawn" in str(made)


def test_one_household_served_better_is_too_few(tmp_path: Path) -> None:
    rules = policy(up=["break_even"], down=[])
    assert "Too few to compare" in str(evaluate(UNTIL, trial_bank(tmp_path, rules, count=15), rules))


def test_a_cost_that_no_plan_tells_is_said(tmp_path: Path) -> None:
    # nobody is valuable, so no budget of theirs is known
    rules = policy(up=["break_even"], down=[])
    made = evaluate(UNTIL, trial_bank(tmp_path, rules, gain=30.0), rules)
    (row,) = made.effects.to_dicts()
    assert row["contribution_effect"] is not None
    assert row["net_effect"] is row["pays"] is None
    assert "whether it pays is not said" in str(made)


def test_the_lists_report_holds_the_trial_and_keeps_it_without_customers(tmp_path: Path) -> None:
    rules = policy(up=["break_even"], down=[])
    workspace = trial_bank(tmp_path, rules, gain=30.0, count=200)
    made = report_effects(UNTIL, workspace, rules)
    assert made.trial is not None
    assert str(made.trial) in str(made)
    text = (workspace.lists / "effects" / f"{UNTIL}.json").read_text(encoding="utf-8")
    assert json.loads(text)["trial"]["effects"][0]["tier"] == "break_even"
    assert "c0" not in text
    without = report_effects(UNTIL, workspace, retail())
    assert without.trial is None
    assert "trial" not in without.to_dict()


def test_before_the_months_have_passed_the_report_waits(tmp_path: Path) -> None:
    rules = policy(up=["break_even"], down=[])
    workspace = trial_bank(tmp_path, rules, count=50)
    made = evaluate(AS_OF, workspace, rules)
    assert (made.effects.height, made.waiting) == (0, 50)
    assert "50 people are in it whose months have not passed" in str(made)

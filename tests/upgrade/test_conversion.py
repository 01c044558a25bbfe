"""Odds start from the policy's and follow what was measured."""

from __future__ import annotations

import polars as pl
import pytest

from segment import load_policy
from segment.policy import Policy
from segment.upgrade.conversion import learn_odds


def measured(contacts: int, moved: int, control: int, alone: int) -> pl.DataFrame:
    arms = [("contact", n < moved) for n in range(contacts)] + [("control", n < alone) for n in range(control)]
    return pl.DataFrame(arms, schema={"arm": pl.String, "moved": pl.Boolean}, orient="row").with_columns(
        programme=pl.lit("main_account"), bundle=pl.lit("salary_account"), channel=pl.lit("phone")
    )


def test_many_contacts_outweigh_the_policys_odds(retail: Policy) -> None:
    odds = learn_odds(measured(90_000, 9_000, 10_000, 300), retail)
    assert odds.contacted["main_account", "salary_account", "phone"] == pytest.approx(0.10, abs=0.001)
    assert odds.without["main_account"] == pytest.approx(0.03, abs=0.001)


def test_few_contacts_leave_them_near_the_policys(retail: Policy) -> None:
    odds = learn_odds(measured(9, 0, 1, 0), retail)
    # .005 without a contact, and .02 that a call adds to a main account's odds
    assert odds.contacted["main_account", "salary_account", "phone"] == pytest.approx(0.025, abs=0.005)


def test_a_small_control_arm_does_not_make_the_uplift_larger(retail: Policy) -> None:
    # a third of both arms moves: what is left of the uplift is the prior's part
    odds = learn_odds(measured(900, 300, 100, 33), retail)
    uplift = odds.contacted["main_account", "salary_account", "phone"] - odds.without["main_account"]
    prior = retail.programmes["main_account"].incremental_probability["phone"]
    assert 0.0 < uplift < prior


def test_lists_that_are_not_measurable_and_programmes_without_control_teach_nothing(retail: Policy) -> None:
    waiting = measured(90, 9, 10, 0).with_columns(moved=pl.lit(None, pl.Boolean))
    assert not learn_odds(waiting, retail).contacted
    assert not learn_odds(measured(90, 9, 0, 0), retail).contacted


def test_learn_odds_of_a_case_computed_by_hand() -> None:
    policy = load_policy("models/retail.toml")
    rows = [("main_account", "salary_account", "phone", "contact", n < 120) for n in range(1000)]
    rows += [("main_account", "salary_account", "phone", "control", n < 2) for n in range(100)]
    names = ["programme", "bundle", "channel", "arm", "moved"]
    odds = learn_odds(pl.DataFrame(rows, schema=names, orient="row"), policy)
    assert round(odds.without["main_account"], 4) == 0.0175
    assert round(odds.contacted["main_account", "salary_account", "phone"], 4) == 0.1042

"""What a trial found is said the same in both languages, and what it cannot show is never called none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from segment.effects.intention import ReportedEffect
from segment.jobs.service.trial_findings import TierEffect, trial_findings
from segment.jobs.service.trial_report import BEFORE, TrialReport
from segment.messages import Message
from segment.policy.service import SUB_STATES
from segment.sentences import LANGUAGES, Sentences, catalogue
from tests.pages.reading import assert_no_english

ROW = TierEffect(
    way="up", tier="break_even", served_as="valuable", months=6, served=1200, as_is=11000, served_households=1200,
    as_is_households=11000, ratio_p=0.4, valid=True, uneven=list(BEFORE), lost_served=0.0123, lost_as_is=0.05,
    on_list_served=0.1, on_list_as_is=0.2, cost=40.2, detectable_contribution=1234.5, detectable_lost=0.0123,
    contribution=ReportedEffect(10.4, -5.0, 25.5, 0.0001, 0.0001),
    net=ReportedEffect(-29.8, -45.2, -14.7, 0.004, 0.004),
    lost=ReportedEffect(-0.0377, -0.06, -0.01, 0.02, 0.02), pays=False,
)  # fmt: skip


def said(**changes: Any) -> list[str]:
    return Sentences().each(trial_findings("t", replace(ROW, **changes)))


def test_a_tiers_findings_of_a_case_written_by_hand() -> None:
    assert said() == [
        "Trial t, break_even: 1,200 served as valuable, 11,000 as they are, 6 months.",
        "Contribution a customer +10 (-5 to +26, p <0.001 for all tests). Not shown either way: a difference below "
        "1,234 cannot be.",
        "Lost 1.2% against 5.0%; effect -3.8 points (-6.0 to -1.0, p 0.020 for all tests).",
        "That service costs 40 more a customer by the plan; effect less cost -30 (-45 to -15, p 0.004 for all tests). "
        "Whether the service of valuable pays for these customers is shown: it does not.",
        "On a list meanwhile: 10.0% against 20.0%.",
        "The arms differ in contribution_before, events_before, on_list.",
    ]


def test_where_the_arm_is_served_less_well_the_own_tiers_service_is_judged() -> None:
    net = said(way="down", cost=-40.0, pays=None)[3]
    assert net.startswith("That service costs 40 less a customer by the plan;")
    assert net.endswith("Whether the service of break_even pays for these customers is not shown either way.")


def test_a_draw_that_does_not_hold_says_nothing_but_that() -> None:
    assert said(valid=False, ratio_p=3e-10)[0].endswith("the arms are not of the sizes drawn (p 3.0e-10).")
    (few,) = said(valid=False)
    assert few.endswith("6 months. Too few to compare.")


def test_findings_become_plain_values_and_come_back() -> None:
    for finding in trial_findings("t", ROW):
        assert Message.from_dict(finding.to_dict()) == finding


def test_the_report_is_said_in_chinese_too() -> None:
    unsure = replace(ROW, lost=replace(ROW.lost, high=0.01), uneven=[], pays=True)
    report = TrialReport("t", [ROW, replace(ROW, cost=None), replace(ROW, valid=False), unsure], 1200, objected=7)
    text = report.in_words("zh")
    assert_no_english(text)
    assert [figure for figure in ("1,200", "11,000", "-3.8", "1,234", "<0.001", "20.0%") if figure not in text] == []
    assert str(report) == report.in_words("en")
    assert TrialReport("t", [], 0, 0).in_words("zh") == "试验t：尚无可衡量的结果。"


def test_every_tier_and_column_has_words() -> None:
    for language in LANGUAGES:
        keys = catalogue("service_trial", language)
        assert {f"service_trial.tier.{tier}" for tier in SUB_STATES} | {
            f"service_trial.column.{name}" for name in BEFORE
        } <= set(keys)

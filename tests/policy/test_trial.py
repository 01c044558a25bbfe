"""A trial of service is small, one step, one way per tier, and never below its floor."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from typing import Any

import pytest
from pydantic import ValidationError

from segment.policy import Policy, load_policy
from segment.policy.trial import ORDER, Trial
from tests.conftest import RETAIL

TEXT = RETAIL.read_text(encoding="utf-8")
BEFORE, EXAMPLE = TEXT.split("# [trial]\n")


def trial(**changes: Any) -> Trial:
    given = {"name": "t", "owner": "Ann", "up": ["valuable"], "starts_on": "2025-12-31", "ends_on": "2026-12-31"}
    return Trial.model_validate({**given, **changes})


def test_the_example_of_the_retail_policy_loads_once_its_marks_are_taken_away() -> None:
    content = tomllib.loads(BEFORE + "[trial]\n" + re.sub(r"(?m)^# ", "", EXAMPLE.split("\n\n")[0]))
    made = Policy.model_validate(content).trial
    assert made is not None
    assert made.steps == {
        "up": {"valuable": "high_value", "break_even": "valuable"},
        "down": {"high_value": "valuable"},
    }


def test_a_trial_changes_no_model() -> None:
    policy = load_policy(RETAIL)
    assert policy.trial is None
    assert policy.model_copy(update={"trial": trial()}).model_hash == policy.model_hash


@pytest.mark.parametrize(
    ("changes", "must"),
    [
        ({"up": []}, "must name a tier"),
        ({"down": ["valuable"]}, "one way at a time.*valuable"),
        ({"up": ["high_value"]}, "nobody is served better"),
        ({"up": [], "down": ["loss_making"], "floor": "loss_making", "reviewed_by": "Ann"}, "less well"),
        ({"down": ["break_even"]}, "below the floor `break_even`.*break_even"),
        ({"up": [], "down": ["valuable"], "floor": "valuable"}, "below the floor `valuable`"),
        ({"down": ["break_even"], "floor": "loss_making"}, "needs `reviewed_by`"),
        ({"up_share": 0.06}, "less than or equal to 0.05"),
        ({"down_share": 0.0}, "greater than 0"),
        ({"ends_on": "2026-05-31"}, "must leave the 6 months"),
        ({"name": "Better service"}, "pattern"),
        ({"price": 1.0}, "Extra inputs"),
    ],
)
def test_what_a_trial_may_not_do_is_refused(changes: dict[str, Any], must: str) -> None:
    with pytest.raises(ValidationError, match=must):
        trial(**changes)


def test_nobody_is_served_as_loss_making_unless_a_person_reviewed_it() -> None:
    """DOMAIN.md 4.1: break-even to a loss-making customer's treatment only after human review."""
    made = trial(down=["break_even"], floor="loss_making", reviewed_by="Ann")
    assert made.steps["down"] == {"break_even": "loss_making"}


def test_a_trial_needs_a_service_plan() -> None:
    berka = tomllib.loads(RETAIL.with_name("berka.toml").read_text(encoding="utf-8"))
    with pytest.raises(ValidationError, match="needs the policy's `service`"):
        Policy.model_validate({**berka, "trial": trial().model_dump()})


@pytest.mark.parametrize(
    ("noticed_on", "days", "holds"),
    [("2025-10-02", 90, True), ("2025-10-03", 90, False), (None, 90, False), (None, 0, True)],
)
def test_domain_4_1_high_value_customers_are_told_90_days_before(
    noticed_on: str | None, days: int, holds: bool
) -> None:
    assert trial(down=["high_value"], noticed_on=noticed_on).noticed_in_time(days) is holds
    assert trial(noticed_on=noticed_on).noticed_in_time(days)
    content = tomllib.loads(TEXT)
    content["tiers"].setdefault("stability", {})["notice_days"] = days
    content["trial"] = trial(down=["high_value"], noticed_on=noticed_on).model_dump()
    if holds:
        Policy.model_validate(content)
    else:
        with pytest.raises(ValidationError, match=f"needs `noticed_on`, {days} days"):
            Policy.model_validate(content)


def test_a_step_is_one_tier() -> None:
    made = trial(up=["valuable", "loss_making"], down=["high_value"])
    places = {tier: ORDER.index(tier) for tier in ORDER}
    assert all(abs(places[tier] - places[step]) == 1 for steps in made.steps.values() for tier, step in steps.items())


@pytest.mark.parametrize(
    ("as_of", "until", "drawn"),
    [
        (dt.date(2025, 11, 30), dt.date(2026, 5, 31), False),
        (dt.date(2025, 12, 31), dt.date(2026, 6, 30), True),
        (dt.date(2026, 6, 30), dt.date(2026, 12, 31), True),
        (dt.date(2026, 7, 31), dt.date(2027, 1, 31), False),
    ],
)
def test_households_are_drawn_from_the_first_day_while_their_months_fit(
    as_of: dt.date, until: dt.date, drawn: bool
) -> None:
    assert (trial().until(as_of), trial().draws_on(as_of)) == (until, drawn)

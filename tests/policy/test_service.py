from __future__ import annotations

import copy
import datetime as dt
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from segment.policy import Policy, load_policy
from segment.policy.service import LEGAL_MINIMUM, SUB_STATES
from tests.conftest import RETAIL

CONTENT = tomllib.loads(RETAIL.read_text(encoding="utf-8"))


def _with(change: dict[str, Any], *keys: str) -> dict[str, Any]:
    content = copy.deepcopy(CONTENT)
    part = content["service"]
    for key in keys:
        part = part[key]
    part.update(change)
    return content


@pytest.mark.parametrize("right", LEGAL_MINIMUM)
def test_a_policy_that_takes_the_legal_minimum_from_losses_does_not_load(right: str) -> None:
    for keys in (("plans", "loss_making"), ("plans", "loss_making", "sub_states", "direct")):
        with pytest.raises(ValidationError, match=f"legal minimum.*{right}"):
            Policy.model_validate(_with({right: False}, *keys))


def test_every_tier_and_sub_state_has_counter_basic_account_and_complaints() -> None:
    service = load_policy(RETAIL).service
    assert service is not None
    plans = [service.plans[tier].of(state) for tier in SUB_STATES for state in (*SUB_STATES[tier], "standard")]
    assert all(getattr(plan, right) for plan in plans for right in LEGAL_MINIMUM)


@pytest.mark.parametrize(
    ("change", "keys", "said"),
    [
        ({"bundles": ["none_such"]}, ("plans", "valuable"), "upgrade.bundles"),
        ({"tariff_items": ["none_such"]}, ("plans", "valuable"), "must stand in `tariff`"),
        ({"budget_ceiling_share": 0.05}, ("plans", "valuable"), "Extra inputs are not permitted"),
        ({"budget_by_head": 1.1}, (), "less than or equal to 1"),
        ({"budget_most_per_head": 0.9}, (), "greater than or equal to 1"),
        ({"elasticity": [-1.0, -0.5, -0.2]}, ("plans", "valuable"), "low to high"),
        ({"sub_states": {"odd": {}}}, ("plans", "valuable"), "not known: odd"),
        ({"staff": None}, ("plans", "valuable"), "must say staff"),
        ({"waiver_share": [0.5, 0.1]}, ("plans", "valuable"), "least to the largest"),
        ({"least_public_days": 30}, (), "greater than or equal to 90"),
    ],
)
def test_a_plan_that_does_not_hold_says_why(change: dict[str, Any], keys: tuple[str, ...], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Policy.model_validate(_with(change, *keys))


def test_a_policy_of_before_is_read_without_its_floors_and_costs() -> None:
    before = _with({"budget_floor_share": 0.05}, "plans", "valuable") | {"service_cost": {"high_value": 500.0}}
    assert Policy.model_validate(before) == Policy.model_validate(_with({}, "plans", "valuable"))


def test_a_sub_state_has_its_own_words_and_else_its_tiers() -> None:
    service = load_policy(RETAIL).service
    assert service is not None
    tier = service.plans["valuable"]
    growth = tier.of("growth")
    assert (growth.contact_every_days, growth.staff) == (60, tier.staff)
    assert growth.tariff_items == tier.tariff_items


def test_a_policy_without_a_plan_loads_and_a_plan_needs_no_new_model() -> None:
    assert load_policy(Path(RETAIL).with_name("berka.toml")).service is None
    changed = Policy.model_validate(_with({"budget_per_customer": 1.0}))
    policy = load_policy(RETAIL)
    assert changed.model_hash == policy.model_hash
    assert changed.hash != policy.hash
    assert policy.effective_on > dt.date(2000, 1, 1)


def test_a_plan_without_words_for_arrears_offers_nothing_to_those_in_them() -> None:
    service = load_policy(RETAIL).service
    assert service is not None
    valuable = service.plans["valuable"]
    bare = valuable.model_copy(update={"sub_states": {}})
    assert bare.of("standard").bundles
    late = bare.of("in_arrears")
    assert (late.bundles, late.tariff_items, late.programmes, late.waiver_share) == ((), (), (), (0.0, 0.0))


@pytest.mark.parametrize("offer", [{"bundles": ["everyday_card"]}, {"tariff_items": ["credit_card_year"]}])
def test_a_plan_that_offers_something_in_arrears_is_refused(offer: dict[str, list[str]]) -> None:
    with pytest.raises(ValidationError, match="nobody in arrears is offered"):
        Policy.model_validate(_with(offer, "plans", "valuable", "sub_states", "in_arrears"))

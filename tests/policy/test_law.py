"""The law of a jurisdiction is data, and a policy can only be stricter than it."""

from __future__ import annotations

import copy
import tomllib
from typing import Any

import pytest
from pydantic import ValidationError

from segment.exceptions import PolicyError
from segment.policy import Policy, load_policy
from segment.policy.collection_limits import CollectionLimits
from segment.policy.jurisdiction import JURISDICTIONS, load_jurisdiction
from segment.policy.law import LawChanges, laxer, stricter
from tests.conftest import RETAIL

CONTENT = tomllib.loads(RETAIL.read_text(encoding="utf-8"))
STRICTER_BELOW = ("older_from_years", "objection_hours")
STRICTER_ABOVE = ("tariff_public_days", "fee_notice_days", "retention_years", "fee_refreshes", "reversible_days")


def with_law(jurisdiction: str = "cn", **changes: Any) -> dict[str, Any]:
    content = copy.deepcopy(CONTENT)
    content["jurisdiction"] = jurisdiction
    content["law"].update(changes)
    return content


def test_four_jurisdictions_differ_where_the_law_differs() -> None:
    laws = {code: load_jurisdiction(code) for code in JURISDICTIONS}
    assert [one.tariff_public_days for one in laws.values()] == [90, 60, 60, 30]
    assert [one.impact_assessment_needed for one in laws.values()] == [True, True, True, False]
    assert [one.credit_offers_by_model for one in laws.values()] == [True, True, True, False]
    assert [one.retention_years for one in laws.values()] == [3, 5, 6, 3]
    assert len({one.name for one in laws.values()}) == 4


@pytest.mark.parametrize("code", JURISDICTIONS)
def test_each_rule_says_what_it_says_what_is_done_and_where_it_was_read(code: str) -> None:
    rules = load_jurisdiction(code).rules
    assert len({rule.code for rule in rules}) == len(rules)
    assert all("[S: " in rule.read_in or "[K]" in rule.read_in for rule in rules)


@pytest.mark.parametrize("code", JURISDICTIONS)
def test_the_guardrail_is_the_same_in_any_country(code: str) -> None:
    """Fee guardrail (DOMAIN.md 5): three refreshes, 60 days, the sole account, benefits."""
    law = load_jurisdiction(code)
    assert (law.fee_refreshes, law.reversible_days, law.sole_account_exempt) == (3, 60, True)
    assert {"pension", "benefit"} <= set(law.free_income)


def test_an_unknown_jurisdiction_is_refused() -> None:
    with pytest.raises(PolicyError, match="one of cn, eu, uk, us. Got fr"):
        load_jurisdiction("fr")


@pytest.mark.parametrize("name", [*STRICTER_BELOW, *STRICTER_ABOVE])
def test_a_policy_may_be_stricter_than_the_law_and_never_laxer(name: str) -> None:
    """Service-price Measures 2014 (three months), PIPL 55-56 (3 years), State Council 2020/45; CBIRC 2021/40 (60)."""
    border, step = getattr(load_jurisdiction("cn"), name), 1 if name in STRICTER_ABOVE else -1
    stricter = Policy.model_validate(with_law(**{name: border + step}))
    assert getattr(stricter.law_in_force, name) == border + step
    with pytest.raises(ValidationError, match=rf"(?s)law\.{name}.*(at (least|most)|greater than or equal to) {border}"):
        Policy.model_validate(with_law(**{name: border - step}))


def test_the_same_figure_is_lawful_in_one_place_and_not_in_another() -> None:
    content = with_law("us", fee_notice_days=30)
    assert Policy.model_validate(content).law_in_force.fee_notice_days == 30
    with pytest.raises(ValidationError, match="must be at least 90 in China, got 30"):
        Policy.model_validate(with_law("cn", fee_notice_days=30))


@pytest.mark.parametrize("service", ["transfer_own_bank_same_city", "pension_account", "account_opening_closing"])
def test_a_service_that_is_free_by_law_is_no_fee_item(service: str) -> None:
    """2011 notice (34 items): opening, own-bank transfers, pension accounts."""
    items = {"counter_transfer": {"service": service, "alternative": "by app"}}
    with pytest.raises(ValidationError, match=f"counter_transfer` is for {service}, which is free in China"):
        Policy.model_validate(with_law(fee_items=items))


def test_a_fee_item_has_no_price_in_a_policy() -> None:
    """CBRC 2012 rectification notice; PIPL art. 24: the tariff has the price, the same for all."""
    items = {"counter_transfer": {"service": "counter_service", "alternative": "by app", "price": 4.0}}
    with pytest.raises(ValidationError, match="fee_items.counter_transfer.price\n.*not permitted"):
        Policy.model_validate(with_law(fee_items=items))


def test_offers_of_credit_do_not_follow_from_the_model_unless_fair_lending_was_reviewed() -> None:
    """ECOA/Reg B: no discrimination in any aspect of credit."""
    content = with_law("us")
    assert Policy.model_validate(content).withheld_bundles == ("everyday_card",)
    assert Policy.model_validate(with_law("us", fair_lending_review="FL-7")).withheld_bundles == ()
    assert Policy.model_validate(with_law("eu")).withheld_bundles == ()
    both = ("everyday_card", "relationship_review")
    assert Policy.model_validate(content).offered(both) == ["Review with the relationship manager"]
    assert Policy.model_validate(with_law("eu")).offered(both)[0] == "Card with instalments"
    del content["upgrade"]["bundles"]["salary_account"]["offers_credit"]
    assert Policy.model_validate(content).withheld_bundles == ("everyday_card", "salary_account")


@pytest.mark.parametrize(("levers", "law", "age"), [(60, 60, 60), (55, 60, 55), (70, 60, 60), (70, 58, 58)])
def test_the_stricter_of_two_ages_keeps_older_people_from_machines(levers: int, law: int, age: int) -> None:
    """State Council 2020/45; CBIRC 2021/40."""
    content = with_law(older_from_years=law)
    content["upgrade"]["levers"]["no_machines_from_years"] = levers
    assert Policy.model_validate(content).no_machines_from_years == age


def test_the_contact_of_the_policy_stands_in_place_of_the_laws() -> None:
    assert load_policy(RETAIL).law_in_force.objection_contact == CONTENT["law"]["data_protection_contact"]
    content = with_law()
    del content["law"]["data_protection_contact"]
    assert "personal information protection" in Policy.model_validate(content).law_in_force.objection_contact


def test_law_needs_no_new_model_but_another_policy_hash() -> None:
    changed, policy = Policy.model_validate(with_law(fee_notice_days=120)), load_policy(RETAIL)
    assert changed.model_hash == policy.model_hash
    assert changed.hash != policy.hash


def test_a_bank_may_limit_contacts_in_arrears_more_strictly_than_its_law_and_never_less() -> None:
    china = load_jurisdiction("cn")
    own = CollectionLimits(talks_a_day=1, quiet_from=20, quiet_until=9, debits_a_month=2, source="code of conduct")
    changes = LawChanges(collections=own)
    assert laxer(china, changes) == []
    in_force = stricter(china, changes).collections
    assert (in_force.talks_a_day, in_force.quiet_from, in_force.quiet_until, in_force.debits_a_month) == (1, 20, 9, 2)
    assert in_force.tries_a_day == china.collections.tries_a_day
    assert in_force.source.endswith("; code of conduct")


@pytest.mark.parametrize(
    ("limit", "value"),
    [("talks_a_day", {"talks_a_day": 4}), ("tries_before_third_persons", {"tries_before_third_persons": 2}),
     ("quiet_from", {"quiet_from": 23, "quiet_until": 8}), ("quiet_from", {"quiet_from": 20, "quiet_until": 7})],
)  # fmt: skip
def test_a_laxer_limit_on_contacts_in_arrears_is_refused(limit: str, value: dict[str, int]) -> None:
    content = load_policy(RETAIL).model_dump()
    content["law"]["collections"] = {**value, "source": "code of conduct"}
    with pytest.raises(ValidationError, match=f"`law.collections.{limit}` must not be laxer than in China"):
        Policy.model_validate(content)
    with pytest.raises(ValidationError, match="must both be given"):
        CollectionLimits(quiet_from=20, source="code of conduct")

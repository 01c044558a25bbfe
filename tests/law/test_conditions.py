"""Each condition of the guardrail alone stops a fee, and what is not known stops it too."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pytest

from segment.dates import younger_than
from segment.law.condition import Stage, check_conditions, funnel
from segment.law.conditions import FEE, OFFER_HELP, SELF_SERVICE, conditions
from segment.policy import Policy, load_policy
from segment.sentences import Sentences
from tests.conftest import RETAIL
from tests.law.people import ON, PASSES, STARTS_ON, broken, row

RETAIL_POLICY = load_policy(RETAIL)
BOTH = "Fee guardrail (DOMAIN.md 5)"
MEASURES = f"{BOTH}; Service-price Measures 2014"
OLDER = f"{BOTH}; State Council 2020/45; CBIRC 2021/40"
SOLE = f"{BOTH}; NDRC-CBRC 2014/268"
PRICE = f"{BOTH}; PIPL art. 24; CBRC 2012 rectification notice"
FAIR = f"{BOTH}; CBIRC Order 2022/9"
DECISION = f"{BOTH}; PIPL art. 24"
DAY = dt.timedelta(days=1)
SIXTY = dt.date(STARTS_ON.year - 60, STARTS_ON.month, STARTS_ON.day)

# what is changed, the condition that it breaks, and the source of that condition
BREAKS: list[tuple[dict[str, Any], str, str]] = [
    ({"tier": "break_even"}, "loss_making", BOTH),
    ({"direct_contribution_12m": 0.0}, "direct_loss", DECISION),
    ({"direct_contribution_12m": 80.0}, "direct_loss", DECISION),
    ({"loss_refreshes": 2}, "lasting_loss", BOTH),
    ({"by_hand": True}, "own_figures", DECISION),
    ({"in_arrears": True}, "not_in_arrears", "DOMAIN.md 3.10"),
    ({"in_arrears": None}, "not_in_arrears", "DOMAIN.md 3.10"),
    ({"by_credit": True}, "loss_by_service", "DOMAIN.md 3.10"),
    ({"counter_transfers": 0.0}, "uses_service", BOTH),
    ({"counter_transfers": None}, "uses_service", BOTH),
    ({"item_counted_by": "service_cost", "service_cost": 0.0}, "uses_service", BOTH),
    ({"standing": "new"}, "not_new", BOTH),
    ({"standing": "provisional"}, "not_new", BOTH),
    ({"standing": "dormant"}, "not_dormant", BOTH),
    ({"standing": "excluded"}, "not_left_out", "DOMAIN.md 1.7"),
    ({"birth_date": SIXTY}, "not_older", OLDER),
    ({"birth_date": dt.date(2010, 1, 1)}, "not_minor", "DOMAIN.md 1.7"),
    ({"vulnerable": True}, "not_vulnerable", FAIR),
    ({"free_income": True}, "not_on_benefits", f"{BOTH}; 2011 notice (34 items)"),
    ({"student": True}, "not_student", BOTH),
    ({"basic_account": True}, "not_basic_account", BOTH),
    ({"fee_exempt": True}, "not_fee_exempt", SOLE),
    ({"own_accounts": 1}, "not_sole_account", SOLE),
    ({"is_staff": True}, "not_staff", "DOMAIN.md 1.7"),
    ({"deceased": True}, "not_deceased", "DOMAIN.md 1.7"),
    ({"left": True}, "still_customer", "DOMAIN.md 1.7"),
    ({"objection": True}, "no_objection", DECISION),
    ({"open_matter": True}, "no_open_matter", FAIR),
    ({"item_prices": 2}, "one_price", PRICE),
    ({"price": 4.0}, "price_as_told", MEASURES),
    ({"item_public_since": ON - 89 * DAY}, "tariff_public", MEASURES),
    ({"item_has_basis": False}, "legal_basis", "DOMAIN.md 8"),
    ({"alternative": "  "}, "alternative", BOTH),
    ({"reviewer": " Ann "}, "other_reviewer", BOTH),
    ({"decision": "refused"}, "approved", DECISION),
    ({"vouched": False}, "approved", DECISION),
    ({"withdrawn_on": ON}, "not_withdrawn", BOTH),
    ({"notice_evidence": ""}, "notice_given", MEASURES),
    ({"accepted_on": None}, "accepted", MEASURES),
    ({"accepted_on": ON + DAY}, "accepted", MEASURES),
    ({"reversible_until": STARTS_ON + 59 * DAY}, "reversible", BOTH),
]


def names(case: tuple[dict[str, Any], str, str]) -> str:
    return f"{case[1]} by {case[2]}: {case[0]}"


def test_who_passes_every_condition_is_stopped_by_none() -> None:
    assert broken(RETAIL_POLICY, row()) == []


@pytest.mark.parametrize("case", BREAKS, ids=names)
def test_each_condition_alone_stops_a_fee_and_names_its_source(case: tuple[dict[str, Any], str, str]) -> None:
    """Fee guardrail (DOMAIN.md 5): an action with a fee needs all of them; each case names the rule's source.

    Among them DOMAIN.md 1.7 (who is left out of the tiers), DOMAIN.md 3.10 (no fee in arrears), DOMAIN.md 8 (an item
    has its legal basis), CBIRC Order
    2022/9 (fair treatment: nothing while a complaint is open).
    """
    changes, code, source = case
    assert broken(RETAIL_POLICY, row(**changes)) == [code]
    assert {one.code: one.source for one in conditions(FEE, RETAIL_POLICY, ON)}[code] == source


@pytest.mark.parametrize(
    ("jurisdiction", "code", "source"),
    [
        ("eu", "direct_loss", f"{BOTH}; GDPR art. 22; SCHUFA C-634/21"),
        ("eu", "not_basic_account", f"{BOTH}; Payment Accounts Directive 2014/92"),
        ("eu", "no_objection", f"{BOTH}; GDPR art. 21; GDPR art. 22; SCHUFA C-634/21"),
        ("uk", "not_basic_account", f"{BOTH}; Payment Accounts Regulations 2015"),
        ("uk", "not_vulnerable", f"{BOTH}; UK Consumer Duty"),
        ("uk", "notice_given", f"{BOTH}; Payment Services Regulations 2017"),
        ("us", "not_vulnerable", f"{BOTH}; UDAAP"),
        ("us", "notice_given", f"{BOTH}; Regulation DD"),
        ("us", "not_older", BOTH),
    ],
)
def test_a_condition_cites_the_law_of_its_own_jurisdiction(jurisdiction: str, code: str, source: str) -> None:
    """Fee guardrail (DOMAIN.md 5) in any country, and the rules of one's own beside it."""
    policy = RETAIL_POLICY.model_copy(update={"jurisdiction": jurisdiction})
    assert {one.code: one.source for one in conditions(FEE, policy, ON)}[code] == source


def test_every_condition_is_broken_by_a_case() -> None:
    tested = {code for _, code, _ in BREAKS} | {"time_for_notice"}
    assert {one.code for one in conditions(FEE, RETAIL_POLICY, ON)} == tested


OF_OTHERS = {"manual_events", "service_cost"}  # read for other items and actions


@pytest.mark.parametrize("fact", sorted(set(PASSES) - {"customer_id", "withdrawn_on"} - OF_OTHERS))
def test_what_is_not_known_never_lets_a_fee_through(fact: str) -> None:
    """Fee guardrail (DOMAIN.md 5): missing knowledge is no leave."""
    assert broken(RETAIL_POLICY, row(**{fact: None})) != []


@pytest.mark.parametrize(
    ("notice_on", "late"), [(STARTS_ON - 90 * DAY, False), (STARTS_ON - 89 * DAY, True), (ON + DAY, True)]
)
def test_notice_comes_ninety_days_before_the_first_fee(notice_on: dt.date, late: bool) -> None:
    """Service-price Measures 2014: three months."""
    found = broken(RETAIL_POLICY, row(notice_on=notice_on, accepted_on=max(notice_on, ON - DAY)))
    assert ("notice_given" in found, "time_for_notice" in found) == (late, late)


@pytest.mark.parametrize(("born", "stops"), [(SIXTY + DAY, False), (SIXTY, True), (None, True)])
def test_who_turns_sixty_by_the_first_fee_is_older_and_so_is_who_has_no_known_age(
    born: dt.date | None, stops: bool
) -> None:
    """State Council 2020/45; CBIRC 2021/40: older people; whoever may be one counts as one."""
    assert ("not_older" in broken(RETAIL_POLICY, row(birth_date=born))) == stops


def test_the_tier_is_never_the_sole_ground() -> None:
    """GDPR art. 22; SCHUFA C-634/21: whatever cluster or person gave the tier, own figures must show the loss."""
    found = broken(RETAIL_POLICY, row(direct_contribution_12m=0.01, loss_refreshes=0), Stage.PROPOSAL)
    assert found == ["direct_loss", "lasting_loss"]


def test_who_covers_direct_cost_may_be_asked_to_shift_but_never_charged() -> None:
    """DOMAIN.md 0 (1): never propose a fee for someone whose direct contribution is not below zero."""
    covers = row(direct_contribution_12m=12.0)
    assert "direct_loss" in broken(RETAIL_POLICY, covers)
    assert broken(RETAIL_POLICY, covers, action=SELF_SERVICE) == []


def test_an_older_customer_is_never_asked_to_shift_but_may_be_offered_help() -> None:
    """State Council 2020/45; CBIRC 2021/40: not forced to machines."""
    for born in (SIXTY, None):
        older = row(birth_date=born)
        assert broken(RETAIL_POLICY, older, action=SELF_SERVICE) == ["not_older"]
        assert broken(RETAIL_POLICY, older, action=OFFER_HELP) == []


def test_a_stricter_age_of_the_levers_holds_for_shifts_too() -> None:
    levers = RETAIL_POLICY.upgrade.levers.model_copy(update={"no_machines_from_years": 40})
    upgrade = RETAIL_POLICY.upgrade.model_copy(update={"levers": levers})
    stricter = RETAIL_POLICY.model_copy(update={"upgrade": upgrade})
    assert broken(stricter, row(), action=SELF_SERVICE) == ["not_older"]
    assert broken(stricter, row()) == []


@pytest.mark.parametrize(("jurisdiction", "asked_for"), [("cn", True), ("eu", True), ("uk", True), ("us", False)])
def test_acceptance_is_asked_for_where_the_law_asks(jurisdiction: str, asked_for: bool) -> None:
    """Service-price Measures 2014 and PSD2 art. 54 ask for it; under Regulation DD notice is enough."""
    policy: Policy = RETAIL_POLICY.model_copy(update={"jurisdiction": jurisdiction})
    assert ("accepted" in broken(policy, row(accepted_on=None))) == asked_for


@pytest.mark.parametrize(("jurisdiction", "days"), [("cn", 90), ("eu", 60), ("uk", 60), ("us", 30)])
def test_each_jurisdiction_has_its_own_notice(jurisdiction: str, days: int) -> None:
    """PSD2 art. 54 and the Payment Services Regulations 2017 say two months, Regulation DD says 30 days."""
    policy = RETAIL_POLICY.model_copy(update={"jurisdiction": jurisdiction})
    just, late = (row(notice_on=STARTS_ON - (days - less) * DAY, accepted_on=ON) for less in (0, 1))
    assert broken(policy, just) == []
    assert "notice_given" in broken(policy, late)


@pytest.mark.parametrize("jurisdiction", ["cn", "eu", "uk", "us"])
def test_a_basic_account_and_an_only_account_are_free_everywhere(jurisdiction: str) -> None:
    """Payment Accounts Directive 2014/92, Payment Accounts Regulations 2015, NDRC-CBRC 2014/268."""
    policy = RETAIL_POLICY.model_copy(update={"jurisdiction": jurisdiction})
    assert broken(policy, row(basic_account=True)) == ["not_basic_account"]
    assert broken(policy, row(own_accounts=1)) == ["not_sole_account"]


def test_a_salary_makes_an_account_free_in_china_alone() -> None:
    """2011 notice (34 items): payroll accounts. UDAAP and the guardrail speak of benefits only."""
    laws = {code: RETAIL_POLICY.model_copy(update={"jurisdiction": code}).law_in_force for code in ("cn", "us")}
    assert "salary" in laws["cn"].free_income
    assert laws["us"].free_income == ("pension", "benefit")


def test_a_funnel_counts_alone_and_in_order() -> None:
    rows = pl.concat([row(), row(tier="valuable", student=True), row(student=True)])
    held_to = conditions(FEE, RETAIL_POLICY, ON)
    told = funnel(check_conditions(rows, held_to, Stage.PROPOSAL), held_to, Sentences().of)
    counts = {one["condition"]: (one["kept_out"], one["left"]) for one in told.iter_rows(named=True)}
    assert counts["loss_making"] == (1, 2)
    assert counts["not_student"] == (2, 1)
    assert counts["time_for_notice"] == (0, 1)
    assert "approved" not in counts


def test_younger_than_of_a_case_computed_by_hand() -> None:
    born = pl.DataFrame({"birth_date": [dt.date(1965, 12, 31), dt.date(1966, 1, 1), None]})
    assert born.select(younger_than(pl.col("birth_date"), 60, pl.lit(dt.date(2025, 12, 31)))).to_series().to_list() == [
        False,
        True,
        None,
    ]


@pytest.mark.parametrize("action", [SELF_SERVICE, OFFER_HELP])
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"in_arrears": True}, "not_in_arrears"),
        ({"by_credit": True}, "loss_by_service"),
        ({"manual_events": 0.0}, "uses_staff"),
        ({"manual_events": None}, "uses_staff"),
    ],
)
def test_nobody_is_sent_to_a_machine_in_arrears_for_a_loss_by_credit_or_without_any_service(
    action: str, changes: dict[str, Any], code: str
) -> None:
    """DOMAIN.md 3.10: no push to self-service in arrears."""
    assert broken(RETAIL_POLICY, row(**changes), Stage.PROPOSAL, action) == [code]

"""Facts of customers by hand, and an independent reading of the raw tables that agrees with them."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segment.law.condition import Stage, check_conditions, passing
from segment.law.conditions import FEE, conditions
from segment.law.facts import USE, customer_facts, item_facts, lasting_losses, own_accounts, shields_of
from segment.policy import load_policy
from segment.policy.law import LawChanges
from segment.store.stored_tables import OBJECTIONS
from tests.conftest import RETAIL

POLICY = load_policy(RETAIL)
MOMENT, ON = dt.date(2025, 12, 31), dt.date(2026, 1, 5)
MONTHS = [dt.date(2025, 12, 31), dt.date(2025, 11, 30), dt.date(2025, 10, 31), dt.date(2025, 9, 30)]
RULES = {"customer_id": pl.String, "rule": pl.String, "starts_on": pl.Date, "ends_on": pl.Date}
STARTS_ON = dt.date(2026, 6, 1)


def history(*told: tuple[dt.date, str, float | None]) -> pl.DataFrame:
    schema = {"as_of": pl.Date, "customer_id": pl.String, "tier": pl.String, "direct_contribution_12m": pl.Float64}
    return pl.DataFrame([(day, "a", tier, direct) for day, tier, direct in told], schema=schema, orient="row")


@pytest.mark.parametrize(
    ("told", "refreshes"),
    [
        ([(day, "loss_making", -1.0) for day in MONTHS[:3]], 3),
        ([(day, "loss_making", -1.0) for day in (MONTHS[0], MONTHS[2], MONTHS[3])], 1),
        ([(day, "loss_making", -1.0) for day in MONTHS[1:]], 0),
        ([(MONTHS[0], "loss_making", -1.0), (MONTHS[1], "loss_making", 0.0), (MONTHS[2], "loss_making", -1.0)], 1),
        ([(MONTHS[0], "loss_making", -1.0), (MONTHS[1], "break_even", -1.0)], 1),
        ([(MONTHS[0], "loss_making", None)], 0),
    ],
)
def test_a_missed_month_or_one_without_a_loss_ends_the_row(
    told: list[tuple[dt.date, str, float | None]], refreshes: int
) -> None:
    """Fee guardrail (DOMAIN.md 5): three refreshes. DOMAIN.md 4.1: a skipped month is not consecutive."""
    found = lasting_losses(history(*told), MOMENT)
    assert (found["loss_refreshes"].to_list() or [0]) == [refreshes]


def test_a_loss_after_the_moment_is_not_read() -> None:
    told = [(dt.date(2026, 1, 31), "loss_making", -1.0), (MONTHS[0], "loss_making", -1.0)]
    assert lasting_losses(history(*told), MOMENT)["loss_refreshes"].to_list() == [1]


def test_a_tier_that_a_person_set_is_no_loss_of_the_customers() -> None:
    """Fee guardrail (DOMAIN.md 5): the loss stands in the figures, whatever tier a person set."""
    told = history(*[(day, "loss_making", -1.0) for day in MONTHS[:3]])
    roles = pl.Series("override_role", [None, "branch_manager", None])
    assert lasting_losses(told.with_columns(roles), MOMENT)["loss_refreshes"].to_list() == [1]


@pytest.mark.parametrize(
    ("starts", "ends", "holds"),
    [
        (None, None, True),
        (ON, ON, True),
        (STARTS_ON, None, True),
        (STARTS_ON + dt.timedelta(days=1), None, False),
        (None, ON - dt.timedelta(days=1), False),
    ],
)
def test_a_rule_in_force_on_any_day_up_to_the_first_fee_protects(
    starts: dt.date | None, ends: dt.date | None, holds: bool
) -> None:
    """UK Consumer Duty: vulnerable customers; UDAAP: an injury that is not avoidable."""
    rules = pl.DataFrame([("a", "vulnerable", starts, ends)], schema=RULES, orient="row")
    found = shields_of(rules, pl.DataFrame(schema=OBJECTIONS.schema), ON, STARTS_ON)
    assert found["vulnerable"].to_list() == ([True] if holds else [])


def test_a_death_has_no_end() -> None:
    rules = pl.DataFrame([("a", "deceased", MOMENT, MOMENT)], schema=RULES, orient="row")
    assert shields_of(rules, pl.DataFrame(schema=OBJECTIONS.schema), ON, ON)["deceased"].to_list() == [True]


@pytest.mark.parametrize(
    ("against", "withdrawn", "keeps_out"),
    [("profiling", None, True), (None, None, True), ("marketing", None, False), ("profiling", ON, False)],
)
def test_an_objection_to_profiling_keeps_out_until_it_is_withdrawn(
    against: str | None, withdrawn: dt.date | None, keeps_out: bool
) -> None:
    """PIPL art. 24; GDPR art. 21; UK GDPR art. 21: at once, whatever its date."""
    made = [("a", against, dt.date(2026, 3, 1), withdrawn)]
    objections = pl.DataFrame(made, schema=OBJECTIONS.schema, orient="row")
    found = shields_of(pl.DataFrame(schema=RULES), objections, ON, ON)
    assert found["objection"].to_list() == ([True] if keeps_out else [])


def test_joint_closed_borrowed_and_coming_accounts_are_no_second_account() -> None:
    """NDRC-CBRC 2014/268: the only account is free of management and annual fees."""
    told = [
        ("own", "deposit", MOMENT, None, 1.0),
        ("joint", "deposit", MOMENT, None, 0.5),
        ("used", "deposit", MOMENT, None, 0.0),
        ("closed", "deposit", MOMENT, ON, 1.0),
        ("closing", "deposit", MOMENT, STARTS_ON, 1.0),
        ("coming", "deposit", STARTS_ON, None, 1.0),
        ("card", "card", MOMENT, None, 1.0),
    ]
    schema = ["account_id", "family", "opened_on", "closed_on", "share"]
    frame = pl.DataFrame(told, schema=schema, orient="row", schema_overrides={"closed_on": pl.Date})
    accounts, holdings = frame.drop("share"), frame.select("account_id", "share", customer_id=pl.lit("a"))
    assert own_accounts(accounts, holdings, ON, STARTS_ON)["own_accounts"].to_list() == [1]


TARIFF = {"item_code": pl.String, "price": pl.Float64, "public_since": pl.Date, "legal_basis": pl.String}


def test_an_item_has_one_price_for_all_and_no_branch_has_another() -> None:
    """CBRC 2012 rectification notice: fees are uniform, of the head office. PIPL art. 24: no price of one's own."""
    tariff = pl.DataFrame([("fee", 5.0, MOMENT, "head office")], schema=TARIFF, orient="row")
    assert item_facts(tariff, "fee", None)["item_prices"] == 1
    assert item_facts(tariff, "fee", 5.0)["item_prices"] == 1
    assert item_facts(tariff, "fee", 4.0)["item_prices"] == 2
    assert item_facts(tariff.with_columns(legal_basis=pl.lit(" ")), "fee", None)["item_has_basis"] is False
    assert item_facts(tariff, "none", None) == {
        "item_price": None, "item_prices": 0, "item_public_since": None, "item_has_basis": None,
        "item_counted_by": "service_cost",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("service", "measure"),
    [
        ("transfer_other_bank", "counter_transfers"),
        ("counter_service", "manual_events"),
        ("card_annual", "service_cost"),
    ],
)
def test_an_item_counts_what_it_is_charged_for(service: str, measure: str) -> None:
    tariff = pl.DataFrame([("fee", 5.0, MOMENT, "head office")], schema=TARIFF, orient="row")
    assert item_facts(tariff, "fee", None, service)["item_counted_by"] == measure


# --- an independent reading --------------------------------------------------------------------------------------

DEFECTS = (
    "tier", "direct", "month", "early", "new", "dormant", "old", "ageless", "rule", "objection", "accounts",
    "student", "unknown_student", "staff", "unknown_staff", "left", "income", "none", "none", "none",
)  # fmt: skip


def raw_customer(name: str, rng: random.Random) -> dict[str, Any]:
    """A customer whom a fee may be proposed to, but for up to two defects."""
    has = {rng.choice(DEFECTS), rng.choice(DEFECTS)}
    pick = rng.choice
    told = [(day, "loss_making", -float(rng.randint(1, 90))) for day in MONTHS]
    if "tier" in has:
        told[0] = (MOMENT, "valuable", -1.0)
    if "direct" in has:
        told[pick([0, 1, 2])] = (pick(MONTHS[:3]), "loss_making", pick([0.0, 5.0]))
    if "month" in has:
        told.pop(pick([1, 2, 3]))
    rules = []
    if "rule" in has:
        kinds = ["vulnerable", "basic_account", "fee_exempt", "deceased", "complaint", "hardship", "no_consent"]
        starts = pick([None, dt.date(2025, 1, 1), dt.date(2026, 5, 31), dt.date(2026, 9, 9)])
        rules = [(name, pick([*kinds, "profiling_objection"]), starts, pick([None, None, dt.date(2026, 1, 1)]))]
    accounts = [("deposit", 1.0, dt.date(2020, 1, 1), None), ("deposit", 1.0, dt.date(2021, 1, 1), None)]
    if "accounts" in has:
        share, closed = pick([(0.5, None), (1.0, dt.date(2026, 2, 1)), (1.0, dt.date(2030, 1, 1)), (0.0, None)])
        accounts[1] = ("deposit", share, dt.date(2021, 1, 1), closed)
    occupation = "student" if "student" in has else None if "unknown_student" in has else "worker"
    return {
        "id": name,
        "moments": list({day: (day, tier, direct) for day, tier, direct in told}.values()),
        "standing": "dormant" if "dormant" in has else pick(["new", "provisional"]) if "new" in has else "active",
        "born": None
        if "ageless" in has
        else dt.date(pick([1966, 1950]), 6, 1)
        if "old" in has
        else dt.date(1966, 6, 2),
        "rules": rules,
        "objections": [(name, pick(["profiling", "marketing"]), ON, pick([None, ON]))] if "objection" in has else [],
        "accounts": accounts,
        "life_stage": None,
        "occupation": occupation,
        "staff": True if "staff" in has else None if "unknown_staff" in has else False,
        "left": pick([dt.date(2026, 1, 1), dt.date(2026, 5, 1), dt.date(2027, 1, 1)]) if "left" in has else None,
        "income": "income" in has,
    }


def allowed(one: dict[str, Any], *, any_rule: bool, months_known: bool) -> bool:
    """Whether a fee may be proposed, in plain Python from the raw rows."""
    losses = {(day.year, day.month) for day, tier, direct in one["moments"] if tier == "loss_making" and direct < 0}
    if not {(2025, 12), (2025, 11), (2025, 10)} <= losses or one["standing"] != "active":
        return False
    if one["born"] is None or one["born"].replace(year=one["born"].year + 60) <= STARTS_ON:
        return False
    for _, rule, starts, ends in one["rules"]:
        begun = starts is None or starts <= STARTS_ON
        over = ends is not None and ends < ON and rule != "deceased"
        if rule != "no_consent" and begun and not over:
            return False
    if any(kind != "marketing" and (gone is None or gone > ON) for _, kind, _, gone in one["objections"]):
        return False
    own = [one for one in one["accounts"] if one[1] == 1.0 and (one[3] is None or one[3] > STARTS_ON)]
    studies_not = one["occupation"] is not None and one["occupation"] != "student"
    stays = one["left"] is None or one["left"] > STARTS_ON
    return (
        len(own) >= 2 and studies_not and one["staff"] is False and stays
        and not one["income"] and any_rule and months_known
    )  # fmt: skip


def facts_of(people: list[dict[str, Any]], months_known: bool, changes: LawChanges = POLICY.law) -> pl.DataFrame:
    tiers = {"as_of": pl.Date, "customer_id": pl.String, "tier": pl.String, "direct_contribution_12m": pl.Float64}
    told = [(day, one["id"], tier, direct) for one in people for day, tier, direct in one["moments"]]
    past = pl.DataFrame(told, schema=tiers, orient="row")
    standing = pl.DataFrame(
        {"customer_id": [one["id"] for one in people], "standing": [one["standing"] for one in people]}
    ).with_columns(sub_state=pl.lit("loss_direct"))
    figures = dict.fromkeys(("contribution_12m", "income_12m", "cost_12m"), 0.0)
    now = past.filter(pl.col("as_of") == MOMENT).join(standing, on="customer_id")
    now = now.with_columns(branch_id=pl.lit("b"), **{name: pl.lit(value) for name, value in figures.items()})
    accounts = [
        (f"{one['id']}-{n}", one["id"], *account) for one in people for n, account in enumerate(one["accounts"])
    ]
    held = pl.DataFrame(
        accounts,
        schema={"account_id": pl.String, "customer_id": pl.String, "family": pl.String, "share": pl.Float64,
                "opened_on": pl.Date, "closed_on": pl.Date},
        orient="row",
    )  # fmt: skip
    columns = ("id", "born", "staff", "left", "life_stage", "occupation")
    schema = dict(
        zip(("customer_id", "birth_date", "is_staff", "left_on", "life_stage", "occupation"),
            (pl.String, pl.Date, pl.Boolean, pl.Date, pl.String, pl.String), strict=True)
    )  # fmt: skip
    tables = {
        "customers": pl.DataFrame([[one[name] for name in columns] for one in people], schema=schema, orient="row"),
        "accounts": held.select("account_id", "family", "opened_on", "closed_on"),
        "holdings": held.select("account_id", "customer_id", "share"),
        "contact_rules": pl.DataFrame([rule for one in people for rule in one["rules"]], schema=RULES, orient="row"),
    }
    made = [objection for one in people for objection in one["objections"]]
    objections = pl.DataFrame(made, schema=OBJECTIONS.schema, orient="row")
    income = pl.DataFrame(
        {"customer_id": [one["id"] for one in people if one["income"]]}, schema={"customer_id": pl.String}
    )
    use = pl.DataFrame({"customer_id": [one["id"] for one in people]}).with_columns(
        pl.lit(1.0).alias(name) for name in USE
    )
    return customer_facts(now, past, income if months_known else None, use, tables, objections, changes, ON, STARTS_ON)


@settings(max_examples=60)
@given(seed=st.integers(0, 2**32), months_known=st.integers(0, 7))
def test_nobody_gets_a_fee_proposal_without_every_condition(seed: int, months_known: int) -> None:
    """Fee guardrail (DOMAIN.md 5), held against a second reading of the raw rows in plain Python."""
    rng = random.Random(seed)
    people = [raw_customer(f"c{number:02}", rng) for number in range(25)]
    facts = facts_of(people, months_known > 0)
    review = facts.with_columns(
        price=pl.lit(5.0), item_price=pl.lit(5.0), item_prices=pl.lit(1), item_public_since=pl.lit(dt.date(2020, 1, 1)),
        item_has_basis=pl.lit(True), item_counted_by=pl.lit("service_cost"),
        alternative=pl.lit("free"), starts_on=pl.lit(STARTS_ON),
        notice_on=pl.lit(None, pl.Date),
    )  # fmt: skip
    found = facts.filter(passing(check_conditions(review, conditions(FEE, POLICY, ON), Stage.PROPOSAL)))[
        "customer_id"
    ].to_list()
    any_rule = any(one["rules"] for one in people)
    wanted = [one["id"] for one in people if allowed(one, any_rule=any_rule, months_known=months_known > 0)]
    assert sorted(found) == wanted


def test_the_random_bank_holds_both_kinds() -> None:
    rng = random.Random(1)
    people = [raw_customer(f"c{number}", rng) for number in range(300)]
    share = sum(allowed(one, any_rule=True, months_known=True) for one in people) / 300
    assert 0.05 < share < 0.6


def test_without_words_for_students_nobody_is_known_not_to_be_one() -> None:
    """Fee guardrail (DOMAIN.md 5): not a student; missing knowledge is no leave."""
    people = [raw_customer(f"c{number}", random.Random(number)) for number in range(9)]
    assert facts_of(people, True)["student"].null_count() < 9
    assert facts_of(people, True, LawChanges())["student"].null_count() == 9


def test_lasting_losses_of_a_case_computed_by_hand() -> None:
    months = [dt.date(2025, 12, 31), dt.date(2025, 11, 30), dt.date(2025, 9, 30)]
    told = {"as_of": months, "customer_id": "a", "tier": "loss_making", "direct_contribution_12m": -1.0}
    assert lasting_losses(pl.DataFrame(told), months[0])["loss_refreshes"].to_list() == [2]

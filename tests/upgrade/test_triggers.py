"""Dated events: what is one, from which day to which it counts, and what it says of the chance of an offer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from math import exp

import polars as pl
import pytest

from segment.effects.intention import share_effect
from segment.policy import Policy
from segment.policy.trigger_rules import TriggerEvidence
from segment.upgrade.chances import LearnedChances
from segment.upgrade.learn_chances import learn_chances
from segment.upgrade.offers import offer_options, with_programmes
from segment.upgrade.places import Limits
from segment.upgrade.ranking import rank_list
from segment.upgrade.triggers import FOUND, find_triggers, months_needed, with_triggers
from tests.upgrade.conftest import RULES, candidates, with_rules
from tests.upgrade.test_chances import arms

AS_OF = dt.date(2025, 12, 31)
NOBODY = pl.DataFrame(schema={"customer_id": pl.String, "channel": pl.String, "code": pl.String})


def months_of(policy: Policy, last: dt.date = AS_OF, **series: Sequence[float]) -> pl.DataFrame:
    """A customer's months, the newest that of `last`."""
    count = len(next(iter(series.values())))
    products = [f"balance_{name}" for name in policy.products_of("deposit", "wealth")]
    figures = {"salary": [0.0] * count, "inflow": [0.0] * count, "deposits": [0.0] * count} | series
    first = pl.Series([last.replace(day=1)]).dt.offset_by(f"-{count - 1}mo")[0]
    days = pl.date_range(first, last.replace(day=1), "1mo", eager=True)
    given = {name: pl.Series(values, dtype=pl.Float64) for name, values in figures.items()}
    rows = pl.DataFrame({"customer_id": ["c000"] * count, "month": days, **given})
    return rows.with_columns(pl.lit(0.0).alias(name) for name in products if name not in rows.columns)


def tables_of(
    accounts: Sequence[tuple[object, ...]] = (), rules: Sequence[tuple[object, ...]] = ()
) -> dict[str, pl.DataFrame]:
    """Accounts of one customer (product, family, opened, closed, matures), and contact rules."""
    schema = {
        "account_id": pl.String,
        "product": pl.String,
        "family": pl.String,
        "opened_on": pl.Date,
        "closed_on": pl.Date,
        "matures_on": pl.Date,
    }
    rows = pl.DataFrame([(f"A{n}", *row) for n, row in enumerate(accounts)], schema=schema, orient="row")
    held = rows.select("account_id", customer_id=pl.lit("c000"), share=pl.lit(1.0))
    return {
        "accounts": rows,
        "holdings": held,
        "contact_rules": pl.DataFrame(list(rules), schema=RULES, orient="row"),
    }


def found(
    policy: Policy,
    months: pl.DataFrame | None = None,
    tables: dict[str, pl.DataFrame] | None = None,
    as_of: dt.date = AS_OF,
    list_on: dt.date | None = None,
) -> list[tuple[str, dt.date, dt.date, float | None]]:
    months = months_of(policy, salary=[0.0]) if months is None else months
    rows = find_triggers(months, tables or tables_of(), policy, as_of, list_on or as_of)
    assert dict(rows.schema) == FOUND
    return rows.select("trigger", "trigger_on", "trigger_until", "trigger_amount").rows()


def term(matures_on: dt.date, **changes: object) -> dict[str, pl.DataFrame]:
    account = {"product": "term_deposit", "family": "deposit", "opened": dt.date(2025, 1, 10), "closed": None} | changes
    return tables_of([(*account.values(), matures_on)])


@pytest.mark.parametrize(("ahead", "is_one"), [(6, False), (7, True), (45, True), (46, False)])
def test_a_deposit_matures_within_the_days_of_the_policy(retail: Policy, ahead: int, is_one: bool) -> None:
    day = AS_OF + dt.timedelta(days=ahead)
    months = months_of(retail, balance_term_deposit=[50_000.0])
    expected = [("deposit_matures", day, day, 50_000.0)] if is_one else []
    assert found(retail, months, term(day)) == expected


def test_a_deposit_is_no_event_before_it_is_opened_or_after_it_is_closed(retail: Policy) -> None:
    day, months = AS_OF + dt.timedelta(days=20), months_of(retail, balance_term_deposit=[50_000.0])
    assert found(retail, months, term(day, opened=AS_OF + dt.timedelta(days=1))) == []
    assert found(retail, months, term(day, closed=AS_OF)) == []
    # what closes later is not known yet
    assert len(found(retail, months, term(day, closed=AS_OF + dt.timedelta(days=1)))) == 1


def test_a_deposit_has_a_figure_where_the_month_shows_its_own_alone(retail: Policy) -> None:
    day, months = AS_OF + dt.timedelta(days=20), months_of(retail, balance_term_deposit=[50_000.0])
    one = ("term_deposit", "deposit", dt.date(2025, 1, 10), None, day)
    assert [row[3] for row in found(retail, months, tables_of([one, one]))] == [None]
    assert [row[3] for row in found(retail, months, term(day, opened=dt.date(2025, 12, 2)))] == [None]
    small = months_of(retail, balance_term_deposit=[999.0])
    assert found(retail, small, tables_of([one])) == []


def test_a_salary_has_stopped_after_two_pay_days_missed(retail: Policy) -> None:
    paid = [8_000.0] * 3
    stopped = [("salary_stopped", dt.date(2025, 10, 31), dt.date(2026, 3, 1), None)]
    assert found(retail, months_of(retail, salary=[*paid, 0, 0])) == stopped
    assert found(retail, months_of(retail, salary=[*paid, 0])) == []
    # one month later it is the same event, three months later it is over
    assert found(retail, months_of(retail, salary=[*paid, 0, 0, 0]))[0][1:3] == (
        dt.date(2025, 9, 30),
        dt.date(2026, 1, 29),
    )
    assert found(retail, months_of(retail, salary=[*paid, 0, 0, 0, 0])) == []
    assert found(retail, months_of(retail, salary=[*paid, 0, 0, 8_000])) == []
    assert found(retail, months_of(retail, salary=[0, 8_000, 8_000, 0, 0])) == []


def test_a_salary_began_where_none_came_before(retail: Policy) -> None:
    assert found(retail, months_of(retail, salary=[0, 0, 0, 8_000])) == [
        ("salary_began", AS_OF, dt.date(2026, 3, 1), 8_000.0)
    ]
    assert found(retail, months_of(retail, salary=[0, 0, 8_000])) == []  # nobody knows what came before
    assert found(retail, months_of(retail, salary=[8_000, 0, 0, 8_000])) == []
    assert found(retail, months_of(retail, salary=[0, 0, 0, 8_000, 0])) == []


def test_a_large_inflow_is_three_usual_months(retail: Policy) -> None:
    usual = [2_000.0, 2_000, 2_000, 2_100, 1_900, 9_000]
    assert found(retail, months_of(retail, inflow=[*usual, 6_000])) == [
        ("large_inflow", AS_OF, dt.date(2026, 3, 1), 6_000.0)
    ]
    assert found(retail, months_of(retail, inflow=[*usual, 5_999])) == []
    assert found(retail, months_of(retail, inflow=[300.0] * 6 + [999])) == []  # too little to matter
    assert found(retail, months_of(retail, inflow=[0.0] * 6 + [9_000])) == []  # no usual month to compare with


def test_a_balance_falls_three_months_in_a_row(retail: Policy) -> None:
    falling = [10_000.0, 8_000, 6_400, 5_120]
    assert found(retail, months_of(retail, deposits=falling)) == [
        ("balance_falling", AS_OF, dt.date(2026, 3, 1), 4_880.0)
    ]
    assert found(retail, months_of(retail, deposits=[10_000, 8_000, 6_401, 5_120])) == []
    assert found(retail, months_of(retail, deposits=[*falling, 9_000])) == []  # it came back
    assert found(retail, months_of(retail, deposits=[999, 700, 500, 300])) == []


@pytest.mark.parametrize(("ago", "is_one"), [(0, True), (53, True), (54, False)])
def test_a_loan_paid_off_is_good_for_sixty_days(retail: Policy, ago: int, is_one: bool) -> None:
    day = AS_OF - dt.timedelta(days=ago)
    loan = ("mortgage", "loan", dt.date(2015, 1, 1), day, None)
    events = found(retail, tables=tables_of([loan]))
    assert events == ([("loan_paid_off", day, day + dt.timedelta(days=60), None)] if is_one else [])


def test_what_happens_a_day_after_is_not_known(retail: Policy) -> None:
    tomorrow = AS_OF + dt.timedelta(days=1)
    later = months_of(retail, last=dt.date(2026, 1, 31), inflow=[2_000.0] * 6 + [9_000])
    loan = ("mortgage", "loan", dt.date(2015, 1, 1), tomorrow, None)
    complaint = ("c000", "complaint", None, dt.date(2025, 1, 1), tomorrow)
    on = AS_OF + dt.timedelta(days=40)
    assert found(retail, later, tables_of([loan], [complaint]), list_on=on) == []


@pytest.mark.parametrize(("ago", "is_one"), [(29, False), (30, True), (83, True), (84, False)])
def test_a_complaint_counts_from_thirty_to_ninety_days_after_it_ended(retail: Policy, ago: int, is_one: bool) -> None:
    ended = AS_OF - dt.timedelta(days=ago)
    rules = [("c000", "complaint", None, dt.date(2025, 1, 1), ended)]
    events = found(retail, tables=tables_of(rules=rules))
    assert events == ([("complaint_closed", ended, ended + dt.timedelta(days=90), None)] if is_one else [])


def test_an_event_that_ends_soon_after_a_later_list_counts_no_more(retail: Policy) -> None:
    months = months_of(retail, inflow=[2_000.0] * 6 + [9_000])  # until 1 March
    for day, count in ((dt.date(2026, 2, 22), 1), (dt.date(2026, 2, 23), 0)):
        assert len(found(retail, months, list_on=day)) == count


def test_the_months_that_are_read_are_enough_for_every_event(retail: Policy) -> None:
    # six usual months, the month itself, and two more in which it is still good
    assert months_needed(retail.upgrade.triggers) == 9


def events(*rows: tuple[str, dt.date, dt.date, float | None]) -> pl.DataFrame:
    return pl.DataFrame([("c000", *row) for row in rows], schema=FOUND, orient="row")


INFLOW = ("large_inflow", AS_OF, dt.date(2026, 3, 1), 9_000.0)
BEGAN = ("salary_began", AS_OF, dt.date(2026, 1, 20), 8_000.0)


def chosen(policy: Policy, *rows: tuple[str, dt.date, dt.date, float | None]) -> pl.DataFrame:
    return with_triggers(with_programmes(candidates(), policy), events(*rows), policy)


def test_an_event_raises_the_chance_by_the_policys_log_odds(retail: Policy) -> None:
    free = with_rules(retail, floor_in_costs=0.0)
    plain, one = (offer_options(each, NOBODY, free)["uplift"] for each in (chosen(retail), chosen(retail, INFLOW)))
    assert (one / plain).to_list() == pytest.approx([exp(0.65)] * len(one))


def test_events_add_up_to_the_cap_and_count_until_the_first_of_them_ends(retail: Policy) -> None:
    (both,) = chosen(retail, INFLOW, BEGAN).to_dicts()
    assert (both["trigger"], both["trigger_until"]) == ("salary_began", BEGAN[2])
    assert both["trigger_evidence"] == pytest.approx(1.3)
    rules = retail.upgrade.triggers
    more = {**rules.evidence, "large_inflow": TriggerEvidence(log_odds=1.0, moves=("main_account_here",))}
    changed = with_rules(retail, triggers=rules.model_copy(update={"evidence": more}))
    (capped,) = chosen(changed, INFLOW, BEGAN).to_dicts()
    assert (capped["trigger"], capped["trigger_amount"]) == ("large_inflow", 9_000.0)
    assert capped["trigger_evidence"] == pytest.approx(1.3)


def test_an_event_counts_in_programmes_that_it_is_evidence_for(retail: Policy) -> None:
    (row,) = chosen(retail, ("loan_paid_off", AS_OF, dt.date(2026, 3, 1), None)).to_dicts()
    assert (row["programme"], row["trigger"], row["trigger_evidence"]) == ("main_account", None, 0.0)


def test_a_row_expires_with_its_event_or_with_the_list(retail: Policy) -> None:
    managers = pl.DataFrame(schema={"rm_id": pl.String, "branch_id": pl.String, "weekly_contacts": pl.Int64})
    for rows, last in (((), 30), ((INFLOW,), 30), ((BEGAN,), 20)):
        options = offer_options(chosen(retail, *rows), NOBODY, retail).with_columns(control=pl.lit(value=False))
        listed, _ = rank_list(options, Limits(), managers, retail, AS_OF)
        assert listed["expires_on"].to_list() == [AS_OF + dt.timedelta(days=last)]


def taught(policy: Policy, moved: int) -> LearnedChances:
    """A programme whose policy is right without an event, and of 4,000 contacts with one as many moved as told."""
    plain = arms(20_000, 500, 20_000, 100, trigger=None, trigger_evidence=0.0)
    event = arms(4_000, moved, 4_000, 20, trigger="large_inflow", trigger_evidence=0.65)
    return learn_chances(pl.concat([plain, event], how="vertical_relaxed"), policy, share_effect)


def test_outcomes_correct_what_an_event_is_said_to_bring(retail: Policy) -> None:
    people = pl.DataFrame({"trigger": ["large_inflow", None], "trigger_evidence": [0.65, 0.0]})
    as_said, nothing = (
        people.select(taught(retail, moved).of_evidence(people.columns, 1.3)).to_series() for moved in (173, 100)
    )
    # .02 more than the control arm without an event; with one .02 * e^.65 = .038 as was said, or .02 as without
    assert as_said[0] / as_said[1] == pytest.approx(exp(0.65), rel=0.05)
    assert nothing[0] / nothing[1] == pytest.approx(1.0, abs=0.15)


def test_few_outcomes_leave_what_the_policy_says_of_an_event(retail: Policy) -> None:
    plain = arms(200, 5, 40, 0, trigger=None, trigger_evidence=0.0)
    event = arms(20, 0, 4, 0, trigger="large_inflow", trigger_evidence=0.65)
    chances = learn_chances(pl.concat([plain, event], how="vertical_relaxed"), retail, share_effect)
    assert chances.evidence["trigger", "large_inflow"].value == pytest.approx(1.0, abs=0.1)


def test_a_list_of_before_names_no_event(retail: Policy) -> None:
    old = arms(1000, 60, 200, 4)
    with_columns = old.with_columns(trigger=pl.lit(None, pl.String), trigger_evidence=pl.lit(None, pl.Float64))
    assert (
        learn_chances(old, retail, share_effect).programmes
        == learn_chances(with_columns, retail, share_effect).programmes
    )

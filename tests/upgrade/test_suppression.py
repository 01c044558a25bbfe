"""Nobody is contacted whom a rule keeps out on any day of the list's life."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from segment.exceptions import SuppressionError
from segment.ledger.protection import IN_DOUBT
from segment.ledger.vocabulary import CONTACT_RULES
from segment.policy.contacts import Upgrade
from segment.store.stored_tables import OBJECTIONS
from segment.upgrade.contacts_made import contacts_made, recently_offered
from segment.upgrade.suppression import require_fresh_sources, suppressed
from tests.upgrade.conftest import LIST_ON, OUTCOMES, contact_tables


def day(offset: int) -> dt.date:
    return LIST_ON + dt.timedelta(days=offset)


def codes(upgrade: Upgrade, **tables: list[tuple[object, ...]]) -> list[tuple[str | None, str]]:
    found = suppressed(contact_tables(**tables), upgrade, LIST_ON)
    return [(channel, code) for _, channel, code in found.iter_rows()]


@pytest.mark.parametrize("rule", [rule for rule in CONTACT_RULES if rule != "do_not_call"])
def test_every_contact_rule_of_the_contract_keeps_out(upgrade: Upgrade, rule: str) -> None:
    assert codes(upgrade, rules=[("c", rule, None, day(-10), None)]) == [(None, rule)]


@pytest.mark.parametrize(
    ("starts", "ends", "kept_out"),
    [(-10, None, True), (-10, -1, False), (-10, 0, True), (29, None, True), (30, None, True), (31, None, False)],
)
def test_a_rule_counts_on_any_day_until_the_list_expires(
    upgrade: Upgrade, starts: int, ends: int | None, kept_out: bool
) -> None:
    rule = ("c", "opt_out", None, day(starts), None if ends is None else day(ends))
    assert bool(codes(upgrade, rules=[rule])) is kept_out


def test_a_rule_for_one_channel_names_it(upgrade: Upgrade) -> None:
    assert codes(upgrade, rules=[("c", "opt_out", "phone", day(-10), None)]) == [("phone", "opt_out")]


@pytest.mark.parametrize(("ended", "kept_out"), [(-90, True), (-91, False)])
def test_an_ended_complaint_rests_for_ninety_days(upgrade: Upgrade, ended: int, kept_out: bool) -> None:
    assert bool(codes(upgrade, rules=[("c", "complaint", None, day(-200), day(ended))])) is kept_out


@pytest.mark.parametrize(("answered", "kept_out"), [(-179, True), (-180, False)])
def test_a_refusal_rests_for_half_a_year(upgrade: Upgrade, answered: int, kept_out: bool) -> None:
    outcome = ("l", "c", day(answered), "declined", day(answered))
    assert bool(codes(upgrade, outcomes=[outcome])) is kept_out


@pytest.mark.parametrize(("contacted", "kept_out"), [(-13, True), (-14, False)])
def test_a_contact_rests_for_two_weeks(upgrade: Upgrade, contacted: int, kept_out: bool) -> None:
    found = codes(upgrade, outcomes=[("l", "c", day(contacted), "no_answer", None)])
    assert ((None, "recently_contacted") in found) is kept_out


def test_who_was_not_contacted_needs_no_rest(upgrade: Upgrade) -> None:
    assert codes(upgrade, outcomes=[("l", "c", day(-1), "not_contacted", None)]) == []


@pytest.mark.parametrize(
    ("customer", "code"),
    [
        (("c", dt.date(2010, 1, 1), False, None, None), "minor"),
        (("c", dt.date(1990, 1, 1), True, None, None), "staff"),
        (("c", dt.date(1990, 1, 1), None, day(5), None), "left"),
    ],
)
def test_minors_staff_and_leavers_are_kept_out(upgrade: Upgrade, customer: tuple[object, ...], code: str) -> None:
    assert codes(upgrade, customers=[customer]) == [(None, code)]


@pytest.mark.parametrize(
    ("birth_date", "minor"),
    [
        (dt.date(2007, 12, 31), False),
        (dt.date(2008, 1, 1), True),  # of age on the next day, while the list lives: a minor on the list's date
        (dt.date(2008, 2, 29), True),
    ],
)
def test_age_is_that_of_the_lists_date(upgrade: Upgrade, birth_date: dt.date, minor: bool) -> None:
    assert codes(upgrade, customers=[("c", birth_date, False, None, None)]) == ([(None, "minor")] if minor else [])


@pytest.mark.parametrize(("on", "minor"), [(dt.date(2026, 2, 28), True), (dt.date(2026, 3, 1), False)])
def test_who_was_born_on_a_leap_day_is_of_age_in_march(upgrade: Upgrade, on: dt.date, minor: bool) -> None:
    tables = contact_tables(customers=[("c", dt.date(2008, 2, 29), False, None, None)])
    assert bool(suppressed(tables, upgrade, on).height) is minor


@pytest.mark.parametrize("keeps_out", [True, False])
def test_the_policy_says_whether_an_unknown_age_keeps_out(upgrade: Upgrade, keeps_out: bool) -> None:
    rules = upgrade.contact_rules.model_copy(update={"missing_birth_date_keeps_out": keeps_out})
    changed = upgrade.model_copy(update={"contact_rules": rules})
    found = codes(changed, customers=[("c", None, False, None, None), ("d", dt.date(1980, 1, 1), False, None, None)])
    assert found == ([(None, "age_unknown")] if keeps_out else [])


def test_a_ledger_without_any_birth_date_keeps_everybody_out_for_it(upgrade: Upgrade) -> None:
    assert upgrade.contact_rules.missing_birth_date_keeps_out
    assert codes(upgrade, customers=[("c", None, False, None, None)]) == [(None, "age_unknown")]


def test_a_deceased_customer_is_kept_out_whatever_policy_channel_and_last_day_say(upgrade: Upgrade) -> None:
    silent = upgrade.model_copy(update={"keeps_out": ("opt_out",)})
    assert codes(silent, rules=[("c", "deceased", "phone", day(-99), day(-50))]) == [(None, "deceased")]


def test_a_rule_whose_first_day_is_not_known_is_in_force(upgrade: Upgrade) -> None:
    assert codes(upgrade, rules=[("c", "opt_out", None, None, None)]) == [(None, "opt_out")]


def test_do_not_call_closes_the_telephone_alone(upgrade: Upgrade) -> None:
    assert codes(upgrade, rules=[("c", "do_not_call", None, day(-10), None)]) == [("phone", "do_not_call")]
    assert codes(upgrade, rules=[("c", "do_not_call", "mobile", day(-10), None)]) == [("mobile", "do_not_call")]


@pytest.mark.parametrize(("ended", "kept_out"), [(-90, True), (-91, False)])
def test_a_fraud_rests_for_ninety_days(upgrade: Upgrade, ended: int, kept_out: bool) -> None:
    assert bool(codes(upgrade, rules=[("c", "fraud_victim", None, day(-200), day(ended))])) is kept_out


def test_every_rule_of_the_contract_is_named_by_the_policy(upgrade: Upgrade) -> None:
    assert set(upgrade.keeps_out) == set(CONTACT_RULES)


@pytest.mark.parametrize(("first", "kept_out"), [(-90, True), (-91, False)])
def test_three_contacts_in_a_quarter_are_enough(upgrade: Upgrade, first: int, kept_out: bool) -> None:
    told = [("l", "c", day(offset), "no_answer", None) for offset in (first, -60, -40)]
    assert ((None, "contact_cap") in codes(upgrade, outcomes=told)) is kept_out


@pytest.mark.parametrize(("called", "kept_out"), [(-29, True), (-30, False)])
def test_one_call_in_a_month_is_enough_and_an_unknown_channel_counts_as_a_call(
    upgrade: Upgrade, called: int, kept_out: bool
) -> None:
    told = contact_tables(outcomes=[("l", "c", day(called), "no_answer", None)])
    by_letter = pl.DataFrame({"list_id": ["l"], "customer_id": ["c"], "channel": ["online"], "bundle": ["b"]})
    expected = [("c", "phone", "call_cap")] if kept_out else []
    assert suppressed(told, upgrade, LIST_ON).rows() == expected
    assert suppressed(told, upgrade, LIST_ON, past_lists=by_letter).rows() == []
    by_phone = by_letter.with_columns(channel=pl.lit("phone"))
    assert suppressed(told, upgrade, LIST_ON, past_lists=by_phone).rows() == expected


def test_a_contact_that_two_tables_tell_of_counts_once(upgrade: Upgrade) -> None:
    rows = [("l", "c", day(-60), "no_answer", None), ("m", "c", day(-40), "interested", None)]
    handed_in = [(*row, False) for row in rows]
    schema = {**OUTCOMES, "do_not_contact": pl.Boolean}
    made = contacts_made(
        contact_tables(outcomes=list(rows))["campaign_outcomes"], pl.DataFrame(handed_in, schema, orient="row")
    )
    assert made.height == 2


@pytest.mark.parametrize(("offered", "again"), [(-179, ["b"]), (-180, [])])
def test_a_bundle_rests_for_half_a_year(upgrade: Upgrade, offered: int, again: list[str]) -> None:
    told = contact_tables(outcomes=[("l", "c", day(offered), "no_answer", None)])["campaign_outcomes"]
    past = pl.DataFrame({"list_id": ["l"], "customer_id": ["c"], "channel": ["online"], "bundle": ["b"]})
    assert recently_offered(contacts_made(told, None, past), upgrade, LIST_ON)["bundle"].to_list() == again


def test_a_refusal_handed_in_after_the_lists_date_counts(upgrade: Upgrade) -> None:
    """GDPR art. 21(3): an objection to direct marketing holds at once."""
    schema = {**OUTCOMES, "do_not_contact": pl.Boolean}
    rows = [("l", "c", day(3), "declined", day(3), False), ("l", "d", None, "no_answer", None, True)]
    found = suppressed(contact_tables(), upgrade, LIST_ON, kept_outcomes=pl.DataFrame(rows, schema, orient="row"))
    assert [(who, code) for who, _, code in found.iter_rows()] == [("c", "declined"), ("d", "do_not_contact")]


def test_an_objection_stands_until_it_is_withdrawn(upgrade: Upgrade) -> None:
    """PIPL art. 24 and GDPR art. 21: who objects to profiling is on no list that profiling made."""
    rows = [
        ("c", "profiling", day(-9), None),
        ("d", "profiling", day(-9), day(0)),
        ("e", "marketing", day(-9), day(1)),
    ]
    found = suppressed(
        contact_tables(), upgrade, LIST_ON, objections=pl.DataFrame(rows, schema=OBJECTIONS.schema, orient="row")
    )
    assert [(who, code) for who, _, code in found.iter_rows()] == [
        ("c", "profiling_objection"),
        ("e", "marketing_objection"),
    ]


def test_a_source_that_the_policy_needs_must_be_there(upgrade: Upgrade) -> None:
    rules = upgrade.contact_rules.model_copy(update={"needed_sources": ("objections",)})
    needing = upgrade.model_copy(update={"contact_rules": rules})
    sources = pl.DataFrame({"source": ["deaths"], "refreshed_on": [day(0)]})
    with pytest.raises(SuppressionError, match="Missing: objections"):
        require_fresh_sources(sources, needing, LIST_ON)


def test_a_customer_without_any_such_mark_is_free(upgrade: Upgrade) -> None:
    assert codes(upgrade, customers=[("c", dt.date(1990, 1, 1), False, None, None)]) == []


def test_a_stale_suppression_source_stops_the_list(upgrade: Upgrade) -> None:
    sources = pl.DataFrame({"source": ["opt-outs", "deaths"], "refreshed_on": [day(-4), day(-3)]})
    with pytest.raises(SuppressionError, match=r"Stale: opt-outs \(refreshed 2025-12-27\)"):
        require_fresh_sources(sources, upgrade, LIST_ON)
    require_fresh_sources(sources.filter(pl.col("source") == "deaths"), upgrade, LIST_ON)


def test_a_source_whose_day_cannot_be_read_is_stale_whatever_else_is_said_of_it(upgrade: Upgrade) -> None:
    sources = pl.DataFrame({"source": ["deaths", "deaths"], "refreshed_on": [day(0), None]})
    with pytest.raises(SuppressionError, match="Stale: deaths"):
        require_fresh_sources(sources, upgrade, LIST_ON)


def test_a_customer_in_doubt_is_kept_out_whatever_the_policy_leaves_out(upgrade: Upgrade) -> None:
    silent = upgrade.model_copy(update={"keeps_out": ("opt_out",)})
    assert codes(silent, rules=[("c", IN_DOUBT, "phone", None, None)]) == [(None, IN_DOUBT)]


@pytest.mark.parametrize("channel", ["telephone", "all", "E-Mail", "*", "全部"])
def test_a_channel_in_a_word_that_nobody_knows_may_be_any(upgrade: Upgrade, channel: str) -> None:
    assert codes(upgrade, rules=[("c", "opt_out", channel, day(-1), None)]) == [(None, "opt_out")]
    assert codes(upgrade, rules=[("c", "opt_out", " Phone ", day(-1), None)]) == [("phone", "opt_out")]

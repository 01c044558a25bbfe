"""Nobody is contacted whom a rule keeps out on any day of the list's life."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from segment.exceptions import PublishError
from segment.policy.contacts import Upgrade
from segment.upgrade import require_fresh_sources, suppressed
from tests.upgrade.conftest import LIST_ON, contact_tables


def day(offset: int) -> dt.date:
    return LIST_ON + dt.timedelta(days=offset)


def codes(upgrade: Upgrade, **tables: list[tuple[object, ...]]) -> list[tuple[str | None, str]]:
    found = suppressed(contact_tables(**tables), upgrade, LIST_ON)
    return [(channel, code) for _, channel, code in found.iter_rows()]


@pytest.mark.parametrize(
    "rule",
    [
        "no_consent",
        "opt_out",
        "complaint",
        "vulnerable",
        "deceased",
        "litigation",
        "basic_account",
        "fee_exempt",
        "recently_contacted",
    ],
)
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
    assert bool(codes(upgrade, outcomes=[("l", "c", day(contacted), "no_answer", None)])) is kept_out


def test_who_was_not_contacted_needs_no_rest(upgrade: Upgrade) -> None:
    assert codes(upgrade, outcomes=[("l", "c", day(-1), "not_contacted", None)]) == []


@pytest.mark.parametrize(
    ("customer", "code"),
    [
        (("c", dt.date(2010, 1, 1), False, None, None), "minor"),
        (("c", dt.date(1990, 1, 1), True, None, None), "staff"),
        (("c", None, None, day(5), None), "left"),
    ],
)
def test_minors_staff_and_leavers_are_kept_out(upgrade: Upgrade, customer: tuple[object, ...], code: str) -> None:
    assert codes(upgrade, customers=[customer]) == [(None, code)]


def test_a_customer_without_any_such_mark_is_free(upgrade: Upgrade) -> None:
    assert codes(upgrade, customers=[("c", dt.date(1990, 1, 1), False, None, None)]) == []


def test_a_stale_suppression_source_stops_the_list(upgrade: Upgrade) -> None:
    sources = pl.DataFrame({"source": ["opt-outs", "deaths"], "refreshed_on": [day(-4), day(-3)]})
    with pytest.raises(PublishError, match=r"Stale: opt-outs \(refreshed 2025-12-27\)"):
        require_fresh_sources(sources, upgrade, LIST_ON)
    require_fresh_sources(sources.filter(pl.col("source") == "deaths"), upgrade, LIST_ON)

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from segment.banks.simulator.calendar import months_until
from segment.banks.simulator.draws import CustomerStream
from segment.banks.simulator.parameters import ELSEWHERE, MAIN_HERE, Parameters
from segment.banks.simulator.people import draw_branches, draw_people
from segment.banks.simulator.relations import Relation, draw_relation, draw_ties
from tests.banks.simulator.conftest import SimulatedBank


def _relation(count: int = 400) -> Relation:
    p, rng, general = Parameters(), CustomerStream(0, 0), np.random.default_rng(0)
    branches = draw_branches(general, 4, 0.25)
    people = draw_people(rng, general, p.people, count, branches, months_until(date(2025, 12, 1), 12))
    return draw_relation(rng, general, p.relation, people, branches.count)


def test_the_states_start_in_the_shares_of_the_page(bank: SimulatedBank) -> None:
    first = bank.truth().filter(pl.col("month") == bank.summary.first_month)["state"].value_counts(normalize=True)
    shares = dict(zip(first["state"], first["proportion"], strict=True))
    for state, expected in (("main_here", 0.50), ("split", 0.10), ("elsewhere", 0.25), ("dormant", 0.15)):
        assert abs(shares[state] - expected) < 0.07


def test_a_switch_brings_the_salary_first_then_bills_then_balances() -> None:
    relation, who = _relation(), np.arange(400)
    here, workers = np.full(400, MAIN_HERE), np.zeros(400, dtype=int)
    ties = draw_ties(CustomerStream(1, 0), Parameters().relation, who, here, workers)
    before = relation.in_effect(9)
    relation.switch(who, ties, 10, np.full(400, 5))
    months = [relation.in_effect(index) for index in range(10, 16)]
    assert (months[0].income_here == ties.income_here).all()
    np.testing.assert_allclose(months[0].share, before.share)
    assert (months[0].bills == before.bills).all()
    assert (months[1].bills == ties.bills).all()
    assert all(
        np.abs(a.share - ties.share).sum() > np.abs(b.share - ties.share).sum()
        for a, b in zip(months[:4], months[1:5], strict=True)
    )
    np.testing.assert_allclose(months[4].share, ties.share)


def test_switches_take_three_to_six_months(bank: SimulatedBank) -> None:
    truth = bank.truth().filter(pl.col("switched_on").is_not_null())
    span = truth.filter(pl.col("switch_progress") < 1.0).group_by("customer_id", "switched_on").len()
    span = span.filter(pl.col("switched_on") <= date(2025, 6, 1))
    # the month in which the switch is over is not counted
    assert span["len"].min() >= 2
    assert span["len"].max() <= 5


def test_about_one_customer_in_twenty_switches_in_a_year(bank: SimulatedBank) -> None:
    events = bank.truth("truth_events").filter(pl.col("event").str.starts_with("to_"))
    assert 0.03 < events.height / (bank.truth().height / 12) < 0.08


def test_salaries_follow_a_switch_within_two_months(bank: SimulatedBank) -> None:
    workers = bank.table("customers").filter(pl.col("occupation") == "worker")["customer_id"]
    moves = bank.truth("truth_events").filter(
        (pl.col("event") == "to_elsewhere")
        & pl.col("customer_id").is_in(workers.to_list())
        & pl.col("month").is_between(date(2024, 5, 1), date(2025, 8, 1))
    )
    salary = bank.booked().filter(pl.col("kind") == "salary").with_columns(paid=pl.col("booked_on").dt.truncate("1mo"))
    months = moves.join(salary.select("customer_id", "paid", "amount"), on="customer_id")
    gap = (pl.col("paid") - pl.col("month")).dt.total_days()
    assert months.filter(gap < 0)["customer_id"].n_unique() > 20
    late = months.filter(gap > 60).group_by("customer_id").agg(pl.len())
    assert late.height < 0.3 * moves.height


def test_one_in_seven_customers_of_other_banks_is_paid_here_by_the_employers_choice() -> None:
    state, workers = np.full(20_000, ELSEWHERE), np.zeros(20_000, dtype=int)
    ties = draw_ties(CustomerStream(0, 0), Parameters().relation, np.arange(20_000), state, workers)
    assert abs(ties.sweeps.mean() - 0.14) < 0.01
    assert ties.linked[ties.sweeps].all()


def test_without_a_switch_the_ties_in_effect_are_the_ties() -> None:
    relation = _relation()
    np.testing.assert_array_equal(relation.in_effect(5).share, relation.now.share)
    assert (relation.progress(5) == 1.0).all()


def test_those_who_will_go_turn_away_before_and_nobody_else() -> None:
    relation = _relation()
    usual = relation.in_effect(9)
    relation.goal[:2], relation.decided[:2], relation.departs[:2] = ELSEWHERE, 10, [13, 10]
    months = [relation.in_effect(index) for index in (10, 11, 12)]
    assert usual.share[0] > months[0].share[0] > months[1].share[0] > months[2].share[0]
    np.testing.assert_allclose(months[2].share[0], 0.25 * usual.share[0])
    assert not months[2].income_here[0]
    for month in months:
        np.testing.assert_array_equal(month.share[2:], usual.share[2:])
        np.testing.assert_array_equal(month.bills[2:], usual.bills[2:])
    # the second decides in the month of going
    assert relation.fading(9)[1] == 0.0

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segment.main_bank import MainBankClassifier
from segment.main_bank.scorecard import SIGNALS, TERMS, SignalReading, known_share, shrink, signs_of_life, terms, trust
from segment.policy import Policy, load_policy
from tests.main_bank.archetypes import PRESENT, SLEEPING, frame

WEIGHTS = load_policy("models/retail.toml").main_bank.weights.model_dump()
EXPERT = MainBankClassifier.from_policy(load_policy("models/retail.toml").main_bank).fit(frame({}))

shares = st.floats(0, 1)
people = st.fixed_dictionaries({name: st.one_of(st.just(math.nan), shares) for name in SIGNALS})
alive = people.map(lambda person: person | {"spend_weeks": max(0.25, np.nan_to_num(person["spend_weeks"]))})


def p(person: dict[str, float]) -> float:
    return float(EXPERT.predict_proba(frame(person))[0, 1])


def sigmoid(logit: float) -> float:
    return 1 / (1 + math.exp(-logit))


def test_every_signal_of_the_policy_has_a_term(policy: Policy) -> None:
    assert set(TERMS) | {"intercept"} == set(policy.main_bank.weights.model_dump())


def test_log_odds_equal_a_case_computed_by_hand() -> None:
    here = {"salary_months": 0.5, "inflow_share": 0.4, "bills": 0.25, "spend_weeks": 0.5}
    # -0.6 - 2.2*0.5 - 1.5*0.4 - 1.0*0.25 - 1.2*0.5 + 1.6*0.3; salary in three months of six: no `no_salary`
    assert p(PRESENT | here | {"own_in_share": 0.3}) == pytest.approx(sigmoid(-2.67))


def test_a_forwarded_salary_counts_only_for_what_stays_by_hand() -> None:
    person = PRESENT | {"salary_months": 1.0, "inflow_share": 1.0, "sweep_share": 0.525}
    # a quarter stays: -0.6 - 2.2*0.25 - 1.5*0.25 + 1.8*0.525 + 1.2*(1 - 3*0.25)
    assert p(person) == pytest.approx(sigmoid(-0.28))


@pytest.mark.parametrize(("sweep", "stays"), [(0.0, 1.0), (0.3, 1.0), (0.45, 0.5), (0.6, 0.0), (1.0, 0.0)])
def test_what_is_swept_up_to_a_third_is_saving_and_from_six_tenths_on_nothing_stays(sweep: float, stays: float) -> None:
    person = frame(PRESENT | {"salary_months": 1.0, "sweep_share": sweep}).to_numpy()
    assert terms(person, SignalReading())[0, TERMS.index("salary_months")] == pytest.approx(stays)


@pytest.mark.parametrize(("salary", "inflow", "counts"), [(0.0, 0.0, 1.0), (0.5, 0.25, 0.5), (0.0, 1.0, 0.0)])
def test_another_banks_card_paid_out_of_an_income_kept_here_is_a_bill_like_others(
    salary: float, inflow: float, counts: float
) -> None:
    person = frame(PRESENT | {"salary_months": salary, "inflow_share": inflow, "other_bank_card": 1.0}).to_numpy()
    assert terms(person, SignalReading())[0, TERMS.index("other_bank_card")] == counts


@pytest.mark.parametrize(("months", "expected"), [(0, 1.0), (1, 0.5), (2, 0.0), (6, 0.0)])
def test_no_salary_falls_from_none_to_two_months_in_six(months: int, expected: float) -> None:
    person = frame(PRESENT | {"salary_months": months / 6, "spend_weeks": 1.0}).to_numpy()
    assert terms(person, SignalReading())[0, TERMS.index("no_salary")] == pytest.approx(expected)


def test_who_receives_a_benefit_is_not_without_income() -> None:
    person = frame(PRESENT | {"benefits": 1.0}).to_numpy()
    assert terms(person, SignalReading())[0, TERMS.index("no_salary")] == 0.0


def test_a_sleeping_account_stays_at_the_base_rate(policy: Policy) -> None:
    assert p(SLEEPING) == policy.main_bank.base_rate


def test_signs_of_life_do_not_count_money_that_merely_lies_there() -> None:
    person = frame(SLEEPING | {"retained_after_10_days": 1.0}).to_numpy()
    assert signs_of_life(person, 0.25).tolist() == [0.0]


def test_nothing_known_gives_the_base_rate(policy: Policy) -> None:
    assert p({}) == policy.main_bank.base_rate


def test_below_half_of_the_signals_the_answer_is_pulled_to_the_base_rate() -> None:
    person = {"own_in_share": 1.0, "other_bank_card": 1.0}
    raw = sigmoid(-0.6 + 1.6 + 0.9)
    assert p(person) == pytest.approx(0.35 + (2 / 16) / 0.5 * (raw - 0.35))


def test_at_half_of_the_signals_the_answer_stands() -> None:
    half = frame(dict.fromkeys(SIGNALS[:8], 0.5)).to_numpy()
    assert trust(half, least_known=0.5, alive_from=0.25).tolist() == [1.0]
    assert shrink(np.array([0.9]), np.array([1.0]), 0.35).tolist() == [0.9]


@given(people)
def test_probabilities_lie_between_0_and_1(person: dict[str, float]) -> None:
    assert 0 <= p(person) <= 1


@given(alive, st.sampled_from([name for name in SIGNALS if name != "benefits"]), shares, shares)
def test_each_signal_moves_the_answer_of_an_active_customer_its_own_way(
    person: dict[str, float], name: str, one: float, other: float
) -> None:
    low, high = sorted((one, other))
    if name == "spend_weeks":
        low, high = max(low, 0.25), max(high, 0.25)
    change = p(person | {name: high}) - p(person | {name: low})
    assert change * math.copysign(1, WEIGHTS[name]) >= -1e-12


@given(alive, st.sampled_from([name for name in SIGNALS if name not in {"salary_months", "spend_weeks"}]))
def test_an_unknown_signal_says_the_same_as_one_at_0(person: dict[str, float], name: str) -> None:
    values = [terms(frame(person | {name: value}).to_numpy(), SignalReading()) for value in (math.nan, 0.0)]
    np.testing.assert_array_equal(*values)


def test_an_unknown_salary_is_not_an_absent_one() -> None:
    person = frame(PRESENT | {"salary_months": math.nan, "spend_weeks": 1.0}).to_numpy()
    assert terms(person, SignalReading())[0, TERMS.index("no_salary")] == 0.0


def test_known_share_of_a_case_computed_by_hand() -> None:
    assert float(known_share(np.full((1, len(SIGNALS)), np.nan))[0]) == 0.0


def test_signs_of_life_of_a_case_computed_by_hand() -> None:
    one_login_a_month = np.zeros((1, len(SIGNALS)))
    one_login_a_month[0, SIGNALS.index("logins")] = 0.125
    assert float(signs_of_life(one_login_a_month, alive_from=0.25)[0]) == 0.5


def test_terms_of_a_case_computed_by_hand() -> None:
    forwarded = np.full((1, len(SIGNALS)), np.nan)
    forwarded[0, [SIGNALS.index("salary_months"), SIGNALS.index("sweep_share")]] = 1.0, 0.45
    assert round(float(terms(forwarded, SignalReading())[0, TERMS.index("salary_months")]), 3) == 0.5


def test_trust_of_a_case_computed_by_hand() -> None:
    half_asleep = np.zeros((1, len(SIGNALS)))
    half_asleep[0, SIGNALS.index("logins")] = 0.125
    assert float(trust(half_asleep, least_known=0.5, alive_from=0.25)[0]) == 0.5


def test_shrink_of_a_case_computed_by_hand() -> None:
    assert repr(shrink(np.array([0.9]), np.array([0.5]), base_rate=0.35).round(3)) == "array([0.625])"

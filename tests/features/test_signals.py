"""Each signal of the main bank, by hand."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from segment.features.recipes import History
from segment.features.signals import SIGNALS, Signal, SignalTrend, regular_income, variation
from segment.policy.decisions import MainBankWeights
from segment.policy.ledger_signals import LedgerSignals
from tests.features.test_recipes import NAN, history

FLOOR, READ = 200.0, LedgerSignals()


def seen(**measures: list[float]) -> History:
    length = max(map(len, measures.values()))
    return history(contribution=[1.0] * length, **measures)


def signal(name: str, **measures: list[float]) -> float:
    return float(Signal(name, READ, FLOOR)(seen(**measures))[0])


def cards(debits: list[float] | None = None, loan: list[float] | None = None) -> dict[str, list[float]]:
    return {"other_bank_card_payments": debits or [0.0] * 6, "other_bank_loan_payments": loan or [0.0] * 6}


def test_every_weight_of_the_policy_has_a_signal() -> None:
    without_weight = {"wallet_months", "round_out", "own_in_share_12m"}
    assert set(MainBankWeights.model_fields) - {"intercept", "no_salary"} == set(SIGNALS) - without_weight


@pytest.mark.parametrize(
    ("name", "measures", "value"),
    [
        ("salary_months", {"salary_months": [1, 1, 0, 1, 1, 0]}, 4 / 6),
        ("bills", {"bill_types": [2, 2, 2, 2, 2, 2]}, 0.5),
        ("bills", {"bill_types": [9] * 6}, 1.0),
        ("spend_weeks", {"spend_weeks": [4, 4, 5, 0, 0, 0]}, 0.5),
        ("spend_weeks", {"spend_weeks": [4, 5, 4, 5, 5, 5]}, 1.0),
        ("benefits", {"benefit_months": [0, 0, 1, 0, 0, 0]}, 1.0),
        ("benefits", {"benefit_months": [1] + [0] * 6}, 0.0),
        ("own_in_share", {"own_in_other_bank": [100] * 6, "external_inflow": [400] * 6}, 0.25),
        ("own_in_share", {"own_in_other_bank": [100] * 6, "external_inflow": [199] * 6}, NAN),
        ("sweep_share", {"swept_inflow": [900] * 6, "large_inflow": [1000] * 6}, 0.9),
        ("sweep_share", {"swept_inflow": [0] * 6, "large_inflow": [0] * 6}, NAN),
        ("just_in_time_loan", {"jit_instalments": [1, 0, 0, 1, 0, 0], "loan_instalments": [1, 1, 0, 1, 0, 1]}, 0.5),
        ("just_in_time_loan", {"jit_instalments": [0] * 6, "loan_instalments": [0] * 6}, NAN),
        ("other_bank_card", cards([900, 0, 1100, 0, 1300, 0]), 1.0),
        ("other_bank_card", cards([900, 0, 1100, 0, 0, 0]), 0.0),
        ("other_bank_card", cards([900, 900, 905, 900, 900, 900]), 0.0),
        ("other_bank_card", cards([90, 110, 130, 80, 70, 150]), 0.0),
        ("other_bank_card", cards(loan=[9, 5, 7, 6, 8, 5]), 1.0),
        ("other_bank_card", cards(loan=[5] * 6), 0.0),
        ("other_bank_loan", {"other_bank_loan_payments": [0, 0, 0, 500, 500, 505]}, 1.0),
        ("other_bank_loan", {"other_bank_loan_payments": [0, 0, 0, 500, 500, 600]}, 0.0),
        ("other_bank_loan", {"other_bank_loan_payments": [0, 0, 0, 0, 500, 500]}, 0.0),
        ("drain", {"drained_principal": [0, 0, 50, 0, 0, 150], "matured_principal": [0, 0, 100, 0, 0, 300]}, 0.5),
        ("drain", {"drained_principal": [0] * 6, "matured_principal": [199] + [0] * 5}, NAN),
        ("single_product", {"product_families": [1] * 6, "holds_everyday": [0] * 6}, 1.0),
        ("single_product", {"product_families": [1] * 6, "holds_everyday": [1] * 6}, 0.0),
        ("single_product", {"product_families": [2] * 6, "holds_everyday": [0] * 6}, 0.0),
        ("securities_out", {"securities_out": [300, -100] + [0] * 4, "external_outflow": [400] * 6}, 200 / 2400),
        ("securities_out", {"securities_out": [-300] * 6, "external_outflow": [400] * 6}, 0.0),
        ("own_in_share_12m", {"own_in_other_bank": [50] * 12, "external_inflow": [200] * 12}, 0.25),
        ("own_in_share_12m", {"own_in_other_bank": [50] + [0] * 11, "external_inflow": [199] + [0] * 11}, NAN),
        ("round_out", {"round_own_out": [0, 900, 0, 0, 0, 0], "own_out_other_bank": [0, 900, 0, 900, 0, 0]}, 0.5),
        ("round_out", {"round_own_out": [0] * 6, "own_out_other_bank": [0] * 6}, NAN),
    ],
)
def test_a_signal_is_what_its_definition_says(name: str, measures: dict[str, list[float]], value: float) -> None:
    np.testing.assert_allclose(signal(name, **measures), value)


@pytest.mark.parametrize(
    ("base", "kept", "value"),
    [
        ([1000] * 6, [100, 200, 300, 400, 500, 600], 0.35),
        ([1000] * 5 + [150], [100, 200, 300, 400, 500, 150], 0.3),
        ([0] * 6, [0] * 6, NAN),
        ([500] + [0] * 5, [450] + [0] * 5, 0.9),
    ],
)
def test_retention_is_the_median_of_the_months_with_enough_inflow(
    base: list[float], kept: list[float], value: float
) -> None:
    np.testing.assert_allclose(signal("retained_after_10_days", retention_base=base, retained_10d=kept), value)


def test_only_the_last_six_months_count() -> None:
    assert signal("salary_months", salary_months=[1] * 6 + [0] * 6) == 0.0


def test_a_customer_of_four_months_is_measured_by_these_four() -> None:
    four = history(contribution=[1.0] * 4, salary_months=[1, 1, 1, 0])
    assert Signal("salary_months", READ, FLOOR)(four)[0] == 0.75


@pytest.mark.parametrize("name", sorted(SIGNALS))
def test_under_three_months_nothing_is_said(name: str) -> None:
    measures = (
        "salary_months", "bill_types", "spend_weeks", "benefit_months", "own_in_other_bank", "external_inflow",
        "swept_inflow", "large_inflow", "jit_instalments", "loan_instalments", "other_bank_card_payments",
        "other_bank_loan_payments", "drained_principal", "matured_principal", "product_families", "holds_everyday",
        "retention_base", "retained_10d", "securities_out", "external_outflow", "round_own_out", "own_out_other_bank",
    )  # fmt: skip
    assert np.isnan(signal(name, **{measure: [1000.0, 1000.0] for measure in measures}))


def trend(name: str, **measures: list[float]) -> float:
    return float(SignalTrend(name, READ, FLOOR)(seen(**measures))[0])


@pytest.mark.parametrize(
    ("name", "measures", "value"),
    [
        ("salary_months", {"salary_months": [1, 1, 1, 1, 0, 0]}, -2 / 3),
        ("bills", {"bill_types": [0, 0, 0, 9, 9, 9]}, 1.0),
        ("own_in_share", {"own_in_other_bank": [0] * 3 + [300] * 3, "external_inflow": [600] * 6}, 0.5),
        ("own_in_share", {"own_in_other_bank": [0] * 3 + [300] * 3, "external_inflow": [0] * 3 + [600] * 3}, NAN),
        ("retained_after_10_days", {"retention_base": [500] * 6, "retained_10d": [500] * 3 + [100] * 3}, -0.8),
        ("other_bank_card", cards([0, 0, 0, 900, 1100, 1300]), 1.0),
        ("other_bank_loan", {"other_bank_loan_payments": [0, 0, 0, 500, 500, 500]}, 1.0),
        ("single_product", {"product_families": [2] * 5 + [1], "holds_everyday": [1] * 5 + [0]}, 1.0),
        ("benefits", {"benefit_months": [0, 1, 0, 0, 0, 0]}, -1.0),
    ],
)
def test_a_trend_is_the_last_three_months_less_the_three_before(
    name: str, measures: dict[str, list[float]], value: float
) -> None:
    np.testing.assert_allclose(trend(name, **measures), value)


def test_a_customer_of_three_months_has_no_trend() -> None:
    three = history(contribution=[1.0] * 3, salary_months=[1, 1, 1])
    assert np.isnan(SignalTrend("salary_months", READ, FLOOR)(three)[0])


@pytest.mark.parametrize(
    ("transfers", "months"),
    [
        ([5000, 5100, 4900, 5000, 15000, 5050], 6),
        ([5000, 0, 5100, 0, 5000, 0], 3),
        ([5000, 0, 0, 0, 5000, 0], 0),
        ([5000, 900, 2500, 9000, 300, 4000], 0),
        ([150] * 6, 0),
    ],
    ids=["with a 13th salary", "three months", "two months", "irregular", "below the floor"],
)
def test_a_salary_without_a_code_is_a_transfer_that_hardly_varies(transfers: list[float], months: float) -> None:
    for source, other in (("here", "elsewhere"), ("elsewhere", "here")):
        measures = {f"largest_transfer_{source}": transfers, f"largest_transfer_{other}": [0.0] * 6}
        assert regular_income(seen(**measures), READ, FLOOR)[0][0] == months


@pytest.mark.parametrize(
    ("figure", "name", "measures", "value"),
    [
        ({"bill_kinds": 2.0}, "bills", {"bill_types": [1] * 6}, 0.5),
        ({"regular_from_months": 2}, "other_bank_loan", {"other_bank_loan_payments": [0, 0, 0, 0, 500, 500]}, 1.0),
        ({"loan_variation": 0.2}, "other_bank_loan", {"other_bank_loan_payments": [0, 0, 0, 500, 500, 600]}, 1.0),
        ({"card_variation": 0.5}, "other_bank_card", cards([900, 0, 1100, 0, 1300, 0]), 0.0),
    ],
)
def test_a_policy_reads_signals_by_its_own_figures(
    figure: dict[str, float], name: str, measures: dict[str, list[float]], value: float
) -> None:
    assert signal(name, **measures) != value
    read = LedgerSignals.model_validate(figure)
    assert float(Signal(name, read, FLOOR)(seen(**measures))[0]) == pytest.approx(value)


def test_the_least_of_a_range_stands_before_the_most() -> None:
    with pytest.raises(ValidationError, match="least before the most"):
        LedgerSignals(funded_share=(1.1, 0.95))


def test_a_variation_needs_two_months() -> None:
    assert repr(variation(np.array([[90.0, 110.0, np.nan], [5.0, np.nan, np.nan]]))) == "array([0.1, nan])"

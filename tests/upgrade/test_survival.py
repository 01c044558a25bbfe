"""How long what an offer brings lasts."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segment.dates import month_end, next_month
from segment.policy import load_policy
from segment.policy.tenure_hazards import BANDS, DeparturePrior
from segment.upgrade.survival import Survival, learn_survival, paid_here
from tests.conftest import RETAIL

EXPECTED = DeparturePrior()
PRIOR, PRIOR_MONTHS = EXPECTED.hazards, EXPECTED.customer_months
UPGRADE = load_policy(RETAIL).upgrade

FIRST, AS_OF = dt.date(2023, 1, 1), dt.date(2025, 12, 31)
NOBODY_PAID = pl.DataFrame(
    schema={"customer_id": pl.String, "first_paid": pl.Date, "last_paid": pl.Date, "paid_months": pl.UInt32}
)


def worth(survival: Survival, tenure: int, *, main: bool = True, ramp: bool = True, horizon: int = 36) -> float:
    one = np.array([tenure]), np.array([main]), np.array([ramp])
    return float(survival.value_months(*one, UPGRADE.model_copy(update={"value_horizon_months": horizon}))[0])


@pytest.mark.parametrize(("hazard", "tenure", "months"), [(0.005, 240, 26.9), (0.010, 240, 24.5), (0.005, 0, 22.7)])
def test_a_lasting_month_is_worth_as_many_months_as_the_page_says(hazard: float, tenure: int, months: float) -> None:
    """Test values of DOMAIN.md 3.8."""
    assert worth(Survival({**PRIOR, "main": hazard}), tenure) == pytest.approx(months, abs=0.05)


def test_without_departures_ramp_or_discount_a_month_is_worth_the_horizon() -> None:
    immortal = Survival(dict.fromkeys(BANDS, 0.0))
    one = np.array([5]), np.array([True]), np.array([False])
    assert immortal.value_months(
        *one, UPGRADE.model_copy(update={"value_horizon_months": 24, "discount_annual": 0.0})
    ) == pytest.approx(24.0)
    assert worth(immortal, 5, horizon=1) == pytest.approx((1 / 6) / 1.08 ** (1 / 12))


@given(tenure=st.integers(0, 400), horizon=st.integers(1, 60), main=st.booleans())
def test_longer_is_worth_more_and_a_main_relation_no_less_than_another(tenure: int, horizon: int, main: bool) -> None:
    prior = Survival(PRIOR)
    shorter, longer = (worth(prior, tenure, main=main, horizon=months) for months in (horizon, horizon + 1))
    assert 0.0 < shorter < longer < horizon + 1
    assert worth(prior, tenure, main=False, horizon=horizon) <= worth(prior, tenure, main=True, horizon=horizon)
    assert worth(prior, tenure, ramp=False, horizon=horizon) >= worth(prior, tenure, horizon=horizon)


def test_a_short_history_counts_in_proportion_to_its_months() -> None:
    people = pl.DataFrame({"customer_id": ["a"], "joined_on": [dt.date(2010, 1, 1)], "left_on": [dt.date(2023, 3, 1)]})
    half, whole, more = (
        learn_survival(people, NOBODY_PAID, FIRST, as_of, EXPECTED)
        for as_of in (dt.date(2023, 12, 31), dt.date(2024, 12, 31), AS_OF)
    )
    assert half.customer_months == whole.customer_months == 3
    assert half.hazard["other"] == pytest.approx((1 + 2 * PRIOR_MONTHS * PRIOR["other"]) / (3 + 2 * PRIOR_MONTHS))
    assert whole.hazard["other"] == pytest.approx((1 + PRIOR_MONTHS * PRIOR["other"]) / (3 + PRIOR_MONTHS))
    assert more == whole


def test_a_month_of_history_more_never_moves_a_hazard_by_much() -> None:
    names = [f"c{number}" for number in range(3_000)]
    left = [dt.date(2023, 1 + number % 12, 9) if number % 5 == 0 else None for number in range(3_000)]
    people = pl.DataFrame({"customer_id": names, "joined_on": dt.date(2000, 1, 1), "left_on": left})
    ends = [month_end(next_month(FIRST, months)) for months in range(36)]
    hazards = [learn_survival(people, NOBODY_PAID, FIRST, end, EXPECTED).hazard["other"] for end in ends]
    assert np.abs(np.diff(np.log([PRIOR["other"], *hazards]))).max() < 0.15


def test_departures_and_customer_months_are_counted_by_hand() -> None:
    people = pl.DataFrame(
        {
            "customer_id": ["stays", "leaves", "moves", "young", "before"],
            "joined_on": [dt.date(2010, 5, 1), dt.date(2010, 5, 1), dt.date(2010, 5, 1), dt.date(2025, 10, 9), None],
            "left_on": [None, dt.date(2024, 6, 15), None, None, dt.date(2020, 1, 1)],
        }
    )
    paid = pl.DataFrame(
        {
            "customer_id": ["stays", "moves"],
            "first_paid": [FIRST, FIRST],
            "last_paid": [dt.date(2025, 12, 1), dt.date(2024, 12, 1)],
            "paid_months": [36, 24],
        },
        schema_overrides={"paid_months": pl.UInt32},
    )
    learned = learn_survival(people, paid, FIRST, AS_OF, EXPECTED)
    # main: 36 months of the one who stays, and 25 until the pay of the other has stopped; once it moved
    assert learned.hazard["main"] == pytest.approx((1 + PRIOR_MONTHS * PRIOR["main"]) / (36 + 25 + PRIOR_MONTHS))
    # other: 18 months until the one left, and 11 after the move
    assert learned.hazard["other"] == pytest.approx((1 + PRIOR_MONTHS * PRIOR["other"]) / (18 + 11 + PRIOR_MONTHS))
    assert learned.hazard["new"] == pytest.approx(PRIOR_MONTHS * PRIOR["new"] / (3 + PRIOR_MONTHS))
    assert learned.customer_months == 36 + 25 + 18 + 11 + 3


def test_many_customer_months_say_more_than_the_prior() -> None:
    count = 4_000
    left = [dt.date(2024, 7, 1) if number % 4 == 0 else None for number in range(count)]
    names = [f"c{number}" for number in range(count)]
    people = pl.DataFrame({"customer_id": names, "joined_on": dt.date(2000, 1, 1), "left_on": left})
    learned = learn_survival(people, NOBODY_PAID, FIRST, AS_OF, EXPECTED).hazard["other"]
    true = (count / 4) / (0.75 * count * 36 + 0.25 * count * 19)
    assert abs(learned - true) < 0.1 * abs(PRIOR["other"] - true)


def test_pay_is_a_salary_or_a_pension() -> None:
    months = pl.LazyFrame(
        {
            "customer_id": ["a", "a", "a", "b"],
            "month": [dt.date(2025, month, 1) for month in (1, 2, 3, 1)],
            "flow_salary": [10.0, 0.0, 0.0, 0.0],
            "flow_pension": [0.0, 5.0, 0.0, 0.0],
        }
    )
    assert paid_here(months).rows() == [("a", dt.date(2025, 1, 1), dt.date(2025, 2, 1), 2)]

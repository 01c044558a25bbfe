from __future__ import annotations

import datetime as dt

import narwhals as nw
import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segment.contribution.ftp import check_month_is_priced, curve_rate, transfer_rate, year_fraction
from segment.exceptions import PolicyError
from segment.policy.rates import Curve, DebtSide, DepositSide, Ftp
from tests.contribution.small_bank import FTP, JUNE, OVERDRAFT, on_duckdb, on_polars, policy

ftp = policy().ftp


@pytest.mark.parametrize(
    ("tenor", "rate"),
    # 30 months: half way between 12 and 48
    [(0, 0.01), (6, 0.015), (12, 0.02), (30, 0.025), (48, 0.03), (360, 0.03)],
)
def test_curve_is_linear_between_tenors_and_flat_outside(tenor: float, rate: float) -> None:
    assert curve_rate(ftp.curves[0], tenor) == pytest.approx(rate)


@given(st.floats(0, 400), st.floats(0, 400))
def test_a_rising_curve_gives_longer_money_a_higher_rate(short: float, long: float) -> None:
    short, long = sorted((short, long))
    assert curve_rate(ftp.curves[0], short) <= curve_rate(ftp.curves[0], long)


@pytest.mark.parametrize(
    ("day_count", "month", "fraction"),
    [
        ("act/360", dt.date(2025, 2, 1), 28 / 360),
        ("act/365", dt.date(2024, 2, 1), 29 / 365),
        ("act/360", dt.date(2025, 12, 1), 31 / 360),
        ("30/360", dt.date(2025, 2, 1), 1 / 12),
    ],
)
def test_year_fraction_follows_the_day_count(day_count: str, month: dt.date, fraction: float) -> None:
    assert year_fraction(day_count, month) == fraction  # type: ignore[arg-type]


def test_a_month_before_every_curve_is_refused() -> None:
    with pytest.raises(PolicyError, match="must price 2019-12-01. The first one begins 2020-01-01"):
        check_month_is_priced(ftp, dt.date(2019, 12, 1))


def test_a_curve_may_be_exactly_as_old_as_the_policy_allows() -> None:
    # 2025-04-01 to 2025-06-01 are 61 days
    check_month_is_priced(ftp.model_copy(update={"max_curve_age_days": 61}), JUNE)
    with pytest.raises(PolicyError, match="61 days old \\(60 allowed\\)"):
        check_month_is_priced(ftp.model_copy(update={"max_curve_age_days": 60}), JUNE)


def test_the_pool_method_asks_for_no_curve_of_the_day() -> None:
    check_month_is_priced(ftp.model_copy(update={"method": "pool"}), dt.date(1980, 1, 1))


def test_origination_is_priced_by_the_last_curve_of_that_day_and_before_the_first_by_the_first() -> None:
    side = DebtSide.model_validate(OVERDRAFT | {"fixed_at": "origination", "tenor_months": 12})
    opened = [dt.date(2019, 5, 1), dt.date(2020, 1, 1), dt.date(2025, 3, 31), dt.date(2025, 4, 1), JUNE]
    for lazily in (on_polars, on_duckdb):
        frame = lazily(pl.DataFrame({"opened_on": opened})).select("opened_on", rate=transfer_rate(ftp, side, JUNE))
        rates = frame.collect("polars").to_native().sort("opened_on")["rate"]
        assert rates.to_list() == pytest.approx([0.02, 0.02, 0.02, 0.03, 0.03])


def test_a_thousand_daily_curves_price_like_a_search_in_their_dates() -> None:
    generator = np.random.default_rng(7)
    days = [dt.date(2015, 1, 1) + dt.timedelta(days=step) for step in range(1000)]
    rates = generator.uniform(0, 0.05, len(days))
    curves = [
        Curve(effective_on=day, tenor_months=(0,), rate_annual=(rate,)) for day, rate in zip(days, rates, strict=True)
    ]
    daily = Ftp.model_validate(FTP | {"curves": curves[::-1]})
    side = DebtSide.model_validate(OVERDRAFT | {"fixed_at": "origination"})
    picked = sorted(generator.integers(0, len(days), 50).tolist())
    opened = pl.DataFrame({"opened_on": [days[step] for step in picked]})
    for lazily in (on_polars, on_duckdb):
        found = lazily(opened).select("opened_on", rate=transfer_rate(daily, side, JUNE)).collect("polars").to_native()
        assert found.sort("opened_on")["rate"].to_list() == [rates[step] for step in picked]


def test_a_month_is_a_fraction_of_a_year_by_convention() -> None:
    assert year_fraction("act/360", dt.date(2024, 2, 1)) == 29 / 360
    assert year_fraction("30/360", dt.date(2024, 2, 1)) == 1 / 12


def test_a_curve_is_linear_between_tenors_and_flat_outside() -> None:
    curve = Curve(effective_on=dt.date(2025, 1, 1), tenor_months=(0, 12), rate_annual=(0.01, 0.02))
    assert (curve_rate(curve, 6), curve_rate(curve, 60)) == (0.015, 0.02)


def test_an_old_curve_does_not_price_a_month() -> None:
    curve = Curve(effective_on=dt.date(2025, 1, 1), tenor_months=(0,), rate_annual=(0.01,))
    ftp = Ftp(method="matched", pool_rate_annual=0, max_curve_age_days=10, core_average_months=1, curves=(curve,))
    message = (
        r"A curve .* must price 2025-03-01\. The last one is 59 days old \(10 allowed\)\.\s+"
        r"Hint: add the missing curves, or raise `ftp.max_curve_age_days`"
    )
    with pytest.raises(PolicyError, match=message):
        check_month_is_priced(ftp, dt.date(2025, 3, 1))


def test_a_stable_core_is_priced_at_its_own_tenor() -> None:
    curve = Curve(effective_on=dt.date(2025, 1, 1), tenor_months=(0, 48), rate_annual=(0.01, 0.02))
    ftp = Ftp(method="matched", pool_rate_annual=0, max_curve_age_days=99, core_average_months=1, curves=(curve,))
    demand = DepositSide(rate_annual=0, tenor_months=0, fixed_at="month", core_share=0.5, core_tenor_months=48)
    account = nw.from_native(pl.LazyFrame({"opened_on": [dt.date(2025, 2, 3)]}))
    assert account.select(rate=transfer_rate(ftp, demand, dt.date(2025, 3, 1))).collect().rows() == [(0.015,)]

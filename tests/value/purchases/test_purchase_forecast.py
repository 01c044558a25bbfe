"""The forecast from a log of purchases: who will spend, and how much all will."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest

from segment import PurchaseForecast, metrics
from segment.exceptions import ModelError, UsageError
from segment.value.purchases.purchase_forecast import cut_offs
from segment.value.purchases.purchase_log import purchase_log
from segment.value.purchases.purchase_snapshot import take_snapshot
from tests.value.purchases.shop import UNTIL, came, shop

DAYS = 100


@pytest.fixture(scope="module")
def purchases() -> pl.DataFrame:
    return shop()


@pytest.fixture(scope="module")
def fitted(purchases: pl.DataFrame) -> PurchaseForecast:
    return PurchaseForecast(DAYS).fit(purchases, UNTIL)


def test_it_ranks_customers_no_worse_than_bg_nbd_and_its_interval_holds_the_total(
    purchases: pl.DataFrame, fitted: PurchaseForecast
) -> None:
    told = fitted.predict()
    actual = came(purchases, told["customer_id"], DAYS)
    classic, _ = take_snapshot(purchase_log(purchases, UNTIL), UNTIL).classic(DAYS)
    assert metrics.normalised_gini(actual, told["expected_spend"]) > metrics.normalised_gini(actual, classic) - 0.01
    assert fitted.total_.low < actual.sum() < fitted.total_.high


def test_what_customers_are_expected_to_spend_adds_up_to_the_total(fitted: PurchaseForecast) -> None:
    told = fitted.predict()
    assert told["expected_spend"].sum() == pytest.approx(fitted.total_.expected)
    assert told["expected_spend"].min() > 0
    assert told["chance_active"].is_between(0, 1).all()
    assert told["customer_id"].is_sorted()


def test_purchases_after_the_day_change_nothing(purchases: pl.DataFrame, fitted: PurchaseForecast) -> None:
    past = PurchaseForecast(DAYS).fit(purchases.filter(pl.col("date") <= UNTIL), UNTIL)
    assert past.predict().equals(fitted.predict())


def test_pandas_in_any_order_gives_the_same_in_pandas(purchases: pl.DataFrame, fitted: PurchaseForecast) -> None:
    frame = purchases.sample(fraction=1.0, shuffle=True, seed=1).to_pandas()
    told = PurchaseForecast(DAYS).fit(frame, UNTIL).predict()
    assert told["customer_id"].tolist() == fitted.predict()["customer_id"].to_list()
    assert told["expected_spend"].to_numpy() == pytest.approx(fitted.predict()["expected_spend"].to_numpy(), rel=1e-6)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_small_log_gets_nearly_the_classic_forecast(seed: int) -> None:
    log = shop(200, seed)
    fitted = PurchaseForecast(DAYS).fit(log, UNTIL)
    told = fitted.predict()
    assert fitted.correction_trust_ < 0.2
    classic, _ = take_snapshot(purchase_log(log, UNTIL), UNTIL).classic(DAYS)
    assert 0.6 < told["expected_spend"].sum() / classic.sum() < 1.4
    assert 0.7 < fitted.total_.expected / came(log, told["customer_id"], DAYS).sum() < 1.35


def test_a_log_too_young_to_look_back_in_still_gives_a_forecast(purchases: pl.DataFrame) -> None:
    until = purchases["date"].min() + dt.timedelta(29)  # type: ignore[operator]
    fitted = PurchaseForecast(DAYS).fit(shop(2_000, 5), until)
    assert fitted.correction_trust_ == 0.0 or fitted.backtest_.height <= 1
    assert fitted.total_.expected > 0


def test_amounts_in_another_currency_scale_the_forecast(purchases: pl.DataFrame, fitted: PurchaseForecast) -> None:
    cents = PurchaseForecast(DAYS).fit(purchases.with_columns(pl.col("amount") * 100), UNTIL)
    assert cents.total_.expected == pytest.approx(100 * fitted.total_.expected, rel=1e-2)


def test_returns_are_taken_off_the_total(purchases: pl.DataFrame, fitted: PurchaseForecast) -> None:
    back = purchases.with_row_index().filter(pl.col("index") % 10 == 0).drop("index")
    back = back.with_columns(pl.col("date").dt.offset_by("1d"), amount=-pl.col("amount") / 2)
    net = PurchaseForecast(DAYS).fit(pl.concat([purchases, back]), UNTIL)
    assert 0.9 < net.total_.expected / fitted.total_.expected < 0.99


def test_a_contribution_that_is_often_negative_is_no_purchase_history(purchases: pl.DataFrame) -> None:
    charged = purchases.with_columns(amount=pl.when(pl.col("amount") < 30).then(-500.0).otherwise("amount"))
    with pytest.raises(ModelError, match="may come back as negative amounts"):
        PurchaseForecast(DAYS).fit(charged, UNTIL)


def test_customers_who_came_once_are_no_purchase_history(purchases: pl.DataFrame) -> None:
    with pytest.raises(ModelError, match="at least 30 customers who paid on two days or more"):
        PurchaseForecast(DAYS).fit(purchases.unique("customer_id"), UNTIL)


def test_a_log_without_rows_up_to_the_day_is_refused(purchases: pl.DataFrame) -> None:
    with pytest.raises(ModelError, match="Got none of"):
        PurchaseForecast(DAYS).fit(purchases, dt.date(2020, 1, 1))


def test_a_few_days_are_too_short_a_log(purchases: pl.DataFrame) -> None:
    short = shop(9_000, 4).filter(pl.col("date") < dt.date(2024, 1, 20))
    with pytest.raises(ModelError, match="over at least 28 days"):
        PurchaseForecast(DAYS).fit(short)


def test_a_missing_column_is_named(purchases: pl.DataFrame) -> None:
    with pytest.raises(ModelError, match="without amount"):
        PurchaseForecast(DAYS).fit(purchases.rename({"amount": "dollars"}))


def test_rows_that_cannot_be_used_are_counted_by_column(purchases: pl.DataFrame) -> None:
    broken = purchases.with_columns(pl.col("date").dt.to_string("%Y-%m-%d")).with_row_index()
    broken = broken.with_columns(
        date=pl.when(pl.col("index") == 3).then(pl.lit("soon")).otherwise("date"),
        amount=pl.when(pl.col("index") < 2).then(np.inf).otherwise("amount"),
    )
    with pytest.raises(ModelError, match="Got 1 without `date`, 2 without `amount`"):
        PurchaseForecast(DAYS).fit(broken)


def test_numbers_are_no_dates(purchases: pl.DataFrame) -> None:
    numbers = purchases.with_columns(pl.col("date").dt.to_string("%Y%m%d").cast(pl.Int64))
    with pytest.raises(ModelError, match="`date` must hold dates"):
        PurchaseForecast(DAYS).fit(numbers)


def test_no_days_cannot_be_forecast(purchases: pl.DataFrame) -> None:
    with pytest.raises(UsageError, match="at least 1"):
        PurchaseForecast(0).fit(purchases)


def test_it_must_be_fitted_first() -> None:
    with pytest.raises(ModelError, match="must be fitted"):
        PurchaseForecast().predict()


def test_cut_offs_lie_beyond_a_third_of_the_log_and_leave_an_outcome(purchases: pl.DataFrame) -> None:
    log = purchase_log(purchases, UNTIL)
    days = cut_offs(log, DAYS)
    assert len(days) == 5
    assert (days[0] - log.start).days >= (UNTIL - log.start).days / 3
    assert (UNTIL - days[-1]).days >= 50

"""The classic forecast from purchases, held to its papers' likelihoods as SciPy maximises them."""

from __future__ import annotations

import builtins
import datetime as dt
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy.optimize import minimize
from scipy.special import betaln, gammaln, hyp2f1

from segment.exceptions import InstallationError, ModelError
from segment.value.baselines.purchases import PurchaseForecast, suits

UNTIL = dt.date(2025, 6, 30)


def _histories(customers: int, seed: int) -> pl.DataFrame:
    """Buy at a rate of one's own and drop out by chance, as BG/NBD says; pay as gamma-gamma says."""
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(customers):
        day = float(rng.uniform(0, 60))
        rate, dropout, scale = rng.gamma(0.8, 1 / 30.0), rng.beta(1.0, 4.0), rng.gamma(4.0, 1 / 40.0)
        while day < 180 + 90:
            rows.append((f"c{number:04d}", dt.date(2025, 1, 1) + dt.timedelta(int(day)), rng.gamma(6.0, 1 / scale)))
            if len(rows) > 1 and rng.random() < dropout and rows[-2][0] == rows[-1][0]:
                break
            day += rng.exponential(1 / rate)
    return pl.DataFrame(rows, schema=["customer_id", "date", "amount"], orient="row")


def _counts(purchases: pl.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    days = purchases.filter(pl.col("date") <= UNTIL).unique(["customer_id", "date"]).sort("customer_id", "date")
    by = days.group_by("customer_id", maintain_order=True).agg(
        x=pl.len() - 1,
        t=(pl.col("date").max() - pl.col("date").min()).dt.total_days() / 7,
        T=(pl.lit(UNTIL) - pl.col("date").min()).dt.total_days() / 7,
    )
    return by["x"].to_numpy().astype(float), by["t"].to_numpy(), by["T"].to_numpy()


def _loss(logged: np.ndarray, x: np.ndarray, t: np.ndarray, T: np.ndarray) -> float:
    """Minus the log-likelihood of Fader, Hardie and Lee (2005), equation 6."""
    r, alpha, a, b = np.exp(logged)
    alive = -(r + x) * np.log(alpha + T)
    gone = np.where(x > 0, np.log(a) - np.log(b + np.maximum(x, 1) - 1) - (r + x) * np.log(alpha + t), -np.inf)
    each = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + betaln(a, b + x) - betaln(a, b)
    return -float((each + np.logaddexp(alive, gone)).sum())


@pytest.fixture(scope="module")
def purchases() -> pl.DataFrame:
    return _histories(400, seed=3)


@pytest.fixture(scope="module")
def fitted(purchases: pl.DataFrame) -> PurchaseForecast:
    return PurchaseForecast().fit(purchases, UNTIL)


@pytest.mark.slow
def test_the_mode_is_where_the_papers_likelihood_is_greatest(purchases: pl.DataFrame, fitted: PurchaseForecast) -> None:
    counts = _counts(purchases)
    best = minimize(_loss, np.zeros(4), args=counts, method="Nelder-Mead", options={"maxiter": 4000, "maxfev": 4000})
    found = np.log([fitted.parameters_[name] for name in ("r", "alpha", "a", "b")])
    assert _loss(found, *counts) == pytest.approx(best.fun, abs=0.01)


@pytest.mark.slow
def test_expected_spending_is_purchases_times_spend_of_the_closed_forms(
    purchases: pl.DataFrame, fitted: PurchaseForecast
) -> None:
    known = fitted.parameters_
    r, alpha, a, b, p, q, v = (known[name] for name in ("r", "alpha", "a", "b", "p", "q", "v"))
    x, t, T = _counts(purchases)
    weeks = 90 / 7
    ratio = ((alpha + T) / (alpha + T + weeks)) ** (r + x)
    shape = hyp2f1(r + x, b + x, a + b + x - 1, weeks / (alpha + T + weeks))
    alive = 1 + np.where(x > 0, a / (b + np.maximum(x, 1) - 1) * ((alpha + T) / (alpha + t)) ** (r + x), 0.0)
    often = (a + b + x - 1) / (a - 1) * (1 - ratio * shape) / alive

    first = pl.col("date").min().over("customer_id")
    days = purchases.filter(pl.col("date") <= UNTIL).group_by("customer_id", "date").agg(pl.col("amount").sum())
    repeats = days.filter(pl.col("date") > first).group_by("customer_id").agg(pl.col("amount").mean())
    everyone = pl.DataFrame({"customer_id": fitted.customers_})
    paid = everyone.join(repeats, on="customer_id", how="left", maintain_order="left")["amount"].fill_null(0.0)
    much = (q - 1) / (p * x + q - 1) * v * p / (q - 1) + p * x / (p * x + q - 1) * paid.to_numpy()
    assert fitted.predict(90) == pytest.approx(often * much, rel=1e-6)


@pytest.mark.slow
def test_purchases_after_the_day_change_nothing(purchases: pl.DataFrame, fitted: PurchaseForecast) -> None:
    assert purchases["date"].max() > UNTIL  # type: ignore[operator]
    past = PurchaseForecast().fit(purchases.filter(pl.col("date") <= UNTIL), UNTIL)
    assert past.customers_ == fitted.customers_
    assert past.predict(90) == pytest.approx(fitted.predict(90), rel=1e-9)


def test_a_contribution_that_may_be_negative_is_no_purchase_history(purchases: pl.DataFrame) -> None:
    assert suits(purchases)
    charged = purchases.with_columns(amount=pl.when(pl.col("customer_id") == "c0001").then(-1.0).otherwise("amount"))
    assert not suits(charged)
    with pytest.raises(ModelError, match="must hold amounts that are not negative"):
        PurchaseForecast().fit(charged, UNTIL)


def test_customers_who_came_once_are_no_purchase_history(purchases: pl.DataFrame) -> None:
    assert not suits(purchases.unique("customer_id"))
    assert not suits(purchases.clear())


def test_without_the_optional_package_it_says_what_to_install(
    purchases: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    genuine = builtins.__import__

    def without(name: str, *rest: Any, **named: Any) -> Any:
        if name.startswith("pymc_marketing"):
            raise ImportError(name)
        return genuine(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(InstallationError, match=r"segment\[purchases\]"):
        PurchaseForecast().fit(purchases, UNTIL)


def test_suits_of_a_case_computed_by_hand() -> None:
    day = dt.date(2025, 1, 1)
    assert not (suits(pl.DataFrame({"customer_id": ["a"], "date": [day], "amount": [-5.0]})))

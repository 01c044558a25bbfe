"""BG/NBD and gamma-gamma: the classic forecast of a customer's spending from dated purchases."""

# It fits a history of purchases whose amounts are not negative. A bank's contribution may be negative and comes every
# month whether or not the customer acts, so it has no such history: `suits` says so, and the forecast refuses it.

from __future__ import annotations

import datetime as dt
import warnings
from importlib import import_module
from typing import Any, Self

import numpy as np
import pandas as pd
import polars as pl

from segment.arrays import Floats
from segment.exceptions import InstallationError, ModelError

COLUMNS = ("customer_id", "date", "amount")
DAYS_A_WEEK = 7.0
LEAST_REPEATERS = 30


def suits(purchases: pl.DataFrame) -> bool:
    """Tell whether a history is one of purchases: amounts that are never negative, and customers who come again."""
    amounts = purchases["amount"]
    if purchases.is_empty() or amounts.is_null().any() or not amounts.is_finite().all() or bool((amounts < 0).any()):
        return False
    paid = purchases.filter(pl.col("amount") > 0).unique(["customer_id", "date"])
    repeaters = paid.group_by("customer_id", maintain_order=True).len().filter(pl.col("len") > 1)
    return repeaters.height >= LEAST_REPEATERS


class PurchaseForecast:
    """Expected spending by BG/NBD (how often) times gamma-gamma (how much), at the mode of the posterior."""

    # The priors are flat, as in the papers; weeks and multiples of the mean purchase are the units inside, so that the
    # search for the mode starts near it whatever the currency.
    # Source: P. S. Fader, B. G. S. Hardie and K. L. Lee, "Counting Your Customers" the Easy Way, Marketing Science 24
    # (2005); P. S. Fader and B. G. S. Hardie, The Gamma-Gamma Model of Monetary Value, brucehardie.com/notes/025
    # (2013).
    name = "purchase_history"

    def fit(self, purchases: pl.DataFrame, until: dt.date) -> Self:
        """Learn from the purchases up to a day."""
        # `purchases`: `customer_id`, `date` and `amount` in book currency; several of one customer on a day count as
        # one.
        past = purchases.select(COLUMNS).filter(pl.col("date") <= until)
        if not suits(past):
            raise ModelError.with_hint(
                "A purchase history must hold amounts that are not negative, and at least "
                f"{LEAST_REPEATERS} customers who came twice. Got {past.height} rows that do not.",
                "leave this forecast out where value is a contribution, which may be negative",
            )
        clv = _pymc_marketing()
        summary, self._unit = _summary(past, until)
        paid = summary[(summary["frequency"] > 0) & (summary["monetary_value"] > 0)]
        self._often = _mode(clv.BetaGeoModel(model_config=_flat("r", "alpha", "a", "b")), summary)
        self._much = _mode(clv.GammaGammaModel(model_config=_flat("p", "q", "v")), paid)
        parameters = {**_values(self._often, "r", "alpha", "a", "b"), **_values(self._much, "p", "q", "v")}
        self.parameters_ = {**parameters, "v": parameters["v"] * self._unit}
        self.customers_: list[str] = summary["customer_id"].tolist()
        self._summary = summary
        return self

    def predict(self, days: int) -> Floats:
        """Expected spending of the next days."""
        # Returns array of shape (n,): Book currency, by `customers_`.
        purchases = self._often.expected_purchases(data=self._summary, future_t=days / DAYS_A_WEEK)
        spend = self._much.expected_customer_spend(data=self._summary)
        both = purchases.mean(("chain", "draw")).to_numpy() * spend.mean(("chain", "draw")).to_numpy()
        return np.asarray(both * self._unit, dtype=np.float64)


def _summary(purchases: pl.DataFrame, until: dt.date) -> tuple[pd.DataFrame, float]:
    """Repeat days, and the span to the last one and to the end in weeks; amounts in multiples of the mean repeat."""
    days = purchases.group_by("customer_id", "date", maintain_order=True).agg(pl.col("amount").sum())
    first = pl.col("date").min().over("customer_id")
    repeats = days.filter(pl.col("date") > first)
    unit = float(repeats.filter(pl.col("amount") > 0)["amount"].mean() or 1.0)  # type: ignore[arg-type]
    begun = days.group_by("customer_id", maintain_order=True).agg(first=pl.col("date").min())
    again = repeats.group_by("customer_id", maintain_order=True).agg(
        frequency=pl.len(), last=pl.col("date").max(), monetary_value=pl.col("amount").mean() / unit
    )
    joined = begun.join(again, on="customer_id", how="left").sort("customer_id")
    weeks = joined.select(
        "customer_id",
        frequency=pl.col("frequency").fill_null(0).cast(pl.Float64),
        recency=(pl.col("last") - pl.col("first")).dt.total_days().fill_null(0) / DAYS_A_WEEK,
        T=(pl.lit(until) - pl.col("first")).dt.total_days() / DAYS_A_WEEK,
        monetary_value=pl.col("monetary_value").fill_null(0.0),
    )
    return pd.DataFrame({name: weeks[name].to_numpy() for name in weeks.columns}), unit


def _pymc_marketing() -> Any:
    """Import late: it takes seconds and is an optional extra."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from pymc_marketing import clv
    except ImportError:
        raise InstallationError.with_hint(
            "BG/NBD and gamma-gamma need pymc-marketing. It is not installed.", 'pip install "segment[purchases]"'
        ) from None
    return clv


def _flat(*names: str) -> dict[str, object]:
    prior = import_module("pymc_extras.prior").Prior  # has no types
    return {name: prior("HalfFlat") for name in names}


def _mode(model: Any, data: pd.DataFrame) -> Any:
    with warnings.catch_warnings():
        # about its own libraries' versions, not about the data
        warnings.simplefilter("ignore")
        model.fit(data=data, method="map", progressbar=False)
    return model


def _values(model: Any, *names: str) -> dict[str, float]:
    return {name: float(model.fit_result[name].mean()) for name in names}

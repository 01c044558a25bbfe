"""A shop whose customers come at a rate of their own, leave at a moment of their own, and pay as they do."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl

OPENED = dt.date(2024, 1, 1)
UNTIL = OPENED + dt.timedelta(299)
LAST = 420


def shop(customers: int = 900, seed: int = 0) -> pl.DataFrame:
    """Draw purchases of 420 days; `amount` follows the rate, which the classic models do not know."""
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(customers):
        day, rate = float(rng.uniform(0, 120)), rng.gamma(0.6, 1 / 20)
        leaves = day + rng.exponential(rng.choice([60.0, 600.0]))
        scale = 30 * rng.lognormal(0, 0.5) * (1 + 10 * rate)
        while day < min(leaves, LAST):
            rows.append((f"c{number:05d}", OPENED + dt.timedelta(int(day)), scale * rng.lognormal(0, 0.4)))
            day += rng.exponential(1 / rate)
    return pl.DataFrame(rows, schema=["customer_id", "date", "amount"], orient="row")


def came(purchases: pl.DataFrame, customers: pl.Series, days: int) -> np.ndarray:
    """What the customers spent in so many days after `UNTIL`."""
    within = pl.col("date").is_between(UNTIL + dt.timedelta(1), UNTIL + dt.timedelta(days))
    sums = purchases.filter(within).group_by("customer_id").agg(pl.col("amount").sum())
    known = pl.DataFrame({"customer_id": customers}).join(sums, on="customer_id", how="left", maintain_order="left")
    return known["amount"].fill_null(0.0).to_numpy()

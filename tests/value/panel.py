"""A seeded panel of bank customers whose next year is known: the one generator that tests and benchmarks use.

Contribution per month = margin on balances + fees - cost of service, with balances that drift, products that
mature, customers who leave or arrive as main-bank customers, and work at the counter that is heavy-tailed and
independent of wealth. Nothing here is shared with `segment.banks.simulator`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

MONTHS = 48
AS_OF = (23, 29, 35)  # last month (0-based) that each stacked snapshot knows
BASELINE = "contribution_12m"


@dataclass(frozen=True)
class Panel:
    """Features, target and customer of stacked snapshots."""

    X: pd.DataFrame
    y: np.ndarray
    groups: np.ndarray


def _events(rng: np.random.Generator, n: int, yearly_rate: float) -> np.ndarray:
    """Months since the event, negative before it; an event after the panel's end never happens."""
    at = rng.geometric(yearly_rate / 12, size=(n, 1)) - 13
    return np.arange(MONTHS)[None, :] - at


def _months(rng: np.random.Generator, n: int) -> dict[str, np.ndarray]:
    drift = rng.normal(0, 0.07, (n, MONTHS)).cumsum(axis=1) - 0.07**2 * np.arange(MONTHS) / 2
    active = rng.random((n, 1)) > 0.15
    deposits = rng.lognormal(9.0, 1.4, (n, 1)) * np.exp(drift) * np.where(active, 1.0, 0.02)
    leaving = _events(rng, n, 0.05) >= 0
    deposits = np.where(leaving, deposits * 0.1, deposits)
    due_in = rng.integers(3, 90, (n, 1)) - np.arange(MONTHS)[None, :]
    borrows = (rng.random((n, 1)) < 0.25) & active & (due_in > 0)
    loan = np.where(borrows, rng.lognormal(10.5, 0.8, (n, 1)), 0.0)
    visits = rng.poisson(rng.gamma(0.3, 4.0, (n, 1)) * np.where(leaving | ~active, 0.1, 1.0), (n, MONTHS))
    salary = rng.poisson(1.0, (n, MONTHS)) * active * (rng.random((n, 1)) < 0.6) * ~leaving
    fees = rng.exponential(12.0, (n, MONTHS)) * (rng.random((n, MONTHS)) < 0.3) * active * ~leaving
    income = deposits * 0.015 / 12 + loan * 0.02 / 12 + fees
    cost = visits * 10.0 + 3.0 * active
    return {
        "contribution": income - cost,
        "deposits": deposits,
        "loan": loan,
        "visits": visits.astype(float),
        "salary": salary.astype(float),
        "fees": fees,
        "due_in": np.where(borrows, due_in, np.nan),
    }


def make_panel(customers: int, seed: int, noise_columns: int = 4) -> Panel:
    """Stack the snapshots of `AS_OF`; the target is the contribution of the twelve months after each."""
    rng = np.random.default_rng(seed)
    months = _months(rng, customers)
    snapshots, targets = [], []
    for as_of in AS_OF:
        columns = {}
        for name in ("contribution", "visits", "salary", "fees"):
            for width in (1, 3, 6, 12):
                columns[f"{name}_{width}m"] = months[name][:, as_of - width + 1 : as_of + 1].sum(axis=1)
        for name in ("deposits", "loan", "due_in"):
            columns[name] = months[name][:, as_of]
        columns["deposits_12m_ago"] = months["deposits"][:, as_of - 12]
        for number in range(noise_columns):
            noise = rng.normal(size=customers)
            columns[f"noise_{number}"] = np.where(rng.random(customers) < 0.2, np.nan, noise)
        snapshots.append(pd.DataFrame(columns))
        targets.append(months["contribution"][:, as_of + 1 : as_of + 13].sum(axis=1))
    groups = np.tile(np.array([f"c{number:07d}" for number in range(customers)]), len(AS_OF))
    return Panel(pd.concat(snapshots, ignore_index=True), np.concatenate(targets), groups)

"""One simulated bank for all tests, and a small one without any defect."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from segment.banks.simulator import SimulationSummary, simulate_bank

LAST_MONTH = date(2025, 12, 1)
LAST_DAY = date(2025, 12, 31)


@dataclass(frozen=True)
class SimulatedBank:
    """Where a bank lies, and how to read it."""

    out: Path
    summary: SimulationSummary

    @property
    def ledger(self) -> Path:
        return self.out / "ledger"

    def table(self, name: str) -> pl.DataFrame:
        return pl.read_parquet(self.ledger / f"{name}.parquet")

    def truth(self, name: str = "truth") -> pl.DataFrame:
        return pl.read_parquet(self.out / f"{name}.parquet")

    def booked(self) -> pl.DataFrame:
        """Transactions with their account's product and first owner."""
        owner = self.table("holdings").filter(pl.col("role") == "owner").select("account_id", "customer_id")
        product = self.table("accounts").select("account_id", "product")
        return self.table("transactions").join(owner, on="account_id").join(product, on="account_id")


@pytest.fixture(scope="session")
def bank(tmp_path_factory: pytest.TempPathFactory) -> SimulatedBank:
    out = tmp_path_factory.mktemp("bank")
    return SimulatedBank(out, simulate_bank(out, 2_000, 24, 6))


@pytest.fixture(scope="session")
def simulate(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., SimulatedBank]:
    """Simulate a small bank with chosen defects."""

    def run(*defects: str, seed: int = 3, customers: int = 300, months: int = 5) -> SimulatedBank:
        out = tmp_path_factory.mktemp("small")
        return SimulatedBank(out, simulate_bank(out, customers, months, seed, defects=defects))

    return run


@pytest.fixture(scope="session")
def clean_bank(simulate: Callable[..., SimulatedBank]) -> SimulatedBank:
    return simulate()

"""What customers give other banks is learned from circumstances and never less than links prove."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from segment.model.elsewhere import elsewhere_value, fit_wallets
from segment.policy import load_policy

WALLET = load_policy(Path(__file__).parents[2] / "models" / "retail.toml").wallet


def people(count: int = 800, **columns: float) -> pl.DataFrame:
    rng = np.random.default_rng(0)
    worker = rng.random(count) < 0.5
    return pl.DataFrame(
        {
            "branch_id": rng.choice(["b1", "b2"], count),
            "life_stage": np.where(worker, "family", "young"),
            "occupation": [None] * count,
            "household_size": np.full(count, np.nan),
            "instalment_amount_12m": 0.0,
            "debt_12m": 0.0,
            "salary_income_12m": 60_000.0,
            "deposits_12m": np.where(worker, 100_000.0, 5_000.0) * rng.lognormal(0, 0.3, count),
            "wealth_12m": 0.0,
            "spend_12m": 20_000.0,
            "own_net_out_24m": 0.0,
            "other_bank_card_payments_12m": 0.0,
            "other_bank_loan_payments_12m": 0.0,
        }
    ).with_columns(pl.lit(value).alias(name) for name, value in columns.items())


def value(snapshot: pl.DataFrame, main_here: bool) -> np.ndarray:
    teachers = people()
    circumstances, wallets = fit_wallets(teachers, np.full(teachers.height, 0.05), WALLET, 0)
    return elsewhere_value(snapshot, np.full(snapshot.height, main_here), circumstances, wallets, WALLET)


def test_a_customer_with_little_here_is_thought_to_have_elsewhere_what_others_like_them_have() -> None:
    newcomers = people(deposits_12m=0.0, spend_12m=0.0)
    found = value(newcomers, main_here=False)
    family = (newcomers["life_stage"] == "family").to_numpy()
    # about 100,000 at a margin of 1 % and 20,000 of spending at 0.6 %
    assert np.median(found[family]) == pytest.approx(1_000 + 120, rel=0.25)
    assert np.median(found[~family]) < 0.3 * np.median(found[family])


def test_of_a_main_here_customer_only_what_links_prove_counts() -> None:
    assert value(people(deposits_12m=0.0), main_here=True).max() == 0.0
    linked = people(
        own_net_out_24m=50_000.0, other_bank_card_payments_12m=10_000.0, other_bank_loan_payments_12m=12_000.0
    )
    # 50,000 at 1 %, 10,000 at 0.6 %, three years of 12,000 at 1.5 %
    np.testing.assert_allclose(value(linked, main_here=True), 500 + 60 + 540)


def test_too_few_main_here_customers_leave_the_links_alone() -> None:
    few = people(100)
    circumstances, wallets = fit_wallets(few, np.full(100, 0.05), WALLET, 0)
    assert circumstances is None
    assert wallets == {}
    assert elsewhere_value(few, np.zeros(100, dtype=bool), None, {}, WALLET).max() == 0.0

"""What customers give other banks is learned from circumstances and never less than links prove."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from segment.model.elsewhere import elsewhere_value, fit_wallets
from segment.policy import load_policy

HERE = ["main_here"] * 800
WALLET = load_policy(Path(__file__).parents[2] / "models" / "retail.toml").wallet


def people(count: int = 800, spread: float = 0.3, **columns: float) -> pl.DataFrame:
    rng = np.random.default_rng(0)
    worker = rng.random(count) < 0.5
    return pl.DataFrame(
        {
            "branch_id": rng.choice(["b1", "b2"], count),
            "life_stage": np.where(worker, "family", "young"),
            "occupation": [None] * count,
            "household_size": np.full(count, np.nan),
            "typical_card_payment_12m": np.where(worker, 80.0, 40.0),
            "debt_12m": 0.0,
            "salary_income_12m": 60_000.0,
            "deposits_12m": np.where(worker, 100_000.0, 5_000.0) * rng.lognormal(0, spread, count),
            "wealth_12m": 0.0,
            "spend_12m": 20_000.0,
            "own_net_out_24m": 0.0,
            "swept_inflow_12m": 0.0,
            "other_bank_card_payments_12m": 0.0,
            "other_bank_loan_payments_12m": 0.0,
        }
    ).with_columns(pl.lit(value).alias(name) for name, value in columns.items())


def value(snapshot: pl.DataFrame, main_here: bool) -> np.ndarray:
    teachers = people()
    circumstances, wallets = fit_wallets(teachers, np.full(teachers.height, 0.05), HERE, WALLET, 0)
    found = elsewhere_value(snapshot, np.full(snapshot.height, main_here), circumstances, wallets, WALLET)
    assert (found[:, 0] <= found[:, 1]).all()
    return found[:, 0]


def two_banks(spread: float = 0.3) -> tuple[pl.DataFrame, np.ndarray, np.ndarray]:
    """800 who keep 70 % of their wallet here, and 400 who keep a tenth or so of the same wallets."""
    share = np.random.default_rng(1).gamma(1.2, 0.1 / 1.2, 400)
    away = people(400, spread).with_columns(pl.col("deposits_12m", "spend_12m") * pl.Series(share / 0.7))
    elsewhere = np.repeat([0.05, 0.9], [800, 400])
    return pl.concat([people(800, spread), away]), elsewhere, np.where(elsewhere > 0.5, "main_elsewhere", "main_here")


def test_a_customer_with_little_here_is_thought_to_have_elsewhere_what_others_like_them_have() -> None:
    newcomers = people(deposits_12m=0.0, spend_12m=0.0)
    found = value(newcomers, main_here=False)
    family = (newcomers["life_stage"] == "family").to_numpy()
    # about 100,000 at a margin of 1 % and 20,000 of spending at 0.6 %, which is 70 % of what they have in all
    assert np.median(found[family]) == pytest.approx((1_000 + 120) / 0.7, rel=0.25)
    assert np.median(found[~family]) < 0.3 * np.median(found[family])


def test_of_a_main_here_customer_only_what_links_prove_counts() -> None:
    assert value(people(deposits_12m=0.0), main_here=True).max() == 0.0
    linked = people(
        own_net_out_24m=50_000.0, other_bank_card_payments_12m=10_000.0, other_bank_loan_payments_12m=12_000.0
    )
    # 50,000 at 1 %, 10,000 at 0.6 %, three years of 12,000 at 1.5 %
    np.testing.assert_allclose(value(linked, main_here=True), 500 + 60 + 540)


def test_pay_that_is_swept_on_is_no_stock_of_the_other_bank() -> None:
    swept = people(own_net_out_24m=130_000.0, swept_inflow_12m=60_000.0)
    np.testing.assert_allclose(value(swept, main_here=True), 0.010 * 10_000)


def test_too_few_main_here_customers_leave_the_links_alone() -> None:
    few = people(100)
    circumstances, wallets = fit_wallets(few, np.full(100, 0.05), HERE[:100], WALLET, 0)
    assert circumstances is None
    assert wallets == {}
    assert elsewhere_value(few, np.zeros(100, dtype=bool), None, {}, WALLET).max() == 0.0


def test_who_holds_more_here_than_others_of_other_banks_has_more_there_too() -> None:
    snapshot, elsewhere, states = two_banks(spread=1.2)
    circumstances, wallets = fit_wallets(snapshot, elsewhere, states, WALLET, 0)

    def holding(deposits: float) -> float:
        away = snapshot[800:].with_columns(deposits_12m=pl.lit(deposits))
        found = elsewhere_value(away, np.zeros(400, dtype=bool), circumstances, wallets, WALLET)
        return float(np.median(found[:, 0]))

    assert holding(30_000.0) > 2 * holding(1_000.0)


def test_the_level_of_wallets_elsewhere_is_that_of_look_alikes_here() -> None:
    snapshot, elsewhere, states = two_banks()
    circumstances, wallets = fit_wallets(snapshot, elsewhere, states, WALLET, 0)
    found = elsewhere_value(snapshot[800:], np.zeros(400, dtype=bool), circumstances, wallets, WALLET)[:, 0]
    deposits, spent = (people(400)[name].to_numpy() / 0.7 for name in ("deposits_12m", "spend_12m"))
    assert found.sum() == pytest.approx(0.9 * (0.010 * deposits + 0.006 * spent).sum(), rel=0.2)

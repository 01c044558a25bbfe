"""What customers give other banks is learned from circumstances and never less than links prove."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from segment.model.main_bank_and_wallet import VOLUMES, elsewhere_value, fit_wallets
from segment.model.wallet_prior import UsualFigures, wallet_prior
from segment.policy import load_policy

HERE = ["main_here"] * 800
POLICY = load_policy(Path(__file__).parents[2] / "models" / "retail.toml")
WALLET = POLICY.wallet


def people(count: int = 800, spread: float = 0.3, **columns: float | str) -> pl.DataFrame:
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
    fitted = fit_wallets(teachers, np.full(teachers.height, 0.05), HERE, POLICY, 0)
    found = elsewhere_value(snapshot, np.full(snapshot.height, main_here), fitted, WALLET)
    assert (found.quantiles[:, 0] <= found.quantiles[:, 1]).all()
    return found.quantiles[:, 0]


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


def wallet_of_a_newcomer(bank: pl.DataFrame, main_here: int) -> float:
    """P50 of someone with nothing here, at a bank where so many customers are known to have theirs here."""
    elsewhere = np.where(np.arange(bank.height) < main_here, 0.05, 0.4)
    fitted = fit_wallets(bank, elsewhere, ["unknown"] * bank.height, POLICY, 0)
    newcomer = people(1, life_stage="family", deposits_12m=0.0, spend_12m=0.0, typical_card_payment_12m=60.0)
    return float(elsewhere_value(newcomer, np.zeros(1, dtype=bool), fitted, WALLET).quantiles[0, 0])


def test_a_bank_where_nobody_teaches_goes_by_the_prior() -> None:
    bank = people(100)
    fitted = fit_wallets(bank, np.full(100, 0.4), ["unknown"] * 100, POLICY, 0)
    assert fitted.usual is not None
    newcomer = people(1, life_stage="family", typical_card_payment_12m=fitted.usual.card_payment)
    prior = fitted.prior(newcomer, VOLUMES[0], WALLET)
    assert prior is not None
    assert prior.median[0] == pytest.approx(0.9 * 60_000)  # 0.9 of a year at the policy's 5,000 a month
    found = elsewhere_value(bank, np.zeros(100, dtype=bool), fitted, WALLET)
    assert (found.quantiles[:, 0] > 0.0).any()
    assert (found.mean >= found.quantiles[:, 0]).all()


@pytest.mark.slow
def test_there_is_no_cliff_from_no_customer_who_teaches_to_hundreds() -> None:
    bank = people(800)
    found = {size: wallet_of_a_newcomer(bank, size) for size in (0, 1, 10, 11, 12, 49, 50, 499, 500)}
    assert min(found.values()) > 0.0
    for fewer, more in ((0, 1), (1, 10), (10, 11), (11, 12), (49, 50), (499, 500)):
        assert found[more] == pytest.approx(found[fewer], rel=0.06), (fewer, more)


def test_the_more_customers_teach_the_less_the_prior_counts() -> None:
    rich = people(800).with_columns(pl.col("deposits_12m") * 20.0)
    found = [wallet_of_a_newcomer(rich, size) for size in (0, 50, 200, 800)]
    assert found == sorted(found)
    assert found[3] > 3 * found[0]


def test_the_prior_is_in_multiples_of_the_banks_own_figures() -> None:
    teachers = people()
    usual = UsualFigures.learn(teachers, np.ones(teachers.height, dtype=bool), POLICY)
    other_currency = UsualFigures(usual.income_12m * 7.0, usual.card_payment)
    for volume in VOLUMES:
        prior, other = (
            wallet_prior(teachers, getattr(WALLET.prior, volume.name), WALLET.prior, each)
            for each in (usual, other_currency)
        )
        np.testing.assert_allclose(other.median, 7.0 * prior.median)


def test_the_shipped_policies_state_the_prior_that_an_older_policy_gets() -> None:
    assert type(WALLET.prior)() == WALLET.prior


def test_who_holds_more_here_than_others_of_other_banks_has_more_there_too() -> None:
    snapshot, elsewhere, states = two_banks(spread=1.2)
    fitted = fit_wallets(snapshot, elsewhere, states, POLICY, 0)

    def holding(deposits: float) -> float:
        away = snapshot[800:].with_columns(deposits_12m=pl.lit(deposits))
        found = elsewhere_value(away, np.zeros(400, dtype=bool), fitted, WALLET)
        return float(np.median(found.quantiles[:, 0]))

    assert holding(30_000.0) > 2 * holding(1_000.0)


def test_the_level_of_wallets_elsewhere_is_that_of_look_alikes_here() -> None:
    snapshot, elsewhere, states = two_banks()
    fitted = fit_wallets(snapshot, elsewhere, states, POLICY, 0)
    value = elsewhere_value(snapshot[800:], np.zeros(400, dtype=bool), fitted, WALLET)
    found = value.quantiles[:, 0]
    deposits, spent = (people(400)[name].to_numpy() / 0.7 for name in ("deposits_12m", "spend_12m"))
    assert found.sum() == pytest.approx(0.9 * (0.010 * deposits + 0.006 * spent).sum(), rel=0.2)


def test_the_mean_is_what_customers_of_other_banks_have_there_on_average_where_the_median_is_not() -> None:
    snapshot, elsewhere, states = two_banks(spread=1.2)
    fitted = fit_wallets(snapshot, elsewhere, states, POLICY, 0)
    found = elsewhere_value(snapshot[800:], np.zeros(400, dtype=bool), fitted, WALLET)
    deposits, spent = (people(400, 1.2)[name].to_numpy() / 0.7 for name in ("deposits_12m", "spend_12m"))
    truth = float(0.9 * (0.010 * deposits + 0.006 * spent).sum())
    assert found.mean.sum() == pytest.approx(truth, rel=0.25)
    assert found.quantiles[:, 0].sum() < 0.8 * truth

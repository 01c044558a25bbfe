"""What is held here moves a wallet as far as it tells of it, and no further."""

from __future__ import annotations

import numpy as np
import pytest

from segment.wallet import CredibleWallet, SpikedLognormal
from segment.wallet.wallet_elsewhere import circumstance_weights

SHAPE, SCALE = 1.2, 0.08


def bank(count: int = 4000, seed: int = 0) -> dict[str, np.ndarray]:
    """Half keep 70 % here, half a small and uneven share; wallets are alike."""
    rng = np.random.default_rng(seed)
    income = rng.lognormal(8.5, 0.6, count)
    wallet = 12 * income * rng.lognormal(0, 1.2, count)
    here = np.arange(count) < count // 2
    share = np.where(here, 0.7, np.minimum(rng.gamma(SHAPE, SCALE, count), 1.0))
    return {"X": income[:, None], "wallet": wallet, "own": wallet * share, "here": here}


def fitted(data: dict[str, np.ndarray]) -> CredibleWallet:
    elsewhere = np.where(data["here"], 0.1, 0.9)
    return CredibleWallet(main_here_share=0.7).fit(data["X"], data["own"], elsewhere, data["here"], ~data["here"])


def test_the_share_kept_here_is_found_without_knowing_a_wallet() -> None:
    model = fitted(bank())
    assert model.share_shape_ == pytest.approx(SHAPE, rel=0.35)
    assert model.share_shape_ * model.share_scale_ == pytest.approx(SHAPE * SCALE, rel=0.25)


@pytest.mark.slow
def test_quantiles_cover_the_true_wallets_of_customers_of_other_banks() -> None:
    model, new = fitted(bank()), bank(seed=1)
    away = ~new["here"]
    half, most = model.predict_quantiles(new["X"][away], new["own"][away]).T
    assert np.mean(new["wallet"][away] <= half) == pytest.approx(0.5, abs=0.05)
    assert np.mean(new["wallet"][away] <= most) == pytest.approx(0.8, abs=0.05)


@pytest.mark.slow
def test_both_kinds_of_evidence_together_rank_better_than_either() -> None:
    model, new = fitted(bank()), bank(seed=1)
    away = ~new["here"]
    wallet, own = new["wallet"][away], new["own"][away]

    def captured(score: np.ndarray) -> float:
        return float(wallet[np.argsort(-score)[:200]].sum())

    together = captured(model.predict_quantiles(new["X"][away], own)[:, 0])
    assert together > captured(own)
    assert together > captured(model.regressor_.predict(new["X"][away]))


def test_a_wallet_holds_at_least_what_is_here_and_grows_with_it() -> None:
    model = fitted(bank())
    own = np.array([0.0, 10.0, 1e3, 1e5, 1e7, 1e12])
    found = model.predict_quantiles(np.full((6, 1), 5_000.0), own)
    assert (found >= own[:, None]).all()
    assert (np.diff(found, axis=0) >= 0).all()
    assert (found[:, 0] <= found[:, 1]).all()


def test_without_customers_of_other_banks_circumstances_alone_count() -> None:
    data = bank()
    nobody = np.zeros(4000, dtype=bool)
    model = CredibleWallet().fit(data["X"], data["own"], np.full(4000, 0.1), data["here"], nobody)
    np.testing.assert_array_equal(
        model.predict_quantiles(data["X"], data["own"]), model.regressor_.predict_quantiles(data["X"])
    )


def test_weights_see_circumstances_and_not_how_little_is_done_here() -> None:
    rng = np.random.default_rng(0)
    town = rng.integers(0, 2, 2000).astype(float)
    idle = rng.random(2000) < 0.5
    elsewhere = np.where(town == 1, 0.5, 0.2) + np.where(idle, 0.2, 0.0)
    weight = circumstance_weights(town[:, None], elsewhere)
    assert weight[(town == 1) & idle].mean() == pytest.approx(weight[(town == 1) & ~idle].mean())
    assert weight[town == 1].mean() > 2 * weight[town == 0].mean()


def test_circumstances_that_tell_nothing_weigh_all_alike() -> None:
    np.testing.assert_array_equal(circumstance_weights(np.full((50, 2), np.nan), np.full(50, 0.3)), np.ones(50))


def test_a_mean_passes_what_links_prove_and_lies_above_the_median() -> None:
    data = bank()
    model, away = fitted(data), ~data["here"]
    X, own = data["X"][away], data["own"][away]
    mean = model.predict_mean(X, own, own)
    assert (model.predict_mean(X, own, own + 1e7) >= own + 1e7).all()
    assert mean.sum() > 1.2 * model.predict_quantiles(X, own)[:, 0].sum()
    assert mean.mean() == pytest.approx(data["wallet"][away].mean(), rel=0.15)


@pytest.mark.parametrize("count", [0, 1, 2, 49, 50])
def test_the_share_kept_here_moves_from_the_prior_to_the_banks_own_without_a_cliff(count: int) -> None:
    data = bank()
    prior = SpikedLognormal(np.full(4000, 60_000.0), 1.2, 1.0)
    model = CredibleWallet(main_here_share=0.7, prior_customers=100.0, kept_share=0.3, kept_shape=2.0)
    away = ~data["here"] & (np.arange(4000) < 2000 + count)
    model.fit(data["X"], data["own"], np.where(data["here"], 0.1, 0.9), data["here"], away, prior)
    mean = model.share_shape_ * model.share_scale_
    weight = count / (count + 100.0) if count > 1 else 0.0
    assert mean == pytest.approx(0.3 ** (1 - weight) * (SHAPE * SCALE) ** weight, rel=0.15)

"""The wallet of loans: the prior where nobody teaches, the bank's own level where many do."""

from __future__ import annotations

import numpy as np
import pytest

from segment.wallet import SpikedLognormal
from segment.wallet.one_bank import OneBankWallet

PRIOR = SpikedLognormal(np.full(1000, 100.0), 1.0, 0.4)


def test_without_teachers_the_prior_speaks() -> None:
    model = OneBankWallet().fit(np.empty((0, 1)), np.empty(0), np.empty(0), PRIOR.at(slice(0)))
    np.testing.assert_allclose(model.predict_quantiles(np.zeros((1000, 1)), PRIOR)[:, 1], PRIOR.quantile(0.8))
    np.testing.assert_allclose(model.predict_mean(np.zeros(1000), PRIOR), PRIOR.mean(np.zeros(1000)))


def test_many_teachers_set_the_level_of_the_mean() -> None:
    rng = np.random.default_rng(0)
    volume = np.where(rng.random(1000) < 0.2, rng.lognormal(np.log(500.0), 0.5, 1000), 0.0)
    model = OneBankWallet(prior_customers=1.0).fit(rng.random((1000, 1)), volume, np.ones(1000), PRIOR)
    assert model.predict_mean(np.zeros(1000), PRIOR).mean() == pytest.approx(volume.mean(), rel=0.02)

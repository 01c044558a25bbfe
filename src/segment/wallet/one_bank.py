"""The wallet of a volume that is one bank's: nobody splits a loan, so what is here tells nothing of what is there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator

from segment.arrays import Floats
from segment.wallet.regressor import WalletRegressor
from segment.wallet.spiked_lognormal import SpikedLognormal
from segment.wallet.wallet_elsewhere import own_weight


class OneBankWallet(BaseEstimator):
    """Quantiles and mean of a whole wallet, from circumstances, drawn towards a prior where customers are few."""

    def __init__(
        self, quantiles: Sequence[float] = (0.5, 0.8), *, prior_customers: float = 100.0, random_state: int = 0
    ) -> None:
        self.quantiles = quantiles
        self.prior_customers = prior_customers
        self.random_state = random_state

    def fit(self, X: Floats, volume: Floats, weight: Floats, prior: SpikedLognormal) -> Self:
        """Learn from customers whose whole wallet is here."""
        # `X` (n, features), `volume` (n,), `weight` (n,): How much each customer stands for.
        self.own_weight_, self.level_ = own_weight(weight, self.prior_customers), 1.0
        self.regressor_: WalletRegressor | None = None
        if self.own_weight_ > 0.0:
            self.regressor_ = WalletRegressor(self.quantiles, random_state=self.random_state)
            self.regressor_.fit(X, volume, sample_weight=weight)
            expected = float((weight * prior.mean(np.zeros(len(volume)))).sum())
            own = float((weight * volume).sum()) / expected
            self.level_ = self.own_weight_ * own + (1.0 - self.own_weight_)
        return self

    def predict_quantiles(self, X: Any, prior: SpikedLognormal) -> Floats:
        """Forecast every quantile of the whole wallet."""
        # Returns array of shape (n, quantiles): Never decreasing within a row.
        expected = np.column_stack([prior.quantile(level) for level in self.quantiles])
        if self.regressor_ is None:
            return expected
        own = np.log1p(self.regressor_.predict_quantiles(X))
        return np.expm1(self.own_weight_ * own + (1.0 - self.own_weight_) * np.log1p(expected))

    def predict_mean(self, least: Floats, prior: SpikedLognormal) -> Floats:
        """Forecast the mean of a wallet known to be `least` or more: the prior's, at the bank's own level."""
        return prior.mean(least, max(self.level_, 1e-9))

"""The wallet of a customer of two banks: what circumstances let expect, moved by what is held here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.special import gammaincinv, ndtri, polygamma
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from segment.wallet.elsewhere import circumstance_weights
from segment.wallet.regressor import WalletRegressor

Floats = NDArray[np.float64]

FEWEST = 50
LEAST_SPREAD = 0.1
LEAST_OF_SPREAD = 0.25
SHAPES = (0.05, 1e4)
GRID = np.linspace(-4.0, 5.0, 91)
ROWS_A_BLOCK = 20_000
Z_80 = float(ndtri(0.8))


class CredibleWallet(BaseEstimator):
    """Quantiles of a whole wallet, from circumstances and from the part of it that is here.

    `WalletRegressor` learns from main-here customers what someone in such circumstances has in all. Among customers
    whose main bank is elsewhere, what is held here is that wallet times a share. The share's level and spread follow
    from comparing them with look-alikes, without knowing any wallet: what is held here spreads as wallets and shares
    together do. By Bayes' rule, a customer who holds more here than others of the kind then has more in all.

    Parameters
    ----------
    quantiles : sequence of float, default (0.5, 0.8)
        At least two, between 0 and 1, ascending.
    main_here_share : float, default 1.0
        Part of the wallet that main-here customers keep here.
    random_state : int, default 0
        Seed.

    Attributes
    ----------
    regressor_ : WalletRegressor
        The wallet by circumstances.
    share_shape_, share_scale_ : float
        Gamma distribution of the share of the wallet that customers of other banks keep here; a shape of zero where
        too few could tell, and then circumstances alone count.

    Notes
    -----
    A gamma share stands for the beta of a small mean. It falls off quickly above and slowly below: much money here
    proves a large wallet, little money here says next to nothing.

    References
    ----------
    Buhlmann, *Experience rating and credibility*, ASTIN Bulletin 4 (1967): the weight of one's own evidence.
    Glady and Croux, *Predicting customer wallet without survey data*, J. Service Research 11 (2009): potential is the
    wallet less the own business.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> income, here = rng.lognormal(10, 0.5, 1000), np.arange(1000) < 600
    >>> wallet = income * rng.lognormal(0, 1, 1000)
    >>> own = wallet * np.where(here, 1.0, rng.gamma(2.0, 0.05, 1000))
    >>> model = CredibleWallet().fit(income[:, None], own, np.where(here, 0.05, 0.9), here, ~here)
    >>> bool(0.05 < model.share_shape_ * model.share_scale_ < 0.2)
    True
    >>> little, much = model.predict_quantiles([[22_000.0], [22_000.0]], [200.0, 20_000.0])[:, 0]
    >>> bool(much > 3 * little)
    True
    """

    def __init__(
        self, quantiles: Sequence[float] = (0.5, 0.8), *, main_here_share: float = 1.0, random_state: int = 0
    ) -> None:
        self.quantiles = quantiles
        self.main_here_share = main_here_share
        self.random_state = random_state

    def fit(
        self, X: ArrayLike, own: ArrayLike, elsewhere: ArrayLike, main_here: ArrayLike, main_elsewhere: ArrayLike
    ) -> Self:
        """Learn wallets from main-here customers, and shares from those of other banks.

        Parameters
        ----------
        X : array-like of shape (n, features)
            Circumstances that do not depend on the relation; missing values are allowed.
        own : array-like of shape (n,)
            Volume held here, at least 0.
        elsewhere : array-like of shape (n,)
            Probability that the main bank is elsewhere.
        main_here, main_elsewhere : array-like of bool, shape (n,)
            Who teaches the whole wallet, and who the share kept here.

        Returns
        -------
        CredibleWallet
            Itself.
        """
        X, own = np.asarray(X, dtype=np.float64), np.asarray(own, dtype=np.float64)
        here = np.asarray(main_here, dtype=bool)
        weight = circumstance_weights(X, elsewhere)[here]
        self.regressor_ = WalletRegressor(self.quantiles, random_state=self.random_state)
        self.regressor_.fit(X[here], own[here] / self.main_here_share, sample_weight=weight)
        away = np.asarray(main_elsewhere, dtype=bool) & ~here & (own > 0.0)
        self.share_shape_, self.share_scale_ = 0.0, 0.0
        if int(away.sum()) >= FEWEST:
            expected, spread = self._expected(X[away])
            self._learn_share(np.log1p(own[away]) - expected, float(np.median(spread)))
        return self

    def predict_quantiles(self, X: ArrayLike, own: ArrayLike) -> Floats:
        """Forecast the whole wallet of customers whose main bank is elsewhere.

        Parameters
        ----------
        X : array-like of shape (n, features)
            Columns as in `fit`.
        own : array-like of shape (n,)
            Volume held here.

        Returns
        -------
        array of shape (n, quantiles)
            Never decreasing within a row.
        """
        check_is_fitted(self, "regressor_")
        X, own = np.asarray(X, dtype=np.float64), np.asarray(own, dtype=np.float64)
        if self.share_shape_ <= 0.0:
            return self.regressor_.predict_quantiles(X)
        parts = range(0, len(X), ROWS_A_BLOCK)
        return np.concatenate([self._posterior(X[at : at + ROWS_A_BLOCK], own[at : at + ROWS_A_BLOCK]) for at in parts])

    def _expected(self, X: Any) -> tuple[Floats, Floats]:
        """Logarithm of the median wallet in such circumstances, and its spread."""
        logs = np.log1p(self.regressor_.predict_quantiles(X))
        low, high = ndtri(self.quantiles[0]), ndtri(self.quantiles[-1])
        spread = np.maximum((logs[:, -1] - logs[:, 0]) / (high - low), LEAST_SPREAD)
        return np.asarray(logs[:, 0] - low * spread, dtype=np.float64), spread

    def _learn_share(self, beyond: Floats, spread: float) -> None:
        """Take the spread of wallets off the spread of what is held: the rest is the spread of shares."""
        low, high = np.quantile(beyond, [0.2, 0.8])
        variance = max(((high - low) / (2.0 * Z_80)) ** 2 - spread**2, (LEAST_OF_SPREAD * spread) ** 2)
        variance = float(np.clip(variance, polygamma(1, SHAPES[1]), polygamma(1, SHAPES[0])))
        self.share_shape_ = float(brentq(lambda shape: polygamma(1, shape) - variance, *SHAPES))
        level = (np.arange(200) + 0.5) / 200
        together = spread * ndtri(level)[:, None] + np.log(gammaincinv(self.share_shape_, level))[None, :]
        self.share_scale_ = float(np.exp(np.median(beyond) - np.median(together)))

    def _posterior(self, X: Floats, own: Floats) -> Floats:
        """Weigh each possible wallet by how likely it leaves so much here."""
        expected, spread = self._expected(X)
        held = np.log1p(own)[:, None]
        wallet = expected[:, None] + spread[:, None] * GRID
        share = held - wallet - np.log(self.share_scale_)
        log_density = self.share_shape_ * share - np.exp(np.minimum(share, 50.0)) - GRID**2 / 2.0
        log_density = np.where(wallet >= held, log_density, -np.inf)
        log_density[:, -1] = np.where(wallet[:, -1] >= held[:, 0], log_density[:, -1], 0.0)  # all of it is here
        density = np.exp(log_density - log_density.max(axis=1, keepdims=True))
        below = np.cumsum(density, axis=1) / density.sum(axis=1, keepdims=True)
        places = [np.argmax(below >= level, axis=1) for level in self.quantiles]
        found = np.column_stack([np.take_along_axis(wallet, place[:, None], axis=1)[:, 0] for place in places])
        return np.asarray(np.maximum(np.expm1(found), own[:, None]), dtype=np.float64)

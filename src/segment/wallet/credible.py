"""The wallet of a customer of two banks: what circumstances let expect, moved by what is held here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.special import gammaincinv, ndtri, polygamma
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from segment.arrays import Flags, Floats
from segment.wallet.regressor import WalletRegressor
from segment.wallet.spiked_lognormal import SpikedLognormal
from segment.wallet.wallet_elsewhere import circumstance_weights, own_weight

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
    prior_customers : float, default 0.0
        Customers that the prior weighs as much as; 0: there is none.
    kept_share, kept_shape : float
        Prior of the share that customers of other banks keep here: its mean, and the shape of a gamma distribution.
    random_state : int, default 0
        Seed.

    Attributes
    ----------
    regressor_ : WalletRegressor or None
        The wallet by circumstances; None where fewer than two customers could teach it.
    own_weight_ : float
        Weight of what it says; the rest is the prior's.
    share_shape_, share_scale_ : float
        Gamma distribution of the share of the wallet that customers of other banks keep here; a shape of zero where
        neither customers nor a prior could tell, and then circumstances alone count.

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
        self,
        quantiles: Sequence[float] = (0.5, 0.8),
        *,
        main_here_share: float = 1.0,
        prior_customers: float = 0.0,
        kept_share: float = 0.12,
        kept_shape: float = 1.0,
        random_state: int = 0,
    ) -> None:
        self.quantiles = quantiles
        self.main_here_share = main_here_share
        self.prior_customers = prior_customers
        self.kept_share = kept_share
        self.kept_shape = kept_shape
        self.random_state = random_state

    def fit(
        self,
        X: ArrayLike,
        own: ArrayLike,
        elsewhere: ArrayLike,
        main_here: ArrayLike,
        main_elsewhere: ArrayLike,
        prior: SpikedLognormal | None = None,
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
            Who shows the whole wallet, and who the share kept here.
        prior : SpikedLognormal, optional
            What wallets of such customers are taken to be; counts where `prior_customers` is above 0.

        Returns
        -------
        CredibleWallet
            Itself.
        """
        X, own = np.asarray(X, dtype=np.float64), np.asarray(own, dtype=np.float64)
        here = np.asarray(main_here, dtype=bool)
        weight = circumstance_weights(X, elsewhere)[here]
        pooled = prior is not None and self.prior_customers > 0.0
        self.own_weight_ = own_weight(weight, self.prior_customers) if pooled else 1.0
        self.regressor_: WalletRegressor | None = None
        if self.own_weight_ > 0.0:
            self.regressor_ = WalletRegressor(self.quantiles, random_state=self.random_state)
            self.regressor_.fit(X[here], own[here] / self.main_here_share, sample_weight=weight)
        away = np.asarray(main_elsewhere, dtype=bool) & ~here & (own > 0.0)
        self._learn_share(X, own, away, prior)
        return self

    def predict_quantiles(self, X: ArrayLike, own: ArrayLike, prior: SpikedLognormal | None = None) -> Floats:
        """Forecast the whole wallet of customers whose main bank is elsewhere.

        Parameters
        ----------
        X : array-like of shape (n, features)
            Columns as in `fit`.
        own : array-like of shape (n,)
            Volume held here.
        prior : SpikedLognormal, optional
            As in `fit`, of these customers.

        Returns
        -------
        array of shape (n, quantiles)
            Never decreasing within a row.
        """
        return self.predict_quantiles_and_mean(X, own, own, prior)[0]

    def predict_mean(
        self, X: ArrayLike, own: ArrayLike, least: ArrayLike, prior: SpikedLognormal | None = None
    ) -> Floats:
        """Forecast the mean of the whole wallet.

        Parameters
        ----------
        X : array-like of shape (n, features)
            Columns as in `fit`.
        own : array-like of shape (n,)
            Volume held here.
        least : array-like of shape (n,)
            What the wallet is known to be or to pass.
        prior : SpikedLognormal, optional
            As in `fit`, of these customers.

        Returns
        -------
        array of shape (n,)
            At least `least`.
        """
        return self.predict_quantiles_and_mean(X, own, least, prior)[1]

    def predict_quantiles_and_mean(
        self, X: ArrayLike, own: ArrayLike, least: ArrayLike, prior: SpikedLognormal | None = None
    ) -> tuple[Floats, Floats]:
        """Forecast both, from one pass over the trees."""
        check_is_fitted(self, "regressor_")
        X, own = np.asarray(X, dtype=np.float64), np.asarray(own, dtype=np.float64)
        floor, learned = np.asarray(least, dtype=np.float64), self._learned(X)
        quantiles, means = np.zeros((len(X), len(self.quantiles))), np.zeros(len(X))
        for rows in _blocks(len(X)):
            seen = None if learned is None else learned[rows]
            wallet, density = self._posterior(seen, own[rows], _at(prior, rows))
            quantiles[rows] = self._quantiles_of(wallet, density, own[rows])
            means[rows] = (np.maximum(np.expm1(wallet), floor[rows][:, None]) * density).sum(axis=1)
        if self.share_shape_ <= 0.0 and self._own_weight == 1.0 and learned is not None:
            quantiles = learned
        return quantiles, np.maximum(means, floor)

    @property
    def _own_weight(self) -> float:
        return getattr(self, "own_weight_", 1.0)  # models of before there was a prior

    def _learned(self, X: Floats) -> Floats | None:
        """Quantiles of the wallet in such circumstances as the bank's own customers show them, where any taught."""
        if self.regressor_ is None:
            return None
        return np.asarray(self.regressor_.predict_quantiles(X), dtype=np.float64)

    def _expected(self, learned: Floats | None, prior: SpikedLognormal | None, customers: int) -> tuple[Floats, Floats]:
        """Logarithm of the median wallet in such circumstances, and its spread: the bank's own, and the prior's."""
        centre, spread = np.zeros(customers), np.zeros(customers)
        if learned is not None:
            logs = np.log1p(learned)
            low, high = ndtri(self.quantiles[0]), ndtri(self.quantiles[-1])
            spread = np.maximum((logs[:, -1] - logs[:, 0]) / (high - low), LEAST_SPREAD)
            centre = np.asarray(logs[:, 0] - low * spread, dtype=np.float64)
        if prior is None or self._own_weight == 1.0:
            return centre, spread
        rest = 1.0 - self._own_weight
        centre = self._own_weight * centre + rest * np.log1p(prior.median)
        return centre, self._own_weight * spread + rest * prior.spread

    def _learn_share(self, X: Floats, own: Floats, away: Flags, prior: SpikedLognormal | None) -> None:
        """Pool what customers of other banks show with the prior."""
        count, customers = int(away.sum()), self.prior_customers
        self.share_shape_, self.share_scale_ = 0.0, 0.0
        if count < 2 and not customers:
            return
        shape, mean, weight = self.kept_shape, self.kept_share, 0.0
        if count >= 2:
            expected, spread = self._expected(self._learned(X[away]), None if prior is None else prior.at(away), count)
            learned, scale = _share_of(np.log1p(own[away]) - expected, float(np.median(spread)))
            weight = count / (count + customers)
            shape = float(learned**weight * shape ** (1.0 - weight))
            mean = float((learned * scale) ** weight * mean ** (1.0 - weight))
        self.share_shape_, self.share_scale_ = shape, mean / shape

    def _quantiles_of(self, wallet: Floats, density: Floats, own: Floats) -> Floats:
        below = np.cumsum(density, axis=1)
        places = [np.argmax(below >= level, axis=1) for level in self.quantiles]
        quantiles = np.column_stack([np.take_along_axis(wallet, place[:, None], axis=1)[:, 0] for place in places])
        return np.asarray(np.maximum(np.expm1(quantiles), own[:, None]), dtype=np.float64)

    def _posterior(self, learned: Floats | None, own: Floats, prior: SpikedLognormal | None) -> tuple[Floats, Floats]:
        """Weigh each possible wallet, by its logarithm, by how likely it leaves so much here."""
        expected, spread = self._expected(learned, prior, len(own))
        own_log = np.log1p(own)[:, None]
        wallet = expected[:, None] + spread[:, None] * GRID
        log_density = np.broadcast_to(-(GRID**2) / 2.0, wallet.shape)
        if self.share_shape_ > 0.0:
            share = own_log - wallet - np.log(self.share_scale_)
            log_density = self.share_shape_ * share - np.exp(np.minimum(share, 50.0)) + log_density
            log_density = np.where(wallet >= own_log, log_density, -np.inf)
            log_density[:, -1] = np.where(wallet[:, -1] >= own_log[:, 0], log_density[:, -1], 0.0)  # all of it is here
        density = np.exp(log_density - log_density.max(axis=1, keepdims=True))
        return wallet, density / density.sum(axis=1, keepdims=True)


def _share_of(excess: Floats, spread: float) -> tuple[float, float]:
    """Take the spread of wallets off the spread of what is held: the rest is the spread of shares."""
    # Returns shape and scale of a gamma distribution.
    low, high = np.quantile(excess, [0.2, 0.8])
    variance = max(((high - low) / (2.0 * Z_80)) ** 2 - spread**2, (LEAST_OF_SPREAD * spread) ** 2)
    variance = float(np.clip(variance, polygamma(1, SHAPES[1]), polygamma(1, SHAPES[0])))
    shape = float(brentq(lambda shape: polygamma(1, shape) - variance, *SHAPES))
    level = (np.arange(200) + 0.5) / 200
    together = spread * ndtri(level)[:, None] + np.log(gammaincinv(shape, level))[None, :]
    return shape, float(np.exp(np.median(excess) - np.median(together)))


def _blocks(rows: int) -> list[slice]:
    return [slice(at, at + ROWS_A_BLOCK) for at in range(0, rows, ROWS_A_BLOCK)]


def _at(prior: SpikedLognormal | None, rows: slice) -> SpikedLognormal | None:
    return None if prior is None else prior.at(rows)

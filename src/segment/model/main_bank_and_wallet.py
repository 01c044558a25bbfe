"""What customers are thought to give other banks, in contribution a year."""

# Volumes of customers whose main bank is here teach what someone in such circumstances has in all (Perlich, Rosset,
# Lawrence and Zadrozny, KDD 2007, doi 10.1145/1281192.1281297). Only features that do not depend on the relation are
# used: life stage, occupation, household, income around the branch, and the size of a card payment, a sign of income
# wherever a customer banks. What is held here then moves the wallet (`segment.wallet.CredibleWallet`) and is taken off.
# Where such customers are few, the policy's prior stands in for them, as far as they are few (`wallet.prior`).

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from segment.arrays import Floats
from segment.model.model_columns import numbers
from segment.model.wallet_prior import UsualFigures, wallet_prior
from segment.policy import Policy
from segment.policy.wallet import Wallet
from segment.wallet import CredibleWallet, SpikedLognormal, WalletRegressor, wallet_elsewhere
from segment.wallet.one_bank import OneBankWallet
from segment.wallet.wallet_elsewhere import circumstance_weights

MAIN_ELSEWHERE = "main_elsewhere"
STOCK_YEARS = 2.0
CATEGORIES = ("life_stage", "occupation")
CIRCUMSTANCES = ["household_size", "typical_card_payment_12m"]

AnyWallet = CredibleWallet | OneBankWallet | WalletRegressor
Wallets = dict[str, AnyWallet]


@dataclass(frozen=True)
class Volume:
    """A kind of business that may lie at another bank."""

    name: str  # Key of its model
    own: tuple[str, ...]  # Columns that sum to what is held here
    proven: str  # Column of what links prove to lie elsewhere
    # Whether customers split it between banks, so that what is here tells of what is there. A loan is one bank's.
    shared: bool = True


VOLUMES = (
    Volume("assets", ("deposits_12m", "wealth_12m"), "own_net_out_24m"),
    Volume("spending", ("spend_12m",), "other_bank_card_payments_12m"),
    Volume("loans", ("debt_12m",), "other_bank_loan_payments_12m", shared=False),
)


class Circumstances:
    """Turns a snapshot into features that do not depend on the relation with the bank."""

    def __init__(self, categories: dict[str, list[str]], branch_income: dict[str, float]) -> None:
        self.categories = categories
        self.branch_income = branch_income

    @classmethod
    def learn(cls, main_here: pl.DataFrame) -> Circumstances:
        """Learn the categories, and the level of income around each branch."""
        categories = {name: main_here[name].drop_nulls().unique().sort().to_list() for name in CATEGORIES}
        income = (
            main_here.group_by("branch_id", maintain_order=True)
            .agg(pl.col("salary_income_12m").mean())
            .drop_nulls()
            .sort("branch_id")
        )
        return cls(categories, dict(income.iter_rows()))

    def features(self, snapshot: pl.DataFrame) -> Floats:
        """Describe customers' circumstances in numbers."""
        # Returns array of float64, shape (n, features).
        codes = [
            pl.col(name).replace_strict(
                {value: float(code) for code, value in enumerate(values)}, default=None, return_dtype=pl.Float64
            )
            for name, values in self.categories.items()
        ]
        around = pl.col("branch_id").replace_strict(self.branch_income, default=None, return_dtype=pl.Float64)
        coded = snapshot.select(*codes, branch_income=around).cast(pl.Float64).fill_null(float("nan")).to_numpy()
        return np.column_stack([coded, numbers(snapshot, CIRCUMSTANCES)])


@dataclass(frozen=True)
class FittedWallets:
    """What was learned of whole wallets."""

    circumstances: Circumstances
    wallets: Wallets  # Empty in models of before there was a prior, where too few could teach: links alone count
    usual: UsualFigures | None  # None in such models: no prior is asked

    def prior(self, snapshot: pl.DataFrame, volume: Volume, policy: Wallet) -> SpikedLognormal | None:
        """Describe the wallets of customers before any of them teaches."""
        if self.usual is None:
            return None
        return wallet_prior(snapshot, getattr(policy.prior, volume.name), policy.prior, self.usual)


@dataclass(frozen=True)
class ElsewhereValue:
    """What customers are thought to give other banks, book currency a year, never negative."""

    # (n, quantiles): The first is the sum of the volumes'; beyond it volumes count as independent of each other: their
    # distances from the first add in squares.
    quantiles: Floats
    mean: Floats  # (n,)


def fit_wallets(
    snapshot: pl.DataFrame, elsewhere: Floats, states: ArrayLike, policy: Policy, random_state: int
) -> FittedWallets:
    """Learn what customers have in all, from those whose main bank is here and from the policy's prior."""
    # `elsewhere` (n,): Probability that the main bank is elsewhere.
    # `states` (n,): State of the main bank; those at `main_elsewhere` teach which part of the wallet such customers
    # keep here.
    rules = policy.wallet
    here, away = elsewhere <= rules.main_here_up_to, np.asarray(states) == MAIN_ELSEWHERE
    usual = UsualFigures.learn(snapshot, here, policy)
    fitted = FittedWallets(Circumstances.learn(snapshot.filter(pl.Series(here))), {}, usual)
    X = fitted.circumstances.features(snapshot)
    for volume in VOLUMES:
        own, prior = _own(snapshot, volume), fitted.prior(snapshot, volume, rules)
        if volume.shared:
            shared = CredibleWallet(
                rules.quantiles,
                main_here_share=rules.main_here_share,
                prior_customers=rules.prior.customers,
                kept_share=rules.prior.kept_share,
                kept_shape=rules.prior.kept_shape,
                random_state=random_state,
            )
            fitted.wallets[volume.name] = shared.fit(X, own, elsewhere, here, away, prior)
        elif prior is not None:
            alone = OneBankWallet(rules.quantiles, prior_customers=rules.prior.customers, random_state=random_state)
            weight = circumstance_weights(X, elsewhere)[here]
            fitted.wallets[volume.name] = alone.fit(X[here], own[here], weight, prior.at(here))
    return fitted


def elsewhere_value(snapshot: pl.DataFrame, main_here: Floats, fitted: FittedWallets, policy: Wallet) -> ElsewhereValue:
    """Value what customers are thought to give other banks."""
    # `main_here` (n,): Customers whose main bank is here; of them only what links prove counts.
    away = ~np.asarray(main_here, dtype=bool)
    margins = {
        "assets": policy.deposit_margin_annual,
        "spending": policy.card_margin_annual,
        "loans": policy.loan_margin_annual,
    }
    X = fitted.circumstances.features(snapshot) if fitted.wallets else None
    first, mean = np.zeros(snapshot.height), np.zeros(snapshot.height)
    spread = np.zeros((snapshot.height, len(policy.quantiles)))
    for volume in VOLUMES:
        own = _own(snapshot, volume)
        least = own + _proven(snapshot, volume, policy)
        wallet, expected = np.zeros((len(own), len(policy.quantiles))), least.copy()
        if X is not None and away.any():
            prior = fitted.prior(snapshot, volume, policy)
            of_away = None if prior is None else prior.at(away)
            told = _wallets(fitted.wallets[volume.name], X[away], own[away], least[away], of_away)
            wallet[away], expected[away] = told
        values = [margins[volume.name] * wallet_elsewhere(level, own, least) for level in wallet.T]
        first += values[0]
        mean += margins[volume.name] * (expected - own)
        spread += (np.column_stack(values) - values[0][:, None]) ** 2
    return ElsewhereValue(np.asarray(first[:, None] + np.sqrt(spread), dtype=np.float64), mean)


def _wallets(
    model: AnyWallet, X: Floats, own: Floats, least: Floats, prior: SpikedLognormal | None
) -> tuple[Floats, Floats]:
    """Quantiles and means of whole wallets."""
    if isinstance(model, CredibleWallet):
        return model.predict_quantiles_and_mean(X, own, least, prior)
    if isinstance(model, OneBankWallet):
        assert prior is not None  # noqa: S101 - it was fitted with one
        return model.predict_quantiles(X, prior), model.predict_mean(least, prior)
    quantiles = np.asarray(model.predict_quantiles(X), dtype=np.float64)
    return quantiles, np.maximum(quantiles[:, 0], least)  # a model of before there were means


def _own(snapshot: pl.DataFrame, volume: Volume) -> Floats:
    return np.maximum(np.nansum(numbers(snapshot, list(volume.own)), axis=1), 0.0)


def _proven(snapshot: pl.DataFrame, volume: Volume, policy: Wallet) -> Floats:
    shown = np.nan_to_num(numbers(snapshot, [volume.proven])[:, 0])
    if volume.name == "assets":  # pay that is swept on is spent there: it leaves no stock
        shown = shown - STOCK_YEARS * np.nan_to_num(numbers(snapshot, ["swept_inflow_12m"])[:, 0])
    return np.maximum(shown * policy.loan_years_left if volume.name == "loans" else shown, 0.0)

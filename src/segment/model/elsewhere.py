"""What customers are thought to give other banks, in contribution a year.

Volumes of customers whose main bank is here teach what someone in such circumstances has in all (Perlich, Rosset,
Lawrence and Zadrozny, KDD 2007, doi 10.1145/1281192.1281297). Only features that do not depend on the relation are
used: life stage, occupation, household, income around the branch, and the size of a card payment, a sign of income
wherever a customer banks. What is held here then moves the wallet (`segment.wallet.CredibleWallet`) and is taken off.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from segment.model.columns import Floats, numbers
from segment.policy.decisions import Wallet
from segment.wallet import CredibleWallet, WalletRegressor, circumstance_weights, wallet_elsewhere

MAIN_ELSEWHERE = "main_elsewhere"
STOCK_YEARS = 2.0
CATEGORIES = ("life_stage", "occupation")
CIRCUMSTANCES = ["household_size", "typical_card_payment_12m"]

Wallets = dict[str, CredibleWallet | WalletRegressor]


@dataclass(frozen=True)
class Volume:
    """A kind of business that may lie at another bank.

    Attributes
    ----------
    name : str
        Key of its model.
    own : tuple of str
        Columns that sum to what is held here.
    proven : str
        Column of what links prove to lie elsewhere.
    shared : bool
        Whether customers split it between banks, so that what is here tells of what is there. A loan is one bank's.
    """

    name: str
    own: tuple[str, ...]
    proven: str
    shared: bool = True


VOLUMES = (
    Volume("assets", ("deposits_12m", "wealth_12m"), "own_net_out_24m"),
    Volume("spending", ("spend_12m",), "other_bank_card_payments_12m"),
    Volume("loans", ("debt_12m",), "other_bank_loan_payments_12m", shared=False),
)


class Circumstances:
    """Turns a snapshot into features that do not depend on the relation with the bank.

    Parameters
    ----------
    categories : dict of str to list of str
        Known values of each category, in the order of their codes.
    branch_income : dict of str to float
        Mean salary income of a branch's customers whose main bank is here.
    """

    def __init__(self, categories: dict[str, list[str]], branch_income: dict[str, float]) -> None:
        self.categories = categories
        self.branch_income = branch_income

    @classmethod
    def learn(cls, main_here: pl.DataFrame) -> Circumstances:
        """Learn the categories, and the level of income around each branch.

        Parameters
        ----------
        main_here : polars.DataFrame
            Snapshot rows of customers whose main bank is here.

        Returns
        -------
        Circumstances
        """
        known = {name: main_here[name].drop_nulls().unique().sort().to_list() for name in CATEGORIES}
        income = main_here.group_by("branch_id").agg(pl.col("salary_income_12m").mean()).drop_nulls().sort("branch_id")
        return cls(known, dict(income.iter_rows()))

    def features(self, snapshot: pl.DataFrame) -> Floats:
        """Describe customers' circumstances in numbers.

        Parameters
        ----------
        snapshot : polars.DataFrame
            One moment.

        Returns
        -------
        array of float64, shape (n, features)
        """
        codes = [
            pl.col(name).replace_strict(
                {value: float(code) for code, value in enumerate(values)}, default=None, return_dtype=pl.Float64
            )
            for name, values in self.categories.items()
        ]
        around = pl.col("branch_id").replace_strict(self.branch_income, default=None, return_dtype=pl.Float64)
        coded = snapshot.select(*codes, branch_income=around).cast(pl.Float64).fill_null(float("nan")).to_numpy()
        return np.column_stack([coded, numbers(snapshot, CIRCUMSTANCES)])


def fit_wallets(
    snapshot: pl.DataFrame, elsewhere: Floats, states: ArrayLike, policy: Wallet, random_state: int
) -> tuple[Circumstances | None, Wallets]:
    """Learn what customers have in all, from those whose main bank is here.

    Parameters
    ----------
    snapshot : polars.DataFrame
        One moment.
    elsewhere : array of shape (n,)
        Probability that the main bank is elsewhere.
    states : array-like of str, shape (n,)
        State of the main bank; those at `main_elsewhere` teach which part of the wallet such customers keep here.
    policy : Wallet
        Who counts as main-here, how many are needed, and which part of their wallet is here.
    random_state : int
        Seed.

    Returns
    -------
    circumstances : Circumstances or None
    wallets : dict of str to CredibleWallet or WalletRegressor
        By the volume's name; empty where too few customers are main-here: then links alone count.
    """
    here = elsewhere <= policy.main_here_up_to
    if int(here.sum()) < policy.least_main_here:
        return None, {}
    away = np.asarray(states) == MAIN_ELSEWHERE
    circumstances = Circumstances.learn(snapshot.filter(pl.Series(here)))
    X, wallets = circumstances.features(snapshot), Wallets()
    for volume in VOLUMES:
        own = _own(snapshot, volume)
        if volume.shared:
            shared = CredibleWallet(policy.quantiles, main_here_share=policy.main_here_share, random_state=random_state)
            wallets[volume.name] = shared.fit(X, own, elsewhere, here, away)
        else:
            alone = WalletRegressor(policy.quantiles, random_state=random_state)
            wallets[volume.name] = alone.fit(X[here], own[here], circumstance_weights(X, elsewhere)[here])
    return circumstances, wallets


def elsewhere_value(
    snapshot: pl.DataFrame,
    main_here: Floats,
    circumstances: Circumstances | None,
    wallets: Wallets,
    policy: Wallet,
) -> Floats:
    """Value what customers are thought to give other banks.

    Parameters
    ----------
    snapshot : polars.DataFrame
        One moment.
    main_here : array of bool, shape (n,)
        Customers whose main bank is here; of them only what links prove counts.
    circumstances, wallets
        From `fit_wallets`.
    policy : Wallet
        Margins and quantiles.

    Returns
    -------
    array of float64, shape (n, quantiles)
        Book currency a year at each of the policy's quantiles, never negative. The first is the sum of the volumes';
        beyond it volumes count as independent of each other: their distances from the first add in squares.
    """
    margins = {
        "assets": policy.deposit_margin_annual,
        "spending": policy.card_margin_annual,
        "loans": policy.loan_margin_annual,
    }
    X = None if circumstances is None else circumstances.features(snapshot)
    first, beyond = np.zeros(snapshot.height), np.zeros((snapshot.height, len(policy.quantiles)))
    for volume in VOLUMES:
        own = _own(snapshot, volume)
        proven = _proven(snapshot, volume, policy)
        wallet = np.zeros((len(own), len(policy.quantiles)))
        if X is not None:
            wallet = np.where(main_here[:, None], 0.0, _wallet(wallets[volume.name], X, own))
        found = [margins[volume.name] * wallet_elsewhere(level, own, own + proven) for level in wallet.T]
        first += found[0]
        beyond += (np.column_stack(found) - found[0][:, None]) ** 2
    return np.asarray(first[:, None] + np.sqrt(beyond), dtype=np.float64)


def _wallet(model: CredibleWallet | WalletRegressor, X: Floats, own: Floats) -> Floats:
    return model.predict_quantiles(X, own) if isinstance(model, CredibleWallet) else model.predict_quantiles(X)


def _own(snapshot: pl.DataFrame, volume: Volume) -> Floats:
    return np.maximum(np.nansum(numbers(snapshot, list(volume.own)), axis=1), 0.0)


def _proven(snapshot: pl.DataFrame, volume: Volume, policy: Wallet) -> Floats:
    shown = np.nan_to_num(numbers(snapshot, [volume.proven])[:, 0])
    if volume.name == "assets":  # pay that is swept on is spent there: it leaves no stock
        shown = shown - STOCK_YEARS * np.nan_to_num(numbers(snapshot, ["swept_inflow_12m"])[:, 0])
    return np.maximum(shown * policy.loan_years_left if volume.name == "loans" else shown, 0.0)

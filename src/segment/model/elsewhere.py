"""What customers are thought to give other banks, in contribution a year.

Volumes of customers whose main bank is here teach what someone in such circumstances has in all; of that, what is held
here is taken off. Only features that do not depend on the relation are used: life stage, occupation, household, branch,
and loans (Perlich, Rosset, Lawrence and Zadrozny, KDD 2007, doi 10.1145/1281192.1281297).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from segment.model.columns import Floats, numbers
from segment.policy.decisions import Wallet
from segment.wallet import WalletRegressor, covariate_shift_weights, wallet_elsewhere

CATEGORIES = ("life_stage", "occupation")
CIRCUMSTANCES = ["household_size", "instalment_amount_12m", "debt_12m"]


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
    """

    name: str
    own: tuple[str, ...]
    proven: str


VOLUMES = (
    Volume("assets", ("deposits_12m", "wealth_12m"), "own_net_out_24m"),
    Volume("spending", ("spend_12m",), "other_bank_card_payments_12m"),
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
    snapshot: pl.DataFrame, elsewhere: Floats, policy: Wallet, random_state: int
) -> tuple[Circumstances | None, dict[str, WalletRegressor]]:
    """Learn what customers have in all, from those whose main bank is here.

    Parameters
    ----------
    snapshot : polars.DataFrame
        One moment.
    elsewhere : array of shape (n,)
        Probability that the main bank is elsewhere.
    policy : Wallet
        Who counts as main-here, and how many are needed.
    random_state : int
        Seed.

    Returns
    -------
    circumstances : Circumstances or None
    wallets : dict of str to WalletRegressor
        Empty where too few customers are main-here: then links alone count.
    """
    here = elsewhere <= policy.main_here_up_to
    if int(here.sum()) < policy.least_main_here:
        return None, {}
    teachers = snapshot.filter(pl.Series(here))
    circumstances = Circumstances.learn(teachers)
    X, weight = circumstances.features(teachers), covariate_shift_weights(elsewhere[here])
    wallets = {
        volume.name: WalletRegressor(quantiles=policy.quantiles, random_state=random_state).fit(
            X, _own(teachers, volume), sample_weight=weight
        )
        for volume in VOLUMES
    }
    return circumstances, wallets


def elsewhere_value(
    snapshot: pl.DataFrame,
    main_here: Floats,
    circumstances: Circumstances | None,
    wallets: dict[str, WalletRegressor],
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
        Margins.

    Returns
    -------
    array of float64, shape (n,)
        Book currency a year, never negative.
    """
    margins = {"assets": policy.deposit_margin_annual, "spending": policy.card_margin_annual}
    X = None if circumstances is None else circumstances.features(snapshot)
    total = policy.loan_margin_annual * policy.loan_years_left * _column(snapshot, "other_bank_loan_payments_12m")
    for volume in VOLUMES:
        own = _own(snapshot, volume)
        proven = own + _column(snapshot, volume.proven)
        wallet = np.zeros(len(own))
        if X is not None:
            wallet = np.where(main_here, 0.0, wallets[volume.name].predict(X))
        total = total + margins[volume.name] * wallet_elsewhere(wallet, own, proven)
    return total


def _own(snapshot: pl.DataFrame, volume: Volume) -> Floats:
    return np.maximum(np.nansum(numbers(snapshot, list(volume.own)), axis=1), 0.0)


def _column(snapshot: pl.DataFrame, name: str) -> Floats:
    return np.maximum(np.nan_to_num(numbers(snapshot, [name])[:, 0]), 0.0)

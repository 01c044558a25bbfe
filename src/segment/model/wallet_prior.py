"""What a wallet is taken to be by income level and life stage, in multiples of the bank's own figures."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Self

import numpy as np
import polars as pl

from segment.arrays import Flags
from segment.model.model_columns import numbers
from segment.policy import Policy
from segment.policy.wallet import VolumePrior, WalletPrior
from segment.statistics import pooled_median
from segment.wallet import SpikedLognormal

MONTHS_A_YEAR = 12


@dataclass(frozen=True)
class UsualFigures:
    """What is usual at a bank: the yardsticks of the prior."""

    income_12m: float  # Book currency a year
    card_payment: float  # NaN where no payment by card is known

    @classmethod
    def learn(cls, snapshot: pl.DataFrame, main_here: Flags, policy: Policy) -> Self:
        """Take the median salary of those who bank here, drawn to the policy's where they are few."""
        paid = numbers(snapshot, ["salary_income_12m"])[main_here, 0]
        expected = MONTHS_A_YEAR * policy.main_bank.expected_income_month
        income = pooled_median(paid, expected, policy.wallet.prior.salaries)
        payments = numbers(snapshot, ["typical_card_payment_12m"])[:, 0]  # alike wherever a customer banks
        payments = payments[payments > 0.0]
        card_payment = float(np.median(payments)) if len(payments) else float("nan")
        return cls(income, card_payment)

    def to_dict(self) -> dict[str, float]:
        """Return plain values, as a model keeps them."""
        return asdict(self)


def wallet_prior(
    snapshot: pl.DataFrame, volume: VolumePrior, policy: WalletPrior, usual: UsualFigures
) -> SpikedLognormal:
    """Describe the whole wallets of customers before any of them teaches."""
    by_stage = pl.lit(volume.other_stage)
    if "life_stage" in snapshot.columns:
        stage = pl.col("life_stage").cast(pl.String)
        by_stage = stage.replace_strict(volume.by_life_stage, default=volume.other_stage, return_dtype=pl.Float64)
    medians = snapshot.select(pl.repeat(1.0, snapshot.height) * by_stage).to_series().to_numpy()
    payment = numbers(snapshot, ["typical_card_payment_12m"])[:, 0] / usual.card_payment
    low, high = policy.card_payment_bands
    level = np.select([payment < low, payment > high], [0, 2], 1)
    multiple = medians * np.asarray(volume.by_income)[level]
    return SpikedLognormal(multiple * usual.income_12m, volume.spread, volume.held)

"""The business that a customer gives other banks: its worth, and what is taken of it before a bank's own data say."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from segment.policy.section import Money, Section, Share

LIFE_STAGES = ("student", "young", "family", "mid_life", "retired")
Positive = Annotated[float, Field(gt=0)]


class VolumePrior(Section):
    """A whole wallet of one kind in multiples of the bank's own usual income a year.

    Attributes
    ----------
    held : float
        Share of the customers who have any.
    spread : float
        Standard deviation of the logarithm among those of one income level and life stage.
    by_life_stage : table
        Median of those who have any, by the bank's words for a stage of life.
    other_stage : float
        The same for a stage that is not known or not named there.
    by_income : list
        Its multiples for a low, a middle and a high income.
    """

    held: float = Field(default=1.0, gt=0, le=1)
    spread: Positive
    by_life_stage: dict[str, Positive]
    other_stage: Positive
    by_income: tuple[Positive, Positive, Positive]


def _by_stage(*medians: float) -> dict[str, float]:
    return dict(zip(LIFE_STAGES, medians, strict=True))


class WalletPrior(Section):
    """What wallets are taken to be before a bank's own customers say; it holds in any currency.

    Attributes
    ----------
    customers : float
        Customers that it weighs as much as: of n customers who teach, it keeps a weight of customers / (customers + n).
    salaries : float
        Salaries paid here that the policy's `main_bank.expected_income_month` weighs as much as, where the bank's usual
        income is taken.
    card_payment_bands : list
        A customer's usual card payment over the bank's usual one, below which an income counts as low and above which
        as high.
    kept_share, kept_shape : float
        Part of the wallet that customers of other banks keep here, and how uneven it is: the shape of a gamma
        distribution.
    assets, spending, loans : table
        Deposits and wealth, card spending in a year, and debt.
    """

    customers: Positive = 100.0
    salaries: Positive = 10.0
    card_payment_bands: tuple[Positive, Positive] = (0.7, 1.4)
    kept_share: float = Field(default=0.12, gt=0, lt=1)
    kept_shape: Positive = 1.0
    assets: VolumePrior = VolumePrior(
        spread=1.3,
        by_life_stage=_by_stage(0.1, 0.4, 0.9, 1.2, 1.8),
        other_stage=0.9,
        by_income=(0.5, 1.0, 2.0),
    )
    spending: VolumePrior = VolumePrior(
        spread=0.8,
        by_life_stage=_by_stage(0.3, 0.5, 0.5, 0.4, 0.2),
        other_stage=0.4,
        by_income=(0.6, 1.0, 1.7),
    )
    loans: VolumePrior = VolumePrior(
        held=0.4,
        spread=1.0,
        by_life_stage=_by_stage(0.1, 0.9, 1.6, 0.9, 0.3),
        other_stage=1.0,
        by_income=(0.6, 1.0, 1.7),
    )


class Wallet(Section):
    """The business that a customer gives other banks.

    Attributes
    ----------
    deposit_margin_annual, loan_margin_annual, card_margin_annual : float
        What a unit of volume moved here would earn in a year, after the cost that comes with it.
    loan_years_left : float
        Years of instalments that a loan at another bank still runs: its volume is so many years' instalments.
    quantiles : list
        Of the wallet, published beside its mean.
    main_here_up_to : float
        Customers up to this probability teach what a whole wallet is.
    main_here_share : float
        Part of the deposits, wealth and spending of such customers that is here; the rest of their wallet is elsewhere.
    worth_moving_of_reference : float
        Wallet elsewhere that is worth moving, in multiples of the branch's reference contribution, unless a smaller one
        already pays for a contact.
    worth_moving_chance : float
        Chance of such a wallet from which a customer is served as having one.
    worth_moving_top_share : float
        Of the candidates, those with the largest wallets elsewhere are worth moving too.
    prior : table
        What a bank goes by as far as its own customers are too few to say.
    """

    retired: ClassVar[frozenset[str]] = frozenset({"least_main_here"})

    main_here_up_to: Share
    main_here_share: float = Field(gt=0, le=1)
    quantiles: tuple[Annotated[float, Field(gt=0, lt=1)], Annotated[float, Field(gt=0, lt=1)]]
    deposit_margin_annual: float = Field(ge=0, le=1)
    loan_margin_annual: float = Field(ge=0, le=1)
    card_margin_annual: float = Field(ge=0, le=1)
    loan_years_left: float = Field(ge=0)
    worth_moving_of_reference: Money
    worth_moving_chance: float = Field(gt=0, lt=1)
    worth_moving_top_share: Share
    prior: WalletPrior = WalletPrior()

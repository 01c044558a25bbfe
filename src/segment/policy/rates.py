"""Products, and what their balances earn: transfer prices, customers' rates, margins of safety."""

# Amounts are in the policy's book currency, rates are annual fractions (0.018 is 1.8 %).

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from segment.exceptions import ValueFault
from segment.policy.section import Day, Money, Rate, Section, Share

DayCount = Literal["act/360", "act/365", "30/360"]


class Curve(Section):
    """A funds-transfer-pricing curve: one rate per tenor, from a day on.

    Attributes
    ----------
    effective_on : datetime.date
        First day on which the curve holds.
    tenor_months : tuple of float
        Ascending; 0 is overnight. Between tenors the rate is linear, outside it is flat.
    rate_annual : tuple of float
        One per tenor.
    """

    effective_on: Day
    tenor_months: tuple[float, ...] = Field(min_length=1)
    rate_annual: tuple[Rate, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _tenors_ascend_and_match(self) -> Self:
        if len(self.tenor_months) != len(self.rate_annual):
            raise ValueFault.of("errors.policy.curve_length")
        if any(tenor < 0 for tenor in self.tenor_months):
            raise ValueFault.of("errors.policy.tenor_negative")
        if list(self.tenor_months) != sorted(set(self.tenor_months)):
            raise ValueFault.of("errors.policy.tenor_order")
        return self


class Ftp(Section):
    """Funds transfer pricing.

    Attributes
    ----------
    method : {"matched", "pool"}
        `matched` reads the curve at the product's tenor; `pool` uses `pool_rate_annual` for everything.
    pool_rate_annual : float
        The single rate of the pool method.
    max_curve_age_days : int
        Oldest curve that may price a day. A bank that feeds daily curves sets 10.
    core_average_months : int
        Months of the moving average that the core of non-maturity deposits earns.
    curves : tuple of Curve
        In any order; sorted by `effective_on` when read.
    """

    method: Literal["matched", "pool"]
    pool_rate_annual: Rate
    max_curve_age_days: int = Field(ge=1)
    core_average_months: int = Field(ge=1)
    curves: tuple[Curve, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _one_curve_a_day(self) -> Self:
        days = [curve.effective_on for curve in self.curves]
        if len(days) != len(set(days)):
            raise ValueFault.of("errors.policy.curves_same_day")
        return self


class DepositSide(Section):
    """How a positive balance of a product earns.

    Attributes
    ----------
    rate_annual : float
        What the customer earns where `balances.interest_rate_annual` is null.
    tenor_months : float
        Tenor on the curve, for the part that is not core.
    fixed_at : {"origination", "month"}
        Curve day: the day the account was opened, or the month's first day.
    core_share : float
        Part of the balance that earns the moving average at `core_tenor_months`.
    core_tenor_months : float
        Tenor of the core.
    reserve_cost_annual : float
        Cost of required reserves and liquidity, subtracted from the margin.
    """

    rate_annual: Rate
    tenor_months: float = Field(ge=0)
    fixed_at: Literal["origination", "month"]
    core_share: Share = 0.0
    core_tenor_months: float = Field(default=0.0, ge=0)
    reserve_cost_annual: Rate = 0.0


class DebtSide(Section):
    """How a negative balance of a product earns, and what risk it carries.

    Attributes
    ----------
    rate_annual : float
        What the customer pays where `balances.interest_rate_annual` is null.
    tenor_months : float
        Weighted-average life on the curve.
    fixed_at : {"origination", "month"}
        Curve day: the day the account was opened, or the month's first day.
    liquidity_premium_annual : float
        Added to the funding cost.
    default_probability_12m : float
        Through-the-cycle probability of default within twelve months.
    loss_given_default : float
        Share of the exposure lost in a default.
    risk_weight : float
        Of risk-weighted assets to exposure.
    """

    rate_annual: Rate
    tenor_months: float = Field(ge=0)
    fixed_at: Literal["origination", "month"]
    liquidity_premium_annual: Rate = 0.0
    default_probability_12m: Share
    loss_given_default: Share
    risk_weight: float = Field(ge=0)


class Product(Section):
    """One product of the ledger.

    Attributes
    ----------
    family : {"deposit", "wealth", "loan", "card", "insurance"}
        What the product is to the customer. `interest_rate_annual` of a balance is read as the deposit's rate for
        `deposit` and `wealth`, and as the debt's rate for `loan` and `card`.
    day_count : {"act/360", "act/365", "30/360"}
        Fraction of a year that a month is.
    fixed_cost_month : float
        Cost of an open account a month, in `full` only.
    trail_fee_annual : float
        Fee on assets under management, of the average positive balance.
    deposit, debt : optional
        The two sides. A balance on a side that the product does not have earns and costs nothing.
    """

    family: Literal["deposit", "wealth", "loan", "card", "insurance"]
    day_count: DayCount
    fixed_cost_month: Money
    trail_fee_annual: Rate = 0.0
    deposit: DepositSide | None = None
    debt: DebtSide | None = None

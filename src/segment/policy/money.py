"""Fees, unit costs, risk and capital."""

# Amounts are in the policy's book currency, rates are annual fractions (0.018 is 1.8 %).

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from segment.exceptions import ValueFault
from segment.policy.section import Money, Rate, Section, Share


class Interchange(Section):
    """What the bank keeps of a card payment, before VAT.

    Attributes
    ----------
    debit_rate, credit_rate : float
        Of the payment; `credit` for products of the family `card`.
    debit_cap : float
        Most that a debit payment brings.
    paid_away_share : float
        Of the interchange: scheme fees, rewards, third parties.
    """

    debit_rate: Share
    debit_cap: Money
    credit_rate: Share
    paid_away_share: Share


class Commission(Section):
    """Up-front commissions, where no other bank is the counterparty.

    Attributes
    ----------
    insurance_premium_rate, investment_buy_rate : float
        Of the amount.
    spread_months : int
        Months that a commission is spread over for the tiers, so that one sale does not make a tier.
    """

    insurance_premium_rate: Share
    investment_buy_rate: Share
    spread_months: int = Field(ge=1, le=36)


class Fees(Section):
    """Fee income net of VAT and of what is paid away."""

    vat_rate: Share
    interchange: Interchange
    commission: Commission


class TransactionCosts(Section):
    """Cost of one transaction by channel.

    Attributes
    ----------
    atm_other_bank : float
        A cash withdrawal at another bank's machine.
    """

    counter: Money
    atm: Money
    atm_other_bank: Money
    pos: Money
    mobile: Money
    online: Money
    phone: Money
    automatic: Money


class ServiceEventCosts(Section):
    """Cost of one service event by channel, and of an adviser's minute.

    Attributes
    ----------
    adviser_minute, adviser_minutes_if_unknown : float
        Cost of a minute, and minutes of a meeting where none are recorded.
    """

    counter: Money
    atm: Money
    pos: Money
    mobile: Money
    online: Money
    phone: Money
    automatic: Money
    adviser: Money
    adviser_minute: Money
    adviser_minutes_if_unknown: Money


class Overhead(Section):
    """Cost that one customer more or less would not change; in `full` only.

    Attributes
    ----------
    per_account_month, per_manual_event : float
        Head office: per open account and month, and per counter, phone or adviser event.
    branch_minutes_month : float
        Practical capacity of a branch in minutes a month; 0 leaves `branches.monthly_overhead` out, because the unit
        costs above already carry premises and staff.
    minutes_per_counter_event : float
        Minutes that a counter event uses of that capacity. Unused minutes stay with the branch.
    """

    per_account_month: Money
    per_manual_event: Money
    branch_minutes_month: Money
    minutes_per_counter_event: Money


class Costs(Section):
    """Cost to serve, time-driven and by event.

    Attributes
    ----------
    complaint : float
        Handling one, in the month in which it begins.
    """

    complaint: Money
    transaction: TransactionCosts
    service_event: ServiceEventCosts
    overhead: Overhead


class Risk(Section):
    """When a debt is in arrears and in default, and when it has left them.

    Attributes
    ----------
    technical_days_past_due : int
        Up to so many days nothing counts as overdue.
    arrears_days_past_due, default_days_past_due : int
        From here on a debt is in arrears, and in default: the loss given default is booked, once.
    material_debt : float
        Debts below it are in no default: the ledger tells days past due, not the amount that is due.
    cure_months : int
        Months in a row, after the month of the payment, in which nothing may be overdue before arrears or default end.
    write_off_days_past_due : dict of str to int
        By product: from so many days on a debt in default is written off. A product that is not named is written off
        where the ledger shows it: past due still, and its debt or its account is gone.
    written_off_months : int
        Months for which a customer stays in default after a write-off, whose claim is kept.
    """

    technical_days_past_due: int = Field(default=7, ge=0)
    arrears_days_past_due: int = Field(default=30, ge=1)
    default_days_past_due: int = Field(ge=1)
    material_debt: Money = 0.0
    cure_months: int = Field(default=6, ge=1)
    write_off_days_past_due: dict[str, Annotated[int, Field(ge=1)]] = {}
    written_off_months: int = Field(default=60, ge=0)

    @model_validator(mode="after")
    def _worse_comes_later(self) -> Self:
        days = (self.technical_days_past_due, self.arrears_days_past_due, self.default_days_past_due)
        if not days[0] < days[1] <= days[2]:
            raise ValueFault.of("errors.policy.days_past_due", technical=days[0], arrears=days[1], default=days[2])
        return self


class Capital(Section):
    """Cost of equity on risk-weighted assets.

    Attributes
    ----------
    ratio : float
        Equity per unit of risk-weighted assets.
    cost_of_equity_annual, risk_free_annual : float
        Their difference is what a unit of equity costs.
    """

    ratio: Share
    cost_of_equity_annual: Share
    risk_free_annual: Rate

    @property
    def spread_annual(self) -> float:
        """Cost of a unit of risk-weighted assets for a year."""
        return self.ratio * (self.cost_of_equity_annual - self.risk_free_annual)


class Reconciliation(Section):
    """Largest unallocated remainder of a line, as a share of the ledger's total, and what to do beyond it."""

    net_interest: Share
    fees: Share
    cost_to_serve: Share
    expected_loss: Share
    beyond_tolerance: Literal["fail", "warn"]

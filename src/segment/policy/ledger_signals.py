"""How a ledger's bookings become signals of where a main bank is (DOMAIN.md 2.2)."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from segment.exceptions import ValueFault
from segment.policy.section import Section, Share

Days = Annotated[int, Field(ge=0, le=14)]
"""Bookings of a month are read from fourteen days before it on."""

Positive = Annotated[float, Field(gt=0)]


class LedgerSignals(Section):
    """Figures by which signals are read, before they are weighed.

    Attributes
    ----------
    regular_from_months : int
        Of the last six: months with a payment from which it is regular, and months on record from which a signal is
        known.
    salary_variation, loan_variation : float
        Most that a salary without a code, and a loan's instalment at another bank, vary: standard deviation over mean.
    card_variation : float
        Least that a card's bills at another bank vary: what varies less is an insurance, a subscription or a plan.
    income_from_months : int
        Of the last six: months with a salary from which a customer tells what income is usual here.
    no_salary_below_months : float
        Of the last six: months of salary that stays here from which a customer is not taken to have none.
    bill_kinds : float
        Kinds of bills a month that a main bank pays.
    logins_month : float
        Sessions a month at a main bank.
    spent_of_income : float
        Part of the expected income that a customer spends by card and phone.
    sweep_days : int
        Days after a large inflow within which money that leaves is swept.
    large_inflow_share : float
        Of a month's money from outside: from here on a day's inflow is large.
    forwarded_share : float
        Of a day's inflow: from here on one transfer to another bank, whoever holds the account there, forwards it.
    funded_within_days : int
        Days before an instalment within which money from elsewhere funds it.
    funded_share : list
        Least and most of the instalment that such money is.
    drain_days : int
        Days after matured principal within which money that leaves drains it.
    paired_within_days : int
        Days between the two ends of a transfer within this bank.
    emptied_share : float
        Of what is on an account: from here on a transfer to the own account elsewhere empties it.
    fed_share_of_main : float
        Of a month's inflow, the part that may come from own accounts elsewhere in a month in which this is the main
        bank: who feeds an account lives on another.
    """

    regular_from_months: int = Field(default=3, ge=1, le=6)
    salary_variation: float = Field(default=0.25, ge=0)
    loan_variation: float = Field(default=0.02, ge=0)
    card_variation: float = Field(default=0.10, ge=0)
    income_from_months: int = Field(default=4, ge=1, le=6)
    no_salary_below_months: float = Field(default=2.0, gt=0, le=6)
    bill_kinds: Positive = 4.0
    logins_month: Positive = 8.0
    spent_of_income: Positive = 0.55
    sweep_days: Days = 3
    large_inflow_share: Share = 0.30
    forwarded_share: Share = 0.50
    funded_within_days: Days = 3
    funded_share: tuple[Positive, Positive] = (0.95, 1.10)
    drain_days: Days = 10
    paired_within_days: Days = 3
    emptied_share: Share = 0.80
    fed_share_of_main: Share = 0.25

    @model_validator(mode="after")
    def _least_below_most(self) -> Self:
        if self.funded_share[0] > self.funded_share[1]:
            raise ValueFault.of("errors.policy.funded_share")
        return self

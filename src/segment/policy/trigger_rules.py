"""Dated events of the bank's own books that set a contact off, and what they say of the chance that it brings."""

from __future__ import annotations

from typing import Final, Literal, Self

from pydantic import Field, model_validator

from segment.exceptions import ValueFault
from segment.policy.section import Money, Section, Share

Event = Literal[
    "deposit_matures",
    "salary_stopped",
    "salary_began",
    "large_inflow",
    "loan_paid_off",
    "balance_falling",
    "complaint_closed",
]

Aim = Literal["main_account_here", "grows", "stays", "cheaper_ways"]
"""What counts as a move of a programme."""


class TriggerEvidence(Section):
    """What an event says of the chance of an offer.

    Attributes
    ----------
    log_odds : float
        That it adds before any outcome is known.
    moves : tuple of str
        It counts in the programmes whose ``moved_when`` is one of these.
    """

    log_odds: float = Field(ge=0.0, le=3.0)
    moves: tuple[Aim, ...] = Field(min_length=1)


def _prior(*moves: Aim) -> TriggerEvidence:
    return TriggerEvidence(log_odds=0.65, moves=moves)


_PRIOR: Final[dict[Event, TriggerEvidence]] = {
    "deposit_matures": _prior("grows", "stays"),
    "salary_stopped": _prior("stays"),
    "salary_began": _prior("main_account_here", "grows"),
    "large_inflow": _prior("main_account_here", "grows", "stays"),
    "loan_paid_off": _prior("grows", "stays"),
    "balance_falling": _prior("stays"),
    "complaint_closed": _prior("stays"),
}


class Triggers(Section):
    """When an event is one, how long it is good for, and what it is evidence of (DOMAIN.md 3.6 and 3.8).

    Attributes
    ----------
    good_for_days : int
        Days after an event in which it sets a contact off; one that lies ahead is good until its day.
    least_days_left : int
        Days that an event must be good for on the list's date, so that somebody can be contacted in time.
    most_log_odds : float
        That all events of a customer add together.
    matures_within_days : int
        Days ahead in which a deposit's last day is an event.
    missed_pay_days : int
        Months without a salary after which it has stopped.
    regular_pay_months : int
        Months with a salary before, of one that stopped; months without one before, of one that began.
    inflow_times : float
        How many times the usual month's money from outside is a large inflow.
    usual_months : int
        Months whose median is the usual one.
    falling_months : int
        Months in a row in which a balance falls.
    falling_share : float
        Share of itself by which it falls in each.
    least_amount : float
        A smaller inflow, deposit or balance is no event.
    complaint_closed_days : tuple of int
        First and last day after a complaint has ended. A complaint that still rests (``complaint_rest_days``) keeps its
        customer off every list all the same.
    evidence : dict of str to TriggerEvidence
        By event; one that is left out is none.
    """

    good_for_days: int = Field(default=60, ge=1, le=365)
    least_days_left: int = Field(default=7, ge=0)
    most_log_odds: float = Field(default=1.3, ge=0.0)
    matures_within_days: int = Field(default=45, ge=1, le=365)
    missed_pay_days: int = Field(default=2, ge=1, le=12)
    regular_pay_months: int = Field(default=3, ge=1, le=12)
    inflow_times: float = Field(default=3.0, gt=1.0)
    usual_months: int = Field(default=6, ge=1, le=24)
    falling_months: int = Field(default=3, ge=1, le=12)
    falling_share: Share = 0.2
    least_amount: Money = 1000.0
    complaint_closed_days: tuple[int, int] = (30, 90)
    evidence: dict[Event, TriggerEvidence] = _PRIOR

    @model_validator(mode="after")
    def _days_ascend(self) -> Self:
        if not 0 <= self.complaint_closed_days[0] <= self.complaint_closed_days[1]:
            raise ValueFault.of("errors.policy.complaint_days")
        return self

"""For how long what names a customer is kept, and what stops an erasure."""

from __future__ import annotations

from pydantic import Field

from segment.policy.section import Section


class Retention(Section):
    """Periods of keeping, and the rights of customers (DOMAIN.md 5: PIPL, GDPR).

    Attributes
    ----------
    snapshot_months : int
        Snapshots, counted from their moment.
    customer_month_months : int
        Customer months. Features look back two years and targets ahead one, so a model needs at least 37 months.
    published_months : int
        Published moments, and versions that a later one replaced.
    list_months : int
        Analytics copies of lists, copies of released files, and draws of control arms.
    outcome_months : int
        Outcomes of lists. A wish never to be contacted stays.
    report_months : int
        Reports of runs whose moment is published no more.
    quarantine_days : int
        Rows set aside.
    decision_years : int
        Reviews that were decided, overrides that have ended, objections that were taken back; at least three years,
        which PIPL art. 56 asks of records of automated decisions. The chain of records itself is never cut.
    erasure_held_by : tuple of str
        Contact rules that stop an erasure while they are in force.
    objection_hours : float
        Within which an objection must take effect.
    contact : str
        Where a customer turns: the bank's data protection contact.
    review : str
        How a customer gets a person to look at a decision.
    """

    snapshot_months: int = Field(default=36, ge=1)
    customer_month_months: int = Field(default=61, ge=37)
    published_months: int = Field(default=36, ge=13)
    list_months: int = Field(default=36, ge=13)
    outcome_months: int = Field(default=36, ge=13)
    report_months: int = Field(default=36, ge=1)
    quarantine_days: int = Field(default=180, ge=1)
    decision_years: int = Field(default=3, ge=3)
    erasure_held_by: tuple[str, ...] = ("litigation", "aml_hold")
    objection_hours: float = Field(default=24.0, gt=0.0)
    contact: str = Field(default="the bank's data protection officer, at any branch", min_length=1)
    review: str = Field(default="ask at any branch; a person who may change the decision looks at it", min_length=1)

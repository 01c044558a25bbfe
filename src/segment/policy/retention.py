"""For how long what names a customer is kept, and what stops an erasure."""

from __future__ import annotations

from pydantic import Field

from segment.policy.section import Section


class Retention(Section):
    """Periods of keeping (DOMAIN.md 5: PIPL, GDPR).

    Reviews that were decided, overrides that have ended and objections that were taken back stay for the years of the
    law in force (`Policy.law_in_force`); the chain of records itself is never cut.

    Attributes
    ----------
    snapshot_months : int
        Snapshots, counted from their date.
    customer_month_months : int
        Customer months. Features look back two years and targets ahead one, so a model needs at least 37 months.
    published_months : int
        Published dates, and versions that a later one replaced.
    list_months : int
        Analytics copies of lists, copies of released files, and draws of control arms whose customer is on none since.
    outcome_months : int
        Outcomes of lists, and who was in a trial of service, from its end. A wish never to be contacted stays.
    report_months : int
        Reports of runs whose date is published no more.
    quarantine_days : int
        Rows set aside.
    erasure_held_by : tuple of str
        Contact rules that stop an erasure while they are in force.
    """

    snapshot_months: int = Field(default=36, ge=1)
    customer_month_months: int = Field(default=61, ge=37)
    published_months: int = Field(default=36, ge=13)
    list_months: int = Field(default=36, ge=13)
    outcome_months: int = Field(default=36, ge=13)
    report_months: int = Field(default=36, ge=1)
    quarantine_days: int = Field(default=180, ge=1)
    erasure_held_by: tuple[str, ...] = ("litigation", "aml_hold")

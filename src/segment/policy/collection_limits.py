"""Limits on contacts with customers in arrears (DOMAIN.md 3.10): of collecting, not of marketing."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field

from segment.policy.section import Section

Hour = Annotated[int, Field(ge=0, le=23)]
Count = Annotated[int, Field(ge=1)]


class CollectionLimits(Section):
    """What a jurisdiction, or a code of its banks, says; what it does not say is left out.

    Attributes
    ----------
    quiet_from, quiet_until : int
        Hours of the day between which nobody is contacted.
    tries_a_day : int
        Most unanswered tries to reach a number on a day.
    talks_a_day : int
        Most talks on a day.
    calls_in_seven_days : int
        Most calls in seven days.
    rest_days_after_talk : int
        Days without a call after a talk.
    tries_before_third_persons : int
        Failed tries before anybody else may be asked, and then for contact data alone.
    statement_every_days : int
        Most days from one statement of the arrears to the next.
    debits_a_month : int
        Most tries to debit an instalment in a month.
    forbearance_first : bool
        Whether forbearance is offered before anything is enforced.
    source : str
        Where it was read.
    """

    quiet_from: Hour | None = None
    quiet_until: Hour | None = None
    tries_a_day: Count | None = None
    talks_a_day: Count | None = None
    calls_in_seven_days: Count | None = None
    rest_days_after_talk: Count | None = None
    tries_before_third_persons: Count | None = None
    statement_every_days: Count | None = None
    debits_a_month: Count | None = None
    forbearance_first: bool = False
    source: str = Field(min_length=1)

    @property
    def in_force(self) -> dict[str, int]:
        """Limits that are set, by name, in the order above; the quiet hours are one, from their first hour."""
        names = [name for name in type(self).model_fields if name not in ("source", "quiet_until")]
        return {name: int(value) for name in names if (value := getattr(self, name))}


NO_LIMITS: Final = CollectionLimits(source="-")

"""Limits on contacts with customers in arrears (DOMAIN.md 3.10): of collecting, not of marketing."""

from __future__ import annotations

from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from segment.exceptions import ValueFault
from segment.policy.section import Section

Hour = Annotated[int, Field(ge=0, le=23)]
Count = Annotated[int, Field(ge=1)]
_STRICTER_BELOW: Final = ("tries_a_day", "talks_a_day", "calls_in_seven_days", "statement_every_days", "debits_a_month")
_STRICTER_ABOVE: Final = ("rest_days_after_talk", "tries_before_third_persons")
"""A bank may only be stricter than its law, which is less of the first and more of the second."""


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

    def stricter_with(self, own: CollectionLimits) -> CollectionLimits:
        """Put a bank's own limits in the place of these, where it has one."""
        given = {name: value for name in type(self).model_fields if (value := getattr(own, name))}
        return self.model_copy(update={**given, "source": f"{self.source}; {own.source}"})

    def laxer_in(self, own: CollectionLimits) -> list[str]:
        """Name what of a bank's own limits is laxer than these."""
        laxer = [
            name
            for names, sign in ((_STRICTER_BELOW, 1), (_STRICTER_ABOVE, -1))
            for name in names
            if None not in (value := getattr(own, name), border := getattr(self, name)) and (value - border) * sign > 0
        ]
        return [*laxer, *(["quiet_from"] if own.quiet_hours and not self.quiet_hours <= own.quiet_hours else [])]

    @property
    def quiet_hours(self) -> frozenset[int]:
        """Hours of the day in which nobody is contacted."""
        if self.quiet_from is None or self.quiet_until is None:
            return frozenset()
        return frozenset((self.quiet_from + hour) % 24 for hour in range((self.quiet_until - self.quiet_from) % 24))

    @model_validator(mode="after")
    def _quiet_hours_have_an_end(self) -> Self:
        if (self.quiet_from is None) != (self.quiet_until is None):
            raise ValueFault.of("errors.policy.quiet_hours")
        return self

    @property
    def in_force(self) -> dict[str, int]:
        """Limits that are set, by name, in the order above; the quiet hours are one, from their first hour."""
        names = [name for name in type(self).model_fields if name not in ("source", "quiet_until")]
        return {name: int(value) for name in names if (value := getattr(self, name))}


NO_LIMITS: Final = CollectionLimits(source="-")

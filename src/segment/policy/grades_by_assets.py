"""Grades by assets that a bank publishes beside its tiers, each with its own rules of rising and falling."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from segment.exceptions import ValueFault
from segment.policy.section import Section


class AssetGrade(Section):
    """One grade (DOMAIN.md 4.6).

    Attributes
    ----------
    from_assets : float
        Monthly mean assets from which it is reached.
    up_months : int
        Months in a row that must reach it; it is given from the next month on.
    down_months : int
        Months in a row below it after which it is lost, from the next month on.
    """

    from_assets: float = Field(gt=0)
    up_months: int = Field(default=1, ge=1)
    down_months: int = Field(default=3, ge=1)


class AssetGrades(Section):
    """Grades by monthly mean assets: deposits and wealth, each product's balance where it is positive.

    Attributes
    ----------
    notice_before_down : int
        Months before a grade is lost from which the customer is to be told.
    grades : table
        By name; the highest that is held is the customer's.
    """

    notice_before_down: int = Field(default=1, ge=0)
    grades: Annotated[dict[str, AssetGrade], Field(min_length=1)]

    @model_validator(mode="after")
    def _apart(self) -> Self:
        steps = [grade.from_assets for grade in self.grades.values()]
        if len(set(steps)) < len(steps):
            raise ValueFault.of("errors.policy.grade_assets")
        return self

    @property
    def ascending(self) -> list[tuple[str, AssetGrade]]:
        """Names and grades, the lowest first."""
        return sorted(self.grades.items(), key=lambda named: named[1].from_assets)

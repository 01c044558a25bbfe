"""A standing trial of the service plan: whether a tier served better, or less well, brings more or is lost less."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from segment.dates import month_end, next_month
from segment.exceptions import ValueFault
from segment.policy.decisions import Tier
from segment.policy.section import Day, Section, Share
from segment.policy.service import SUB_STATES

Way = Literal["up", "down"]
WAYS: tuple[Way, ...] = ("up", "down")
ORDER = tuple(SUB_STATES)
"""Tiers, best first."""

SmallShare = Annotated[float, Field(gt=0.0, le=0.05)]


class Trial(Section):
    """A small random share of households served one tier better or less well than theirs; the tier itself stays.

    Attributes
    ----------
    name : str
        A new name is a new trial, with a draw of its own.
    owner : str
        Who answers for it.
    up, down : tuple of str
        Tiers of which some customers are served as the next better, or the next lower, tier. A tier is tried one way.
    up_share, down_share : float
        Share of the households that may be drawn which are.
    floor : str
        The lowest tier as which the trial serves anyone.
    reviewed_by : str
        Who reviewed the service of loss-making customers for those of a better tier; needed for that floor alone.
    noticed_on : datetime.date, optional
        Day on which high-value customers were notified that their service may change. Needed where `down` holds their
        tier, `tiers.stability.notice_days` or more before `starts_on`.
    months : int
        Full months for which a household is served so, and over which the effect is measured.
    starts_on, ends_on : datetime.date
        First and last day. Nobody is drawn whose months would end later.
    expected_lost_share : float
        Of customers in those months, for what the trial can show, printed before launch.

    References
    ----------
    DOMAIN.md 3.3 (randomised, persistent, intention to treat), 4.1 (nobody is served as loss-making without review, no
    high-value customer less well without notice).
    """

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")
    owner: str = Field(min_length=1)
    up: tuple[Tier, ...] = ()
    down: tuple[Tier, ...] = ()
    up_share: SmallShare = 0.02
    down_share: SmallShare = 0.01
    floor: Tier = "break_even"
    reviewed_by: str = ""
    noticed_on: Day | None = None
    months: int = Field(default=6, ge=1, le=24)
    starts_on: Day
    ends_on: Day
    expected_lost_share: Share = 0.03

    @model_validator(mode="after")
    def _one_step_each(self) -> Self:
        if not self.up and not self.down:
            raise ValueFault.of("errors.policy.trial_tier")
        both = sorted(set(self.up) & set(self.down))
        if both:
            raise ValueFault.of("errors.policy.trial_both", both=both)
        if ORDER[0] in self.up or ORDER[-1] in self.down:
            raise ValueFault.of("errors.policy.trial_ends", top=ORDER[0], bottom=ORDER[-1])
        return self

    @model_validator(mode="after")
    def _nobody_below_the_floor(self) -> Self:
        below = [tier for tier in self.down if ORDER.index(self.steps["down"][tier]) > ORDER.index(self.floor)]
        if below:
            raise ValueFault.of("errors.policy.trial_floor", floor=self.floor, below=below)
        if self.floor == ORDER[-1] and not self.reviewed_by.strip():
            raise ValueFault.of("errors.policy.floor_reviewed", floor=ORDER[-1])
        return self

    @model_validator(mode="after")
    def _long_enough(self) -> Self:
        if self.until(self.starts_on) > self.ends_on:
            raise ValueFault.of("errors.policy.trial_months", months=self.months)
        return self

    def noticed_in_time(self, days: int) -> bool:
        """Tell whether high-value customers who may be served less well know it for long enough.

        Parameters
        ----------
        days : int
            Of notice.

        Returns
        -------
        bool
        """
        if ORDER[0] not in self.down or not days:
            return True
        return self.noticed_on is not None and self.noticed_on + dt.timedelta(days=days) <= self.starts_on

    @property
    def steps(self) -> dict[Way, dict[str, str]]:
        """As which tier each way serves each tier that it tries."""
        return {
            "up": {tier: ORDER[ORDER.index(tier) - 1] for tier in self.up},
            "down": {tier: ORDER[ORDER.index(tier) + 1] for tier in self.down},
        }

    @property
    def shares(self) -> dict[Way, float]:
        """Share drawn, by way."""
        return {"up": self.up_share, "down": self.down_share}

    def until(self, as_of: dt.date) -> dt.date:
        """Last day of the months of those who are drawn on a date.

        Parameters
        ----------
        as_of : datetime.date
            The date.

        Returns
        -------
        datetime.date
            The last day of a month.
        """
        return month_end(next_month(as_of, self.months))

    def draws_on(self, as_of: dt.date) -> bool:
        """Say whether households are drawn on a date.

        Parameters
        ----------
        as_of : datetime.date
            The date.

        Returns
        -------
        bool
        """
        return self.starts_on <= as_of and self.until(as_of) <= self.ends_on

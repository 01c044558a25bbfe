"""What a plan's promises are checked against: when people come, and what of a manager's week goes to contacts."""

from __future__ import annotations

from pydantic import Field

from segment.policy.section import Section, Share


class Waiting(Section):
    """How the promises of a service plan are checked.

    Attributes
    ----------
    kept_share : float
        Share of the customers of a group for whom a promise must be kept.
    open_days_week : int
        Days in a week that a branch is open.
    day_profile : tuple of float
        Share of a day's visits in equal parts of the open day, as far as the ledger does not tell the time.
    profile_visits : float
        Visits of a branch whose time is known that this profile weighs as much as.
    fast_lane_most_longer : float
        By how much of the ninth decile others may wait longer for the fast lane.
    contact_share : float
        Part of a manager's hours for contacts and complaints.
    complaint_minutes : float
        Work on a complaint.
    """

    kept_share: Share = 0.8
    open_days_week: int = Field(default=5, ge=1, le=7)
    day_profile: tuple[Share, ...] = (0.12, 0.17, 0.16, 0.10, 0.09, 0.13, 0.13, 0.10)
    profile_visits: float = Field(default=200.0, gt=0)
    fast_lane_most_longer: Share = 0.1
    contact_share: Share = 0.6
    complaint_minutes: float = Field(default=60.0, gt=0)

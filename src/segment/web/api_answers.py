"""What the API answers: typed rows, and problems as RFC 9457 has them."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final, Self

from pydantic import BaseModel, Field

from segment.jobs.lists.week import WeekContacts


class Problem(BaseModel):
    """What went wrong, and what to do; never whose data it was about."""

    type: str = "about:blank"
    title: str = Field(examples=["Not allowed"])
    status: int = Field(examples=[403])
    detail: str = ""


_TITLES: Final = {
    401: "Not signed in",
    403: "Not allowed",
    404: "Not found",
    413: "Too large",
    422: "Refused",
    429: "Too many requests",
    503: "Not now",
}
ERRORS: Final[dict[int | str, dict[str, Any]]] = {
    status: {"description": title, "content": {"application/problem+json": {"schema": Problem.model_json_schema()}}}
    for status, title in _TITLES.items()
}


def problem(status: int, detail: str = "") -> Problem:
    """Say what went wrong."""
    return Problem(title=_TITLES.get(status, "Failed"), status=status, detail=detail)


class PublishedTiers(BaseModel):
    """What is published."""

    as_of: dt.date = Field(examples=["2025-12-31"])
    version: int = Field(examples=[12])


class TierCount(BaseModel):
    """Customers of a branch and tier who were in one tier before."""

    branch_id: str
    tier: str
    previous_tier: str | None
    customers: int
    contribution_12m: float
    main_bank_elsewhere: int
    wallet_elsewhere_12m: float | None


class TierSums(PublishedTiers):
    """Sums by branch and tier."""

    tiers: list[TierCount]


class CustomerRow(BaseModel):
    """A customer's figures."""

    customer_id: str = Field(examples=["C000123"])
    branch_id: str
    tier: str
    sub_state: str | None
    contribution_12m: float
    future_value_12m: float | None
    chance_of_lower_tier: float | None
    main_bank_elsewhere: bool
    wallet_elsewhere_12m: float | None
    upgrade_potential_12m: float
    previous_tier: str | None
    tier_since: str | None


class CustomerList(PublishedTiers):
    """A page of customers."""

    customers: list[CustomerRow]
    next: str | None = Field(None, description="Cursor of the next page, of this version of the tiers; none: the last")


class ListPart(BaseModel):
    """A branch's part of a list."""

    list_id: str
    as_of: dt.date | None
    branch_id: str
    customers: int
    expected_net_gain_12m: float | None
    expires_on: dt.date | None
    released_on: str | None
    released_by: str | None


class ListParts(BaseModel):
    """Lists that are kept."""

    lists: list[ListPart]


class Contact(BaseModel):
    """Somebody to contact."""

    list_id: str
    customer_id: str
    due: str = Field(description="`today`, `this_week`, `later` or `done`")
    rm_id: str | None
    channel: str | None
    bundle_name: str | None
    say: str | None
    do_not_say: str | None
    expires_on: dt.date
    response: str | None


class Contacts(BaseModel):
    """A branch's week."""

    branch: str
    withdrawn: int = Field(description="Approved rows that a contact rule keeps out by now")
    contacts: list[Contact]

    @classmethod
    def of(cls, branch: str, found: WeekContacts) -> Self:
        """Take it from the job."""
        rows = [Contact(**{name: row[name] for name in Contact.model_fields}) for row in found.rows.to_dicts()]
        return cls(branch=branch, withdrawn=found.withdrawn, contacts=rows)


class OutcomeCounts(BaseModel):
    """What became of outcomes."""

    added: int
    changed: int
    same: int
    older: int
    refused: dict[str, int] = Field(description="Rows that were not taken, by what is wrong with them")


class RunPart(BaseModel):
    """A run of `segment refresh`, and how it ended."""

    run_id: str = Field(examples=["refresh-2025-12-31-0a1b2c3d4e5f"])
    as_of: dt.date = Field(examples=["2025-12-31"])
    started_at: dt.datetime
    status: str = Field(examples=["published"])
    failed_gates: list[str]


class RunList(BaseModel):
    """Runs, the newest first."""

    runs: list[RunPart]


class PlanPart(BaseModel):
    """What a group of a branch's customers gets."""

    tier: str
    sub_state: str
    customers: int
    target_customers: int | None
    fast_lane: bool
    counter_wait_minutes: float | None
    decision_days: float | None
    contact_every_days: int | None
    advisers_needed: float | None
    budget: float
    tariff_items: list[str]
    bundles: list[str]
    staff: str | None
    skills: list[str]


class ServicePlanOfBranch(BaseModel):
    """A branch's service plan."""

    branch_id: str
    as_of: dt.date
    groups: list[PlanPart]

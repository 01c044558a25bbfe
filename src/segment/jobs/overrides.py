"""Tiers that a named person set until a date."""

from __future__ import annotations

import datetime as dt

import polars as pl

from segment.exceptions import PublishError
from segment.features.known import month_end, next_month
from segment.policy import Policy
from segment.settings import who
from segment.tiers import TIERS
from segment.tiers.stability.stabilise import NO_OVERRIDES
from segment.warehouse import Workspace, published_moments, read_tiers
from segment.warehouse.kept import OVERRIDES, keep, read_kept
from segment.warehouse.records import Record, append, records
from segment.warehouse.tombstones import subject_key

SET, WITHDRAWN = "tier_override", "tier_override_withdrawn"


def set_override(
    workspace: Workspace,
    policy: Policy,
    customer_id: str,
    tier: str,
    *,
    role: str,
    reason: str,
    starts_on: dt.date,
    expires_on: dt.date,
) -> Record:
    """Set a customer's tier by hand until a date; it holds from the next refresh on.

    Parameters
    ----------
    workspace : Workspace
        Holds the published tiers; gets the record.
    policy : Policy
        Says who may, and for how long.
    customer_id : str
        Of the last published tiers.
    tier : str
        One of the four.
    role : str
        In which the person decides.
    reason : str
        Why; recorded with the person's name.
    starts_on, expires_on : datetime.date
        First and last day.

    Returns
    -------
    Record

    Raises
    ------
    PublishError
        Where the customer is not published, the tier or the role is unknown, the reason is missing, or the dates are
        the wrong way round or further apart than the policy allows.
    """
    rules, latest = policy.tiers.stability, _latest(starts_on, policy)
    moments = published_moments(workspace.tiers)
    known = bool(moments) and customer_id in set(read_tiers(workspace.tiers, moments[-1])["customer_id"])
    for holds, must, hint in (
        (known, "The customer must stand in the last published tiers. This one does not.", "look the id up again"),
        (tier in TIERS, f"The tier must be one of {', '.join(TIERS)}. Got {tier}.", "write it as in the table"),
        (
            role in rules.override_roles,
            f"The role must be one of the policy's: {', '.join(rules.override_roles)}. Got {role}.",
            "[tiers.stability] override_roles of the policy lists them",
        ),
        (bool(reason.strip()), "An override must have a reason. None was given.", 'add --reason "…"'),
        (
            starts_on <= expires_on <= latest,
            f"An override lasts up to {rules.override_months} months. Got {starts_on} to {expires_on}.",
            f"--expires up to {latest}",
        ),
    ):
        if not holds:
            raise PublishError.with_hint(must, hint)
    subject = subject_key(workspace, customer_id)
    # whom it means stands where it can be taken away again, and stands there first
    keep(workspace, OVERRIDES, pl.DataFrame([(subject, customer_id)], schema=OVERRIDES.schema, orient="row"))
    content = {
        "subject": subject,
        "tier": tier,
        "role": role,
        "starts_on": starts_on.isoformat(),
        "expires_on": expires_on.isoformat(),
    }
    return append(workspace, SET, by=who(), why=reason, content=content)


def withdraw_override(workspace: Workspace, number: int, reason: str) -> Record:
    """Take an override back; figures decide again from the next refresh on.

    Parameters
    ----------
    workspace : Workspace
        Keeps the records.
    number : int
        Of the record that set it.
    reason : str
        Why.

    Returns
    -------
    Record

    Raises
    ------
    PublishError
        Where no override has that number, or it was taken back before.
    """
    standing = {one.number for one in records(workspace, SET)}
    standing -= {one.content["record"] for one in records(workspace, WITHDRAWN)}
    if number not in standing:
        raise PublishError.with_hint(
            f"An override must be named by its record. None that stands has number {number}.", "segment overrides"
        )
    return append(workspace, WITHDRAWN, by=who(), why=reason, content={"record": number})


def list_overrides(workspace: Workspace, as_of: dt.date) -> pl.DataFrame:
    """List who set which tier by hand, in force at a moment.

    Parameters
    ----------
    workspace : Workspace
        Keeps the records.
    as_of : datetime.date
        The moment.

    Returns
    -------
    polars.DataFrame
        `record`, `customer_id`, `tier`, `role`, `by`, `why`, `starts_on`, `expires_on`; without those of customers who
        were erased.
    """
    names = ("tier", "role", "starts_on", "expires_on")
    rows = [
        {
            "record": one.number,
            "customer_id": customer,
            "by": one.by,
            "why": one.why,
            **{name: one.content[name] for name in names},
        }
        for one, customer in _in_force(workspace, as_of)
    ]
    order = ("record", "customer_id", "tier", "role", "by", "why", "starts_on", "expires_on")
    return pl.DataFrame(rows, schema={name: pl.Int64 if name == "record" else pl.String for name in order})


def overrides_in_force(workspace: Workspace, as_of: dt.date) -> pl.DataFrame:
    """Read the overrides that hold at a moment.

    Parameters
    ----------
    workspace : Workspace
        Keeps the records.
    as_of : datetime.date
        The moment; an override holds from its first day to its last.

    Returns
    -------
    polars.DataFrame
        `customer_id`, `tier`, `role`, `expires_on`; the newest override of each customer.
    """
    held = {customer: one.content for one, customer in _in_force(workspace, as_of)}
    rows = [
        (name, one["tier"], one["role"], dt.date.fromisoformat(one["expires_on"])) for name, one in sorted(held.items())
    ]
    return pl.DataFrame(rows, schema=NO_OVERRIDES.schema, orient="row")


def _latest(starts_on: dt.date, policy: Policy) -> dt.date:
    last = month_end(next_month(starts_on.replace(day=1), policy.tiers.stability.override_months))
    return last.replace(day=min(starts_on.day, last.day))


def _in_force(workspace: Workspace, as_of: dt.date) -> list[tuple[Record, str]]:
    """Records that hold on a day, and whom each means."""
    taken_back = {one.content["record"] for one in records(workspace, WITHDRAWN)}
    named = dict(read_kept(workspace, OVERRIDES).select("subject", "customer_id").iter_rows())
    day = as_of.isoformat()
    held = [
        # earlier versions wrote the id into the record itself
        (one, one.content.get("customer_id") or named.get(one.content.get("subject", "")))
        for one in records(workspace, SET)
        if one.number not in taken_back and one.content["starts_on"] <= day <= one.content["expires_on"]
    ]
    return [(one, customer) for one, customer in held if customer is not None]

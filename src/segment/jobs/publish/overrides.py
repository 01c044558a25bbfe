"""Tiers that a named person set until a date."""

from __future__ import annotations

import datetime as dt

import polars as pl

from segment.dates import act_day, same_day
from segment.exceptions import DecisionError
from segment.messages import Message
from segment.policy import Policy
from segment.policy.stability import Stability
from segment.settings import current_user
from segment.store.record_kinds import RecordKind
from segment.store.records import Record, append_record, read_records
from segment.store.row_store import read_rows, upsert_rows
from segment.store.stored_tables import OVERRIDES
from segment.store.tombstones import subject_key
from segment.store.transactions import transaction
from segment.tiers import TIERS
from segment.tiers.stability.stabilise import NO_OVERRIDES
from segment.warehouse.tiers_table import published_dates, read_tiers
from segment.warehouse.workspace_clock import workspace_clock
from segment.workspace import Workspace


def set_override(
    workspace: Workspace,
    policy: Policy,
    customer_id: str,
    tier: str,
    *,
    role: str,
    reason: str,
    starts_on: dt.date | None = None,
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
        First and last day; the first is today by default, or few days back.

    Returns
    -------
    Record

    Raises
    ------
    DecisionError, NotPublishedError
        Where the customer is not published, the tier or the role is unknown, the reason is missing, or the dates are
        the wrong way round or further apart than the policy allows.
    """
    first = act_day(starts_on, workspace_clock(workspace).today, policy.law.backdated_days)
    dates = published_dates(workspace.tiers)
    published = set(read_tiers(workspace.tiers, dates[-1])["customer_id"]) if dates else set()
    _require_allowed(
        policy.tiers.stability,
        published=customer_id in published,
        tier=tier,
        role=role,
        reason=reason,
        starts_on=first,
        expires_on=expires_on,
    )
    subject = subject_key(workspace, customer_id)
    content = {
        "subject": subject,
        "tier": tier,
        "role": role,
        "starts_on": first.isoformat(),
        "expires_on": expires_on.isoformat(),
    }
    with transaction(workspace):
        # whom it means stands where it can be taken away again
        upsert_rows(workspace, OVERRIDES, pl.DataFrame([(subject, customer_id)], schema=OVERRIDES.schema, orient="row"))
        return append_record(workspace, RecordKind.TIER_OVERRIDDEN, by=current_user(), why=reason, content=content)


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
    DecisionError
        Where no override has that number, or it was taken back before.
    """
    with transaction(workspace):
        standing = {record.number for record in read_records(workspace, RecordKind.TIER_OVERRIDDEN)}
        standing -= {record.content["record"] for record in read_records(workspace, RecordKind.TIER_OVERRIDE_WITHDRAWN)}
        if number not in standing:
            raise DecisionError.of("errors.no_such_override", number=number)
        return append_record(
            workspace, RecordKind.TIER_OVERRIDE_WITHDRAWN, by=current_user(), why=reason, content={"record": number}
        )


def list_overrides(workspace: Workspace, as_of: dt.date) -> pl.DataFrame:
    """List who set which tier by hand, in force at a date.

    Parameters
    ----------
    workspace : Workspace
        Keeps the records.
    as_of : datetime.date
        The date.

    Returns
    -------
    polars.DataFrame
        `record`, `customer_id`, `tier`, `role`, `by`, `why`, `starts_on`, `expires_on`; without those of customers who
        were erased.
    """
    withdrawn = {record.content["record"] for record in read_records(workspace, RecordKind.TIER_OVERRIDE_WITHDRAWN)}
    customers = dict(read_rows(workspace, OVERRIDES).select("subject", "customer_id").iter_rows())
    day = as_of.isoformat()
    rows = [
        {
            "record": record.number,
            # earlier versions wrote the id into the record itself
            "customer_id": record.content.get("customer_id") or customers.get(record.content.get("subject", "")),
            "by": record.by,
            "why": record.why,
            **{name: record.content[name] for name in ("tier", "role", "starts_on", "expires_on")},
        }
        for record in read_records(workspace, RecordKind.TIER_OVERRIDDEN)
        if record.number not in withdrawn and record.content["starts_on"] <= day <= record.content["expires_on"]
    ]
    order = ("record", "customer_id", "tier", "role", "by", "why", "starts_on", "expires_on")
    overrides = pl.DataFrame(rows, schema={name: pl.Int64 if name == "record" else pl.String for name in order})
    return overrides.drop_nulls("customer_id")


def newest_overrides(overrides: pl.DataFrame) -> pl.DataFrame:
    """Keep the newest override of each customer.

    Returns `customer_id`, `tier`, `role`, `expires_on`.
    """
    newest = overrides.unique("customer_id", keep="last", maintain_order=True).sort("customer_id")
    dated = newest.with_columns(pl.col("expires_on").str.to_date("%Y-%m-%d"))
    return dated.select(list(NO_OVERRIDES.schema)).cast(NO_OVERRIDES.schema)


def _require_allowed(
    rules: Stability, *, published: bool, tier: str, role: str, reason: str, starts_on: dt.date, expires_on: dt.date
) -> None:
    latest = same_day(starts_on, rules.override_months)
    for holds, must, hint in (
        (published, Message("errors.override.not_published"), Message("errors.hint.look_up")),
        (
            tier in TIERS,
            Message("errors.override.tier", {"tiers": TIERS, "tier": tier}),
            Message("errors.hint.as_in_table"),
        ),
        (
            role in rules.override_roles,
            Message("errors.override.role", {"roles": rules.override_roles, "role": role}),
            Message("errors.hint.override_roles"),
        ),
        (bool(reason.strip()), Message("errors.override.reason"), Message("errors.hint.add_reason")),
        (
            starts_on <= expires_on <= latest,
            Message(
                "errors.override.months",
                {"months": rules.override_months, "starts_on": starts_on, "expires_on": expires_on},
            ),
            Message("errors.hint.expires", {"latest": latest}),
        ),
    ):
        if not holds:
            raise DecisionError.of("errors.told", must=must, hint=hint)

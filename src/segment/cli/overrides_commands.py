"""Commands about tiers that a person sets: override and overrides."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from segment.cli.options import (
    JsonOption,
    PolicyOption,
    PublishedOption,
    WorkspaceOption,
    as_date,
    date_option,
    open_policy,
    open_workspace,
    published_date,
)
from segment.cli.show import say, show_frame, show_json, title_of
from segment.exceptions import UsageError


def override(
    customer: Annotated[str | None, typer.Argument(help="Of the last published tiers.")] = None,
    tier: Annotated[str | None, typer.Argument(help="high_value, valuable, break_even or loss_making.")] = None,
    role: Annotated[str, typer.Option("--role", help="In which you decide; the policy lists who may.")] = "",
    reason: Annotated[str, typer.Option("--reason", help="Why; recorded with your name.")] = "",
    starts: Annotated[
        dt.datetime | None, date_option("--starts", "First day, few days back at most; today by default.")
    ] = None,
    expires: Annotated[dt.datetime | None, date_option("--expires", "Last day; the policy says how late.")] = None,
    withdraw: Annotated[int | None, typer.Option("--withdraw", help="Take back the override of this record.")] = None,
    policy: PolicyOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Set a customer's tier by hand until a date, or take that back; it holds from the next refresh on.

    Example: segment override C000123 valuable --role branch_manager --expires 2026-05-31 --reason "Sold the firm."
    """
    from segment.jobs.publish.overrides import set_override, withdraw_override

    opened = open_workspace(workspace, writes=True)
    if withdraw is not None:
        record = withdraw_override(opened, withdraw, reason or "no reason given")
    elif customer is None or tier is None or expires is None:
        raise UsageError.of("errors.incomplete_override")
    else:
        record = set_override(
            opened,
            open_policy(policy),
            customer,
            tier,
            role=role,
            reason=reason,
            starts_on=as_date(starts),
            expires_on=expires.date(),
        )
    show_json(record.to_dict()) if json else say(f"Recorded as number {record.number} by {record.by}.")


def overrides(as_of: PublishedOption = None, workspace: WorkspaceOption = None, json: JsonOption = False) -> None:
    """List the tiers that persons set, in force on a day.

    Example: segment overrides --as-of 2025-12-31
    """
    from segment.jobs.publish.overrides import list_overrides

    opened = open_workspace(workspace, writes=False)
    day = published_date(as_of, opened)
    show_frame(list_overrides(opened, day), title_of("overrides", day=day), json=json)

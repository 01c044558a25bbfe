"""Commands about tiers that a person sets: override and overrides."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from segment.cli.options import (
    AsOfOption,
    JsonOption,
    PolicyOption,
    WorkspaceOption,
    month_end,
    open_policy,
    open_workspace,
)
from segment.cli.show import show_frame, show_json
from segment.exceptions import SegmentError


def register(app: typer.Typer) -> None:
    """Add these commands to the app.

    Parameters
    ----------
    app : typer.Typer
        The command line.
    """
    app.command()(override)
    app.command()(overrides)


def override(
    customer: Annotated[str | None, typer.Argument(help="Of the last published tiers.")] = None,
    tier: Annotated[str | None, typer.Argument(help="high_value, valuable, break_even or loss_making.")] = None,
    role: Annotated[str, typer.Option("--role", help="In which you decide; the policy lists who may.")] = "",
    reason: Annotated[str, typer.Option("--reason", help="Why; recorded with your name.")] = "",
    starts: Annotated[
        dt.datetime | None, typer.Option("--starts", formats=["%Y-%m-%d"], help="First day; today by default.")
    ] = None,
    expires: Annotated[
        dt.datetime | None, typer.Option("--expires", formats=["%Y-%m-%d"], help="Last day; the policy says how late.")
    ] = None,
    withdraw: Annotated[int | None, typer.Option("--withdraw", help="Take back the override of this record.")] = None,
    policy: PolicyOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Set a customer's tier by hand until a date, or take that back; it holds from the next refresh on.

    Example: segment override C000123 valuable --role branch_manager --expires 2026-05-31 --reason "Sold the firm."
    """
    from segment.jobs.overrides import set_override, withdraw_override

    opened = open_workspace(workspace)
    if withdraw is not None:
        made = withdraw_override(opened, withdraw, reason or "no reason given")
    elif customer is None or tier is None or expires is None:
        raise SegmentError.with_hint(
            "An override must name the customer, the tier and its last day. One of them was not given.",
            "segment override CUSTOMER TIER --role ROLE --expires DATE --reason …",
        )
    else:
        first = starts.date() if starts else dt.date.today()
        made = set_override(
            opened,
            open_policy(policy),
            customer,
            tier,
            role=role,
            reason=reason,
            starts_on=first,
            expires_on=expires.date(),
        )
    show_json(made.to_dict()) if json else typer.echo(f"Recorded as number {made.number} by {made.by}.")


def overrides(as_of: AsOfOption, workspace: WorkspaceOption = None, json: JsonOption = False) -> None:
    """List the tiers that persons set, in force at a moment.

    Example: segment overrides --as-of 2025-12-31
    """
    from segment.jobs.overrides import list_overrides

    found = list_overrides(open_workspace(workspace), month_end(as_of))
    show_json(found.to_dicts()) if json else show_frame(found, f"Tiers set by hand, in force on {as_of.date()}")

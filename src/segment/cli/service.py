"""Commands about service: service-plan, service-trial."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from segment.cli.options import (
    AsOfOption,
    BranchOption,
    JsonOption,
    OutOption,
    PolicyOption,
    WorkspaceOption,
    month_end,
    open_policy,
    open_workspace,
)
from segment.cli.show import show_frame, show_json

SHOWN = ("branch_id", "tier", "sub_state", "customers", "tracked_by", "counter_wait_minutes", "budget", "bundles")


def register(app: typer.Typer) -> None:
    """Add these commands to the app.

    Parameters
    ----------
    app : typer.Typer
        The command line.
    """
    app.command(name="service-plan")(service_plan)
    app.command(name="service-trial")(service_trial)


def service_plan(
    as_of: AsOfOption,
    branch: BranchOption = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Write to a .csv, .parquet or .xlsx file, or to a folder: a page per branch."),
    ] = None,
    policy: PolicyOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Write what each tier and branch gets in the six dimensions of service.

    Example: segment service-plan --as-of 2025-12-31 --branch B001 --out plan.xlsx
    """
    from segment.jobs.service_plan import check_target, write_plan
    from segment.jobs.service_plan import service_plan as run

    if out is not None:
        check_target(out)
    opened = open_policy(policy)
    plan = run(month_end(as_of), open_workspace(workspace), opened, branch)
    if out is not None:
        write_plan(plan, out, opened.currency)
        typer.echo(f"{plan.height:,} groups in {out}", err=True)
    by_trial = "by_trial" in plan.columns
    if by_trial:
        counts = plan.group_by("tier", maintain_order=True).agg(of="by_trial").rows()
        told = ", ".join(f"{sum(of):,} as {tier}" for tier, of in counts if sum(of))
        typer.echo(f"Served by the draw of the trial, not by their own tier: {told or 'nobody'}.", err=True)
    if json:
        show_json(plan.to_dicts())
    elif out is None:
        show_frame(plan, f"Service plan as of {as_of.date()}", (*SHOWN, "by_trial") if by_trial else SHOWN)


def service_trial(
    as_of: AsOfOption,
    branch: BranchOption = None,
    on: Annotated[
        dt.datetime | None,
        typer.Option("--on", formats=["%Y-%m-%d"], help="The day of which protection is asked; --as-of by default."),
    ] = None,
    out: OutOption = None,
    policy: PolicyOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Draw who is served one tier better or less well, for the whole bank, and say what that can show.

    Who was drawn stays until the months are over. With --out, those who are served as another tier leave in a file,
    with a record, for the branch to serve them so; the file names no arm.

    Example: segment service-trial --as-of 2026-01-31 --branch B001 --out served.xlsx
    """
    from json import loads

    from segment.jobs.published import published_tiers
    from segment.jobs.service_trial import draw_trial, release_served
    from segment.warehouse.export import check_format

    if out is not None:
        check_format(out)
    opened, rules, moment = open_workspace(workspace), open_policy(policy), month_end(as_of)
    if branch is not None:
        published_tiers(opened, moment, branch)
    day = on.date() if on else None
    drawn = draw_trial(moment, opened, rules, day)
    if out is None:
        if json:
            show_json(drawn.to_dict())
        else:
            typer.echo(str(drawn))
        return
    released = release_served(drawn, out, opened, rules, branch=branch, on=day)
    typer.echo(str(drawn), err=True)
    if json:
        show_json(loads(released.manifest.read_text(encoding="utf-8")))
    else:
        typer.echo(f"{released.rows:,} rows released, record {released.record}.")

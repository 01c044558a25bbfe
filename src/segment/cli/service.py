"""Commands about service: service-plan."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from segment.cli.options import (
    AsOfOption,
    BranchOption,
    JsonOption,
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
    if json:
        show_json(plan.to_dicts())
    elif out is None:
        show_frame(plan, f"Service plan as of {as_of.date()}", SHOWN)

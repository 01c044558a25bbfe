"""Commands about levers: levers."""

from __future__ import annotations

import typer

from segment.cli.options import (
    BranchOption,
    JsonOption,
    OutOption,
    PolicyOption,
    PublishedOption,
    WorkspaceOption,
    open_policy,
    open_workspace,
    published_moment,
)
from segment.cli.show import show_frame, show_json


def register(app: typer.Typer) -> None:
    """Add these commands to the app.

    Parameters
    ----------
    app : typer.Typer
        The command line.
    """
    app.command()(levers)


def levers(
    as_of: PublishedOption = None,
    branch: BranchOption = None,
    out: OutOption = None,
    policy: PolicyOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Show the smallest changes that would lift break-even and loss-making customers: a summary, or each in a file.

    The file is for analysis: it asks no contact rule. Whom to contact is what `segment upgrade-list` says.

    Example: segment levers --as-of 2025-12-31 --branch B001 --out levers.xlsx
    """
    from segment.jobs.levers import customer_levers, lever_summary, lever_table
    from segment.jobs.published import published_tiers
    from segment.warehouse.export import check_format, export_table

    if out is not None:
        check_format(out)
    opened = open_workspace(workspace)
    moment = published_moment(as_of, opened)
    tiers = published_tiers(opened, moment, branch)
    found = customer_levers(moment, tiers, opened, open_policy(policy))
    rows = lever_table(found, tiers)
    if out is not None:
        export_table(rows, out, "levers")
        typer.echo(f"{rows['customer_id'].n_unique():,} customers in {out}", err=True)
    if json:
        show_json(rows.to_dicts())
    elif out is None:
        title = f"What would lift customers of {branch or 'the bank'} as of {moment}"
        show_frame(lever_summary(found, tiers), title)

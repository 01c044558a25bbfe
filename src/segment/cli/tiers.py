"""Commands about tiers: refresh and tiers."""

from __future__ import annotations

from typing import Annotated

import typer

from segment.cli.options import (
    AsOfOption,
    BranchOption,
    JsonOption,
    LedgerArgument,
    OutOption,
    PolicyOption,
    WorkspaceOption,
    month_end,
    open_policy,
    open_tracking,
    open_workspace,
)
from segment.cli.progress import progress_bars
from segment.cli.show import show_frame, show_json
from segment.settings import Settings


def register(app: typer.Typer) -> None:
    """Add these commands to the app.

    Parameters
    ----------
    app : typer.Typer
        The command line.
    """
    app.command()(refresh)
    app.command()(tiers)


def refresh(
    ledger: LedgerArgument,
    as_of: AsOfOption,
    policy: PolicyOption = None,
    accept: Annotated[
        list[str] | None, typer.Option("--accept", help="Gate that may fail this once; needs --reason. Repeatable.")
    ] = None,
    reason: Annotated[str, typer.Option("--reason", help="Why a gate may fail; recorded with your name.")] = "",
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Extract, score with the champion, and publish the tiers at once or not at all.

    Example: segment refresh bank/ledger --as-of 2025-12-31
    """
    from segment.jobs.gates import Acceptance
    from segment.jobs.refresh import refresh as run

    accepted = Acceptance(tuple(accept or ()), reason)
    opened = open_workspace(workspace)
    with progress_bars() as progress:
        made = run(
            ledger,
            month_end(as_of),
            opened,
            open_policy(policy),
            open_tracking(opened),
            accept=accepted,
            n_jobs=Settings().jobs,
            progress=progress,
        )
    show_json(made.to_dict()) if json else typer.echo(str(made))


def tiers(
    as_of: AsOfOption,
    branch: BranchOption = None,
    version: Annotated[
        int | None, typer.Option("--version", min=0, help="Version of the published table; the newest by default.")
    ] = None,
    out: OutOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Show the published tiers: a summary per tier, or every customer in a file.

    Example: segment tiers --as-of 2025-12-31 --branch B001 --out tiers.xlsx
    """
    from segment.jobs.published import published_tiers
    from segment.tiers import tier_table
    from segment.warehouse.export import check_format, export_table

    if out is not None:
        check_format(out)
    found = published_tiers(open_workspace(workspace), month_end(as_of), branch, version)
    if out is not None:
        export_table(found, out, "tiers")
        typer.echo(f"{found.height:,} customers in {out}", err=True)
    if json:
        show_json(found.to_dicts())
    elif out is None:
        show_frame(tier_table(found, by_branch=False), f"Tiers of {branch or 'the bank'} as of {as_of.date()}")

"""Commands about runs: runs and verify."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from segment.cli.options import (
    JsonOption,
    PolicyOption,
    PublishedOption,
    WorkspaceOption,
    month_end,
    open_policy,
    open_tracking,
    open_workspace,
)
from segment.cli.show import show_json, show_rows
from segment.settings import Settings


def register(app: typer.Typer) -> None:
    """Add these commands to the app.

    Parameters
    ----------
    app : typer.Typer
        The command line.
    """
    app.command()(runs)
    app.command()(verify)


def runs(
    run: Annotated[str | None, typer.Argument(help="One run, or the first letters of its name.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write the run's page: a .html file.")] = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """List what refreshes did, newest first, or show one.

    Example: segment runs refresh-2025-12-31 --out run.html
    """
    from segment.jobs.card.blocks import as_markdown
    from segment.jobs.runs.listing import failed_gates, find_run, list_runs
    from segment.jobs.runs.page import run_blocks, write_page

    opened = open_workspace(workspace)
    if run is None:
        found = list_runs(opened)
        rows = [
            (one["run_id"], one["as_of"], one["started_at"], one["status"], ", ".join(failed_gates(one)))
            for one in found
        ]
        columns = ("run", "as of", "started", "ended", "gates that failed")
        show_json(found) if json else show_rows("Runs", columns, rows)
        return
    one = find_run(opened, run)
    if out is not None:
        if out.suffix != ".html":
            raise typer.BadParameter(f"--out must end in .html. Got {out.suffix or 'no ending'}.")
        write_page(one, out)
        typer.echo(f"Written to {out}.", err=True)
    if json:
        show_json(one)
    elif out is None:
        typer.echo(as_markdown(run_blocks(one)))


def verify(
    ledger: Annotated[
        str | None, typer.Argument(help="A folder of tables or a database URL, to build all of it again from.")
    ] = None,
    as_of: PublishedOption = None,
    version: Annotated[
        int | None, typer.Option("--version", min=0, help="Version of the published table; the newest by default.")
    ] = None,
    policy: PolicyOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Replay the proof that published contributions and named unallocated lines add up to the ledger.

    Example: segment verify bank/ledger --as-of 2025-12-31
    """
    from segment.jobs.proof import verify as run
    from segment.jobs.refresh.again import rescorer

    opened, held = open_workspace(workspace), open_policy(policy)
    tracking = open_tracking(opened)
    found = run(
        opened,
        held,
        tracking,
        location=ledger,
        as_of=None if as_of is None else month_end(as_of),
        version=version,
        rescore=rescorer(opened, held, tracking),
        n_jobs=Settings().jobs,
    )
    show_json(found.to_dict()) if json else typer.echo(str(found))
    found.require()

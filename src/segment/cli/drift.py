"""The command about drift."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from segment.cli.options import (
    JsonOption,
    PolicyOption,
    WorkspaceOption,
    month_end,
    open_policy,
    open_tracking,
    open_workspace,
)
from segment.cli.show import show_frame, show_json


def register(app: typer.Typer) -> None:
    """Add this command to the app.

    Parameters
    ----------
    app : typer.Typer
        The command line.
    """
    app.command()(drift)


def drift(
    as_of: Annotated[
        dt.datetime | None,
        typer.Option("--as-of", formats=["%Y-%m-%d"], help="A month's last day; else the newest moment there is."),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write a page with plots: a .html file.")] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Judge now, by the present champion and limits, not as the refresh did.")
    ] = False,
    policy: PolicyOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Show how far the customers of a moment are from those that the champion learned from, and since when.

    Example: segment drift --as-of 2025-12-31 --out drift.html
    """
    from segment.jobs.drift.show import find_drift, summary
    from segment.jobs.drift.trend import drift_trend

    if out is not None and out.suffix != ".html":
        raise typer.BadParameter(f"--out must end in .html. Got {out.suffix or 'no ending'}.")
    opened = open_workspace(workspace)
    moment = None if as_of is None else month_end(as_of)
    found = find_drift(moment, opened, open_policy(policy), open_tracking(opened), again=again)
    if out is not None:
        from segment.jobs.drift.page import write_page

        write_page(found, drift_trend(opened.runs, dt.date.fromisoformat(found["as_of"])), out)
    if json:
        show_json(found)
        return
    typer.echo(found["gate"]["said"])
    if found["judged"]:
        show_frame(summary(found), f"Drift as of {found['as_of']}")
    if out is not None:
        typer.echo(f"Written to {out}.")

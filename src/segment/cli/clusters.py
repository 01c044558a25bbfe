"""The command about clusters: their profile cards."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from segment.cli.options import (
    AsOfOption,
    JsonOption,
    PolicyOption,
    WorkspaceOption,
    month_end,
    open_policy,
    open_tracking,
    open_workspace,
)
from segment.cli.show import show_json

FolderOption = Annotated[
    Path | None, typer.Option("--out", help="Folder for the page and the pictures (Markdown and SVG).")
]


def register(app: typer.Typer) -> None:
    """Add this command to the app.

    Parameters
    ----------
    app : typer.Typer
        The command line.
    """
    app.command()(clusters)


def clusters(
    as_of: AsOfOption,
    out: FolderOption = None,
    policy: PolicyOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Show a card for each cluster of the published tiers: size, value, behaviour, and what to offer.

    Example: segment clusters --as-of 2025-12-31 --out cards
    """
    from segment.jobs.clusters import published_clusters

    opened = open_workspace(workspace)
    found = published_clusters(month_end(as_of), opened, open_policy(policy), open_tracking(opened))
    if out is not None:
        written = found.write(out)
        typer.echo(f"{len(written)} files in {out}", err=True)
    if json:
        show_json(found.to_dict())
    elif out is None:
        typer.echo(str(found))

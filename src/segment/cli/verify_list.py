"""Commands about released files: verify-list."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from segment.cli.options import JsonOption, PolicyOption, WorkspaceOption, open_policy, open_workspace
from segment.cli.show import show_json

NOT_USABLE = 1


def register(app: typer.Typer) -> None:
    """Add these commands to the app.

    Parameters
    ----------
    app : typer.Typer
        The command line.
    """
    app.command(name="verify-list")(verify_list)


def verify_list(
    file: Annotated[Path, typer.Argument(help="A file that upgrade-list wrote; its manifest lies beside it.")],
    on: Annotated[
        dt.datetime | None,
        typer.Option("--on", formats=["%Y-%m-%d"], help="Day on which it shall be used; today by default."),
    ] = None,
    policy: PolicyOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Say whether a list's file is as it was released, still good, and free of customers who must not be contacted.

    Exit code 0 only where it may be used.

    Example: segment verify-list list.xlsx
    """
    from segment.jobs.verify_list import verify_list as run

    day = on.date() if on else dt.date.today()
    found = run(file, open_workspace(workspace), open_policy(policy), day)
    show_json(found.to_dict()) if json else typer.echo(str(found))
    if not found.usable:
        raise typer.Exit(NOT_USABLE)

"""Commands that copy a workspace and bring a copy back: backup, restore."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from segment.cli.options import JsonOption, PolicyOption, WorkspaceOption, open_policy, open_workspace
from segment.cli.show import show_result


def backup(
    folder: Annotated[Path, typer.Argument(help="Where to: a folder that is not there yet, outside the workspace.")],
    wait: Annotated[float, typer.Option("--wait", min=0, help="Minutes to wait for a run that holds it.")] = 60.0,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Copy the workspace as it stands at one moment, while others go on, and verify the copy.

    Example: segment backup /backups/2026-01-31
    """
    from segment.jobs.rights.backup import backup as run

    show_result(run(open_workspace(workspace, writes=True), folder, wait_minutes=wait), json)


def restore(
    folder: Annotated[Path, typer.Argument(help="What `segment backup` wrote.")],
    erasures: Annotated[
        Path | None,
        typer.Option("--erasures", help="Who was erased and objected since; for an empty workspace alone."),
    ] = None,
    policy: PolicyOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Bring a backup back over its workspace or into an empty one, without anybody who was erased since.

    Example: segment restore /backups/2026-01-31
    """
    from segment.jobs.rights.restore import restore as run

    opened = open_workspace(workspace, writes=True)
    show_result(run(folder, opened, open_policy(policy), erasures=erasures), json)

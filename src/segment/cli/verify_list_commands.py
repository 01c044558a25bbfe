"""Commands about released files: verify-list."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from segment.cli.options import (
    JsonOption,
    PolicyOption,
    WorkspaceOption,
    as_date,
    date_option,
    open_policy,
    open_workspace,
)
from segment.cli.show import show_result

NOT_USABLE = 1


def verify_list(
    file: Annotated[Path, typer.Argument(help="A file that upgrade-list wrote; its manifest is beside it.")],
    on: Annotated[dt.datetime | None, date_option("--on", "Day on which it is to be used; today by default.")] = None,
    policy: PolicyOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Say whether a list's file is as it was released, still good, and free of customers who must not be contacted.

    Exit code 0 only where it may be used.

    Example: segment verify-list list.xlsx
    """
    from segment.jobs.lists.verify_list import verify_list as run

    verified = run(file, open_workspace(workspace, writes=False), open_policy(policy), as_date(on))
    show_result(verified, json)
    if not verified.usable:
        raise typer.Exit(NOT_USABLE)

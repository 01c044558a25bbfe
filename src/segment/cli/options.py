"""Options that several commands share, and what they open."""

from __future__ import annotations

import calendar
import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from segment.exceptions import SegmentError
from segment.settings import Settings, policy_file

if TYPE_CHECKING:
    from segment.policy import ModelSpec, Policy
    from segment.tracking import Tracking
    from segment.warehouse import Workspace

WorkspaceOption = Annotated[
    Path | None,
    typer.Option("--workspace", help="Folder of everything that is built [env: SEGMENT_WORKSPACE; default: workspace]"),
]
UnreadWorkspaceOption = Annotated[
    Path | None,
    typer.Option("--workspace", help="Taken as by every command; this one reads and builds nothing there."),
]
PolicyOption = Annotated[
    Path | None,
    typer.Option("--policy", help="Policy file [env: SEGMENT_POLICY; default: models/retail.toml]"),
]
SpecOption = Annotated[
    Path | None,
    typer.Option("--spec", help="Model spec: an experiment as a file, such as models/deeper-trees.toml."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
OutOption = Annotated[Path | None, typer.Option("--out", help="Write to a .csv, .parquet or .xlsx file.")]
BranchOption = Annotated[str | None, typer.Option("--branch", help="One branch only.")]
LedgerArgument = Annotated[str, typer.Argument(help="A folder of tables or a database URL.")]
AsOfOption = Annotated[
    dt.datetime,
    typer.Option("--as-of", formats=["%Y-%m-%d"], help="A month's last day: what is known on it."),
]
PublishedOption = Annotated[
    dt.datetime | None,
    typer.Option("--as-of", formats=["%Y-%m-%d"], help="A month's last day; the newest published by default."),
]


def month_end(as_of: dt.datetime) -> dt.date:
    """Hold a moment to a month's last day.

    Parameters
    ----------
    as_of : datetime.datetime
        From the command line.

    Returns
    -------
    datetime.date

    Raises
    ------
    SegmentError
        For any other day; says the nearest month's end before it.
    """
    day = as_of.date()
    if day.day == calendar.monthrange(day.year, day.month)[1]:
        return day
    before = day.replace(day=1) - dt.timedelta(days=1)
    raise SegmentError.with_hint(
        f"--as-of must be a month's last day. Got {day.isoformat()}.", f"--as-of {before.isoformat()}"
    )


def published_moment(as_of: dt.datetime | None, workspace: Workspace) -> dt.date:
    """Take the moment that was given, or else the newest published one.

    Parameters
    ----------
    as_of : datetime.datetime or None
        From the command line.
    workspace : Workspace
        Where tiers are published.

    Returns
    -------
    datetime.date

    Raises
    ------
    SegmentError
        Where the day is no month's last, or nothing is published.
    """
    from segment.jobs.published import newest_published

    return month_end(as_of) if as_of else newest_published(workspace)


def open_workspace(given: Path | None) -> Workspace:
    """Find the workspace: the option, the environment, or ``workspace``.

    Parameters
    ----------
    given : Path or None
        From the command line.

    Returns
    -------
    Workspace
    """
    from segment.warehouse import Workspace

    return Workspace(given or Settings().workspace)


def open_policy(given: Path | None, default: str = "retail.toml") -> Policy:
    """Load the policy: the option, the environment, or the default.

    Parameters
    ----------
    given : Path or None
        From the command line.
    default : str
        File of ``models/`` to use where nothing is given.

    Returns
    -------
    Policy
    """
    from segment.policy import load_policy

    return load_policy(policy_file(given, default))


def open_spec(given: Path | None) -> ModelSpec:
    """Load a model spec: the option, or one that changes nothing.

    Parameters
    ----------
    given : Path or None
        From the command line.

    Returns
    -------
    ModelSpec
    """
    from segment.policy import ModelSpec, load_spec

    return load_spec(given) if given else ModelSpec()


def open_tracking(workspace: Workspace) -> Tracking:
    """Open the tracking server of the settings, or the workspace's own.

    Parameters
    ----------
    workspace : Workspace
        Where runs are kept without a server.

    Returns
    -------
    Tracking
    """
    from segment.tracking import Tracking

    return Tracking(workspace.root, Settings().mlflow_uri)

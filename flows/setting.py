"""What a flow's parameters open, and what of an error may reach Prefect's states and logs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from segment.exceptions import SegmentError
from segment.policy import Policy, load_policy
from segment.settings import Settings, policy_file
from segment.tracking import Tracking
from segment.warehouse import Workspace

AsOf = Annotated[dt.datetime, typer.Option("--as-of", formats=["%Y-%m-%d"], help="A month's last day.")]


@dataclass(frozen=True)
class Setting:
    """What a flow works on.

    Attributes
    ----------
    workspace : Workspace
        Where everything is built.
    policy : Policy
        Frozen figures.
    n_jobs : int
        Processes for buckets.
    """

    workspace: Workspace
    policy: Policy
    n_jobs: int

    def tracking(self) -> Tracking:
        """Open the tracking server of the settings, or the workspace's own."""
        return Tracking(self.workspace.root, Settings().mlflow_uri)


def open_setting(workspace: str | None, policy: str | None) -> Setting:
    """Open what a flow's parameters name.

    Parameters
    ----------
    workspace, policy : str or None
        Paths; None means the settings of the environment.

    Returns
    -------
    Setting
    """
    settings = Settings()
    path = policy_file(Path(policy) if policy else None)
    return Setting(Workspace(Path(workspace) if workspace else settings.workspace), load_policy(path), settings.jobs)


@contextmanager
def no_customer_data() -> Iterator[None]:
    """Let only messages written for users out of a task: any other error's text might quote a row.

    Raises
    ------
    SegmentError
        The package's own errors as they are; of any other, its type alone.
    """
    try:
        yield
    except SegmentError:
        raise
    except Exception as error:
        raise SegmentError.with_hint(
            f"A flow stopped on an error that it did not expect: {type(error).__name__}.",
            "run the same command of `segment` with SEGMENT_DEBUG=1 to see all of it",
        ) from None

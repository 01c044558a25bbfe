"""Command that serves the scheduled flows; the package itself does not know Prefect."""

from __future__ import annotations

import os
import sys
import sysconfig
from pathlib import Path

from segment.cli.options import WorkspaceOption
from segment.exceptions import InstallationError


def schedule(workspace: WorkspaceOption = None) -> None:
    """Serve the schedules until stopped: refresh each month, retrain each quarter, backfill on demand.

    Needs a Prefect server (PREFECT_API_URL) and the ledger's place (SEGMENT_LEDGER).

    Example: segment schedule
    """
    paths = [str(flows_home()), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
    if workspace is not None:
        environment["SEGMENT_WORKSPACE"] = str(workspace.resolve())
    sys.stdout.flush()
    # In this process' place, so that whoever stops the command stops the server of schedules.
    os.execve(sys.executable, [sys.executable, "-m", "flows.deployments"], environment)  # noqa: S606


def flows_home() -> Path:
    """Find the folder that holds the package of flows: beside the source, or where the package was installed.

    Examples
    --------
    >>> (flows_home() / "flows" / "deployments.py").exists()
    True
    """
    source = Path(__file__).resolve().parents[3]
    installed = Path(sysconfig.get_path("data")) / "share" / "segment"
    for folder in (source, installed):
        if (folder / "flows" / "deployments.py").is_file():
            return folder
    raise InstallationError.of("errors.no_flows")

"""The runs of a workspace, newest first."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from segment.exceptions import HistoryError
from segment.jobs.runs.record import RUN_FILE
from segment.warehouse import Workspace


def list_runs(workspace: Workspace) -> list[dict[str, Any]]:
    """Read the reports of all runs.

    Parameters
    ----------
    workspace : Workspace
        Keeps them.

    Returns
    -------
    list of dict
        As in `run.json`, the run that started last first.
    """
    found = [_read(path) for path in workspace.runs.glob(f"*/{RUN_FILE}")]
    return sorted(found, key=lambda one: (one["started_at"], one["run_id"]), reverse=True)


def find_run(workspace: Workspace, run_id: str) -> dict[str, Any]:
    """Read the report of a run.

    Parameters
    ----------
    workspace : Workspace
        Keeps it.
    run_id : str
        Of the run, or as many of its first letters as no other run has.

    Returns
    -------
    dict
        As in `run.json`.

    Raises
    ------
    HistoryError
        Where no run or several are called so.
    """
    found = [one for one in list_runs(workspace) if str(one["run_id"]).startswith(run_id)]
    exact = [one for one in found if one["run_id"] == run_id]
    if len(exact or found) != 1:
        raise HistoryError.with_hint(
            f"A run must be named so that one is meant. `{run_id}` names {len(found)} runs.", "segment runs lists them"
        )
    return (exact or found)[0]


def failed_gates(run: dict[str, Any]) -> list[str]:
    """Name the gates that did not hold.

    Parameters
    ----------
    run : dict
        As in `run.json`.

    Returns
    -------
    list of str
        With who let one pass.

    Examples
    --------
    >>> failed_gates({"gates": [{"name": "drift", "holds": False, "accepted_by": "A. Keeper"}]})
    ['drift (let pass by A. Keeper)']
    """
    failed = [one for one in run.get("gates", []) if not one["holds"]]
    return [
        f"{one['name']} (let pass by {one['accepted_by']})" if one["accepted_by"] else one["name"] for one in failed
    ]


def _read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content

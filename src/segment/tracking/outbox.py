"""Runs that wait for the tracking server: written at once, sent when it answers, never twice."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from segment.tracking.registry import Tracking

if TYPE_CHECKING:
    from segment.warehouse.tables import Workspace


def log_later(
    workspace: Workspace,
    name: str,
    params: Mapping[str, Any],
    metrics: Mapping[str, float],
    texts: Mapping[str, str],
    run_id: str,
) -> None:
    """Write a finished run where `deliver` finds it.

    Parameters
    ----------
    workspace : Workspace
        Whose outbox is written.
    name : str
        Of the run.
    params, metrics, texts : mapping
        As in `Tracking.log_run`: never a customer's own figure.
    run_id : str
        Ours; the server gets it as a tag.
    """
    folder = workspace.root / "outbox"
    folder.mkdir(parents=True, exist_ok=True)
    waiting = {"name": name, "params": dict(params), "metrics": dict(metrics), "texts": dict(texts), "run_id": run_id}
    unfinished = folder / f"{run_id}.{os.getpid()}.part"
    unfinished.write_text(json.dumps(waiting, sort_keys=True, default=str))
    unfinished.replace(folder / f"{run_id}.json")


def deliver(workspace: Workspace, tracking: Tracking) -> list[str]:
    """Send what waits, oldest name first; stop where the server is away.

    Parameters
    ----------
    workspace : Workspace
        Whose outbox is read.
    tracking : Tracking
        Gets the runs. One that it finished already is not sent again.

    Returns
    -------
    list of str
        Our ids of runs that still wait.
    """
    waiting = sorted((workspace.root / "outbox").glob("*.json"))
    for done, place in enumerate(waiting):
        run = json.loads(place.read_text())
        if not tracking.send(run):
            return [one.stem for one in waiting[done:]]
        place.unlink()
    return []

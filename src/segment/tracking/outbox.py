"""Runs that wait for the tracking server: written at once, sent when it answers, never twice."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from segment.files import write_json
from segment.tracking.registry import Tracking
from segment.tracking.runs import FinishedRun

if TYPE_CHECKING:
    from segment.workspace import Workspace


def log_later(workspace: Workspace, run: FinishedRun) -> None:
    """Write a finished run where `deliver` finds it."""
    write_json(asdict(run), workspace.root / "outbox" / f"{run.run_id}.json")


def deliver(workspace: Workspace, tracking: Tracking) -> list[str]:
    """Send what waits, oldest name first; stop where the server is away."""
    waiting = sorted((workspace.root / "outbox").glob("[!.]*.json"))
    for sent, path in enumerate(waiting):
        if not tracking.send(FinishedRun(**json.loads(path.read_text(encoding="utf-8")))):
            return [path.stem for path in waiting[sent:]]
        path.unlink()
    return []

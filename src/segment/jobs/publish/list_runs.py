"""The runs of a workspace, newest first."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from segment.exceptions import RunError
from segment.messages import Message
from segment.warehouse.published_tiers import RUN_FILE, run_prefix
from segment.workspace import Workspace


@dataclass(frozen=True)
class RunSummary:
    """A run, as its report says."""

    run_id: str
    as_of: str
    started_at: str
    status: str
    failed_gates: tuple[Message | str, ...]  # With who let one pass
    file: Path  # The whole report

    @classmethod
    def read(cls, file: Path) -> RunSummary:
        """Read it from the report."""
        run = json.loads(file.read_text(encoding="utf-8"))
        failed = [(gate["name"], gate["accepted_by"]) for gate in run.get("gates", []) if not gate["holds"]]
        gates = tuple(Message("results.gate_let_pass", {"gate": name, "by": by}) if by else name for name, by in failed)
        return cls(run["run_id"], run["as_of"], run["started_at"], run["status"], gates, file)

    def to_dict(self) -> dict[str, Any]:
        """Return the report, as in `run.json`."""
        return dict(json.loads(self.file.read_text(encoding="utf-8")))


def list_runs(workspace: Workspace, as_of: dt.date | None = None) -> list[RunSummary]:
    """Sum up runs.

    Parameters
    ----------
    workspace : Workspace
        Keeps their reports.
    as_of : datetime.date, optional
        Of this date only; no report of another is read.

    Returns
    -------
    list of RunSummary
        The run that started last first.
    """
    runs = [RunSummary.read(path) for path in workspace.runs.glob(f"{run_prefix(as_of) if as_of else ''}*/{RUN_FILE}")]
    return sorted(runs, key=lambda run: (run.started_at, run.run_id), reverse=True)


def find_run(workspace: Workspace, run_id: str) -> RunSummary:
    """Find a run.

    Parameters
    ----------
    workspace : Workspace
        Keeps its report.
    run_id : str
        Of the run, or as many of its first letters as no other run has.

    Returns
    -------
    RunSummary

    Raises
    ------
    RunError
        Where no run or several are called so.
    """
    runs = [run for run in list_runs(workspace) if run.run_id.startswith(run_id)]
    runs = [run for run in runs if run.run_id == run_id] or runs
    if len(runs) != 1:
        raise RunError.of("errors.ambiguous_run", run_id=run_id, runs=len(runs))
    return runs[0]

"""A small bank whose jobs run in processes that can be killed, and what must be the same afterwards."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
from polars.testing import assert_frame_equal

from segment.store.records import check_chain, read_records
from segment.tracking.models import CHALLENGER, CHAMPION
from segment.tracking.registry import Tracking
from segment.warehouse.tiers_table import published_dates, read_tiers
from segment.workspace import Workspace
from tests.conftest import RETAIL

BEFORE, NOW = dt.date(2025, 11, 30), dt.date(2025, 12, 31)
CUSTOMERS, MONTHS, SEED = 400, 28, 3


def child(*arguments: str, **streams: int) -> subprocess.Popen[str]:
    """Start Python from this repository, with one thread: what is killed or counted must not depend on a pool."""
    threads = dict.fromkeys(("OMP_NUM_THREADS", "POLARS_MAX_THREADS"), "1")
    root = Path(__file__).parents[2]
    environment = {**os.environ, **threads, "PYTHONPATH": os.pathsep.join((str(root / "src"), str(root)))}
    return subprocess.Popen(
        [sys.executable, *arguments], stdout=subprocess.PIPE, text=True, env=environment, cwd=root, **streams
    )


@dataclass
class Jobs:
    """Runs jobs of one bank in children of a warm process.

    The workspace always lies in the same place, because MLflow keeps whole paths.
    """

    folder: Path
    ledger: Path
    process: subprocess.Popen[str] = field(init=False)

    def __post_init__(self) -> None:
        self.process = child("-m", "tests.faults.warm", stdin=subprocess.PIPE)

    @property
    def workspace(self) -> Workspace:
        return Workspace(self.folder / "workspace")

    @property
    def said(self) -> str:
        """What the last job printed."""
        return (self.folder / "log").read_text()

    def run(self, job: str, as_of: dt.date = NOW, **options: Any) -> dict[str, Any]:
        told = {"job": job, "ledger": str(self.ledger), "as_of": as_of.isoformat(), "policy": str(RETAIL)}
        told |= {"workspace": str(self.workspace.root), "log": str(self.folder / "log"), **options}
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(told) + "\n")
        self.process.stdin.flush()
        return dict(json.loads(self.process.stdout.readline()))

    def finish(self, job: str, as_of: dt.date = NOW) -> float:
        """Run a job to its end."""
        done = self.run(job, as_of)
        assert done["ended"] == "done", self.said
        return float(done["seconds"])

    def keep(self, name: str) -> None:
        """Remember the workspace as it is."""
        shutil.copytree(self.workspace.root, self.folder / name)

    def back_to(self, name: str) -> None:
        """Make the workspace what it was."""
        shutil.rmtree(self.workspace.root, ignore_errors=True)
        shutil.copytree(self.folder / name, self.workspace.root)

    def close(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(60)
        self.process.stdout.close()


def state(workspace: Workspace) -> dict[str, Any]:
    """All that a workspace holds for others, without times and without what a killed run may have left aside."""
    frames = {
        str(path.relative_to(workspace.root)): pl.read_parquet(path)
        for folder in (workspace.customer_months, workspace.snapshots, workspace.reference, workspace.reconciliations)
        for path in sorted(folder.glob("[!.]*.parquet"))
    }
    tiers = {str(moment): read_tiers(workspace.tiers, moment) for moment in published_dates(workspace.tiers)}
    check_chain(workspace)
    runs = [str(tiers[moment]["run_id"][0]) for moment in sorted(tiers)]
    return {
        "frames": frames,
        "tiers": tiers,
        "records": [(one.kind, json.dumps(one.content, sort_keys=True)) for one in read_records(workspace)],
        "reports": [_report(workspace.runs / run) for run in runs],
        "outbox": sorted(path.name for path in (workspace.root / "outbox").glob("*")),
        "lock": (workspace.root / "lock.json").exists(),
        "models": models(workspace),
    }


def models(workspace: Workspace) -> dict[str, Any]:
    """What champion and challenger say of the last published moment's customers."""
    tracking = Tracking(workspace.root)
    snapshot = pl.read_parquet(workspace.snapshot(BEFORE)).with_columns(deceased=pl.lit(False))
    found = {}
    for alias in (CHAMPION, CHALLENGER):
        found[alias] = tracking.load(alias)[0].score_customers(snapshot) if tracking.find(alias) else None
    return found


def assert_same_state(found: dict[str, Any], expected: dict[str, Any]) -> None:
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        if isinstance(value, dict):
            assert found[name].keys() == value.keys(), name
            for key, one in value.items():
                assert (found[name][key] is None) == (one is None), (name, key)
                if one is not None:
                    assert_frame_equal(found[name][key], one)
        else:
            assert found[name] == value, name


def _report(folder: Path) -> dict[str, Any]:
    report = json.loads((folder / "run.json").read_text())
    for volatile in ("timings", "started_at"):
        report.pop(volatile)
    if "published" in report:
        report["published"].pop("table_version")
    files = sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
    return {**report, "files": files, "proof": json.loads((folder / "proof.json").read_text())}

"""Two runs side by side: parameters, metrics, and both recipes evaluated on the same customers."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict, dataclass
from typing import Any

from segment.evaluation.champion_challenger import PairedDifferences, paired_differences
from segment.evaluation.subgroups import METRICS
from segment.jobs.learn.refit import find_run, refit, specs_of
from segment.messages import Message
from segment.policy import Policy
from segment.progress import ProgressCallback, no_progress
from segment.sentences import Sentences
from segment.tracking.models import CARD_FACTS
from segment.tracking.registry import Tracking
from segment.tracking.runs import LoggedRun
from segment.warehouse.stored_snapshots import SnapshotSource
from segment.workspace import Workspace


@dataclass(frozen=True)
class RunComparison:
    """Two runs side by side."""

    runs: list[dict[str, str]]  # `asked`, `run_id` and `name` of each
    params: list[list[Any]]  # Name, first, second: those that differ
    metrics: list[list[Any]]  # Name, first, second, second less first
    intervals: list[list[Any]]  # Name, first as [figure, low, high], second likewise: where both runs keep them
    notes: list[Message]  # Why figures may not be comparable
    paired: PairedDifferences | None  # Both recipes on the same customers

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {**asdict(self), "notes": Sentences().each(self.notes)}


def compare(first: str, second: str, tracking: Tracking, paired: PairedDifferences | None = None) -> RunComparison:
    """Put two runs side by side.

    Parameters
    ----------
    first, second : str
        Versions of the registry, aliases (`champion`, `challenger`), or ids of runs.
    tracking : Tracking
        Holds them.
    paired : PairedDifferences, optional
        What `compare_forecasts` found.

    Returns
    -------
    RunComparison

    Raises
    ------
    RunError
        Where one of them is not known.
    """
    left, right = find_run(first, tracking), find_run(second, tracking)
    return RunComparison(
        runs=[
            {"asked": asked, "run_id": run.run_id, "name": run.name} for asked, run in ((first, left), (second, right))
        ],
        params=[
            [key, left.params.get(key), right.params.get(key)]
            for key in sorted({*left.params, *right.params})
            if left.params.get(key) != right.params.get(key)
        ],
        metrics=[_row(key, left, right) for key in dict.fromkeys([*left.metrics, *right.metrics])],
        intervals=_intervals(left, right, tracking),
        notes=_notes(left, right),
        paired=paired,
    )


def compare_forecasts(
    first: str,
    second: str,
    as_of: dt.date,
    workspace: Workspace,
    policy: Policy,
    tracking: Tracking,
    *,
    n_jobs: int = -1,
    progress: ProgressCallback = no_progress,
) -> PairedDifferences:
    """Fit both runs' specs again on the past alone, and compare their forecasts customer by customer.

    The registered models have mostly learned from the newest outcomes, so evaluating them there would say little.
    Their specs are fitted again on outcomes that had passed by the newest date that is evaluated, the same for both.

    Parameters
    ----------
    first, second : str
        As in `compare`.
    as_of : datetime.date
        A date that was extracted; outcomes are known up to it.
    workspace : Workspace
        Holds the customer months.
    policy : Policy
        That both were trained by.
    tracking : Tracking
        Holds the runs with their specs.
    n_jobs, progress : as `extract` takes them

    Returns
    -------
    PairedDifferences

    Raises
    ------
    RunError
        Where a run keeps no spec, was trained by another policy, or looks another number of months ahead.
    """
    specs = specs_of(first, second, policy, tracking)
    source = SnapshotSource.read(workspace)
    return paired_differences(*refit(specs, as_of, source, policy, n_jobs, progress))


def _row(key: str, left: LoggedRun, right: LoggedRun) -> list[Any]:
    first, second = left.metrics.get(key), right.metrics.get(key)
    return [key, first, second, None if first is None or second is None else second - first]


def _intervals(left: LoggedRun, right: LoggedRun, tracking: Tracking) -> list[list[Any]]:
    parts = [_overall(run, tracking) for run in (left, right)]
    return [[name, parts[0][name], parts[1][name]] for name in METRICS if name in parts[0] and name in parts[1]]


def _overall(run: LoggedRun, tracking: Tracking) -> dict[str, list[float]]:
    text = tracking.read_text(run.run_id, CARD_FACTS)
    performance = (json.loads(text).get("performance") or []) if text else []
    return next((part for part in performance if part["group"] == "all"), {})


def _notes(left: LoggedRun, right: LoggedRun) -> list[Message]:
    differ = [
        Message(f"results.compare.{key}")
        for key in ("as_of", "horizon_months", "policy_hash", "ledger_hash")
        if left.params.get(key) != right.params.get(key)
    ]
    held_out = {left.metrics.get("out_of_time", 1.0), right.metrics.get("out_of_time", 1.0)} != {1.0}
    return [*differ, *([Message("results.compare.held_out")] if held_out else [])]

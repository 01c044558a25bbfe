"""Two runs side by side: what they were told, what they found, and a paired judgement of both recipes."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from segment.exceptions import ModelError
from segment.jobs.by_spec import find_run, judge_by_spec, specs_of
from segment.jobs.evaluation import Judged
from segment.jobs.groups import MEASURES
from segment.jobs.progress import Report, quiet
from segment.policy import Policy
from segment.tracking import RunRecord, Tracking
from segment.value import metrics
from segment.warehouse import Workspace

RESAMPLES = 1_000
PAIRED = ("spearman", "mae", "mae_skill", "top_decile_capture", "coverage_p10_p90", "bias")


@dataclass(frozen=True)
class Compared:
    """Two runs side by side.

    Attributes
    ----------
    runs : list of dict
        `asked`, `run_id` and `name` of each.
    params : list of list
        Name, first, second: those that differ.
    metrics : list of list
        Name, first, second, second less first.
    intervals : list of list
        Name, first as [figure, low, high], second likewise: where both runs keep them.
    notes : list of str
        Why figures may not be comparable.
    paired : dict or None
        Moment, customers, and by figure [first, second, difference, low, high].
    """

    runs: list[dict[str, str]]
    params: list[list[Any]]
    metrics: list[list[Any]]
    intervals: list[list[Any]]
    notes: list[str]
    paired: dict[str, Any] | None

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


def compare(first: str, second: str, tracking: Tracking, paired: dict[str, Any] | None = None) -> Compared:
    """Put two runs side by side.

    Parameters
    ----------
    first, second : str
        Versions of the registry, aliases (`champion`, `challenger`), or ids of runs.
    tracking : Tracking
        Holds them.
    paired : dict, optional
        What `judge_both` found.

    Returns
    -------
    Compared

    Raises
    ------
    ModelError
        Where one of them is not known.
    """
    left, right = find_run(first, tracking), find_run(second, tracking)
    return Compared(
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


def judge_both(
    first: str,
    second: str,
    as_of: dt.date,
    workspace: Workspace,
    policy: Policy,
    tracking: Tracking,
    *,
    n_jobs: int = -1,
    progress: Report = quiet,
) -> dict[str, Any]:
    """Fit both runs' specs again on the past alone, and compare their forecasts customer by customer.

    The registered models have mostly learned from the newest outcomes, so judging them there would say little. Their
    specs are fitted again on outcomes that had passed by the newest moment that is judged, the same for both.

    Parameters
    ----------
    first, second : str
        As in `compare`.
    as_of : datetime.date
        A moment that was extracted; outcomes are known up to it.
    workspace : Workspace
        Holds the customer months.
    policy : Policy
        That both were trained by.
    tracking : Tracking
        Holds the runs with their specs.
    n_jobs : int
        Processes for buckets of customers.
    progress : callable
        Told how far each step is.

    Returns
    -------
    dict
        `moment`, `customers`, `persistence_spearman`, and `figures`: rows of name, first, second, second less first,
        and the ends of its 95 % interval over 1,000 resamples of customers.

    Raises
    ------
    ModelError
        Where a run keeps no spec, was trained by another policy, or looks another number of months ahead.
    """
    specs = specs_of(first, second, policy, tracking)
    judged = [judge_by_spec(spec, as_of, workspace, policy, n_jobs, progress) for spec in specs]
    return paired_differences(judged[0], judged[1])


def paired_differences(first: Judged, second: Judged) -> dict[str, Any]:
    """Compare two forecasts of the same customers, pair by pair.

    Parameters
    ----------
    first, second : Judged
        On the same rows.

    Returns
    -------
    dict
        As `judge_both`.

    Raises
    ------
    ModelError
        Where the customers are not the same.
    """
    count = first.frame.height
    if first.frame["customer_id"].to_list() != second.frame["customer_id"].to_list():
        raise ModelError("Both runs must be judged on the same customers. They were not.")
    rng, every = np.random.default_rng(0), np.arange(count)
    draws = [rng.integers(0, count, count) for _ in range(RESAMPLES)]
    rows = []
    for name in PAIRED:
        measure = MEASURES[name]
        one, other = measure(first, every), measure(second, every)
        gaps = [measure(second, draw) - measure(first, draw) for draw in draws]
        low, high = np.nanquantile(gaps, [0.025, 0.975])
        rows.append([name, one, other, other - one, float(low), float(high)])
    return {
        "moment": str(first.frame["as_of"].max()),
        "customers": count,
        "persistence_spearman": metrics.spearman(first.actual, first.naive),
        "figures": rows,
    }


def _row(key: str, left: RunRecord, right: RunRecord) -> list[Any]:
    one, other = left.metrics.get(key), right.metrics.get(key)
    return [key, one, other, None if one is None or other is None else other - one]


def _intervals(left: RunRecord, right: RunRecord, tracking: Tracking) -> list[list[Any]]:
    parts = [_overall(run, tracking) for run in (left, right)]
    return [[name, parts[0][name], parts[1][name]] for name in MEASURES if name in parts[0] and name in parts[1]]


def _overall(run: RunRecord, tracking: Tracking) -> dict[str, list[float]]:
    text = tracking.read_text(run.run_id, "model_card.json")
    performance = (json.loads(text).get("performance") or []) if text else []
    return next((part for part in performance if part["group"] == "all"), {})


def _notes(left: RunRecord, right: RunRecord) -> list[str]:
    notes = []
    for key, said in (
        ("as_of", "The runs were judged at different moments: differences mix the model with the time."),
        ("horizon_months", "The runs look different numbers of months ahead."),
        ("policy_hash", "The runs follow different policies: tiers and contributions mean different things."),
        ("ledger_hash", "The runs learned from different ledgers."),
    ):
        if left.params.get(key) != right.params.get(key):
            notes.append(said)
    if {left.metrics.get("out_of_time", 1.0), right.metrics.get("out_of_time", 1.0)} != {1.0}:
        notes.append("A run was judged on customers held out, not out of time.")
    return notes

"""Specs of logged runs, fitted again on the past alone."""

from __future__ import annotations

import datetime as dt
import json

from segment.exceptions import ModelError
from segment.features import target_name
from segment.jobs.evaluation import Judged, judge
from segment.jobs.progress import Report
from segment.jobs.snapshots import build_snapshots, stacked, training_moments
from segment.policy import ModelSpec, Policy
from segment.tracking import RunRecord, Tracking
from segment.warehouse import Workspace


def find_run(asked: str, tracking: Tracking) -> RunRecord:
    """Find a run by version, alias or id.

    Parameters
    ----------
    asked : str
        As given.
    tracking : Tracking
        Holds it.

    Returns
    -------
    RunRecord

    Raises
    ------
    ModelError
        Where none of the three is known.
    """
    if asked.isdigit():
        return tracking.read_run(tracking.get(asked).run_id)
    alias = tracking.find(asked)
    return tracking.read_run(alias.run_id if alias else asked)


def specs_of(first: str, second: str, policy: Policy, tracking: Tracking) -> list[ModelSpec]:
    """Find the specs of two runs that may be compared.

    Parameters
    ----------
    first, second : str
        As in `compare`.
    policy : Policy
        That both were trained by.
    tracking : Tracking
        Holds the runs.

    Returns
    -------
    list of ModelSpec

    Raises
    ------
    ModelError
        Where a run keeps no spec, was trained by another policy, or looks another number of months ahead.
    """
    specs = [_spec(asked, policy, tracking) for asked in (first, second)]
    horizons = {spec.train.horizon_months for spec in specs}
    if len(horizons) > 1:
        raise ModelError.with_hint(
            f"Both runs must look as many months ahead. Got {' and '.join(str(one) for one in sorted(horizons))}.",
            "compare runs of one horizon, or leave --as-of out",
        )
    return specs


def _spec(asked: str, policy: Policy, tracking: Tracking) -> ModelSpec:
    run = find_run(asked, tracking)
    text = tracking.read_text(run.run_id, "spec.json")
    if text is None or run.params.get("policy_model_hash") != policy.model_hash:
        raise ModelError.with_hint(
            f"Run `{asked}` must be a training with its spec, by this policy. It is not.",
            "give --policy, or compare without --as-of",
        )
    return ModelSpec.model_validate(json.loads(text))


def judge_by_spec(
    spec: ModelSpec, as_of: dt.date, workspace: Workspace, policy: Policy, n_jobs: int, progress: Report
) -> Judged:
    """Fit a spec on the past alone and judge it on the newest outcomes.

    Parameters
    ----------
    spec : ModelSpec
        What is tried.
    as_of : datetime.date
        Outcomes are known up to it.
    workspace : Workspace
        Holds the customer months.
    policy : Policy
        Frozen figures.
    n_jobs : int
        Processes for buckets of customers.
    progress : callable
        Told how far each step is.

    Returns
    -------
    Judged

    Raises
    ------
    ModelError
        Where no outcome is known from before those that it is judged on.
    """
    horizon = spec.train.horizon_months
    moments = training_moments(
        workspace, as_of, horizon, most=spec.train.moments, months_between=spec.train.months_between
    )
    made = build_snapshots(
        workspace, policy, [*moments, as_of], horizon_months=horizon, n_jobs=n_jobs, progress=progress
    )
    frame = stacked(made, horizon)
    judged = judge(frame, frame[target_name(horizon)].to_numpy(), policy, spec)
    if judged is None or not judged.out_of_time:
        raise ModelError.with_hint(
            f"`{spec.name}` must have outcomes from before those that it is judged on. Up to {as_of} it has none.",
            "raise [train] moments, feed more months, or compare without --as-of",
        )
    return judged

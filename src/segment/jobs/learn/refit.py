"""Specs of logged runs, fitted again on the past alone."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence

from segment.dates import month_end, next_month
from segment.evaluation.champion_challenger import Pair
from segment.evaluation.holdout import Holdout, evaluate_holdout
from segment.exceptions import HistoryError, ModelError, RunError
from segment.jobs.learn.training_data import TrainingData, most_customers, read_training_data
from segment.policy import ModelSpec, Policy
from segment.progress import ProgressCallback
from segment.tracking.registry import Tracking
from segment.tracking.runs import LoggedRun
from segment.warehouse.stored_snapshots import SnapshotSource


def find_run(asked: str, tracking: Tracking) -> LoggedRun:
    """Find a run by version, alias or id."""
    if asked.isdigit():
        return tracking.read_run(tracking.get(asked).run_id)
    alias = tracking.find(asked)
    return tracking.read_run(alias.run_id if alias else asked)


def specs_of(first: str, second: str, policy: Policy, tracking: Tracking) -> list[ModelSpec]:
    """Find the specs of two runs that may be compared."""
    specs = [_spec(asked, policy, tracking) for asked in (first, second)]
    horizons = {spec.train.horizon_months for spec in specs}
    if len(horizons) > 1:
        listed = " and ".join(str(months) for months in sorted(horizons))
        raise RunError.of("errors.other_horizons", listed=listed)
    return specs


def refit(
    specs: Sequence[ModelSpec],
    as_of: dt.date,
    source: SnapshotSource,
    policy: Policy,
    n_jobs: int,
    progress: ProgressCallback,
) -> list[Holdout]:
    """Fit specs on the past alone and forecast the newest outcomes; specs of the same dates share their snapshots."""
    # pairs are of the same customers, so all specs learn from as many
    most = max(most_customers(spec) for spec in specs)
    data: dict[tuple[int, int, int], TrainingData] = {}
    holdouts = []
    for spec in specs:
        dates = (spec.train.horizon_months, spec.train.moments, spec.train.months_between)
        if dates not in data:
            data[dates] = read_training_data(
                as_of, source, policy, spec.changed({("train", "most_customers"): most}), n_jobs, progress
            )
        holdouts.append(_evaluated(spec, data[dates], policy))
    return holdouts


def refit_pairs(
    specs: Sequence[ModelSpec],
    as_of: dt.date,
    source: SnapshotSource,
    policy: Policy,
    n_jobs: int,
    progress: ProgressCallback,
) -> list[Pair]:
    """Fit two specs on the past of as many dates as the policy asks for, or as the history has."""
    pairs: list[Pair] = []
    for number in range(policy.promotion.cutoffs):
        known_by = month_end(next_month(as_of, -number * specs[0].train.horizon_months))
        try:
            first, second = refit(specs, known_by, source, policy, n_jobs, progress)
        except (HistoryError, ModelError):
            if not pairs:
                raise
            break
        pairs.append((first, second))
    return pairs


def _spec(asked: str, policy: Policy, tracking: Tracking) -> ModelSpec:
    run = find_run(asked, tracking)
    text = tracking.read_text(run.run_id, "spec.json")
    if text is None or run.params.get("policy_model_hash") != policy.model_hash:
        raise RunError.of("errors.no_training_run", asked=asked)
    return ModelSpec.model_validate(json.loads(text))


def _evaluated(spec: ModelSpec, data: TrainingData, policy: Policy) -> Holdout:
    holdout = evaluate_holdout(data.frame, data.target, policy, spec)
    if holdout is None or not holdout.out_of_time:
        raise HistoryError.of("errors.no_outcomes_before", name=spec.name, as_of=data.as_of)
    return holdout

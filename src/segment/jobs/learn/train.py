"""Train on snapshots whose outcomes have passed, evaluate out of time, and register the model."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict, dataclass, field
from typing import Any

import polars as pl

from segment.clustering import TierClustering
from segment.departures import Landmarks, read_landmarks
from segment.departures.departure_holdout import evaluate_departures
from segment.drift.drift_reference import REFERENCE, build_reference
from segment.evaluation.experiment import new_model
from segment.evaluation.holdout import Holdout, evaluate_holdout, forecast_metrics
from segment.evaluation.learning_curve import error_by_share
from segment.jobs.build.extract import Extracted, extract, extracted
from segment.jobs.build.hashes import features_hash, ledger_hash
from segment.jobs.build.snapshots import outcome_names
from segment.jobs.fairness.protected_groups import read_group_records
from segment.jobs.fairness.training_audit import audit_training
from segment.jobs.learn.card_facts import ChampionRun, ModelTraining, card_facts
from segment.jobs.learn.describe_clusters import cluster_texts
from segment.jobs.learn.model_card import card_texts
from segment.jobs.learn.promotion_gates import failed_alone
from segment.jobs.learn.training_data import TrainingData, read_training_data
from segment.lock import workspace_lock
from segment.main_bank import labels_by_date
from segment.messages import Message
from segment.model import SegmentationModel
from segment.model.data_limits import unproven
from segment.model.quality import decision_quality, odds_quality, tier_quality
from segment.numbers import measured
from segment.pages.message_result import MessageResult
from segment.policy import ModelSpec, Policy
from segment.progress import ProgressCallback, no_progress
from segment.settings import Settings
from segment.tracking.models import CHAMPION, UNPROVEN_TAG, RegisteredVersion
from segment.tracking.registry import Tracking
from segment.tracking.runs import Dataset, Parameters
from segment.tracking.scoring_model import ModelInterface
from segment.warehouse.stored_snapshots import SnapshotSource
from segment.workspace import Workspace

SPEC_SECTIONS = ("train", "features", "future_value", "main_bank", "wallet", "clustering")
TAGS = ("policy_hash", "policy_model_hash", "features_hash", "as_of", "horizon_months", "spec", "spec_hash")


@dataclass(frozen=True)
class TrainingResult(MessageResult):
    """What a training did."""

    version: str  # version, run_id: In the registry.
    run_id: str
    champion: bool  # Whether the model is champion: the first one becomes it at once
    moments: list[str]  # Snapshots with outcomes that it learned from
    metrics: dict[str, float]  # Out of time or out of customers; see the model card
    limits: list[Message] = field(default_factory=list)  # What was learned from few data

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {**asdict(self), "limits": [limit.to_dict() for limit in self.limits]}

    def messages(self) -> list[Message]:
        """Say what came of it."""
        role = Message("results.champion" if self.champion else "results.challenger")
        shown = ("spearman", "spearman_persistence", "mae_skill", "coverage_p10_p90", "tier_cost_by_clusters",
                 "tier_cost_by_odds", "tier_cost_by_borders")  # fmt: skip
        known = measured(self.metrics)
        listed = [Message("results.metric", {"name": name, "value": known[name]}) for name in shown if name in known]
        figures = {"version": self.version, "role": role, "dates": len(self.moments), "measured": listed}
        return [Message("results.trained", figures), *self.limits]


def train(
    location: str | None,
    as_of: dt.date,
    workspace: Workspace,
    policy: Policy,
    tracking: Tracking,
    *,
    spec: ModelSpec | None = None,
    horizon_months: int | None = None,
    seed: int | None = None,
    n_jobs: int = -1,
    progress: ProgressCallback = no_progress,
) -> TrainingResult:
    """Train a model on what was known, log it and register it as challenger.

    Parameters
    ----------
    location : str or None
        A folder of tables or a database URL; None: what was extracted as of this date.
    as_of : datetime.date
        A month's last day. Every outcome ends on or before it.
    workspace : Workspace
        Where to build.
    policy : Policy
        Frozen figures.
    tracking : Tracking
        Runs and registry.
    spec : ModelSpec, optional
        What is tried; the default changes nothing.
    horizon_months : int, optional
        Months ahead that are learned, in place of the spec's.
    seed : int, optional
        In place of the spec's. The same seed trains the same model.
    n_jobs, progress : as `extract` takes them

    Returns
    -------
    TrainingResult

    Raises
    ------
    HistoryError
        Where the ledger is too short for the horizon; says how many months there are and what would do.
    PolicyError
        Where the spec does not fit the policy's features.
    """
    spec = override_spec(spec or ModelSpec(), horizon_months, seed)
    new_model(policy, spec)  # a spec that does not hold stops here, before hours of extraction
    if location is not None:
        extract(location, as_of, workspace, policy, n_jobs=n_jobs, progress=progress)
    source = extracted(workspace, as_of)
    with workspace_lock(workspace.root, "train"):
        months = SnapshotSource.read(workspace)
        records = read_group_records(workspace, months.tables)
        data = read_training_data(as_of, months, policy, spec, n_jobs, progress)
        champion = tracking.find(CHAMPION)
        previous = tracking.load(CHAMPION)[0].clustering_ if champion else None
        landmarks = _landmarks(data, months, policy, spec, n_jobs)
        holdout, model = _fitted(data, months.tables["main_bank_labels"], landmarks, previous, policy, spec, progress)
        progress("fairness", 0, 1)
        fairness = audit_training(holdout, model, data.current, records, policy.audit, spec.train.seed)
        progress("fairness", 1, 1)
        progress("card", 0, 1)
        departures = evaluate_departures(landmarks, policy.departures, spec.train.seed)
        metrics = {**_holdout_metrics(holdout), **departures, **tier_quality(model, data.current)}
        training = ModelTraining(
            model=model,
            params=_parameters(source, policy, spec, data),
            metrics=metrics,
            hashes=source.hashes,
            policy=policy,
            spec=spec,
            holdout=holdout,
            data=data,
            scored=model.score_customers(data.current),
            fairness=fairness,
            champion=ChampionRun(champion.version, tracking.read_run(champion.run_id).params) if champion else None,
            curve=error_by_share(holdout, policy, spec) if holdout and data.sample else {},
            unproven=[] if champion else failed_alone(metrics, policy.promotion),
        )
        registered = _registered(training, tracking)
        progress("card", 1, 1)
    now = tracking.find(CHAMPION)
    return TrainingResult(
        version=registered.version,
        run_id=registered.run_id,
        champion=now is not None and now.version == registered.version,
        moments=[day.isoformat() for day in data.dates],
        metrics=dict(training.metrics),
        limits=[*unproven(training.unproven), *training.limits],
    )


def override_spec(spec: ModelSpec, horizon_months: int | None, seed: int | None) -> ModelSpec:
    """Put what a caller asks for in place of the spec's.

    Parameters
    ----------
    spec : ModelSpec
        What is tried.
    horizon_months, seed : int or None
        None leaves the spec's.

    Returns
    -------
    ModelSpec

    Examples
    --------
    >>> override_spec(ModelSpec(), 6, None).train.horizon_months
    6
    """
    asked = {("train", "horizon_months"): horizon_months, ("train", "seed"): seed}
    return spec.changed({place: value for place, value in asked.items() if value is not None})


def _landmarks(data: TrainingData, source: SnapshotSource, policy: Policy, spec: ModelSpec, n_jobs: int) -> Landmarks:
    """Read the past of the customers who teach."""
    folder, seed = source.customer_months, spec.train.seed
    return read_landmarks(source.tables, folder, policy, data.as_of, sample=data.sample, n_jobs=n_jobs, seed=seed)


def _fitted(
    data: TrainingData,
    main_bank_labels: pl.DataFrame,
    landmarks: Landmarks,
    previous: TierClustering | None,
    policy: Policy,
    spec: ModelSpec,
    progress: ProgressCallback,
) -> tuple[Holdout | None, SegmentationModel]:
    """Evaluate a model of the past, and fit one on everything."""
    progress("evaluate", 0, 1)
    holdout = evaluate_holdout(data.frame, data.target, policy, spec)
    progress("evaluate", 1, 1)
    progress("fit", 0, 1)
    labels = labels_by_date(main_bank_labels, data.frame, policy.main_bank.label_months)
    model = new_model(policy, spec).fit(data.frame, data.target, labels.y, labels.weight, previous, landmarks)
    progress("fit", 1, 1)
    return holdout, model


def _registered(training: ModelTraining, tracking: Tracking) -> RegisteredVersion:
    horizon = training.data.horizon_months
    return tracking.register(
        training.model,
        interface=ModelInterface.of(training.data.current.drop(outcome_names(horizon)), training.scored),
        name=f"train {training.data.as_of.isoformat()} {training.spec.name}",
        params=training.params,
        metrics=training.metrics,
        texts=_texts(training),
        tags={name: str(training.params[name]) for name in TAGS} | {UNPROVEN_TAG: ",".join(training.unproven)},
        datasets=[Dataset(table, sha256, "ledger") for table, sha256 in sorted(training.hashes.items())],
    )


def _parameters(source: Extracted, policy: Policy, spec: ModelSpec, data: TrainingData) -> Parameters:
    return {
        "as_of": source.as_of.isoformat(),
        "horizon_months": spec.train.horizon_months,
        "seed": spec.train.seed,
        "moments": ",".join(day.isoformat() for day in data.dates),
        "rows": data.frame.height,
        "customers": source.customers,
        "policy": f"{policy.name} {policy.version}",
        "policy_hash": policy.hash,
        "policy_model_hash": policy.model_hash,
        "features_hash": features_hash(policy),
        "ledger_hash": ledger_hash(source.hashes),
        "spec": spec.name,
        "spec_hash": spec.hash,
        **_spec_parameters(spec),
    }


def _spec_parameters(spec: ModelSpec) -> Parameters:
    """Keys that the spec sets, one parameter each, so that runs are easy to compare."""
    content = spec.model_dump(mode="json", exclude_defaults=True, include=set(SPEC_SECTIONS))
    return {
        f"{section}.{key}": ", ".join(str(item) for item in value) if isinstance(value, list) else value
        for section, keys in content.items()
        for key, value in keys.items()
    }


def _holdout_metrics(holdout: Holdout | None) -> dict[str, float]:
    if holdout is None:
        return {}
    return {
        **forecast_metrics(holdout),
        **odds_quality(holdout.model, holdout.frame, holdout.actual),
        **decision_quality(holdout.model, holdout.frame),
    }


def _texts(training: ModelTraining) -> dict[str, str]:
    """The files of a training's run: its card and cluster cards in the language of the settings, hashes, and more."""
    model, data, language = training.model, training.data, Settings().language
    least_group = training.policy.drift.least_group
    reference = build_reference(data.train, data.current, training.scored, model.features_, least_group)
    return {
        **card_texts(card_facts(training).to_dict(), language),
        **cluster_texts(model.clustering_, training.policy, language),
        "ledger_hashes.json": json.dumps(training.hashes, indent=2, sort_keys=True),
        REFERENCE: reference.to_json(),
        "spec.json": training.spec.model_dump_json(indent=2, exclude_none=True),
    }

"""Train on snapshots whose outcomes have passed, judge out of time, and register the model."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from segment.features import target_name
from segment.jobs.audit.facts import training_facts
from segment.jobs.card import Material, card_texts, gather
from segment.jobs.clusters import cluster_texts
from segment.jobs.drift import REFERENCE, reference_of
from segment.jobs.evaluation import figures, judge, odds_of
from segment.jobs.experiment import new_model
from segment.jobs.extract import Extracted, extract, extracted
from segment.jobs.hashes import features_hash, ledger_hash
from segment.jobs.progress import Report, quiet
from segment.jobs.reference import read_reference
from segment.jobs.snapshots import build_snapshots, stacked, training_moments
from segment.main_bank import labels_at
from segment.model import SegmentationModel, tier_quality
from segment.policy import ModelSpec, Policy
from segment.tracking import CHAMPION, RegisteredVersion, Tracking
from segment.warehouse import Workspace, workspace_lock


@dataclass(frozen=True)
class Trained:
    """What a training did.

    Attributes
    ----------
    version, run_id : str
        In the registry.
    champion : bool
        Whether the model is champion: the first one becomes it at once.
    moments : list of str
        Snapshots with outcomes that it learned from.
    metrics : dict of str to float
        Out of time or out of customers; see the model card.
    """

    version: str
    run_id: str
    champion: bool
    moments: list[str]
    metrics: dict[str, float]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)

    def __str__(self) -> str:
        """Say what came of it."""
        role = "champion" if self.champion else "challenger"
        shown = ("spearman", "spearman_persistence", "mae_skill", "coverage_p10_p90", "cluster_agreement")
        measured = ", ".join(f"{name} {self.metrics[name]:.3f}" for name in shown if name in self.metrics)
        return f"Version {self.version} is {role}; learned from {len(self.moments)} moments. {measured}."


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
    progress: Report = quiet,
) -> Trained:
    """Train a model on what was known, log it and register it as challenger.

    Parameters
    ----------
    location : str or None
        A folder of tables or a database URL; None: what was extracted as of this moment.
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
    n_jobs : int
        Processes for buckets of customers.
    progress : callable
        Told how far each step is.

    Returns
    -------
    Trained

    Raises
    ------
    HistoryError
        Where the ledger is too short for the horizon; says how many months there are and what would do.
    PolicyError
        Where the spec does not fit the policy's features.
    """
    spec = settled(spec or ModelSpec(), horizon_months, seed)
    new_model(policy, spec)  # a spec that does not hold stops here, before hours of extraction
    if location is not None:
        extract(location, as_of, workspace, policy, n_jobs=n_jobs, progress=progress)
    source = extracted(workspace, as_of)
    with workspace_lock(workspace.root, "train"):
        moments = training_moments(
            workspace, as_of, spec.train.horizon_months,
            most=spec.train.moments, months_between=spec.train.months_between,
        )  # fmt: skip
        snapshots = build_snapshots(
            workspace, policy, [*moments, as_of],
            horizon_months=spec.train.horizon_months, n_jobs=n_jobs, progress=progress,
        )  # fmt: skip
        frame = stacked(snapshots, spec.train.horizon_months)
        progress("evaluate", 0, 1)
        judged = judge(frame, frame[target_name(spec.train.horizon_months)].to_numpy(), policy, spec)
        progress("evaluate", 1, 1)
        model = _fit(frame, as_of, workspace, policy, spec, tracking, progress)
        metrics = {**figures(judged), **odds_of(judged), **tier_quality(model, snapshots[as_of])}
        params = _parameters(source, policy, spec, moments, frame)
        newest = frame.filter(pl.col("as_of") == as_of)
        progress("fairness", 0, 1)
        fairness = training_facts(judged, model, newest, workspace, policy, spec.train.seed)
        progress("fairness", 1, 1)
        material = Material(model, params, metrics, source.hashes, policy, spec, judged, frame, fairness)
        progress("card", 0, 1)
        registered = _register(material, tracking)
        progress("card", 1, 1)
    champion = tracking.find(CHAMPION)
    return Trained(
        version=registered.version,
        run_id=registered.run_id,
        champion=champion is not None and champion.version == registered.version,
        moments=[moment.isoformat() for moment in moments],
        metrics=metrics,
    )


def settled(spec: ModelSpec, horizon_months: int | None, seed: int | None) -> ModelSpec:
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
    >>> settled(ModelSpec(), 6, None).train.horizon_months
    6
    """
    asked = {("train", "horizon_months"): horizon_months, ("train", "seed"): seed}
    return spec.changed({place: value for place, value in asked.items() if value is not None})


def _fit(
    frame: pl.DataFrame,
    as_of: dt.date,
    workspace: Workspace,
    policy: Policy,
    spec: ModelSpec,
    tracking: Tracking,
    progress: Report,
) -> SegmentationModel:
    progress("fit", 0, 1)
    labels = labels_at(read_reference(workspace)["main_bank_labels"], frame["customer_id"], as_of)
    previous = tracking.load(CHAMPION)[0].clustering_ if tracking.find(CHAMPION) else None
    target = frame[target_name(spec.train.horizon_months)].to_numpy()
    model = new_model(policy, spec).fit(frame, target, labels.y, labels.weight, previous=previous)
    progress("fit", 1, 1)
    return model


def _parameters(
    source: Extracted, policy: Policy, spec: ModelSpec, moments: list[dt.date], frame: pl.DataFrame
) -> dict[str, Any]:
    return {
        "as_of": source.as_of.isoformat(),
        "horizon_months": spec.train.horizon_months,
        "seed": spec.train.seed,
        "moments": ",".join(moment.isoformat() for moment in moments),
        "rows": frame.height,
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


def _spec_parameters(spec: ModelSpec) -> dict[str, Any]:
    """Keys that the spec sets, one parameter each, so that runs are easy to compare."""
    content = spec.model_dump(mode="json", exclude_defaults=True, include=set(SPEC_SECTIONS))
    return {
        f"{section}.{key}": ", ".join(str(one) for one in value) if isinstance(value, list) else value
        for section, keys in content.items()
        for key, value in keys.items()
    }


SPEC_SECTIONS = ("train", "features", "future_value", "main_bank", "wallet", "clustering")
TAGS = ("policy_hash", "policy_model_hash", "features_hash", "as_of", "horizon_months", "spec", "spec_hash")


def _register(made: Material, tracking: Tracking) -> RegisteredVersion:
    texts = card_texts(gather(made, tracking)) | cluster_texts(made.model.clustering_, made.policy)
    texts["ledger_hashes.json"] = json.dumps(made.hashes, indent=2, sort_keys=True)
    texts[REFERENCE] = _drift_reference(made)
    texts["spec.json"] = made.spec.model_dump_json(indent=2, exclude_none=True)
    return tracking.register(
        made.model,
        columns=made.model.features_,
        name=f"train {made.params['as_of']} {made.spec.name}",
        params=made.params,
        metrics=made.metrics,
        texts=texts,
        tags={name: str(made.params[name]) for name in TAGS},
    )


def _drift_reference(made: Material) -> str:
    newest = pl.col("as_of") == made.frame["as_of"].max()
    learned, now = made.frame.filter(~newest), made.frame.filter(newest)
    scored = made.model.score_customers(now)
    return reference_of(learned, now, scored, made.model.features_, made.policy.drift.least_group).to_json()

"""Train on snapshots whose outcomes have passed, judge out of time, and register the model."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict, dataclass
from typing import Any

from segment.features import target_name
from segment.jobs.card import model_card
from segment.jobs.evaluation import evaluate
from segment.jobs.extract import Extracted, extract, extracted
from segment.jobs.hashes import features_hash, ledger_hash
from segment.jobs.progress import Report, quiet
from segment.jobs.reference import read_reference
from segment.jobs.snapshots import build_snapshots, stacked, training_moments
from segment.main_bank import labels_at
from segment.model import SegmentationModel, tier_quality
from segment.policy import Policy
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
        figures = ", ".join(f"{name} {self.metrics[name]:.3f}" for name in shown if name in self.metrics)
        return f"Version {self.version} is {role}; learned from {len(self.moments)} moments. {figures}."


def train(
    location: str | None,
    as_of: dt.date,
    workspace: Workspace,
    policy: Policy,
    tracking: Tracking,
    *,
    horizon_months: int = 12,
    seed: int = 0,
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
    horizon_months : int
        Months ahead that are learned.
    seed : int
        The same seed trains the same model.
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
    """
    if location is not None:
        extract(location, as_of, workspace, policy, n_jobs=n_jobs, progress=progress)
    source = extracted(workspace, as_of)
    with workspace_lock(workspace.root, "train"):
        moments = training_moments(workspace, as_of, horizon_months)
        snapshots = build_snapshots(
            workspace, policy, [*moments, as_of], horizon_months=horizon_months, n_jobs=n_jobs, progress=progress
        )
        frame = stacked(snapshots, horizon_months)
        target = frame[target_name(horizon_months)].to_numpy()
        progress("evaluate", 0, 1)
        metrics = evaluate(frame, target, policy, horizon_months, seed)
        progress("evaluate", 1, 1)
        progress("fit", 0, 1)
        labels = labels_at(read_reference(workspace)["main_bank_labels"], frame["customer_id"], as_of)
        model = SegmentationModel.from_policy(policy, horizon_months=horizon_months, random_state=seed)
        previous = tracking.load(CHAMPION)[0].clustering_ if tracking.find(CHAMPION) else None
        model.fit(frame, target, labels.y, labels.weight, previous=previous)
        metrics |= tier_quality(model, snapshots[as_of])
        progress("fit", 1, 1)
        params = _parameters(source, policy, horizon_months, seed, moments, frame.height)
        registered = _register(model, params, metrics, source, policy, tracking)
    champion = tracking.find(CHAMPION)
    return Trained(
        version=registered.version,
        run_id=registered.run_id,
        champion=champion is not None and champion.version == registered.version,
        moments=[moment.isoformat() for moment in moments],
        metrics=metrics,
    )


def _parameters(
    source: Extracted, policy: Policy, horizon_months: int, seed: int, moments: list[dt.date], rows: int
) -> dict[str, Any]:
    return {
        "as_of": source.as_of.isoformat(),
        "horizon_months": horizon_months,
        "seed": seed,
        "moments": ",".join(moment.isoformat() for moment in moments),
        "rows": rows,
        "customers": source.customers,
        "policy": f"{policy.name} {policy.version}",
        "policy_hash": policy.hash,
        "features_hash": features_hash(policy),
        "ledger_hash": ledger_hash(source.hashes),
    }


def _register(
    model: SegmentationModel,
    params: dict[str, Any],
    metrics: dict[str, float],
    source: Extracted,
    policy: Policy,
    tracking: Tracking,
) -> RegisteredVersion:
    return tracking.register(
        model,
        columns=model.features_,
        name=f"train {params['as_of']}",
        params=params,
        metrics=metrics,
        texts={
            "model_card.md": model_card(policy, params, metrics, model),
            "ledger_hashes.json": json.dumps(source.hashes, indent=2, sort_keys=True),
        },
        tags={name: str(params[name]) for name in ("policy_hash", "features_hash", "as_of", "horizon_months")},
    )

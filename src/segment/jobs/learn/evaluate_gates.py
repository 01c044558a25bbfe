"""Evaluates every gate between a version and the champion."""

from __future__ import annotations

import datetime as dt

import polars as pl

from segment.audit.customer_groups import groups_at
from segment.evaluation.champion_challenger import ChallengerComparison, compare_pairs
from segment.exceptions import HistoryError, ModelError
from segment.gate import Gate
from segment.jobs.fairness.protected_groups import read_group_records
from segment.jobs.learn.promotion_gates import fairness_gate, metric_gates, paired_gates, same_terms, scoring_gates
from segment.jobs.learn.refit import refit_pairs, specs_of
from segment.messages import Message
from segment.pages.gate_sentences import gate
from segment.policy import Policy
from segment.progress import ProgressCallback, no_progress
from segment.tracking.models import CHAMPION, RegisteredVersion
from segment.tracking.registry import Tracking
from segment.warehouse.stored_snapshots import SnapshotSource, read_newest_snapshot
from segment.workspace import Workspace


def evaluate_gates(
    challenger: RegisteredVersion,
    workspace: Workspace,
    policy: Policy,
    tracking: Tracking,
    *,
    as_of: dt.date | None,
    n_jobs: int = -1,
    progress: ProgressCallback = no_progress,
) -> tuple[Gate, ...]:
    """Hold a version to the metrics of its training, the champion, and persistence.

    Parameters
    ----------
    challenger : RegisteredVersion
        Who may become champion.
    workspace : Workspace
        Holds customer months and snapshots.
    policy : Policy
        In force; holds the limits.
    tracking : Tracking
        Holds both models, their specs and metrics.
    as_of : datetime.date or None
        Outcomes are known up to it. None compares nothing with the champion, and the gates that need it fail.
    n_jobs, progress : as `extract` takes them

    Returns
    -------
    tuple of Gate

    References
    ----------
    DOMAIN.md 4.4 (a) to (h).
    """
    limits = policy.promotion
    champion = tracking.find(CHAMPION)
    alone = (*metric_gates(tracking.metrics(challenger), limits), same_terms(challenger.tags, policy))
    if champion is None or champion.version == challenger.version:
        return alone
    in_use = same_terms(champion.tags, policy)
    if not in_use.holds:  # tiers can no longer be published by it, and what it learned was of other amounts
        return (*alone, gate("other_champion", True, Message("promotion.other_champion", {"terms": in_use.finding})))
    comparison: ChallengerComparison | None = None
    if as_of is not None:
        specs = specs_of(champion.version, challenger.version, policy, tracking)
        source = SnapshotSource.read(workspace)
        records = read_group_records(workspace, source.tables)
        pairs = refit_pairs(specs, as_of, source, policy, n_jobs, progress)
        frames = [holdout.frame for holdout, _ in pairs]
        groups = [groups_at(rows["customer_id"], rows["as_of"].to_list()[0], records, policy.audit) for rows in frames]
        comparison = compare_pairs(pairs, policy, [each.attributes for each in groups])
    scored: list[pl.DataFrame] | str
    try:
        snapshot = read_newest_snapshot(workspace)
        versions = (challenger.version, challenger.version, champion.version)
        scored = [tracking.load_version(version)[0].score_parts(snapshot.parts(), {}) for version in versions]
    except (HistoryError, ModelError) as fault:
        scored = str(fault).splitlines()[0]
    return (
        *alone,
        *paired_gates(comparison, limits),
        fairness_gate(None if comparison is None else comparison.fairness, limits),
        *scoring_gates(scored, limits.most_churn),
    )

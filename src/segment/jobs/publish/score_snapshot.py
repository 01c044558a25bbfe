"""A snapshot scored by the champion, with tiers that last."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import polars as pl

from segment.jobs.publish.scoring_engine import Score, score_here
from segment.model import SegmentationModel
from segment.policy import Policy
from segment.tiers.stability.stabilise import stabilise
from segment.tracking.models import RegisteredVersion
from segment.warehouse.stored_snapshots import CustomerSnapshot


@dataclass(frozen=True)
class ScoringInputs:
    """What tiers follow from, beside the snapshot itself."""

    as_of: dt.date
    policy: Policy
    model: SegmentationModel
    version: RegisteredVersion  # Of the model
    previous: pl.DataFrame | None  # The last tiers published for an earlier date
    overrides: pl.DataFrame  # The newest that persons set of each customer
    grades: pl.DataFrame | None = None  # By assets, where the policy has them


@dataclass(frozen=True)
class ScoredSnapshot:
    """What a refresh is about to publish."""

    scored: pl.DataFrame  # What the champion says
    tiers: pl.DataFrame  # Those rows with tiers that last, stamped


def score_snapshot(
    given: ScoringInputs, snapshot: CustomerSnapshot, run_id: str, score: Score = score_here
) -> ScoredSnapshot:
    """Score a snapshot and settle its tiers."""
    policy = given.policy
    scored = score(given.model, snapshot)
    tiers = stabilise(scored, given.previous, given.as_of, policy, given.overrides).with_columns(
        policy_version=pl.lit(f"{policy.name} {policy.version}"),
        model_version=pl.lit(given.version.version),
        run_id=pl.lit(run_id),
    )
    if given.grades is not None:
        tiers = tiers.join(given.grades, on="customer_id", how="left", maintain_order="left")
    return ScoredSnapshot(scored, tiers)

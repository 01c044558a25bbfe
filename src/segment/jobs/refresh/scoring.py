"""A moment scored by the champion, with tiers that last, and how far its customers drifted."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import polars as pl

from segment.jobs.drift import Judged, judge_drift
from segment.jobs.reference import managers_by_branch, read_reference, with_deceased
from segment.model import SegmentationModel
from segment.policy import Policy
from segment.tiers.stability import stabilise
from segment.tracking import RegisteredVersion, Tracking
from segment.warehouse import Workspace


@dataclass(frozen=True)
class Moment:
    """What a refresh is about to publish.

    Attributes
    ----------
    snapshot : polars.DataFrame
        With `deceased`.
    managers : dict of str to int
        Relationship managers by branch.
    scored : polars.DataFrame
        What the champion says.
    tiers : polars.DataFrame
        Those rows with tiers that last, stamped.
    drift : Judged
        Against the champion's training and the last publication.
    """

    snapshot: pl.DataFrame
    managers: dict[str, int]
    scored: pl.DataFrame
    tiers: pl.DataFrame
    drift: Judged


def score(
    model: SegmentationModel,
    version: RegisteredVersion,
    as_of: dt.date,
    run_id: str,
    before: pl.DataFrame | None,
    overrides: pl.DataFrame,
    workspace: Workspace,
    policy: Policy,
    tracking: Tracking,
) -> Moment:
    """Score the snapshot of a moment and settle its tiers.

    Parameters
    ----------
    model, version : SegmentationModel, RegisteredVersion
        The champion.
    as_of : datetime.date
        The moment.
    run_id : str
        What the rows are stamped with.
    before : polars.DataFrame or None
        The last tiers published for an earlier moment.
    overrides : polars.DataFrame
        In force at the moment.
    workspace : Workspace
        Holds the snapshot and the small tables.
    policy : Policy
        In force.
    tracking : Tracking
        Keeps what the champion learned from, for the drift.

    Returns
    -------
    Moment
    """
    reference = read_reference(workspace)
    snapshot = with_deceased(pl.read_parquet(workspace.snapshot(as_of)), reference["contact_rules"], as_of)
    managers = managers_by_branch(reference["relationship_managers"])
    scored = model.score_customers(snapshot, managers)
    tiers = stabilise(scored, before, as_of, policy, overrides).with_columns(
        policy_version=pl.lit(f"{policy.name} {policy.version}"),
        model_version=pl.lit(version.version),
        run_id=pl.lit(run_id),
    )
    drift = judge_drift(scored, snapshot, before, version, tracking, policy)
    return Moment(snapshot, managers, scored, tiers, drift)

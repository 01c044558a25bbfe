"""The tiers of a publication, made again by its own model."""

from __future__ import annotations

import polars as pl

from segment.jobs.overrides import overrides_in_force
from segment.jobs.proof.verify import Rescore
from segment.jobs.published import tiers_before
from segment.jobs.refresh.scoring import score
from segment.policy import Policy
from segment.tracking import Tracking
from segment.warehouse import Workspace


def rescorer(workspace: Workspace, policy: Policy, tracking: Tracking) -> Rescore:
    """Make what `segment.jobs.proof.verify` scores a rebuilt workspace by.

    Parameters
    ----------
    workspace : Workspace
        Holds what was published before, and who set a tier by hand.
    policy : Policy
        In force.
    tracking : Tracking
        Holds the model that the tiers were made by, champion still or not.

    Returns
    -------
    callable
        Takes the rebuilt workspace, the published tiers and the version of the table they stand in.
    """

    def rescore(again: Workspace, tiers: pl.DataFrame, version: int) -> pl.DataFrame:
        as_of, run_id = tiers["as_of"][0], str(tiers["run_id"][0])
        model, made_by = tracking.load_version(str(tiers["model_version"][0]))
        before, overrides = tiers_before(workspace, as_of, version), overrides_in_force(workspace, as_of)
        return score(model, made_by, as_of, run_id, before, overrides, again, policy, tracking).tiers

    return rescore

"""As which tier each published customer is served on a day, and who is in the trial."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from segment.exceptions import PolicyError
from segment.policy import Policy
from segment.policy.service import Service
from segment.policy.trial import Trial
from segment.service.service_trial import with_served
from segment.service.trial_exclusions import outside, spared
from segment.upgrade.control import households


@dataclass(frozen=True)
class TrialMembers:
    """Who may take part in a trial on a day."""

    tiers: pl.DataFrame  # As published, with `household`
    outside: pl.DataFrame  # `customer_id` of those in no arm
    spared: pl.DataFrame  # `household` of those who are served no less


def trial_of(policy: Policy) -> tuple[Trial, Service]:
    """Return the policy's trial and the plan that it tries."""
    if policy.trial is None or policy.service is None:
        raise PolicyError.of("errors.no_trial_policy", name=policy.name)
    return policy.trial, policy.service


def find_members(
    tiers: pl.DataFrame,
    tables: Mapping[str, pl.DataFrame],
    objections: pl.DataFrame,
    policy: Policy,
    days: Sequence[dt.date],
) -> TrialMembers:
    """Find who is in no arm, and who is served no less, on any of some days."""
    homes = households(tables["customers"], tables["holdings"])
    placed = tiers.join(homes, on="customer_id", how="left", maintain_order="left")
    # whom the ledger does not know any more takes no part
    strange = placed.filter(pl.col("household").is_null()).select("customer_id")
    barred = pl.concat([outside(tables, objections, policy, day) for day in days]).unique(maintain_order=True)
    spared_homes = pl.concat([spared(tiers, tables, homes, policy, day) for day in days]).unique(maintain_order=True)
    placed = placed.with_columns(pl.col("household").fill_null(pl.col("customer_id")))
    return TrialMembers(placed, pl.concat([barred, strange]), spared_homes)


def served_tiers(members: TrialMembers, enrolled: pl.DataFrame, trial: Trial) -> pl.DataFrame:
    """Add as which tier each customer is served, and until when."""
    own = enrolled.filter(pl.col("trial") == trial.name)
    return with_served(members.tiers, own, members.outside, members.spared, trial).drop("household")

"""As which tier each published customer is served on a day, and who is in the trial."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import polars as pl

from segment.exceptions import PublishError
from segment.jobs.published import published_tiers
from segment.jobs.reference import read_reference
from segment.policy import Policy
from segment.policy.service import Service
from segment.policy.trial import Trial
from segment.service import outside, spared, with_served
from segment.service.trial import ENROLLED
from segment.upgrade import households
from segment.warehouse import Workspace
from segment.warehouse.kept import OBJECTIONS, read_kept


@dataclass(frozen=True)
class Known:
    """What decides who takes part today.

    Attributes
    ----------
    tiers : polars.DataFrame
        As published, with `household`.
    outside, spared : polars.DataFrame
        `customer_id` of those in no arm, `household` of those who are served no less.
    """

    tiers: pl.DataFrame
    outside: pl.DataFrame
    spared: pl.DataFrame


def trial_of(policy: Policy) -> tuple[Trial, Service]:
    """Return the policy's trial and the plan that it tries.

    Parameters
    ----------
    policy : Policy
        With `[trial]`, and so with `[service]`.

    Returns
    -------
    tuple of Trial and Service

    Raises
    ------
    PublishError
        Where it has none.
    """
    if policy.trial is None or policy.service is None:
        raise PublishError.with_hint(
            f"A trial of service needs the policy's [trial]. The policy `{policy.name}` has none.",
            "models/retail.toml shows one; docs/concepts/service-trial.md says what it does",
        )
    return policy.trial, policy.service


def read_enrolled(workspace: Workspace, trial: Trial) -> pl.DataFrame:
    """Read who was ever enrolled in a trial.

    Parameters
    ----------
    workspace : Workspace
        Keeps them in `trial.parquet`: customers, but neither names nor amounts of theirs.
    trial : Trial
        Found by its name.

    Returns
    -------
    polars.DataFrame
        `segment.service.trial.ENROLLED`.
    """
    path = workspace.trial
    kept = pl.read_parquet(path) if path.is_file() else pl.DataFrame(schema=ENROLLED)
    return kept.filter(pl.col("trial") == trial.name)


def known_today(tiers: pl.DataFrame, workspace: Workspace, policy: Policy, on: dt.date) -> Known:
    """Read who is in no arm, and who is served no less, on a day.

    Parameters
    ----------
    tiers : polars.DataFrame
        As published, of the whole bank.
    workspace : Workspace
        Holds the small tables of the last extract, and the objections handed in since.
    policy : Policy
        Ages and borders.
    on : datetime.date
        The day.

    Returns
    -------
    Known
    """
    tables = read_reference(workspace)
    homes = households(tables["customers"], tables["holdings"])
    placed = tiers.join(homes, on="customer_id", how="left", maintain_order="left")
    # whom the ledger does not know any more takes no part
    strange = placed.filter(pl.col("household").is_null()).select("customer_id")
    barred = outside(tables, read_kept(workspace, OBJECTIONS), policy, on)
    placed = placed.with_columns(pl.col("household").fill_null(pl.col("customer_id")))
    return Known(placed, pl.concat([barred, strange]), spared(tiers, tables, homes, policy, on))


def served_tiers(
    as_of: dt.date, workspace: Workspace, policy: Policy, branch: str | None = None, on: dt.date | None = None
) -> pl.DataFrame:
    """Read published tiers and add as which tier each customer is served; without a trial nothing is added.

    Parameters
    ----------
    as_of : datetime.date
        The moment. Its tiers stay true: a tier is what a customer is worth, not how they are served.
    workspace : Workspace
        Keeps the tiers and who is enrolled.
    policy : Policy
        Its `[trial]`.
    branch : str, optional
        One branch.
    on : datetime.date, optional
        The day of which protection is asked; the moment by default.

    Returns
    -------
    polars.DataFrame
        With `served_as` and `until`, where the policy has a trial.

    Raises
    ------
    PublishError
        Where nothing is published for the moment, or the branch has no customers.
    """
    tiers = published_tiers(workspace, as_of, branch)
    if policy.trial is None:
        return tiers
    # a household may have members in other branches, who protect it too
    known = known_today(published_tiers(workspace, as_of), workspace, policy, on or as_of)
    enrolled = read_enrolled(workspace, policy.trial)
    served = with_served(known.tiers, enrolled, known.outside, known.spared, policy.trial)
    return served.drop("household").join(tiers, on="customer_id", how="semi", maintain_order="left")

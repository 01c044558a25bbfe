"""The service plan of one moment, as a table or a page per branch."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl

from segment.exceptions import PublishError
from segment.jobs.objections import objecting
from segment.jobs.service_page import write_pages
from segment.jobs.service_trial import served_tiers
from segment.policy import Policy
from segment.policy.service import Service
from segment.service import plan_table
from segment.warehouse import Workspace
from segment.warehouse.export import check_format, export_table


def service_plan(as_of: dt.date, workspace: Workspace, policy: Policy, branch: str | None = None) -> pl.DataFrame:
    """Lay out what each tier and sub-state of each branch gets.

    Parameters
    ----------
    as_of : datetime.date
        Moment of the published tiers.
    workspace : Workspace
        Where they are published.
    policy : Policy
        Its `[service]`.
    branch : str, optional
        One branch.

    Returns
    -------
    polars.DataFrame
        No customer is in it. Those who object to profiling are `generic`: served alike, whatever their tier.

    Raises
    ------
    PublishError
        Where the policy has no plan, a tariff item is not public for long enough, or nothing is published.
    """
    if policy.service is None:
        raise PublishError.with_hint(
            f"A service plan needs the policy's [service]. The policy `{policy.name}` has none.",
            "write it as in models/retail.toml; docs/reference/policy.md lists every key",
        )
    _require_public(policy.service, as_of, policy.law_in_force.tariff_public_days)
    served = served_tiers(as_of, workspace, policy, branch)
    return plan_table(served, policy.service, policy, objecting(workspace))


def check_target(out: Path) -> None:
    """Refuse a target that is neither a folder nor a table's file, before any work is done.

    Parameters
    ----------
    out : Path
        A folder has no ending.
    """
    if not is_folder(out):
        check_format(out)


def write_plan(plan: pl.DataFrame, out: Path, currency: str) -> None:
    """Write the plan: one table, or a folder with a page per branch, an index and the table.

    Parameters
    ----------
    plan : polars.DataFrame
        As `service_plan` returns it.
    out : Path
        A table's file, or a folder.
    currency : str
        Of its amounts.
    """
    if not is_folder(out):
        export_table(plan, out, "service plan")
        return
    write_pages(plan, out, currency)
    export_table(plan, out / "plan.csv", "service plan")


def is_folder(out: Path) -> bool:
    """Tell a folder, there or to be made, from a table's file.

    Parameters
    ----------
    out : Path
        From the command line.

    Returns
    -------
    bool
    """
    return out.is_dir() or not out.suffix


def _require_public(service: Service, as_of: dt.date, lawful_days: int) -> None:
    days = max(service.least_public_days, lawful_days)
    named = {name for part in service.parts for name in part.tariff_items}
    latest = as_of - dt.timedelta(days=days)
    young = sorted(name for name in named if service.tariff[name].public_since > latest)
    if young:
        raise PublishError.with_hint(
            f"A tariff item of a plan must have been public for {days} days on {as_of}. Not so: {', '.join(young)}.",
            "leave it out of the plans until then",
        )

"""All that is known on a day of those who may be, or are, proposed an action."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import polars as pl

from segment.exceptions import PublishError
from segment.features.known import next_month
from segment.features.store import month_file
from segment.jobs.reference import read_reference
from segment.law import customer_facts, item_facts
from segment.policy import Policy
from segment.upgrade import require_fresh_sources
from segment.warehouse import Workspace, published_moments, read_tiers
from segment.warehouse.kept import OBJECTIONS, read_kept

BENEFITS = ("pension", "benefit")


@dataclass(frozen=True)
class Known:
    """What conditions are asked of.

    Attributes
    ----------
    moment : datetime.date
        Of the newest published tiers on the day.
    customers : polars.DataFrame
        `segment.law.customer_facts` of everyone published.
    tariff : polars.DataFrame
        The ledger's `tariff_items`.
    """

    moment: dt.date
    customers: pl.DataFrame
    tariff: pl.DataFrame

    def of_item(self, item_code: str | None, policy: Policy) -> dict[str, object]:
        """Say what the tariff knows of an item; see `segment.law.item_facts`."""
        named = policy.service.tariff.get(item_code or "") if policy.service else None
        return item_facts(self.tariff, item_code or "", named.price if named else None)


def known_on(on: dt.date, until: dt.date, workspace: Workspace, policy: Policy) -> Known:
    """Read everything anew.

    Parameters
    ----------
    on, until : datetime.date
        The day on which it is asked, and the last day for which protection is looked for.
    workspace : Workspace
        Holds the published tiers, customer months, small tables and objections.
    policy : Policy
        The law in force.

    Returns
    -------
    Known

    Raises
    ------
    PublishError
        Where the day has not come or lies before the newest figures, nothing is published or it is too old, or a
        source of protections is stale.
    """
    require_come(on)
    moments = published_moments(workspace.tiers)
    # a day before the newest figures would look away from them
    if not moments or not 0 <= (on - moments[-1]).days <= policy.law.figures_most_days:
        newest = moments[-1].isoformat() if moments else "none"
        raise PublishError.with_hint(
            f"The newest published tiers must be of {on} or up to {policy.law.figures_most_days} days before. "
            f"They are of: {newest}.",
            "segment refresh LEDGER --as-of DATE, or name the day with --on",
        )
    tables = read_reference(workspace)
    require_fresh_sources(tables["suppression_sources"], policy.upgrade, on)
    moment = moments[-1]
    columns = ("as_of", "customer_id", "tier", "direct_contribution_12m")
    back = [next_month(moment, -number) for number in range(policy.law_in_force.fee_refreshes)]
    in_reach = [one for one in moments if one.replace(day=1) in back]
    history = pl.concat([read_tiers(workspace.tiers, one).select(columns) for one in in_reach])
    facts = customer_facts(
        read_tiers(workspace.tiers, moment),
        history,
        free_income(workspace, moment, policy),
        tables,
        read_kept(workspace, OBJECTIONS),
        policy.law,
        on,
        until,
    )
    return Known(moment, facts, tables["tariff_items"])


def require_come(on: dt.date) -> None:
    """Refuse a day that has not come: who was not there yet cannot have been looked at.

    Parameters
    ----------
    on : datetime.date
        The day on which something is said to be done.

    Raises
    ------
    PublishError
        Where it lies in the future.
    """
    today = dt.date.today()
    if on > today:
        raise PublishError.with_hint(f"The day must have come. Got {on}; today is {today}.", "--on a day up to today")


def free_income(workspace: Workspace, moment: dt.date, policy: Policy) -> pl.DataFrame | None:
    """Find who received an income in the last twelve months whose account is free, or a benefit or pension.

    Parameters
    ----------
    workspace : Workspace
        Holds the customer months.
    moment : datetime.date
        End of the twelve months.
    policy : Policy
        The law in force.

    Returns
    -------
    polars.DataFrame or None
        `customer_id`; None where a month is missing, and nobody knows.
    """
    files = [month_file(workspace.customer_months, next_month(moment, -number)) for number in range(12)]
    if not all(path.is_file() for path in files):
        return None
    columns = [f"flow_{kind}" for kind in sorted({*policy.law_in_force.free_income, *BENEFITS})]
    months = pl.scan_parquet(files).filter(pl.any_horizontal(pl.col(columns) > 0.0))
    return months.select("customer_id").unique().collect()

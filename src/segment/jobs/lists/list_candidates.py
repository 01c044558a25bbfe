"""Customers of a programme, with what an offer to them depends on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from segment.jobs.lists.relation_survival import learned_survival
from segment.jobs.lists.trigger_months import dated_events
from segment.ledger.protection import rule_in_force
from segment.policy import Policy
from segment.upgrade.levers import programme_levers
from segment.upgrade.offers import with_programmes, with_value_months
from segment.upgrade.triggers import with_triggers


def list_candidates(
    tiers: pl.DataFrame,
    levers: pl.DataFrame,
    tables: Mapping[str, pl.DataFrame],
    months: Path,
    policy: Policy,
    as_of: dt.date,
    list_on: dt.date,
) -> pl.DataFrame:
    """Customers of each programme: the families that they hold, how long what they bring lasts, and what happened."""
    until = list_on + dt.timedelta(days=policy.upgrade.list_expires_after_days)
    survival = learned_survival(tables["customers"], months, as_of, policy.departures)
    # whatever a policy lets a list do, nobody vulnerable is asked to go elsewhere than to a person
    rules = tables["contact_rules"].filter(pl.col("rule").cast(pl.String) == "vulnerable")
    asked = levers.join(rules.filter(rule_in_force(as_of, until)), on="customer_id", how="anti")
    valued = tiers.join(programme_levers(asked), on="customer_id", how="left", maintain_order="left")
    chosen = with_value_months(with_programmes(valued, policy), tables["customers"], survival, policy, as_of)
    found = dated_events(tables, months, policy, as_of, list_on)
    return _with_families(with_triggers(chosen, found, policy), tables, as_of)


def _with_families(customers: pl.DataFrame, tables: Mapping[str, pl.DataFrame], as_of: dt.date) -> pl.DataFrame:
    """Customers with the product families that they hold."""
    open_accounts = tables["accounts"].filter(
        (pl.col("opened_on") <= as_of) & (pl.col("closed_on").is_null() | (pl.col("closed_on") > as_of))
    )
    families = (
        tables["holdings"]
        .filter(pl.col("share") > 0)
        .join(open_accounts.select("account_id", "family"), on="account_id")
        .group_by("customer_id", maintain_order=True)
        .agg(families=pl.col("family").unique().sort())
    )
    joined = customers.join(families, on="customer_id", how="left", maintain_order="left")
    return joined.with_columns(pl.col("families").fill_null(pl.lit([], dtype=pl.List(pl.String))))

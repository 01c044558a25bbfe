"""Whom no trial serves less well, and whom no trial counts at all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import polars as pl

from segment.policy import Policy

SPARED_RULES = (
    "vulnerable",
    "complaint",
    "litigation",
    "hardship",
    "fraud_victim",
    "aml_hold",
    "basic_account",
    "deceased",
)
"""Contact rules in force that keep the service of a whole household as it is, or better."""

OUTSIDE_RULES = ("deceased", "profiling_objection")
"""Contact rules in force that keep a customer out of every arm."""

NOT_OF_PROFILING = "marketing"
"""An objection against this alone leaves the service open; any other word, or none, may mean profiling."""


def spared(
    tiers: pl.DataFrame, tables: Mapping[str, pl.DataFrame], homes: pl.DataFrame, policy: Policy, on: dt.date
) -> pl.DataFrame:
    """Find the households of which nobody is served less well.

    A member is protected by a rule in force, by age (known to be older, or not known), by an early warning of a lower
    tier, by a notice or review that runs, or by a tier that a person set. What protects one protects the household.

    Parameters
    ----------
    tiers : polars.DataFrame
        As published.
    tables : mapping of str to polars.DataFrame
        `contact_rules`, `customers` of the ledger.
    homes : polars.DataFrame
        `customer_id`, `household`.
    policy : Policy
        Borders and ages.
    on : datetime.date
        The day; a rule whose first day is not known is in force.

    Returns
    -------
    polars.DataFrame
        `household`, each once.

    References
    ----------
    DOMAIN.md 5: older people (State Council 2020/45, CBIRC 2021/40), vulnerable customers (UK Consumer Duty), the basic
    account (EU 2014/92); 4.1: notice and review before anything is taken from a customer.
    """
    years = policy.no_machines_from_years
    young = (pl.col("birth_date").dt.offset_by(f"{years}y") > pl.lit(on)).fill_null(value=False)
    warned = pl.col("chance_of_lower_tier").fill_null(0.0) >= policy.tiers.early_warning_from
    by_hand = pl.col("override_role").is_not_null() & (pl.col("override_expires_on") >= on)
    noticed = (pl.col("notice_until") >= on).fill_null(value=False) | pl.col("review").is_not_null()
    people = tables["customers"].select("customer_id", "birth_date")
    aged = homes.join(people, on="customer_id", how="left").filter(~young)
    found = pl.concat(
        [
            in_force(tables["contact_rules"], SPARED_RULES, on),
            aged.select("customer_id"),
            tiers.filter(warned | by_hand.fill_null(value=False) | noticed).select("customer_id"),
        ]
    )
    return homes.join(found, on="customer_id", how="semi").select("household").unique().sort("household")


def outside(tables: Mapping[str, pl.DataFrame], objections: pl.DataFrame, policy: Policy, on: dt.date) -> pl.DataFrame:
    """Find the customers who are in no arm: who objected to profiling, staff, minors, the deceased, who has left.

    Parameters
    ----------
    tables : mapping of str to polars.DataFrame
        `contact_rules`, `customers` of the ledger.
    objections : polars.DataFrame
        `segment.warehouse.kept.OBJECTIONS`; one that stands counts whatever its date.
    policy : Policy
        The age of majority.
    on : datetime.date
        The day.

    Returns
    -------
    polars.DataFrame
        `customer_id`, each once.

    References
    ----------
    DOMAIN.md 5: PIPL art. 24 and GDPR art. 21, an objection to profiling.
    """
    years = policy.upgrade.minor_below_years
    minor = (pl.col("birth_date").dt.offset_by(f"{years}y") > pl.lit(on)).fill_null(value=False)
    gone = (pl.col("left_on") <= on).fill_null(value=False)
    people = tables["customers"].filter(minor | gone | pl.col("is_staff").fill_null(value=False))
    found = [
        in_force(tables["contact_rules"], OUTSIDE_RULES, on),
        people.select("customer_id"),
        objectors(objections, on),
    ]
    return pl.concat(found).unique().sort("customer_id")


def objectors(objections: pl.DataFrame, on: dt.date) -> pl.DataFrame:
    """Find who objected to being profiled and has not taken it back.

    Parameters
    ----------
    objections : polars.DataFrame
        `segment.warehouse.kept.OBJECTIONS`.
    on : datetime.date
        The day.

    Returns
    -------
    polars.DataFrame
        `customer_id`.
    """
    stands = pl.col("withdrawn_on").is_null() | (pl.col("withdrawn_on") > on)
    return objections.filter(stands & pl.col("against").ne_missing(NOT_OF_PROFILING)).select("customer_id")


def in_force(rules: pl.DataFrame, names: tuple[str, ...], on: dt.date) -> pl.DataFrame:
    """Find whom a rule is in force for; of the deceased it is for good.

    Parameters
    ----------
    rules : polars.DataFrame
        `contact_rules` of the ledger.
    names : tuple of str
        Which rules.
    on : datetime.date
        The day.

    Returns
    -------
    polars.DataFrame
        `customer_id`.
    """
    rule = pl.col("rule").cast(pl.String)
    # doubt protects: a rule without a first day has begun
    begun = pl.col("starts_on").is_null() | (pl.col("starts_on") <= on)
    runs = pl.col("ends_on").is_null() | (pl.col("ends_on") >= on) | (rule == "deceased")
    return rules.filter(rule.is_in(names) & begun & runs).select("customer_id")

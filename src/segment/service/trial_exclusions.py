"""Whom no trial serves less well, and whom no trial counts at all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import polars as pl

from segment.dates import has_reached, younger_than
from segment.ledger.protection import IN_DOUBT, objects_to_profiling, rule_in_force
from segment.policy import Policy
from segment.policy.early_warning import early_warning

SPARED_RULES = (
    "vulnerable",
    "complaint",
    "litigation",
    "hardship",
    "fraud_victim",
    "aml_hold",
    "basic_account",
    "deceased",
    IN_DOUBT,
)
"""Contact rules in force that keep the service of a whole household as it is, or better."""

OUTSIDE_RULES = ("deceased", "profiling_objection", IN_DOUBT)
"""Contact rules in force that keep a customer out of every arm."""


def spared(
    tiers: pl.DataFrame, tables: Mapping[str, pl.DataFrame], homes: pl.DataFrame, policy: Policy, on: dt.date
) -> pl.DataFrame:
    """Find the households of which nobody is served less well."""
    # A member is protected by a rule in force, by age (known to be older, or not known), by an early warning of a lower
    # tier or a departure, by arrears, by a notice or review that runs, or by a tier that a person set. What
    # protects one protects the household.
    # Source: DOMAIN.md 5: older people (State Council 2020/45, CBIRC 2021/40), vulnerable customers (UK Consumer Duty),
    # the basic account (EU 2014/92); 4.1: notice and review before anything is taken from a customer.
    years = policy.no_machines_from_years
    older = has_reached(pl.col("birth_date"), years, on).fill_null(value=True)
    warned = early_warning(tiers.columns, policy.tiers)
    by_hand = pl.col("override_role").is_not_null() & (pl.col("override_expires_on") >= on)
    late = pl.col("sub_state") == "in_arrears" if "sub_state" in tiers.columns else pl.lit(value=False)
    noticed = (pl.col("notice_until") >= on).fill_null(value=False) | pl.col("review").is_not_null()
    people = tables["customers"].select("customer_id", "birth_date")
    aged = homes.join(people, on="customer_id", how="left").filter(older)
    excluded = pl.concat(
        [
            in_force(tables["contact_rules"], SPARED_RULES, on),
            aged.select("customer_id"),
            tiers.filter(warned | by_hand.fill_null(value=False) | noticed | late).select("customer_id"),
        ]
    )
    return homes.join(excluded, on="customer_id", how="semi").select("household").unique().sort("household")


def outside(tables: Mapping[str, pl.DataFrame], objections: pl.DataFrame, policy: Policy, on: dt.date) -> pl.DataFrame:
    """Find the customers who are in no arm: who objected to profiling, staff, minors, the deceased, who has left."""
    # Source: DOMAIN.md 5: PIPL art. 24 and GDPR art. 21, an objection to profiling.
    years = policy.upgrade.minor_below_years
    minor = younger_than(pl.col("birth_date"), years, on).fill_null(value=False)
    gone = (pl.col("left_on") <= on).fill_null(value=False)
    people = tables["customers"].filter(minor | gone | pl.col("is_staff").fill_null(value=False))
    left_out = [
        in_force(tables["contact_rules"], OUTSIDE_RULES, on),
        people.select("customer_id"),
        objectors(objections, on),
    ]
    return pl.concat(left_out).unique().sort("customer_id")


def objectors(objections: pl.DataFrame, on: dt.date) -> pl.DataFrame:
    """Find who objected to being profiled and has not taken it back."""
    return objections.filter(objects_to_profiling(on)).select("customer_id")


def in_force(rules: pl.DataFrame, names: tuple[str, ...], on: dt.date) -> pl.DataFrame:
    """Find whom a rule is in force for; of the deceased it is for good."""
    return rules.filter(pl.col("rule").cast(pl.String).is_in(names) & rule_in_force(on)).select("customer_id")

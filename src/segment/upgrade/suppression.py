"""Who must not be contacted, and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import polars as pl

from segment.exceptions import PublishError
from segment.policy.contacts import Upgrade

SUPPRESSED_SCHEMA = {"customer_id": pl.String, "channel": pl.String, "code": pl.String}


def suppressed(tables: Mapping[str, pl.DataFrame], policy: Upgrade, list_on: dt.date) -> pl.DataFrame:
    """Find everyone whom a rule keeps out on any day of the list's life.

    Parameters
    ----------
    tables : mapping of str to polars.DataFrame
        `contact_rules`, `campaign_outcomes` and `customers` of CONTRACT.md sections 1 and 5.
    policy : Upgrade
        Which rules keep out, and for how many days after.
    list_on : datetime.date
        The list's date; it lives until it expires.

    Returns
    -------
    polars.DataFrame
        `customer_id`, `channel` (null: every channel), `code`; a customer may stand more than once.
    """
    expires_on = list_on + dt.timedelta(days=policy.list_expires_after_days)
    found = [
        _by_contact_rule(tables["contact_rules"], policy, list_on, expires_on),
        _by_outcome(tables["campaign_outcomes"], policy, list_on),
        _by_person(tables["customers"], policy, expires_on),
    ]
    return pl.concat(found).unique(maintain_order=True)


def require_fresh_sources(sources: pl.DataFrame, policy: Upgrade, list_on: dt.date) -> None:
    """Refuse a list where a source of suppressions is older than the policy allows.

    Parameters
    ----------
    sources : polars.DataFrame
        `suppression_sources`: `source`, `refreshed_on`. Empty where the bank feeds its rules with the ledger.
    policy : Upgrade
        The largest age in days.
    list_on : datetime.date
        The list's date.

    Raises
    ------
    PublishError
        Names the stale sources and their age.
    """
    oldest = list_on - dt.timedelta(days=policy.suppression_source_max_age_days)
    newest = sources.group_by("source").agg(pl.col("refreshed_on").max()).sort("source")
    stale = newest.filter(pl.col("refreshed_on").is_null() | (pl.col("refreshed_on") < oldest))
    if stale.height:
        listed = ", ".join(f"{source} (refreshed {day})" for source, day in stale.iter_rows())
        raise PublishError.with_hint(
            f"Suppression sources must be refreshed within {policy.suppression_source_max_age_days} days "
            f"before {list_on}. Stale: {listed}. No list was written.",
            "refresh them and extract the ledger again",
        )


def _by_contact_rule(rules: pl.DataFrame, policy: Upgrade, list_on: dt.date, expires_on: dt.date) -> pl.DataFrame:
    rest = pl.when(pl.col("rule") == "complaint").then(policy.complaint_rest_days).otherwise(0)
    in_force = (pl.col("starts_on") <= expires_on) & (
        pl.col("ends_on").is_null() | (pl.col("ends_on") + pl.duration(days=rest) >= list_on)
    )
    kept = rules.filter(pl.col("rule").cast(pl.String).is_in(policy.keeps_out) & in_force)
    return kept.select(
        pl.col("customer_id"), pl.col("channel").cast(pl.String), pl.col("rule").cast(pl.String).alias("code")
    )


def _by_outcome(outcomes: pl.DataFrame, policy: Upgrade, list_on: dt.date) -> pl.DataFrame:
    response = pl.col("response").cast(pl.String)
    answered_on = pl.coalesce("responded_on", "contacted_on")
    known = outcomes.filter(answered_on <= list_on)
    declined = known.filter(
        (response == "declined") & (answered_on + pl.duration(days=policy.refusal_rest_days) > list_on)
    ).with_columns(code=pl.lit("declined"))
    contacted = known.filter(
        (response != "not_contacted") & (pl.col("contacted_on") + pl.duration(days=policy.contact_rest_days) > list_on)
    ).with_columns(code=pl.lit("recently_contacted"))
    return pl.concat([declined, contacted]).select("customer_id", channel=pl.lit(None, pl.String), code="code")


def _by_person(customers: pl.DataFrame, policy: Upgrade, expires_on: dt.date) -> pl.DataFrame:
    adult_from = pl.col("birth_date").dt.offset_by(f"{policy.minor_below_years}y")
    minor = customers.filter(adult_from > expires_on).with_columns(code=pl.lit("minor"))
    staff = customers.filter(pl.col("is_staff")).with_columns(code=pl.lit("staff"))
    left = customers.filter(pl.col("left_on") <= expires_on).with_columns(code=pl.lit("left"))
    return pl.concat([minor, staff, left]).select("customer_id", channel=pl.lit(None, pl.String), code="code")

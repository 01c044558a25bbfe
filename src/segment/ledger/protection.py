"""Which contact rules and objections protect a customer on a day. Doubt protects."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import polars as pl

IN_DOUBT = "in_doubt"
"""The rule of those whom a row names that protects and breaks a rule of the contract: it may ask for anything."""

FOR_GOOD = ("deceased", IN_DOUBT)
"""Rules that no last day ends, no policy leaves out and no channel opens again."""

_PROTECTING = ("contact_rules", "campaign_outcomes")
_NO_DOUBT = ("duplicate_key_repeated", "orphan_of_quarantined_customer")
"""A row that stands in the table already, and one of a customer who is out of the ledger."""

MARKETING_ONLY = "marketing"
"""An objection to this alone says nothing of profiling; any other word, or none, may mean it."""


def with_doubts(tables: Mapping[str, pl.DataFrame], quarantine: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Let rows that protect protect although they break a rule: whom they name is kept out until they are mended."""
    # An id with spaces around it, in other letters or without its zeros may be that of any customer who is alike.
    alike = pl.col("customer_id").str.strip_chars().str.to_lowercase().str.strip_suffix(".0").str.strip_chars_start("0")
    customers = tables["customers"].select("customer_id", alike=alike)
    bad = [quarantine[name].filter(~pl.col("rule").is_in(_NO_DOUBT)) for name in _PROTECTING if name in quarantine]
    named = pl.concat([pl.DataFrame(schema={"alike": pl.String}), *(rows.select(alike=alike) for rows in bad)])
    doubts = named.join(customers, on="alike", how="left").select("customer_id", rule=pl.lit(IN_DOUBT))
    sources = quarantine.get("suppression_sources", pl.DataFrame(schema={"source": pl.String}))
    return {
        **tables,
        "contact_rules": pl.concat([tables["contact_rules"], doubts], how="diagonal"),
        # a source whose day cannot be read is as old as it can be
        "suppression_sources": pl.concat([tables["suppression_sources"], sources.select("source")], how="diagonal"),
    }


def rule_in_force(on: dt.date, until: dt.date | None = None, rest: pl.Expr | int = 0) -> pl.Expr:
    """Tell of each contact rule whether it is in force on any day from one to another."""
    # `rest`: Days for which it goes on after its last.
    # a rule whose first day is not known is in force
    begun = pl.col("starts_on").is_null() | (pl.col("starts_on") <= (until or on))
    running = pl.col("ends_on").is_null() | (pl.col("ends_on") + pl.duration(days=rest) >= on)
    return begun & (running | pl.col("rule").cast(pl.String).is_in(FOR_GOOD))


def objection_stands(on: dt.date) -> pl.Expr:
    """Tell of each objection whether it is not taken back on a day."""
    return pl.col("withdrawn_on").is_null() | (pl.col("withdrawn_on") > on)


def objects_to_profiling(on: dt.date) -> pl.Expr:
    """Tell of each objection whether it stands and may mean profiling."""
    return objection_stands(on) & pl.col("against").ne_missing(MARKETING_ONLY)

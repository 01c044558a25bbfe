"""Conditions of the tariff's item, and of the steps between a proposal and a fee."""

from __future__ import annotations

import datetime as dt

import polars as pl

from segment.law.condition import GUARDRAIL, Condition, Stage, blank, cite
from segment.policy.jurisdiction import Jurisdiction

_NOTICE = ("tariff_public", "notice")


def of_item(law: Jurisdiction, on: dt.date) -> tuple[Condition, ...]:
    """List what must hold of the item, and of what is offered with it.

    Parameters
    ----------
    law : Jurisdiction
        In force.
    on : datetime.date
        The day on which it is asked.

    Returns
    -------
    tuple of Condition
    """
    known = (pl.col("item_prices") == 1) & (pl.col("item_price") > 0.0)
    public_from = pl.col("item_public_since") + pl.duration(days=law.tariff_public_days)
    told_on = pl.coalesce("notice_on", pl.lit(on))
    return (
        Condition(
            "one_price",
            "the item stands in the ledger's tariff, at one price for all",
            cite(law, "uniform_tariff", "no_price_by_model"),
            known,
        ),
        Condition(
            "price_as_told",
            "the price is the one that was proposed and told",
            cite(law, *_NOTICE),
            pl.col("item_price") == pl.col("price"),
        ),
        Condition(
            "tariff_public",
            f"the item has been public for {law.tariff_public_days} days",
            cite(law, *_NOTICE),
            public_from <= pl.lit(on),
        ),
        Condition("legal_basis", "the item names its legal basis", "DOMAIN.md 8", pl.col("item_has_basis")),
        Condition("alternative", "a cheaper or free alternative is offered", GUARDRAIL, ~blank("alternative")),
        Condition(
            "time_for_notice",
            f"notice can be given {law.fee_notice_days} days before the first fee, or was",
            cite(law, *_NOTICE),
            pl.col("starts_on") >= told_on + pl.duration(days=law.fee_notice_days),
        ),
    )


def of_review(law: Jurisdiction, on: dt.date) -> tuple[Condition, ...]:
    """List what must hold of the review, the notice and the way back.

    Parameters
    ----------
    law : Jurisdiction
        In force.
    on : datetime.date
        The day on which it is asked.

    Returns
    -------
    tuple of Condition
    """
    given, last_start = pl.col("notice_on"), pl.col("starts_on")
    told = (given <= pl.lit(on)) & (given + pl.duration(days=law.fee_notice_days) <= last_start)
    accepted = (pl.col("accepted_on") >= given) & (pl.col("accepted_on") <= pl.lit(on))
    return (
        Condition(
            "other_reviewer",
            "the reviewer is a person other than the author",
            GUARDRAIL,
            (_person("reviewer") != _person("author")) & ~blank("reviewer") & ~blank("author"),
            Stage.DECISION,
        ),
        Condition(
            "approved",
            "a reviewer approved it, and the record of that stands",
            cite(law, "automated_decision"),
            (pl.col("decision") == "approved") & pl.col("vouched"),
            Stage.NOTICE,
        ),
        Condition("not_withdrawn", "it was not withdrawn", GUARDRAIL, pl.col("withdrawn_on").is_null(), Stage.NOTICE),
        Condition(
            "notice_given",
            f"notice was given {law.fee_notice_days} days before the first fee, with evidence",
            cite(law, *_NOTICE),
            told & ~blank("notice_evidence"),
            Stage.CHARGE,
        ),
        Condition(
            "accepted",
            "the customer accepted, where the law asks for that",
            cite(law, *_NOTICE),
            accepted if law.acceptance_needed else pl.lit(True),
            Stage.CHARGE,
        ),
        Condition(
            "reversible",
            f"the fee can be taken back for {law.reversible_days} days",
            GUARDRAIL,
            pl.col("reversible_until") >= last_start + pl.duration(days=law.reversible_days),
            Stage.CHARGE,
        ),
    )


def _person(column: str) -> pl.Expr:
    return pl.col(column).str.strip_chars().str.to_lowercase()

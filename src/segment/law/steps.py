"""Conditions of the tariff's item, and of the steps between a proposal and a fee."""

from __future__ import annotations

import datetime as dt

import polars as pl

from segment.identity import same_person
from segment.law.condition import GUARDRAIL, Condition, Stage, blank, cite
from segment.law.facts import USE
from segment.policy.jurisdiction import Jurisdiction

_NOTICE = ("tariff_public", "notice")


def of_item(law: Jurisdiction, on: dt.date) -> tuple[Condition, ...]:
    """List what must hold of the item, and of what is offered with it."""
    has_price = (pl.col("item_prices") == 1) & (pl.col("item_price") > 0.0)
    public_from = pl.col("item_public_since") + pl.duration(days=law.tariff_public_days)
    told_on = pl.coalesce("notice_on", pl.lit(on))
    return (
        Condition(
            "one_price",
            cite(law, "uniform_tariff", "no_price_by_model"),
            has_price,
        ),
        Condition(
            "price_as_told",
            cite(law, *_NOTICE),
            pl.col("item_price") == pl.col("price"),
        ),
        Condition(
            "tariff_public",
            cite(law, *_NOTICE),
            public_from <= pl.lit(on),
            figures={"days": law.tariff_public_days},
        ),
        Condition("legal_basis", "DOMAIN.md 8", pl.col("item_has_basis")),
        Condition("uses_service", GUARDRAIL, _used() > 0.0),
        Condition("alternative", GUARDRAIL, ~blank("alternative")),
        Condition(
            "time_for_notice",
            cite(law, *_NOTICE),
            pl.col("starts_on") >= told_on + pl.duration(days=law.fee_notice_days),
            figures={"days": law.fee_notice_days},
        ),
    )


def of_review(law: Jurisdiction, on: dt.date) -> tuple[Condition, ...]:
    """List what must hold of the review, the notice and the way back."""
    given, last_start = pl.col("notice_on"), pl.col("starts_on")
    in_time = (given <= pl.lit(on)) & (given + pl.duration(days=law.fee_notice_days) <= last_start)
    accepted = (pl.col("accepted_on") >= given) & (pl.col("accepted_on") <= pl.lit(on))
    return (
        Condition(
            "other_reviewer",
            GUARDRAIL,
            ~_same_person() & ~blank("reviewer") & ~blank("author"),
            Stage.DECISION,
        ),
        Condition(
            "approved",
            cite(law, "automated_decision"),
            (pl.col("decision") == "approved") & pl.col("vouched"),
            Stage.NOTICE,
        ),
        Condition("not_withdrawn", GUARDRAIL, pl.col("withdrawn_on").is_null(), Stage.NOTICE),
        Condition(
            "notice_given",
            cite(law, *_NOTICE),
            in_time & ~blank("notice_evidence"),
            Stage.CHARGE,
            {"days": law.fee_notice_days},
        ),
        Condition(
            "accepted",
            cite(law, *_NOTICE),
            accepted if law.acceptance_needed else pl.lit(True),
            Stage.CHARGE,
        ),
        Condition(
            "reversible",
            GUARDRAIL,
            pl.col("reversible_until") >= last_start + pl.duration(days=law.reversible_days),
            Stage.CHARGE,
            {"days": law.reversible_days},
        ),
    )


def _used() -> pl.Expr:
    """How much a customer used of what the item is charged for."""
    measure = pl.col("item_counted_by")
    return pl.coalesce(pl.when(measure == name).then(pl.col(name)) for name in USE)


def _same_person() -> pl.Expr:
    both = pl.struct(pl.col("reviewer", "author").cast(pl.String))
    return both.map_elements(lambda row: same_person(row["reviewer"], row["author"]), return_dtype=pl.Boolean)

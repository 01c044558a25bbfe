"""Rows of reviews: how they are named, vouched for by the chain of records, and checked again."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any

import polars as pl

from segment.exceptions import ReviewError
from segment.jobs.reviews.review_context import ReviewContext
from segment.law.condition import Condition, Stage, check_conditions
from segment.law.conditions import conditions
from segment.lock import WAIT_SECONDS, one_at_a_time
from segment.messages import Message
from segment.policy import Policy
from segment.store.stored_tables import REVIEWS

# What a decision is about; what comes after it, such as the notice, does not change what was decided.
_SIGNED = (
    "review_id",
    "customer_id",
    "branch_id",
    "action",
    "item_code",
    "price",
    "alternative",
    "as_of",
    "author",
    "proposed_on",
    "starts_on",
    "reversible_until",
    "decision",
    "reviewer",
    "decided_on",
    "why",
)


@dataclass(frozen=True)
class Review:
    """A proposed action towards a customer, and what became of it; the columns of the table `reviews`."""

    review_id: str
    customer_id: str
    branch_id: str
    action: str
    item_code: str | None
    as_of: dt.date
    author: str
    proposed_on: dt.date
    decision: str | None
    reviewer: str | None
    decided_on: dt.date | None
    why: str | None
    price: float | None
    alternative: str | None
    starts_on: dt.date | None
    reversible_until: dt.date | None
    notice_on: dt.date | None
    notice_evidence: str | None
    accepted_on: dt.date | None
    handed_over_on: dt.date | None
    withdrawn_on: dt.date | None
    withdrawn_by: str | None
    withdrawn_why: str | None
    refunded_on: dt.date | None

    def to_frame(self) -> pl.DataFrame:
        """Return a table of this row alone."""
        return pl.DataFrame([vars(self)], schema=REVIEWS.schema)

    def hash(self) -> str:
        """Compute the hash by which a record knows it."""
        return row_hash(vars(self))


def row_hash(row: Mapping[str, Any]) -> str:
    """Compute the hash by which a record knows a row without naming anyone."""
    signed = [row[name] for name in _SIGNED]
    return hashlib.sha256(json.dumps(signed, default=str, ensure_ascii=False).encode()).hexdigest()


def review_id(action: str, item_code: str | None, as_of: dt.date, customer_id: str) -> str:
    """Name a review: the same customer, action, item and date are the same review.

    Examples
    --------
    >>> review_id("fee", "item", dt.date(2025, 12, 31), "c").startswith("R2025-12-")
    True
    """
    key = repr((action, item_code, as_of.isoformat(), customer_id))
    return f"R{as_of:%Y-%m}-{hashlib.sha256(key.encode()).hexdigest()[:12]}"


def find_review(reviews: pl.DataFrame, name: str) -> Review:
    """Find one review."""
    rows = reviews.filter(pl.col("review_id") == name).to_dicts()
    if not rows:
        raise ReviewError.of("errors.no_such_review")
    return Review(**rows[0])


def ask(
    rows: pl.DataFrame, action: str, contexts: Sequence[ReviewContext], stage: Stage, policy: Policy
) -> tuple[tuple[Condition, ...], pl.DataFrame]:
    """Ask every condition of some reviews of one action; one holds where it does on every day."""
    rules = [conditions(action, policy, context.on) for context in contexts]
    answers = [
        check_conditions(with_facts(rows, context, policy), of_day, stage)
        for context, of_day in zip(contexts, rules, strict=True)
    ]
    return rules[-1], on_every_day(answers)


def on_every_day(answers: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Say which conditions hold on each of several days."""
    return reduce(lambda first, other: first.select(first[name] & other[name] for name in first.columns), answers)


def with_facts(rows: pl.DataFrame, context: ReviewContext, policy: Policy) -> pl.DataFrame:
    """Put beside reviews what is known of their customers and items."""
    codes = rows["item_code"].unique().to_list()
    items = [{"item_code": code, **context.of_item(code, policy)} for code in codes]
    schema = {"item_code": pl.String, "item_price": pl.Float64, "item_prices": pl.Int64, "item_public_since": pl.Date}
    schema |= {"item_counted_by": pl.String}
    named = policy.law.fee_items
    offered = [named[code].alternative if code in named else None for code in rows["item_code"]]
    vouched = [
        (row_hash(row), row["reviewer"]) in context.vouched and context.seals.hold(row)
        for row in rows.iter_rows(named=True)
    ]
    return (
        rows.with_columns(
            # an item that the policy names no more is offered with nothing
            alternative=pl.when(pl.Series(offered, dtype=pl.String).is_not_null()).then(pl.col("alternative")),
            vouched=pl.Series(vouched, dtype=pl.Boolean),
        )
        .join(context.customers.drop("as_of", "branch_id"), on="customer_id", how="left", maintain_order="left")
        .join(
            pl.DataFrame(items, schema={**schema, "item_has_basis": pl.Boolean}),
            on="item_code",
            how="left",
            nulls_equal=True,
            maintain_order="left",
        )
    )


def reviews_lock(folder: Path) -> AbstractContextManager[None]:
    """Let one person at a time change reviews, so that two cannot decide the same one."""
    return one_at_a_time(folder / "reviews.lock", Message("errors.one.reviews"), WAIT_SECONDS)

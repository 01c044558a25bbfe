"""Rows of reviews: how they are named, vouched for by the chain of records, and asked again."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import polars as pl
from filelock import FileLock, Timeout

from segment.exceptions import BusyError, PublishError
from segment.jobs.reviews.known import Known
from segment.law import Condition, Stage, asked, conditions
from segment.policy import Policy
from segment.warehouse import Workspace
from segment.warehouse.kept import REVIEWS, read_kept
from segment.warehouse.records import records

PROPOSED, DECIDED, WITHDRAWN, NOTICES = "review_proposed", "review_decided", "review_withdrawn", "review_notices"
WAIT_SECONDS = 30
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


def row_hash(row: Mapping[str, Any]) -> str:
    """Compute the hash by which a record knows a row without naming anyone.

    Parameters
    ----------
    row : mapping
        Of `segment.warehouse.kept.REVIEWS`.

    Returns
    -------
    str
        SHA-256, in hexadecimal.
    """
    signed = [row[name] for name in _SIGNED]
    return hashlib.sha256(json.dumps(signed, default=str, ensure_ascii=False).encode()).hexdigest()


def review_id(action: str, item_code: str | None, as_of: dt.date, customer_id: str) -> str:
    """Name a review: the same customer, action, item and moment are the same review.

    Parameters
    ----------
    action, item_code, as_of, customer_id
        What it is about.

    Returns
    -------
    str

    Examples
    --------
    >>> review_id("fee", "item", dt.date(2025, 12, 31), "c").startswith("R2025-12-")
    True
    """
    said = repr((action, item_code, as_of.isoformat(), customer_id))
    return f"R{as_of:%Y-%m}-{hashlib.sha256(said.encode()).hexdigest()[:12]}"


def all_reviews(workspace: Workspace) -> pl.DataFrame:
    """Read every review.

    Parameters
    ----------
    workspace : Workspace
        Keeps them.

    Returns
    -------
    polars.DataFrame
        `segment.warehouse.kept.REVIEWS`.
    """
    return read_kept(workspace, REVIEWS)


def one_review(workspace: Workspace, name: str) -> dict[str, Any]:
    """Read one review.

    Parameters
    ----------
    workspace : Workspace
        Keeps them.
    name : str
        Its `review_id`.

    Returns
    -------
    dict

    Raises
    ------
    PublishError
        Where there is none of that name.
    """
    found = all_reviews(workspace).filter(pl.col("review_id") == name).to_dicts()
    if not found:
        raise PublishError.with_hint("A review must be named by its id. None has the one given.", "segment reviews")
    return found[0]


def ask(
    rows: pl.DataFrame, action: str, known: Known, stage: Stage, workspace: Workspace, policy: Policy, on: dt.date
) -> tuple[tuple[Condition, ...], pl.DataFrame]:
    """Ask every condition of some reviews of one action.

    Parameters
    ----------
    rows : polars.DataFrame
        Of reviews.
    action : str
        Theirs.
    known : Known
        What is known today.
    stage : Stage
        How far they have come.
    workspace : Workspace
        Keeps the records that vouch for decisions.
    policy : Policy
        The law in force.
    on : datetime.date
        The day.

    Returns
    -------
    tuple of Condition, polars.DataFrame
        What was asked, and a column of booleans per condition; rows as given.
    """
    held_to = conditions(action, policy, on)
    return held_to, asked(with_facts(rows, known, workspace, policy), held_to, stage)


def with_facts(rows: pl.DataFrame, known: Known, workspace: Workspace, policy: Policy) -> pl.DataFrame:
    """Put beside reviews what is known of their customers and items.

    Parameters
    ----------
    rows : polars.DataFrame
        Of reviews.
    known, workspace, policy
        As `ask` takes them.

    Returns
    -------
    polars.DataFrame
        Rows as given; a customer who is not published has no facts, so no condition holds.
    """
    codes = rows["item_code"].unique().to_list()
    items = [{"item_code": code, **known.of_item(code, policy)} for code in codes]
    schema: dict[str, Any] = {"item_code": pl.String, "item_price": pl.Float64, "item_prices": pl.Int64}
    schema |= {"item_public_since": pl.Date, "item_has_basis": pl.Boolean}
    told = pl.DataFrame(items, schema=schema)
    offered = [
        policy.law.fee_items[code].alternative if code in policy.law.fee_items else None for code in rows["item_code"]
    ]
    signed = {(one.content["review_sha256"], one.by) for one in records(workspace, DECIDED)}
    vouched = [(row_hash(row), row["reviewer"]) in signed for row in rows.iter_rows(named=True)]
    return (
        rows.with_columns(
            # an item that the policy names no more is offered with nothing
            alternative=pl.when(pl.Series(offered, dtype=pl.String).is_not_null()).then(pl.col("alternative")),
            vouched=pl.Series(vouched, dtype=pl.Boolean),
        )
        .join(known.customers.drop("as_of", "branch_id"), on="customer_id", how="left", maintain_order="left")
        .join(told, on="item_code", how="left", nulls_equal=True, maintain_order="left")
    )


@contextmanager
def alone(workspace: Workspace) -> Iterator[None]:
    """Let one person at a time change reviews, so that two cannot decide the same one.

    Parameters
    ----------
    workspace : Workspace
        Keeps them.

    Raises
    ------
    BusyError
        Where another change goes on.
    """
    workspace.kept.mkdir(parents=True, exist_ok=True)
    lock = FileLock(workspace.kept / "reviews.lock", timeout=WAIT_SECONDS)
    try:
        lock.acquire()
    except Timeout:
        raise BusyError.with_hint(
            f"One change of reviews at a time. Another has not ended within {WAIT_SECONDS} seconds.", "try again later"
        ) from None
    try:
        yield
    finally:
        lock.release()

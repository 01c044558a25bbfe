"""Postings of the current accounts in the contract's words, and how far each account was observed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import polars as pl

from segment.banks.berka.codes import MEANINGS, PERMANENT_ORDER, SIGNS
from segment.banks.berka.import_summary import PostingsFile


@dataclass(frozen=True)
class Postings:
    """Translated postings."""

    # `transaction_id`, `account_id`, `day`, `cents` (signed), `balance`, `kind`, `channel`, `bank`
    frame: pl.DataFrame
    observed_until: pl.DataFrame  # `account_id`, `observed_until`: of every account with a posting
    parts: tuple[PostingsFile, ...]
    repeated: int  # left out because another file has the same id
    without_id: int  # given an id here
    zero: int  # left out because they move nothing


def current_postings(read: Mapping[str, pl.DataFrame]) -> Postings:
    """Translate the source's postings."""
    trans = read["trans"]
    named = trans.filter(pl.col("trans_id").is_not_null()).unique("trans_id", keep="first", maintain_order=True)
    unnamed = trans.filter(pl.col("trans_id").is_null())
    given_id = ("t" + pl.col("trans_id")).alias("transaction_id")
    once = pl.concat([named.with_columns(given_id), unnamed.with_columns(_made_id())])
    moved = once.filter(pl.col("amount") != 0)
    parts, observed_until = _observed(trans, read["loan"])
    return Postings(
        frame=_translated(moved, read["order"]),
        observed_until=observed_until,
        parts=parts,
        repeated=len(trans) - len(once),
        without_id=len(unnamed),
        zero=len(once) - len(moved),
    )


def _made_id() -> pl.Expr:
    """Number the postings without an id within account and day, by content, so that file order does not matter."""
    content = pl.struct("amount", "balance", "type", "operation", "k_symbol", "bank", "account")
    nth = content.rank("ordinal").over("account_id", "date")
    return pl.format("u{}-{}-{}", "account_id", pl.col("date").dt.strftime("%Y%m%d"), nth).alias("transaction_id")


def _translated(trans: pl.DataFrame, orders: pl.DataFrame) -> pl.DataFrame:
    meanings = pl.DataFrame(
        [(*code, *meaning) for code, meaning in MEANINGS.items()],
        schema=dict.fromkeys(("operation", "k_symbol", "kind", "channel"), pl.String),
        orient="row",
    )
    permanent = orders.select(
        "account_id",
        pl.col("bank_to").alias("bank"),
        pl.col("account_to").alias("account"),
        pl.lit(True).alias("ordered"),
    ).unique()
    is_ordered = (pl.col("kind") == "transfer_out") & pl.col("ordered").fill_null(False)
    return (
        trans.join(meanings, on=["operation", "k_symbol"], nulls_equal=True)
        .join(permanent, on=["account_id", "bank", "account"], how="left")
        .select(
            "transaction_id",
            "account_id",
            pl.col("date").alias("day"),
            (pl.col("amount") * pl.col("type").replace_strict(SIGNS, return_dtype=pl.Int64)).alias("cents"),
            "balance",
            pl.when(is_ordered).then(pl.lit(PERMANENT_ORDER.kind)).otherwise("kind").alias("kind"),
            pl.when(is_ordered).then(pl.lit(PERMANENT_ORDER.channel)).otherwise("channel").alias("channel"),
            "bank",
        )
    )


def _observed(trans: pl.DataFrame, loans: pl.DataFrame) -> tuple[tuple[PostingsFile, ...], pl.DataFrame]:
    """Find the last day known of each account."""
    # A file of postings knows all its accounts up to its own last day. The exception is a file cut per account at the
    # day of its loan: taking silence after the loan for idleness would be wrong for every one of them.
    granted = loans.group_by("account_id", maintain_order=True).agg(pl.col("date").min().alias("granted"))
    parts, until = [], []
    for (name,), part in trans.group_by("part", maintain_order=True):
        ends = part.group_by("account_id", maintain_order=True).agg(pl.col("date").max().alias("last"))
        ends = ends.join(granted, on="account_id", how="left")
        cut = bool(ends.select((pl.col("last") < pl.col("granted")).fill_null(False).all()).item())
        first_on, last_on = cast(dt.date, part["date"].min()), cast(dt.date, part["date"].max())
        end = pl.col("granted").dt.offset_by("-1d") if cut else pl.lit(last_on)
        until.append(ends.select("account_id", end.alias("observed_until")))
        parts.append(PostingsFile(str(name), len(part), len(ends), first_on, last_on, cut))
    latest = pl.concat(until).group_by("account_id", maintain_order=True).agg(pl.col("observed_until").max())
    return tuple(parts), latest.sort("account_id")

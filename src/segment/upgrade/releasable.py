"""What of a list may leave: its contact arm, in columns that marketing needs, in plain words."""

from __future__ import annotations

import datetime as dt
import re

import polars as pl

from segment.exceptions import ListError
from segment.messages import Message
from segment.upgrade.ranking import LIST_COLUMNS
from segment.warehouse.controlled_export import MARK

REASONS = ("reason_1", "reason_2", "reason_3")
# Strata, households and whatever else a list holds stay here.
COLUMNS = (*LIST_COLUMNS, "list_on")
# three digits in a row are an amount, an account or an id: what was watched, not why
_DETAIL = re.compile(r"[0-9][0-9.,' ]*[0-9][0-9.,' ]*[0-9]")


def releasable(rows: pl.DataFrame, list_id: str, analytics: pl.DataFrame | None, on: dt.date) -> pl.DataFrame:
    """Hold rows to the list that they are said to be of, by its analytics copy (`list_id`, `customer_id`, `arm`)."""
    if analytics is None:
        raise ListError.of("errors.no_analytics_copy")
    contact = analytics.filter((pl.col("arm") == "contact") & (pl.col("list_id") == list_id))
    control = analytics.filter(pl.col("arm") != "contact")
    faults = {
        Message("errors.releasable.control"): rows.filter(pl.col("arm").ne_missing("contact")).height
        + rows.join(control, on="customer_id", how="semi").height,
        Message("errors.releasable.other_list"): rows.filter(pl.col("list_id").ne_missing(list_id)).height
        + rows.join(contact, on="customer_id", how="anti").height,
        Message("errors.releasable.twice"): rows.height - rows["customer_id"].n_unique(),
        Message("errors.releasable.no_expiry"): rows["expires_on"].null_count(),
        Message("errors.releasable.no_channel"): rows.filter(
            pl.col("channel").is_null() | pl.col("bundle").is_null()
        ).height,
        Message("errors.releasable.amount"): _detailed(rows),
        Message("errors.releasable.recite"): _recited(rows),
    }
    problems = [Message("errors.counted", {"count": count, "what": what}) for what, count in faults.items() if count]
    if problems:
        raise ListError.of("errors.not_releasable", rows=rows.height, problems=problems)
    good = rows.filter(pl.col("expires_on") >= on)
    if rows.height and good.is_empty():
        raise ListError.of("errors.list_expired", on=on, rows=rows.height)
    # a row whose event is over stays here; the others may go
    return good.select(name for name in COLUMNS if name in rows.columns)


def marked(rows: pl.DataFrame, by: str, at: str, list_id: str, purpose: str) -> pl.DataFrame:
    """Add who released the rows, when and for what."""
    words = f"List {list_id}, released by {by} at {at} for {purpose}. Not to be passed on."
    return rows.with_columns(pl.lit(words).alias(MARK))


def _detailed(rows: pl.DataFrame) -> int:
    """Rows that give a figure as a reason, but for the one of an event that lies at this bank."""
    own = pl.col("trigger_amount") if "trigger_amount" in rows.columns else pl.lit(None, pl.Float64)
    texts = rows.select(own.alias("own"), *_present(rows, REASONS)).iter_rows()
    return sum(any(_DETAIL.search(_without(text, own)) for text in reasons if text) for own, *reasons in texts)


def _without(text: str, amount: float | None) -> str:
    return text if amount is None else text.replace(f"{amount:,.0f}", "", 1)


def _recited(rows: pl.DataFrame) -> int:
    """Rows whose `say` holds one of their reasons: a customer is not told what the bank has watched."""
    if "say" not in rows.columns:
        return 0
    texts = rows.select("say", *_present(rows, REASONS)).iter_rows()
    return sum(
        any(reason.lower() in (script or "").lower() for reason in reasons if reason) for script, *reasons in texts
    )


def _present(rows: pl.DataFrame, names: tuple[str, ...]) -> list[str]:
    return [name for name in names if name in rows.columns]

"""The parent rows that a part's rows name: whether these are there, are clean, and how long they live."""

from __future__ import annotations

import datetime as dt

import polars as pl

from segment.ledger.parsing import ROW
from segment.ledger.rules import PARENTS, RuleContext
from segment.ledger.schema import Table

PARENT = "parent"
"""Hashes of ids: what is kept of a part names nobody."""
_SEED = 11
STANDING = "standing"
"""0: not in the ledger; 1: there, but quarantined; 2: clean."""
CLEAN = 2
OPENED, CLOSED = "opened_on", "closed_on"
EARLY, LATE = "early", "late"
"""Clean rows dated before their parent's life, and after it."""


def standing_of(context: RuleContext, parent: str, life: pl.DataFrame) -> pl.DataFrame:
    """Say how each row of a parent table stands."""
    given = pl.DataFrame({PARENT: context.given[parent].drop_nulls().hash(_SEED).unique()})
    clean = pl.DataFrame({PARENT: context.clean[parent].hash(_SEED)}).with_columns(
        pl.lit(CLEAN, pl.Int8).alias(STANDING)
    )
    listed = given.join(clean, on=PARENT, how="left").with_columns(pl.col(STANDING).fill_null(pl.lit(1, pl.Int8)))
    return listed.join(life, on=PARENT, how="left")


def life_of(parent: str, rows: pl.DataFrame) -> pl.DataFrame:
    """The days between which a parent lives, for those notices that ask."""
    if parent != "accounts":
        return pl.DataFrame(schema={PARENT: pl.UInt64, OPENED: pl.Date, CLOSED: pl.Date})
    return rows.select(pl.col("account_id").hash(_SEED).alias(PARENT), OPENED, CLOSED)


def parent_of(table: Table) -> tuple[str, str]:
    """Name the column of a long table that names a parent, and the parent's table."""
    return next((column.name, column.references) for column in table.columns if column.references in PARENTS)


def named(table: Table, visible: pl.DataFrame, standing: pl.DataFrame) -> pl.DataFrame:
    """List the parents that a part's rows name, as they stand."""
    column, _ = parent_of(table)
    each = visible.select(pl.col(column).alias(PARENT)).drop_nulls().select(pl.col(PARENT).hash(_SEED)).unique()
    known = each.join(standing, on=PARENT)
    strangers = each.join(known, on=PARENT, how="anti") if known.height < each.height else each.clear()
    return pl.concat([known, strangers.with_columns(pl.lit(0, pl.Int8).alias(STANDING))], how="diagonal")


def naming_doubtful(table: Table, visible: pl.DataFrame, listed: pl.DataFrame) -> pl.Series:
    """Numbers of the rows that name a parent who is not there or not clean; `listed`: What `named` returns."""
    doubtful = listed.filter(pl.col(STANDING) != CLEAN)[PARENT]
    if doubtful.is_empty():
        return visible[ROW].clear()
    column, _ = parent_of(table)
    return visible.filter(pl.col(column).hash(_SEED).is_in(doubtful.implode()))[ROW]


def seen(table: Table, listed: pl.DataFrame, clean: pl.DataFrame) -> pl.DataFrame:
    """Put the dates of the clean rows beside the parents that a part's rows name."""
    dated = clean.select(pl.col(parent_of(table)[0]).hash(_SEED).alias(PARENT), day=str(table.dated_by))
    spans = dated.group_by(PARENT, maintain_order=True).agg(first_on=pl.col("day").min(), last_on=pl.col("day").max())
    whole = listed.join(spans, on=PARENT, how="left")
    early, late = pl.col("day") < _start(table), pl.col("day") > pl.col(CLOSED)
    # few parents have a row outside their life: of these alone the rows are counted
    outside = whole.filter((pl.col("first_on") < _start(table)) | (pl.col("last_on") > pl.col(CLOSED)))
    rows = dated.join(outside.select(PARENT, OPENED, CLOSED), on=PARENT)
    counted = rows.group_by(PARENT, maintain_order=True).agg(
        early=early.sum().cast(pl.Int64), late=late.sum().cast(pl.Int64)
    )
    counts = pl.when(pl.col("first_on").is_not_null()).then(pl.col(EARLY, LATE).fill_null(0))
    return whole.join(counted, on=PARENT, how="left").with_columns(counts).sort(PARENT)


def changed(table: Table, listed: pl.DataFrame, standing: pl.DataFrame) -> pl.DataFrame:
    """Compare the parents as parts saw them with how they stand now."""
    now = standing.rename({STANDING: "standing_now", OPENED: "opened_now", CLOSED: "closed_now"})
    both = listed.join(now, on=PARENT, how="left").with_columns(pl.col("standing_now").fill_null(pl.lit(0, pl.Int8)))
    same_life = pl.col(OPENED).eq_missing(pl.col("opened_now")) & pl.col(CLOSED).eq_missing(pl.col("closed_now"))
    start = _start(table, "opened_now")
    before, after = pl.col("first_on") < start, pl.col("last_on") > pl.col("closed_now")
    outside = before.fill_null(False) | after.fill_null(False)
    stale = (pl.col(STANDING) != pl.col("standing_now")) | (~same_life & outside)
    within = [pl.when(same_life).then(pl.col(name)).otherwise(0).fill_null(0).sum() for name in (EARLY, LATE)]
    return both.group_by("part", maintain_order=True).agg(
        stale=stale.any(), **dict(zip((EARLY, LATE), within, strict=True))
    )


def _start(table: Table, opened: str = OPENED) -> pl.Expr:
    """The first day that belongs to a life; a month's balance belongs to it if the life begins within the month."""
    return pl.col(opened).dt.truncate("1mo") if table.column(str(table.dated_by)).kind == "month" else pl.col(opened)


def span_of(rows: pl.DataFrame, column: str) -> tuple[dt.date | None, dt.date | None]:
    """First and last day of a column."""
    first, last = rows[column].min(), rows[column].max()
    return (first, last) if isinstance(first, dt.date) and isinstance(last, dt.date) else (None, None)

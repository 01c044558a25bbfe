"""How often reviewers do not approve what is proposed: a review that never overturns anything is none."""

from __future__ import annotations

import polars as pl

ALL = "all"
DECISIONS = ("approved", "refused", "alternative")
COLUMNS = ("reviewer", "decided", *DECISIONS, "overturned", "overturn_rate", "alarm")


def overturns(reviews: pl.DataFrame, enough: int) -> pl.DataFrame:
    """Count decisions and overturned proposals, for all and for each reviewer."""
    # Returns `COLUMNS`; the row of all first. `overturned` are those refused or answered by the alternative;
    # `overturn_rate` is their share of the decided, null where nothing is decided.
    # Source: DOMAIN.md 5 on GDPR art. 22 and SCHUFA C-634/21: the reviewer can change the outcome; log the overturn
    # rate (0 % overturns = alarm).
    decided = reviews.filter(pl.col("decision").is_in(DECISIONS)).select("reviewer", "decision")
    every = pl.concat([decided.with_columns(reviewer=pl.lit(None, pl.String)), decided])
    counts = [(pl.col("decision") == name).sum().cast(pl.Int64).alias(name) for name in DECISIONS]
    table = every.group_by("reviewer", maintain_order=True).agg(pl.len().cast(pl.Int64).alias("decided"), *counts)
    if decided.is_empty():
        counts_schema = dict.fromkeys(("decided", *DECISIONS), pl.Int64)
        table = pl.DataFrame([(None, 0, 0, 0, 0)], schema={"reviewer": pl.String, **counts_schema}, orient="row")
    table = table.sort("reviewer", nulls_last=False).with_columns(
        reviewer=pl.col("reviewer").fill_null(ALL), overturned=pl.col("refused") + pl.col("alternative")
    )
    rate = pl.when(pl.col("decided") > 0).then(pl.col("overturned") / pl.col("decided"))
    alarm = (pl.col("decided") >= enough) & (pl.col("overturned") == 0)
    return table.with_columns(overturn_rate=rate, alarm=alarm).select(COLUMNS)

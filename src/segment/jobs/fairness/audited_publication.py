"""What an audit reads of a publication, each table once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from segment.audit.customer_groups import GroupRecords
from segment.exceptions import SegmentError
from segment.jobs.lists.customer_levers import find_levers, read_lever_snapshot
from segment.policy import Policy

LIST_COLUMNS = {"customer_id": pl.String, "arm": pl.String, "list_on": pl.Date}


@dataclass(frozen=True)
class AuditedPublication:
    """Published tiers of a day, and what followed from them."""

    as_of: dt.date
    tiers: pl.DataFrame  # Of the customers who are not excluded, by `customer_id`
    snapshot: pl.DataFrame | None  # Their features, in that order; None where the snapshot is gone
    reference: Mapping[str, pl.DataFrame]
    groups: GroupRecords
    listed: pl.DataFrame  # `customer_id`, `arm`, `list_on` of the lists made of it
    reviews: pl.DataFrame
    levers: pl.DataFrame | str  # Candidates of levers, or why nobody knows them


def read_publication(
    as_of: dt.date,
    snapshot: Path,
    lists: pl.DataFrame,
    tiers: pl.DataFrame,
    reference: Mapping[str, pl.DataFrame],
    groups: GroupRecords,
    reviews: pl.DataFrame,
    dates: Sequence[dt.date],
    policy: Policy,
) -> AuditedPublication:
    """Read what followed from published tiers; `dates`: Of all publications, `snapshot`: Its file."""
    tiers = tiers.filter(pl.col("standing").ne_missing("excluded")).sort("customer_id")
    features = pl.read_parquet(snapshot, glob=False) if snapshot.is_file() else None
    next_day = min((day for day in dates if day > as_of), default=dt.date.max)
    listed = lists.select(list(LIST_COLUMNS)).drop_nulls("list_on")
    levers: pl.DataFrame | str
    try:
        levers = find_levers(as_of, tiers, read_lever_snapshot(snapshot, policy), reference, policy).candidates
    except SegmentError as fault:
        levers = str(fault).splitlines()[0]
    ids = tiers.select("customer_id")
    return AuditedPublication(
        as_of,
        tiers,
        None if features is None else ids.join(features, on="customer_id", how="left", maintain_order="left"),
        reference,
        groups,
        listed.filter(pl.col("list_on").is_between(as_of, next_day, closed="left")),
        reviews,
        levers,
    )

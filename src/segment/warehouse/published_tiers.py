"""What is published as of a date, for the bank or a branch."""

from __future__ import annotations

import datetime as dt
import json
from typing import Final

import polars as pl

from segment.exceptions import NotPublishedError
from segment.messages import Message
from segment.warehouse.tiers_table import published_dates, read_tiers
from segment.workspace import Workspace

RUN_FILE: Final = "run.json"
"""Report of a run, in its folder."""


def run_prefix(as_of: dt.date) -> str:
    """Say how the names of all runs of a date begin."""
    return f"refresh-{as_of.isoformat()}-"


def published_tiers(
    workspace: Workspace, as_of: dt.date, branch: str | None = None, version: int | None = None
) -> pl.DataFrame:
    """Read the published tiers, of one branch or of all."""
    return of_branch(read_tiers(workspace.tiers, as_of, version), as_of, branch)


def of_branch(tiers: pl.DataFrame, as_of: dt.date, branch: str | None) -> pl.DataFrame:
    """Choose the customers of one branch among the tiers of a date, or all where none is named."""
    if branch is None:
        return tiers
    of_branch = tiers.filter(pl.col("branch_id") == branch)
    if of_branch.is_empty():
        branches = tiers["branch_id"].unique().sort()
        raise NotPublishedError.of(
            "errors.no_such_branch",
            as_of=as_of,
            branch=branch,
            count=branches.len(),
            known=branches.head(8),
            more=" …" if branches.len() > 8 else "",
        )
    return of_branch


def newest_published(workspace: Workspace, version: int | None = None) -> dt.date:
    """Find the newest date that has published tiers."""
    dates = published_dates(workspace.tiers, version)
    if not dates:
        raise NotPublishedError.of("errors.none_published")
    return dates[-1]


def tiers_before(workspace: Workspace, as_of: dt.date, version: int | None = None) -> pl.DataFrame | None:
    """Read the last tiers published for an earlier date."""
    earlier = [date for date in published_dates(workspace.tiers, version) if date < as_of]
    return read_tiers(workspace.tiers, earlier[-1], version) if earlier else None


def published_limits(workspace: Workspace, tiers: pl.DataFrame) -> list[Message]:
    """Read what the model behind some published tiers had learned from few data."""
    path = workspace.runs / str(tiers["run_id"][0]) / RUN_FILE
    published = json.loads(path.read_text(encoding="utf-8")).get("published") if path.is_file() else None
    return [Message.from_dict(limit) for limit in (published or {}).get("limits", [])]

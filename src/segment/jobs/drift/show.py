"""Drift of a moment: as its refresh found it, or judged now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import polars as pl

from segment.exceptions import HistoryError
from segment.jobs.drift.found import series_name
from segment.jobs.drift.judge import judge_drift
from segment.jobs.drift.trend import newest_by_moment
from segment.jobs.published import tiers_before
from segment.jobs.reference import managers_by_branch, read_reference, with_deceased
from segment.policy import Policy
from segment.tracking import Tracking
from segment.warehouse import Workspace

MOST_SHOWN = 10


def find_drift(
    as_of: dt.date | None, workspace: Workspace, policy: Policy, tracking: Tracking, *, again: bool = False
) -> dict[str, Any]:
    """Find what the refresh of a moment found, else judge the moment.

    Parameters
    ----------
    as_of : datetime.date or None
        A month's last day; None is the newest moment that was refreshed, or else extracted.
    workspace : Workspace
        Holds runs and snapshots.
    policy : Policy
        Holds the limits for what is judged now.
    tracking : Tracking
        Holds the champion.
    again : bool
        Judge now, with the present champion and limits, what a refresh has judged before.

    Returns
    -------
    dict
        As in `drift.json`.

    Raises
    ------
    HistoryError
        Where the moment was neither refreshed nor extracted.
    """
    refreshed = newest_by_moment(workspace.runs)
    moment = as_of or max(refreshed, default=None) or max(_extracted(workspace), default=None)
    if moment in refreshed and not again:
        return refreshed[moment][1]
    if moment is None or not workspace.snapshot(moment).is_file():
        found = "none" if moment is None else f"none as of {moment.isoformat()}"
        raise HistoryError.with_hint(
            f"A moment must be refreshed or extracted before its drift is known. Found {found}.",
            "segment refresh, or segment extract to look before anything is published",
        )
    return _judge(moment, workspace, policy, tracking)


def _judge(as_of: dt.date, workspace: Workspace, policy: Policy, tracking: Tracking) -> dict[str, Any]:
    model, version = tracking.load()
    reference = read_reference(workspace)
    snapshot = with_deceased(pl.read_parquet(workspace.snapshot(as_of)), reference["contact_rules"], as_of)
    scored = model.score_customers(snapshot, managers_by_branch(reference["relationship_managers"]))
    before = tiers_before(workspace, as_of)
    return judge_drift(scored, snapshot, before, version, tracking, policy).to_dict()


def _extracted(workspace: Workspace) -> list[dt.date]:
    return [dt.date.fromisoformat(path.stem[-10:]) for path in workspace.snapshots.glob("*.parquet")]


def summary(found: Mapping[str, Any]) -> pl.DataFrame:
    """Put the scores and the features that moved most into a short table.

    Parameters
    ----------
    found : mapping
        What `find_drift` returns, of a moment that was judged.

    Returns
    -------
    polars.DataFrame
        `where`, `what`, `index`, `limit`, `moved`.
    """
    rows = [
        (one["group"] or "bank", series_name(one["name"], one["against"]), one["index"], one["limit"])
        for one in found["scores"]
        if not one["group"] or one["index"] >= one["limit"]
    ]
    judged = [(name, one) for name, one in found["features"].items() if one["judged"]]
    ranked = sorted(judged, key=lambda one: (-one[1]["index"], one[0]))[:MOST_SHOWN]
    rows += [("bank", name, one["index"], one["limit"]) for name, one in ranked]
    table = pl.DataFrame(rows, schema=["where", "what", "index", "limit"], orient="row")
    return table.with_columns(moved=pl.col("index") >= pl.col("limit"))

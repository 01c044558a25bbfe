"""Drift of a date: as its refresh found it, or judged now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import polars as pl

from segment.drift.drift_report import series_name
from segment.exceptions import HistoryError
from segment.jobs.publish.drift_trend import newest_by_date
from segment.jobs.publish.evaluate_drift import evaluate_drift, reference_for
from segment.jobs.publish.scoring_engine import score_here
from segment.messages import Message
from segment.policy import Policy
from segment.tracking.registry import Tracking
from segment.warehouse.published_tiers import tiers_before
from segment.warehouse.stored_snapshots import read_snapshot, snapshot_dates
from segment.workspace import Workspace

MOST_SHOWN = 10


def find_drift(
    as_of: dt.date | None, workspace: Workspace, policy: Policy, tracking: Tracking, *, rejudge: bool = False
) -> Mapping[str, Any]:
    """Find what the refresh of a date found, else judge the date.

    Parameters
    ----------
    as_of : datetime.date or None
        A month's last day; None is the newest date that was refreshed, or else extracted.
    workspace : Workspace
        Holds runs and snapshots.
    policy : Policy
        Holds the limits for what is judged now.
    tracking : Tracking
        Holds the champion.
    rejudge : bool
        Judge now, with the present champion and limits, what a refresh has judged before.

    Returns
    -------
    mapping
        As in `drift.json`.

    Raises
    ------
    HistoryError
        Where the date was neither refreshed nor extracted.
    """
    refreshed = newest_by_date(workspace.runs)
    extracted = snapshot_dates(workspace.snapshots)
    date = as_of or max(refreshed, default=None) or max(extracted, default=None)
    if date in refreshed and not rejudge:
        return refreshed[date][1]
    if date is None or not workspace.snapshot(date).is_file():
        none = Message("errors.none") if date is None else Message("errors.none_as_of", {"as_of": date})
        raise HistoryError.of("errors.no_drift_yet", none=none)
    model, version = tracking.load()
    snapshot, previous = read_snapshot(workspace, date), tiers_before(workspace, date)
    scored, reference = score_here(model, snapshot), reference_for(version, tracking)
    return evaluate_drift(scored, snapshot.stored, previous, version.version, reference, policy.drift).to_dict()


def drift_table(drift: Mapping[str, Any]) -> pl.DataFrame:
    """Put the scores and the features that moved most into a short table.

    Parameters
    ----------
    drift : mapping
        What `find_drift` returns, of a date that was judged.

    Returns
    -------
    polars.DataFrame
        `where`, `what`, `index`, `limit`, `moved`.
    """
    rows = [
        (score["group"] or "bank", series_name(score["name"], score["against"]), score["index"], score["limit"])
        for score in drift["scores"]
        if not score["group"] or score["index"] >= score["limit"]
    ]
    judged = [(name, feature) for name, feature in drift["features"].items() if feature["judged"]]
    ranked = sorted(judged, key=lambda item: (-item[1]["index"], item[0]))[:MOST_SHOWN]
    rows += [("bank", name, feature["index"], feature["limit"]) for name, feature in ranked]
    table = pl.DataFrame(rows, schema=["where", "what", "index", "limit"], orient="row")
    return table.with_columns(moved=pl.col("index") >= pl.col("limit"))

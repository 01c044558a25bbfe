"""The list by which a branch serves customers as another tier than theirs; it leaves with a record, as lists do."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl

from segment.dates import act_day, days_to_check
from segment.exceptions import ListError
from segment.files import repr_hash
from segment.jobs.lists.release import COUNTED, WAIT_SECONDS, Paper, Released, marked_file, require_room_today
from segment.jobs.lists.suppressions import require_nothing_new, require_recent_tiers
from segment.jobs.service.trial_draw import TrialDraw
from segment.lock import one_at_a_time
from segment.messages import Message
from segment.policy import Policy
from segment.store.record_kinds import RecordKind
from segment.store.records import read_records
from segment.store.row_store import read_rows
from segment.store.stored_tables import OBJECTIONS
from segment.upgrade.protections import Protections, require_protections
from segment.warehouse.controlled_export import export_with_record, manifest_of
from segment.warehouse.export import check_format
from segment.warehouse.workspace_clock import workspace_clock
from segment.workspace import Workspace

COLUMNS = ("customer_id", "branch_id", "tier", "served_as", "until")
"""No arm, stratum or household leaves, and the order is that of the customers' ids."""

PURPOSE = "service by branches"


def release_served(
    drawn: TrialDraw,
    path: Path,
    workspace: Workspace,
    policy: Policy,
    *,
    branch: str | None = None,
    on: dt.date | None = None,
) -> Released:
    """Write the record, then let the file of those who are served otherwise go.

    Parameters
    ----------
    drawn : TrialDraw
        The trial as it stands; protection and objections were asked for it just now.
    path : Path
        Ending in ``.csv``, ``.parquet`` or ``.xlsx``; mode 0600. ``<path>.manifest.json`` is written beside it.
    workspace : Workspace
        Gets the record.
    policy : Policy
        How many rows a person may release in a day.
    branch : str, optional
        One branch.
    on : datetime.date, optional
        The day of the release, few days back at most; today by default.

    Returns
    -------
    Released

    Raises
    ------
    ListError
        Where nobody is served otherwise, a source of what protects customers is missing or stale, or the person has
        released as many rows today as the policy allows.
    BusyError
        Where another release goes on.

    References
    ----------
    DOMAIN.md 3.5: the record comes before the file.
    """
    check_format(path)
    clock = workspace_clock(workspace).today
    day = act_day(on, clock, policy.law.backdated_days)
    for each in days_to_check(day, clock):
        require_protections(drawn.tables, policy, each)
    require_recent_tiers(drawn.as_of, clock, policy)
    protections = Protections.of(drawn.tables, policy, clock, drawn.objections)
    here = pl.lit(value=True) if branch is None else pl.col("branch_id") == branch
    other = drawn.now.filter((pl.col("served_as") != pl.col("tier")) & (pl.col("until") >= clock) & here)
    rows = other.select(COLUMNS).sort("customer_id")
    if rows.is_empty():
        raise ListError.of(
            "errors.nobody_in_trial",
            customers=drawn.now.height,
            where=Message("errors.all_branches" if branch is None else "errors.this_branch"),
        )
    expires_on: dt.date = rows["until"].max()  # type: ignore[assignment]
    facts = {
        "list_id": _list_id(rows, drawn, policy),
        "as_of": drawn.as_of.isoformat(),
        "released_on": day.isoformat(),
        "expires_on": expires_on.isoformat(),
        "filter": {"branch": branch},
        "trial": drawn.name,
        "protections": protections.to_dict(),
        "policy_hash": policy.hash,
    }
    kinds = (RecordKind.SERVICE_RELEASED, RecordKind.SERVICE_RELEASE_FAILED)
    file, export = marked_file(rows, facts, PURPOSE, kinds, "service by branch", Paper())

    def require_same(_: str) -> None:
        require_nothing_new([drawn.objections], [read_rows(workspace, OBJECTIONS)])

    with one_at_a_time(workspace.lists / "release.lock", Message("errors.one.release"), WAIT_SECONDS):
        require_room_today(read_records(workspace, *COUNTED), policy, rows.height)
        # who stands in it follows from the trial's own table, so no copy is made that would have to be taken back
        record = export_with_record(file, path, workspace, export, require_same)
    return Released(path, manifest_of(path), rows.height, {}, record.number, protections)


def _list_id(rows: pl.DataFrame, drawn: TrialDraw, policy: Policy) -> str:
    """The same for the same customers, service, date and policy."""
    parts = (drawn.name, drawn.as_of, policy.hash, rows.rows())
    return f"service-{drawn.as_of.isoformat()}-{repr_hash(parts)[:10]}"

"""The list by which a branch serves customers as another tier than theirs; it leaves with a record, as lists do."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path
from typing import Any

import polars as pl

from segment.exceptions import PublishError
from segment.jobs.leaving import Leaving, leave_on_record, manifest_of, now
from segment.jobs.reference import read_reference
from segment.jobs.releasable import MARK, marked
from segment.jobs.release import SERVICE_FAILED, SERVICE_RELEASED, Released, within_the_day
from segment.jobs.service_trial.draw import Drawn
from segment.policy import Policy
from segment.settings import who
from segment.upgrade import require_fresh_sources
from segment.warehouse import Workspace
from segment.warehouse.export import check_format

COLUMNS = ("customer_id", "branch_id", "tier", "served_as", "until")
"""No arm, stratum or household leaves, and the order is that of the customers' ids."""

PURPOSE = "service by branches"


def release_served(
    drawn: Drawn,
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
    drawn : Drawn
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
        The day of the release; the moment by default.

    Returns
    -------
    Released

    Raises
    ------
    PublishError
        Where nobody is served otherwise, a source of what protects customers is missing or stale, or the person has
        released as many rows today as the policy allows.
    BusyError
        Where another release goes on.

    References
    ----------
    DOMAIN.md 3.5: the record comes before the file.
    """
    check_format(path)
    day = on or drawn.as_of
    require_fresh_sources(read_reference(workspace)["suppression_sources"], policy.upgrade, day)
    here = pl.lit(value=True) if branch is None else pl.col("branch_id") == branch
    other = drawn.now.filter((pl.col("served_as") != pl.col("tier")) & (pl.col("until") >= day) & here)
    rows = other.select(COLUMNS).sort("customer_id")
    if rows.is_empty():
        raise PublishError.with_hint(
            f"A file must hold someone who is served as another tier. Nobody is, of {drawn.now.height:,} customers"
            f"{' in all branches' if branch is None else ', in this branch'}.",
            "leave --out out to see what was drawn",
        )
    expires_on: dt.date = rows["until"].max()  # type: ignore[assignment]
    facts: dict[str, Any] = {
        "list_id": _list_id(rows, drawn, policy),
        "as_of": drawn.as_of.isoformat(),
        "released_on": day.isoformat(),
        "expires_on": expires_on.isoformat(),
        "filter": {"branch": branch},
        "trial": drawn.name,
        "policy_hash": policy.hash,
    }
    by, moment = who(), now()
    file = marked(rows, by, moment, facts["list_id"], PURPOSE)
    about = {
        "Released by": by,
        "List": facts["list_id"],
        "Released at": moment,
        "Purpose": PURPOSE,
        "Rows": str(rows.height),
        "Not to be used after": facts["expires_on"],
        "Watermark": file[MARK][0],
    }
    said = Leaving(SERVICE_RELEASED, SERVICE_FAILED, by, PURPOSE, facts, "service by branch", about)
    with within_the_day(workspace, policy, rows.height):
        # who stands in it follows from the trial's own table, so no copy is made that would have to be taken back
        record = leave_on_record(file, path, workspace, said, lambda _: lambda: None)
    return Released(path, manifest_of(path), rows.height, {}, record.number)


def _list_id(rows: pl.DataFrame, drawn: Drawn, policy: Policy) -> str:
    """The same for the same customers, service, moment and policy."""
    parts = (drawn.name, drawn.as_of, policy.hash, rows.rows())
    return f"service-{drawn.as_of.isoformat()}-{hashlib.sha256(repr(parts).encode()).hexdigest()[:10]}"

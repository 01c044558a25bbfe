"""Lists as they are kept: drafted after a refresh, and released by a person, a branch at a time."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from segment.exceptions import ListError
from segment.messages import Message
from segment.pages.message_result import MessageResult
from segment.policy import Policy
from segment.store.lists import read_list_parts, read_list_reports
from segment.store.record_kinds import RecordKind
from segment.store.records import Record, read_records
from segment.store.row_store import read_rows
from segment.store.stored_tables import LIST_ROWS
from segment.upgrade.ranking import LIST_COLUMNS
from segment.workspace import Workspace

_CONTACT = pl.col("arm") == "contact"


@dataclass(frozen=True)
class DraftLists(MessageResult):
    """A list of the whole bank that waits for a person to release each branch's part of it."""

    list_id: str
    as_of: dt.date  # Of its tiers
    expires_on: dt.date
    branches: pl.DataFrame  # `branch_id`, `customers` to contact, `expected_net_gain_12m`

    @property
    def customers(self) -> int:
        """Customers to contact."""
        return int(self.branches["customers"].sum())

    def messages(self) -> Iterator[Message]:
        """Say what waits, and how it is released."""
        figures = {"list_id": self.list_id, "as_of": self.as_of, "expires_on": self.expires_on}
        yield Message("schedule.drafts.made",
                      {**figures, "customers": self.customers, "branches": self.branches.height})  # fmt: skip
        yield Message("schedule.drafts.release", figures)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, no customer."""
        return {
            "list_id": self.list_id,
            "as_of": self.as_of.isoformat(),
            "expires_on": self.expires_on.isoformat(),
            "branches": self.branches.to_dicts(),
        }


@dataclass(frozen=True)
class KeptList:
    """A list as it was made, or one branch's part of it."""

    list_id: str
    list_on: dt.date
    as_of: dt.date
    to_contact: pl.DataFrame  # Columns of CONTRACT.md section 4, ranked from 1


def draft_lists(as_of: dt.date, workspace: Workspace, policy: Policy) -> DraftLists:
    """Make the list of every branch at once and keep it: nothing leaves before a person releases it.

    Parameters
    ----------
    as_of : datetime.date
        Date of the published tiers.
    workspace : Workspace
        Holds the tiers, and keeps the list.
    policy : Policy
        Programmes, offers, capacity of each branch.

    Returns
    -------
    DraftLists

    Raises
    ------
    ListError
        As `upgrade_list` raises it.
    """
    from segment.jobs.lists.upgrade_list import upgrade_list

    made = upgrade_list(as_of, workspace, policy)
    expires_on: dt.date = made.to_contact["expires_on"].max()  # type: ignore[assignment]
    branches = read_list_parts(workspace).filter(pl.col("list_id") == made.list_id).drop("list_id")
    return DraftLists(made.list_id, as_of, expires_on, branches)


def drafted_dates(workspace: Workspace) -> set[dt.date]:
    """Say of which published dates a list of the whole bank is kept.

    Parameters
    ----------
    workspace : Workspace
        Keeps the lists.

    Returns
    -------
    set of datetime.date
    """
    kept = _as_of(read_list_reports(workspace))
    return {as_of for as_of, branch in kept.values() if as_of and branch is None}


def list_drafts(workspace: Workspace) -> pl.DataFrame:
    """List what is kept, by list and branch, newest first, and what of it was released.

    Parameters
    ----------
    workspace : Workspace
        Keeps the lists.

    Returns
    -------
    polars.DataFrame
        `list_id`, `as_of` (null of a list of an older release), `branch_id`, `customers` to contact,
        `expected_net_gain_12m`, `expires_on`, `released_on`, `released_by` (null: not yet).
    """
    kept = _as_of(read_list_reports(workspace))
    dates = pl.DataFrame(
        [(list_id, as_of) for list_id, (as_of, _) in kept.items()],
        schema={"list_id": pl.String, "as_of": pl.Date},
        orient="row",
    )
    parts = read_list_parts(workspace).join(dates, on="list_id", how="left", maintain_order="left")
    released = _releases(read_records(workspace, RecordKind.LIST_RELEASED), parts)
    shown = parts.join(released, on=["list_id", "branch_id"], how="left", maintain_order="left")
    columns = "list_id", "as_of", "branch_id", "customers", "expected_net_gain_12m", "expires_on"
    return shown.sort(["list_id", "branch_id"], descending=[True, False]).select(*columns, "released_on", "released_by")


def read_list(workspace: Workspace, list_id: str, branch: str | None = None) -> KeptList:
    """Read a list as it was made: who is to be contacted.

    Parameters
    ----------
    workspace : Workspace
        Keeps the lists.
    list_id : str
        Of the list.
    branch : str, optional
        Its part alone.

    Returns
    -------
    KeptList

    Raises
    ------
    ListError
        Where there is no such list or part, or the list is of a release that did not keep its tiers' date.
    """
    rows = read_rows(workspace, LIST_ROWS, "list_id", [list_id]).filter(_CONTACT).sort("rank")
    as_of, _ = _as_of(read_list_reports(workspace)).get(list_id, (None, None))
    if rows.is_empty() or as_of is None:
        raise ListError.of("errors.no_such_list", list_id=list_id)
    own = rows if branch is None else rows.filter(pl.col("branch_id") == branch)
    if own.is_empty():
        raise ListError.of("errors.nobody_of_branch", list_id=list_id, branch=branch)
    ranked = own.select(LIST_COLUMNS).with_columns(rank=pl.int_range(1, pl.len() + 1))
    return KeptList(list_id, own["list_on"][0], as_of, ranked)


def _as_of(reports: dict[str, str]) -> dict[str, tuple[dt.date | None, str | None]]:
    """The tiers' date and the branch of each list; a report of an older release has neither."""
    read = {list_id: json.loads(report) for list_id, report in reports.items()}
    return {
        list_id: (dt.date.fromisoformat(one["as_of"]) if one.get("as_of") else None, one.get("branch"))
        for list_id, one in read.items()
    }


def _releases(records: list[Record], parts: pl.DataFrame) -> pl.DataFrame:
    """Say when each branch's part left last, and by whom; a release of the whole list is one of each part."""
    branches = dict(parts.group_by("list_id", maintain_order=True).agg("branch_id").iter_rows())
    left = {}
    for record in records:
        content = record.content or {}
        narrowed = (content.get("filter") or {}).get("branch")
        for branch in [narrowed] if narrowed else branches.get(content.get("list_id", ""), []):
            left[content["list_id"], branch] = (content["released_on"], record.by)
    schema = {"list_id": pl.String, "branch_id": pl.String, "released_on": pl.String, "released_by": pl.String}
    return pl.DataFrame([(*key, *said) for key, said in left.items()], schema=schema, orient="row")

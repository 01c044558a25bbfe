"""Which parts of lists were approved, and that none leaves without where the policy asks for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from segment.exceptions import ListError
from segment.store.record_kinds import RecordKind
from segment.store.records import Record, read_records
from segment.workspace import Workspace


def require_approved(known: Mapping[tuple[str, str], Record], list_id: str, branches: Iterable[str]) -> None:
    """Stop a list of which a branch's part was not approved.

    Parameters
    ----------
    known : mapping
        From `approvals`.
    list_id : str
        The list.
    branches : iterable of str
        Whose parts are to leave.

    Raises
    ------
    ListError
        Where one of them is not approved.
    """
    missing = sorted(branch for branch in set(branches) if (list_id, branch) not in known)
    if missing:
        raise ListError.of("errors.list_not_approved", list_id=list_id, missing=missing, branch=missing[0])


def approvals(workspace: Workspace) -> dict[tuple[str, str], Record]:
    """Find the approval of each part of a list.

    Parameters
    ----------
    workspace : Workspace
        Keeps the records.

    Returns
    -------
    dict
        The record by list and branch; those that a retention emptied are approvals of nothing any more.
    """
    return {
        (str(one.content["list_id"]), str(one.content["filter"]["branch"])): one
        for one in read_records(workspace, RecordKind.LIST_APPROVED)
        if one.content
    }

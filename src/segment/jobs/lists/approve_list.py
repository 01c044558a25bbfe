"""A list is made by one person and approved by another: only then may a branch contact whom it names."""

from __future__ import annotations

from segment.exceptions import ListError
from segment.identity import same_person
from segment.jobs.lists.approvals import approvals
from segment.jobs.lists.draft_lists import read_list
from segment.settings import current_user
from segment.store.lists import read_list_makers
from segment.store.record_kinds import RecordKind
from segment.store.records import append_record
from segment.workspace import Workspace


def approve_list(workspace: Workspace, list_id: str, branch: str) -> int:
    """Approve a branch's part of a list.

    Parameters
    ----------
    workspace : Workspace
        Keeps the list and the records.
    list_id, branch : str
        Which part.

    Returns
    -------
    int
        Number of the record.

    Raises
    ------
    ListError
        Where there is no such part, it is approved already, or who approves it made the list.
    """
    kept, maker, by = read_list(workspace, list_id, branch), read_list_makers(workspace).get(list_id), current_user()
    if maker is None or same_person(maker, by):
        raise ListError.of("errors.own_list")
    if (list_id, branch) in approvals(workspace):
        raise ListError.of("errors.approved_before")
    content = {
        "list_id": list_id,
        "filter": {"branch": branch},
        "rows": kept.to_contact.height,
        "as_of": kept.as_of.isoformat(),
        "made_by": maker,
    }
    return append_record(workspace, RecordKind.LIST_APPROVED, by=by, why="approved for contact", content=content).number

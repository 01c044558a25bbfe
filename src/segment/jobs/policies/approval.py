"""Approving a policy: a person other than its owner, who could see its replay."""

from __future__ import annotations

from collections.abc import Iterable

from segment.exceptions import ApprovalError
from segment.files import file_hash
from segment.identity import checked_name, same_person
from segment.policy import Policy
from segment.store.record_kinds import RecordKind
from segment.store.records import Record, append_record, check_chain, read_records
from segment.workspace import Workspace


def approve_policy(workspace: Workspace, policy: Policy, *, by: str, why: str) -> Record:
    """Record that a person approves a policy.

    Parameters
    ----------
    workspace : Workspace
        Holds the replay and gets the record.
    policy : Policy
        Exactly the one that was replayed.
    by, why : str
        Who approves, and the reason.

    Returns
    -------
    Record

    Raises
    ------
    ApprovalError
        Where exactly this policy was never replayed, the replay's file is not what was recorded, or its owner approves.
    DecisionError
        Where a name or a reason is missing.
    """
    check_chain(workspace)
    replayed = [
        record
        for record in read_records(workspace, RecordKind.POLICY_REPLAYED)
        if record.content["policy_hash"] == policy.hash
    ]
    if not replayed:
        raise ApprovalError.of("errors.not_replayed")
    _require_someone_else(policy, by)
    last = replayed[-1]
    file = workspace.root / last.content["file"]
    if not file.is_file() or file_hash(file) != last.content["file_sha256"]:
        raise ApprovalError.of("errors.replay_changed")
    content = {"policy_hash": policy.hash, "policy": f"{policy.name} {policy.version}", "replay": last.number}
    return append_record(workspace, RecordKind.POLICY_APPROVED, by=by, why=why, content=content)


def is_approved(approvals: Iterable[Record], policy: Policy) -> bool:
    """Say whether exactly this policy was approved."""
    return any(record.content["policy_hash"] == policy.hash for record in approvals)


def _require_someone_else(policy: Policy, by: str) -> None:
    if by.strip() and same_person(checked_name(by), policy.owner):
        raise ApprovalError.of("errors.own_policy")

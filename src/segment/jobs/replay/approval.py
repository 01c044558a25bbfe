"""Approving a policy: a person other than its owner, who could see its replay."""

from __future__ import annotations

import hashlib

from segment.exceptions import PolicyError
from segment.policy import Policy
from segment.warehouse import Workspace
from segment.warehouse.records import Record, append, check_chain, records

REPLAYED, APPROVED = "policy replay", "policy approval"


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
    PolicyError
        Where exactly this policy was never replayed, the replay's file is not what was recorded, or its owner approves.
    PublishError
        Where a name or a reason is missing.
    """
    check_chain(workspace)
    replayed = [one for one in records(workspace, REPLAYED) if one.content["policy_hash"] == policy.hash]
    if not replayed:
        raise PolicyError.with_hint(
            "A policy must be replayed before it is approved. No replay of exactly this policy is on record.",
            "segment replay POLICY --months 24",
        )
    _require_someone_else(policy, by)
    last = replayed[-1]
    file = workspace.root / last.content["file"]
    if not file.is_file() or hashlib.sha256(file.read_bytes()).hexdigest() != last.content["file_sha256"]:
        raise PolicyError.with_hint(
            "The replay must be what was recorded. Its file is missing or was changed.", "segment replay POLICY again"
        )
    content = {"policy_hash": policy.hash, "policy": f"{policy.name} {policy.version}", "replay": last.number}
    return append(workspace, APPROVED, by=by, why=why, content=content)


def is_approved(workspace: Workspace, policy: Policy) -> bool:
    """Say whether exactly this policy was approved.

    Parameters
    ----------
    workspace : Workspace
        Holds the records.
    policy : Policy
        Any.

    Returns
    -------
    bool
    """
    return any(one.content["policy_hash"] == policy.hash for one in records(workspace, APPROVED))


def _require_someone_else(policy: Policy, by: str) -> None:
    if " ".join(by.split()).casefold() == " ".join(policy.owner.split()).casefold():
        raise PolicyError.with_hint(
            "A policy must be approved by someone other than its owner. Both have the same name.", "--by ANOTHER-NAME"
        )

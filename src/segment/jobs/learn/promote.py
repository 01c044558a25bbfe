"""Makes a version champion if its gates hold, and brings the one before back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from segment.exceptions import ApprovalError, GateError, ModelError
from segment.gate import Gate
from segment.identity import checked_name, same_person
from segment.messages import Message
from segment.pages.message_result import MessageResult
from segment.settings import current_user
from segment.store.record_kinds import RecordKind
from segment.store.records import append_record_unless_last, last_record
from segment.tracking.models import CHALLENGER, CHAMPION, HASH_TAG, UNPROVEN_TAG, RegisteredVersion
from segment.tracking.registry import Tracking
from segment.workspace import Workspace

_APPROVED, _ROLLED_BACK = RecordKind.PROMOTION_APPROVED, RecordKind.MODEL_ROLLED_BACK
_DECISIONS = (_APPROVED, _ROLLED_BACK)


@dataclass(frozen=True)
class PromotionResult(MessageResult):
    """What a promotion did."""

    version: str  # The champion now
    before: str | None  # The champion before
    failed_gates: list[str]  # Gates that were overruled, and what they found
    again: bool = False  # Whether it was champion before this command

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)

    def messages(self) -> list[Message]:
        """Say who is champion."""
        figures = {"version": self.version, "before": self.before or Message("words.none")}
        overruled = [Message("results.overruled", {"gate": gate}) for gate in self.failed_gates]
        done_before = [Message("results.done_before")] if self.again else []
        return [Message("results.promoted", figures), *overruled, *done_before]


def candidate(version: str | None, tracking: Tracking) -> RegisteredVersion:
    """Find the version that may become champion.

    Parameters
    ----------
    version : str or None
        Number in the registry; None: the challenger.
    tracking : Tracking
        The registry.

    Returns
    -------
    RegisteredVersion

    Raises
    ------
    ModelError
        Where there is none.
    """
    registered = tracking.find(CHALLENGER) if version is None else tracking.get(version)
    if registered is None:
        raise ModelError.of("errors.no_challenger")
    return registered


def promote(
    challenger: RegisteredVersion,
    gates: Sequence[Gate],
    tracking: Tracking,
    workspace: Workspace,
    *,
    reason: str | None = None,
    approver: str | None = None,
) -> PromotionResult:
    """Make a version champion if its gates hold.

    Parameters
    ----------
    challenger : RegisteredVersion
        What `candidate` returns.
    gates : sequence of Gate
        What `evaluate_gates` found of it.
    tracking : Tracking
        The registry.
    workspace : Workspace
        Gets the approval record: who, why, and the figures.
    reason : str, optional
        Overrules gates that fail; recorded.
    approver : str, optional
        Who approves; recorded, and another person than the one who trained it.

    Returns
    -------
    PromotionResult

    Raises
    ------
    GateError, ApprovalError
        Where a gate fails and no reason is given, or who trained the version approves it.
    """
    if approver is not None and same_person(checked_name(approver), tracking.read_run(challenger.run_id).user):
        raise ApprovalError.of("errors.own_model", version=challenger.version)
    failed = [str(gate) for gate in gates if not gate.holds]
    if failed and reason is None:
        counts = {"failed": len(failed), "gates": len(gates)}
        listed = [gate.told for gate in gates if not gate.holds]
        raise GateError.of("errors.promotion_gates", version=challenger.version, **counts, listed=listed)
    champion, by, why = tracking.find(CHAMPION), approver or current_user(), reason or "gates hold"
    before = champion.version if champion else None
    if before == challenger.version:
        approved = last_record(workspace, _DECISIONS)
        if approved is not None and approved.kind is _APPROVED and approved.content["version"] == before:
            return PromotionResult(before, approved.content["before"], failed, again=True)
    content = {
        "version": challenger.version,
        "before": before,
        "sha256": challenger.tags.get(HASH_TAG),
        "gates": [gate.to_dict() for gate in gates],
    }
    # on record first: one that is killed here is repeated, a champion that nobody approved must not be
    append_record_unless_last(workspace, _APPROVED, _DECISIONS, by=by, why=why, content=content)
    unproven = ",".join(gate.name for gate in gates if not gate.holds)
    tags = {"promoted_over": "; ".join(failed), "promoted_because": why, UNPROVEN_TAG: unproven}
    tracking.promote(challenger.version, tags | ({"approved_by": approver} if approver else {}))
    return PromotionResult(challenger.version, before, failed)


def roll_back(tracking: Tracking, workspace: Workspace, reason: str) -> str:
    """Bring the champion before this one back, and record it; the same command once more changes nothing else.

    Parameters
    ----------
    tracking : Tracking
        The registry.
    workspace : Workspace
        Gets the record.
    reason : str
        Why. Given again by the same person before another decision, it means the same act.

    Returns
    -------
    str
        The version that is champion again.

    Raises
    ------
    ModelError
        Where there was none before.
    """
    champion, by = tracking.find(CHAMPION), current_user()
    last = last_record(workspace, _DECISIONS)
    same = last is not None and (last.kind, last.by, last.why) == (_ROLLED_BACK, by, reason)
    if champion is not None and last is not None and same and last.content["version"] == champion.version:
        tracking.end_history_with(champion.version)
        return champion.version
    content = {"version": tracking.champion_before(), "before": champion.version if champion else None}
    append_record_unless_last(workspace, _ROLLED_BACK, _DECISIONS, by=by, why=reason, content=content)
    return tracking.rollback()

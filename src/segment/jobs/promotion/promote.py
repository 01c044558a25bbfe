"""Makes a version champion if its gates hold, and brings the one before back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from segment.exceptions import ModelError
from segment.jobs.gates import Gate
from segment.settings import who
from segment.tracking import CHALLENGER, CHAMPION, HASH_TAG, RegisteredVersion, Tracking
from segment.warehouse import Workspace
from segment.warehouse.records import append

APPROVAL, ROLLBACK = "approval", "model rollback"


@dataclass(frozen=True)
class Promoted:
    """What a promotion did.

    Attributes
    ----------
    version : str
        The champion now.
    before : str or None
        The champion before.
    failed_gates : list of str
        Gates that were overruled, and what they found.
    """

    version: str
    before: str | None
    failed_gates: list[str]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)

    def __str__(self) -> str:
        """Say who is champion."""
        overruled = "".join(f"\nOverruled: {one}." for one in self.failed_gates)
        return f"Version {self.version} is champion; before it was {self.before or 'none'}.{overruled}"


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
    found = tracking.find(CHALLENGER) if version is None else tracking.get(version)
    if found is None:
        raise ModelError.with_hint("There must be a challenger. No model is registered.", "segment train first")
    return found


def promote(
    found: RegisteredVersion,
    gates: Sequence[Gate],
    tracking: Tracking,
    workspace: Workspace,
    *,
    reason: str | None = None,
    approver: str | None = None,
) -> Promoted:
    """Make a version champion if its gates hold.

    Parameters
    ----------
    found : RegisteredVersion
        What `candidate` returns.
    gates : sequence of Gate
        What `judge_version` found of it.
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
    Promoted

    Raises
    ------
    ModelError
        Where a gate fails and no reason is given, or who trained the version approves it.
    """
    if approver is not None and approver == tracking.read_run(found.run_id).user:
        raise ModelError.with_hint(
            f"Developer and approver must be different persons. Version {found.version} was trained by its approver.",
            "have someone else approve it",
        )
    failed = [str(one) for one in gates if not one.holds]
    if failed and reason is None:
        told = "\n".join(f"- {one}" for one in failed)
        raise ModelError.with_hint(
            f"Every gate of version {found.version} must hold. {len(failed)} of {len(gates)} failed:\n{told}",
            'promote it all the same with --force --reason "…"',
        )
    champion = tracking.find(CHAMPION)
    before = champion.version if champion else None
    content = {
        "version": found.version,
        "before": before,
        "sha256": found.tags.get(HASH_TAG),
        "gates": [one.to_dict() for one in gates],
    }
    # on record first: one that is killed here is repeated, a champion that nobody approved must not be
    append(workspace, APPROVAL, by=approver or who(), why=reason or "gates hold", content=content)
    kept = {"promoted_over": "; ".join(failed)[:4_000], "promoted_because": reason or "gates hold"}
    tracking.promote(found.version, kept | ({"approved_by": approver} if approver else {}))
    return Promoted(found.version, before, failed)


def roll_back(tracking: Tracking, workspace: Workspace, reason: str) -> str:
    """Bring the champion before this one back, and record it.

    Parameters
    ----------
    tracking : Tracking
        The registry.
    workspace : Workspace
        Gets the record.
    reason : str
        Why.

    Returns
    -------
    str
        The version that is champion again.

    Raises
    ------
    ModelError
        Where there was none before.
    """
    left, version = tracking.find(CHAMPION), tracking.champion_before()
    append(
        workspace,
        ROLLBACK,
        by=who(),
        why=reason,
        content={"version": version, "before": left.version if left else None},
    )
    return tracking.rollback()

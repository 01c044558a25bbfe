"""Make a version champion if its gates hold."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from segment.exceptions import ModelError
from segment.settings import who
from segment.tracking import CHALLENGER, CHAMPION, RegisteredVersion, Tracking
from segment.warehouse import Workspace
from segment.warehouse.records import append

CLOSE_ENOUGH = 0.005


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
        Gates that were overruled.
    """

    version: str
    before: str | None
    failed_gates: list[str]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)

    def __str__(self) -> str:
        """Say who is champion."""
        overruled = f" Overruled: {'; '.join(self.failed_gates)}." if self.failed_gates else ""
        return f"Version {self.version} is champion; before it was {self.before or 'none'}.{overruled}"


def promote(
    version: str | None,
    tracking: Tracking,
    workspace: Workspace,
    *,
    reason: str | None = None,
    approver: str | None = None,
    paired: dict[str, Any] | None = None,
) -> Promoted:
    """Make a version champion if its gates hold.

    The gates are the figures of its training: better than persistence on rank and error, totals within 5 %, coverage of
    the 80 % interval between 75 % and 85 %, clusters that agree with customers' own figures.

    Parameters
    ----------
    version : str or None
        Number in the registry; None: the challenger.
    tracking : Tracking
        The registry.
    workspace : Workspace
        Gets the approval record: who, why, and the figures.
    reason : str, optional
        Overrules gates that fail; recorded with the version.
    approver : str, optional
        Who approves; recorded with the version, and another person than the one who trained it.
    paired : dict, optional
        What `judge_both` found of the champion and this version, in this order: adds the gates of `paired_gates`.

    Returns
    -------
    Promoted

    Raises
    ------
    ModelError
        Where there is no such version, a gate fails and no reason is given, or who trained it approves it.
    """
    found = tracking.find(CHALLENGER) if version is None else tracking.get(version)
    if found is None:
        raise ModelError.with_hint("There must be a challenger. No model is registered.", "segment train first")
    if approver is not None and approver == tracking.read_run(found.run_id).user:
        raise ModelError.with_hint(
            f"Developer and approver must be different persons. Version {found.version} was trained by its approver.",
            "have someone else approve it",
        )
    figures = tracking.metrics(found)
    failed = failed_gates(figures) + (paired_gates(paired) if paired else [])
    if failed and reason is None:
        raise ModelError.with_hint(
            f"Every gate of version {found.version} must hold. Failed: {'; '.join(failed)}.",
            'promote it all the same with --force --reason "…"',
        )
    champion = tracking.find(CHAMPION)
    before = champion.version if champion else None
    _record(found, failed, reason, approver, tracking)
    append(
        workspace, "approval", by=approver or who(), why=reason or "gates hold",
        content={
            "version": found.version, "before": before, "sha256": found.tags.get("sha256"), "failed": failed,
            "figures": figures, "paired": paired,
        },
    )  # fmt: skip
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
    """
    left = tracking.find(CHAMPION)
    version = tracking.rollback()
    content = {"version": version, "before": left.version if left else None}
    append(workspace, "model rollback", by=who(), why=reason, content=content)
    return version


def paired_gates(paired: dict[str, Any]) -> list[str]:
    """List the gates that a paired judgement against the champion does not pass.

    Contributions may be negative, so ranks stand in for the Gini coefficient.

    Parameters
    ----------
    paired : dict
        As `judge_both` returns it, the champion first.

    Returns
    -------
    list of str
        In plain words.

    References
    ----------
    DOMAIN.md 4.4 (b), 4.5.

    Examples
    --------
    >>> paired_gates({"figures": [["spearman", 0.80, 0.82, 0.02, 0.01, 0.03]]})
    []
    >>> paired_gates({"figures": [["spearman", 0.80, 0.79, -0.01, -0.02, 0.0]]})
    ["Spearman less the champion's: lower end of the 95 % interval -0.0200, must be above 0"]
    """
    rows = {row[0]: row for row in paired["figures"]}
    low = rows["spearman"][4]
    if low > 0:
        return []
    better_calibrated = "bias" in rows and abs(rows["bias"][2]) < abs(rows["bias"][1])
    if better_calibrated and low >= -CLOSE_ENOUGH:
        return []
    limit = f"at least -{CLOSE_ENOUGH:g}" if better_calibrated else "above 0"
    return [f"Spearman less the champion's: lower end of the 95 % interval {low:.4f}, must be {limit}"]


def failed_gates(metrics: dict[str, float]) -> list[str]:
    """List the gates that a training's figures do not pass.

    Parameters
    ----------
    metrics : dict of str to float
        Of the run; a figure that is missing fails its gate.

    Returns
    -------
    list of str
        In plain words.

    References
    ----------
    DOMAIN.md 4.4.

    Examples
    --------
    >>> good = {"spearman": 0.9, "spearman_persistence": 0.8, "mae_skill": 0.2, "coverage_p10_p90": 0.8}
    >>> failed_gates({**good, "total_predicted_over_actual": 1.1, "cluster_agreement": 0.97})
    ['predicted over actual total 1.100, must lie between 0.95 and 1.05']
    """
    missing = float("nan")
    gain = metrics.get("spearman", missing) - metrics.get("spearman_persistence", missing)
    gates = (
        ("Spearman above persistence", gain, 0.0, 2.0),
        ("error saved against persistence", metrics.get("mae_skill", missing), 0.0, 1.0),
        ("predicted over actual total", metrics.get("total_predicted_over_actual", missing), 0.95, 1.05),
        ("coverage of P10 to P90", metrics.get("coverage_p10_p90", missing), 0.75, 0.85),
        ("agreement of clusters with own figures", metrics.get("cluster_agreement", missing), 0.90, 1.0),
    )
    return [
        f"{name} {value:.3f}, must lie between {low:g} and {high:g}"
        for name, value, low, high in gates
        if not low <= value <= high
    ]


def _record(
    found: RegisteredVersion, failed: list[str], reason: str | None, approver: str | None, tracking: Tracking
) -> None:
    record = {"promoted_over": "; ".join(failed), "promoted_because": reason or "gates hold"}
    tracking.promote(found.version, record | ({"approved_by": approver} if approver else {}))

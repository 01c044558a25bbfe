"""Bringing earlier published tiers back, by a named person and for good."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from segment.exceptions import PublishError
from segment.settings import who
from segment.warehouse import Workspace, published_runs, published_version, restore_tiers, workspace_lock
from segment.warehouse.records import Record, append, records

ROLLED_BACK = "tiers_rolled_back"


@dataclass(frozen=True)
class TiersBack:
    """What was brought back.

    Attributes
    ----------
    version : int
        New version of the table.
    restored : int
        The version whose tiers it holds.
    withdrawn : tuple of str
        Runs that are published no more.
    """

    version: int
    restored: int
    withdrawn: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)

    def __str__(self) -> str:
        """Say what was brought back."""
        return (
            f"The tiers of version {self.restored} are published again, as version {self.version}. "
            f"Withdrawn: {', '.join(self.withdrawn)}."
        )


def roll_back_tiers(workspace: Workspace, reason: str, version: int | None = None) -> TiersBack:
    """Publish the tiers of an earlier version again.

    Parameters
    ----------
    workspace : Workspace
        Where they are published.
    reason : str
        Why; recorded.
    version : int, optional
        Of the table; the newest one without the last published run by default.

    Returns
    -------
    TiersBack

    Raises
    ------
    PublishError
        Where no reason is given, or there is nothing to go back to.
    """
    if not reason.strip():
        raise PublishError.with_hint("Tiers are taken back with a reason. None was given.", 'add --reason "…"')
    with workspace_lock(workspace.root, "rollback"):
        newest = published_version(workspace.tiers)
        if newest is None:
            raise PublishError("Tiers must be published before they are taken back. None are.")
        target = _version_before(workspace, newest) if version is None else version
        left = set(published_runs(workspace.tiers, newest).values())
        gone = tuple(sorted(left - set(published_runs(workspace.tiers, target).values())))
        if not gone:
            raise PublishError.with_hint(
                f"The tiers to bring back must differ from those published. Version {target} holds the same runs.",
                "segment runs lists what was published when",
            )
        # on record first: a rollback that is killed here is repeated, one that nobody knows of would be undone
        content = {"from_version": newest, "to_version": target, "withdrawn": list(gone)}
        append(workspace, ROLLED_BACK, by=who(), why=reason, content=content)
        return TiersBack(restore_tiers(workspace.tiers, target), target, gone)


def withdrawn(workspace: Workspace) -> dict[str, Record]:
    """Say which runs' tiers were taken back, and by which record.

    Parameters
    ----------
    workspace : Workspace
        Keeps the records.

    Returns
    -------
    dict of str to Record
        By run; the newest record of each.
    """
    return {run: record for record in records(workspace, ROLLED_BACK) for run in record.content["withdrawn"]}


def _version_before(workspace: Workspace, newest: int) -> int:
    """Find the newest version that lacks a run of the present one and holds none that was taken back."""
    present = set(published_runs(workspace.tiers, newest).values())
    unwanted = set(withdrawn(workspace)) - present
    for version in range(newest - 1, -1, -1):
        held = set(published_runs(workspace.tiers, version).values())
        # a version whose moments are older than they are kept holds nothing to go back to
        if held and not present <= held and not held & unwanted:
            return version
    raise PublishError.with_hint(
        f"An earlier version of the tiers must exist. None of the {newest} before this one lacks the last run.",
        "segment refresh publishes a moment again",
    )

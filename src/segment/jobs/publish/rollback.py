"""Bringing earlier published tiers back, by a named person and for good."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from segment.exceptions import DecisionError, NotPublishedError
from segment.lock import workspace_lock
from segment.messages import Message
from segment.pages.message_result import MessageResult
from segment.settings import current_user
from segment.store.record_kinds import RecordKind
from segment.store.records import Record, append_record, last_record, read_records
from segment.warehouse.delta_place import oldest_version
from segment.warehouse.serving_copy import without_serving_copies
from segment.warehouse.tiers_table import published_runs, published_version, restore_tiers
from segment.workspace import Workspace


@dataclass(frozen=True)
class Rollback(MessageResult):
    """What was brought back."""

    version: int  # New version of the table
    restored: int  # The version whose tiers it holds
    withdrawn: tuple[str, ...]  # Runs that are published no more
    again: bool = False  # Whether the same command had brought it back before

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)

    def messages(self) -> list[Message]:
        """Say what was brought back."""
        done_before = [Message("results.done_before")] if self.again else []
        return [Message("results.rolled_back", vars(self)), *done_before]


def roll_back_tiers(workspace: Workspace, reason: str, version: int | None = None) -> Rollback:
    """Publish the tiers of an earlier version again; the same command once more takes back nothing else.

    Parameters
    ----------
    workspace : Workspace
        Where they are published.
    reason : str
        Why; recorded. Given again by the same person before anything else is published, it means the same act.
    version : int, optional
        Of the table; the newest one without the last published run by default.

    Returns
    -------
    Rollback

    Raises
    ------
    DecisionError, NotPublishedError
        Where no reason is given, or there is nothing to go back to.
    """
    if not reason.strip():
        raise DecisionError.of("errors.rollback_without_reason")
    with workspace_lock(workspace.root, "rollback"), without_serving_copies(workspace):
        newest = published_version(workspace.tiers)
        if newest is None:
            raise NotPublishedError.of("errors.nothing_to_take_back")
        by = current_user()
        last = last_record(workspace, [RecordKind.TIERS_ROLLED_BACK])
        same = last is not None and (last.by, last.why) == (by, reason)
        if last is not None and same and version in (None, last.content["to_version"]):
            done, restored = _is_done(last, workspace.tiers, newest), last.content["to_version"]
            if done or last.content["from_version"] == newest:
                at = newest if done else restore_tiers(workspace.tiers, restored)
                return Rollback(at, restored, tuple(last.content["withdrawn"]), again=done)
        published = set(published_runs(workspace.tiers, newest).values())
        # versions are opened one by one, only as far back as is needed
        earlier = (
            (at, set(published_runs(workspace.tiers, at).values()))
            for at in reversed(range(oldest_version(workspace.tiers), newest))
        )
        if version is None:
            before = withdrawn_runs(read_records(workspace, RecordKind.TIERS_ROLLED_BACK))
            version = _version_before(newest, earlier, published, set(before) - published)
        withdrawn = tuple(sorted(published - set(published_runs(workspace.tiers, version).values())))
        if not withdrawn:
            raise NotPublishedError.of("errors.same_version", version=version)
        # on record first: a rollback that is killed here is repeated, one that nobody knows of would be undone
        content = {"from_version": newest, "to_version": version, "withdrawn": list(withdrawn)}
        append_record(workspace, RecordKind.TIERS_ROLLED_BACK, by=by, why=reason, content=content)
        return Rollback(restore_tiers(workspace.tiers, version), version, withdrawn)


def _is_done(rollback: Record, table: Path, newest: int) -> bool:
    """Say whether the newest version is the one that a rollback made; a commit has the number after what it was on."""
    made, restored = rollback.content["from_version"] + 1, rollback.content["to_version"]
    return newest == made and published_runs(table, newest) == published_runs(table, restored)


def withdrawn_runs(rollbacks: Iterable[Record]) -> dict[str, Record]:
    """Say which runs' tiers were taken back, and by which record."""
    return {run: record for record in rollbacks for run in record.content["withdrawn"]}


def _version_before(
    newest: int, earlier: Iterable[tuple[int, set[str]]], published: set[str], unwanted: set[str]
) -> int:
    """Find the newest version that lacks a run of the present one and holds none that was taken back."""
    for version, runs in earlier:
        # a version whose dates are older than they are kept holds nothing to go back to
        if runs and not published <= runs and not runs & unwanted:
            return version
    raise NotPublishedError.of("errors.no_earlier_version", newest=newest)

"""The snapshots that a workspace keeps: those are made again that see a month, a person or a rule that changed."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from segment.features import catalogue, months_written, snapshot, write_snapshots
from segment.features.catalogue import KEYS
from segment.features.person import known_persons
from segment.features.store import inputs_of
from segment.jobs.hashes import code_hash
from segment.jobs.progress import Report, quiet
from segment.jobs.reference import read_reference
from segment.policy import Policy
from segment.warehouse import Workspace, write_json

_MANIFEST = "manifest.json"


@dataclass(frozen=True)
class SnapshotsKept:
    """What `keep_snapshots` did.

    Attributes
    ----------
    built : tuple of datetime.date
        Moments whose snapshot was made, ascending.
    customers : int
        Rows of the snapshot that was asked for.
    """

    built: tuple[dt.date, ...]
    customers: int


def keep_snapshots(
    workspace: Workspace, policy: Policy, as_of: dt.date, *, n_jobs: int = -1, progress: Report = quiet
) -> SnapshotsKept:
    """Make the snapshot of a moment, and those of earlier moments that late or corrected rows changed.

    Parameters
    ----------
    workspace : Workspace
        Holds the customer months and the small tables.
    policy : Policy
        Frozen figures.
    as_of : datetime.date
        A month's last day. Snapshots of later moments know more than this one and are left alone.
    n_jobs : int
        Processes for buckets of customers.
    progress : callable
        Told how far it is.

    Returns
    -------
    SnapshotsKept
    """
    tables = read_reference(workspace)
    manifest = _without_moments_before(months_written(workspace.customer_months, as_of)[0], workspace)
    moments = {as_of, *(moment for moment in _on_disk(workspace) if moment < as_of)}
    wanted = {moment: _inputs(tables, workspace, policy, moment) for moment in moments}
    stale = sorted(
        moment
        for moment, inputs in wanted.items()
        if manifest.get(moment) != inputs or not workspace.snapshot(moment).is_file()
    )
    if stale:
        made = snapshot(tables, workspace.customer_months, policy, stale, n_jobs=n_jobs, progress=progress)
        # outcomes are for those who learn; what is kept is what was known
        known = [*KEYS, *(feature.name for feature in catalogue(policy))]
        write_snapshots({moment: rows.select(known) for moment, rows in made.items()}, workspace.snapshots)
        _write({**manifest, **{moment: wanted[moment] for moment in stale}}, workspace)
    rows = pl.scan_parquet(workspace.snapshot(as_of)).select(pl.len()).collect().item()
    return SnapshotsKept(tuple(stale), int(rows))


def _inputs(tables: dict[str, pl.DataFrame], workspace: Workspace, policy: Policy, moment: dt.date) -> str:
    """Hash what a snapshot is made of: months, who is known, the policy and the code."""
    persons = known_persons(tables["customers"], tables["branches"], moment)
    sums = [int(np.add.reduce(persons.hash_rows(seed).to_numpy(), dtype=np.uint64)) for seed in (1, 2)]
    months = inputs_of(workspace.customer_months, moment)
    terms = (policy.model_hash, code_hash(), pl.__version__, persons.height, sums, months)
    return hashlib.sha256(repr(terms).encode()).hexdigest()


def _on_disk(workspace: Workspace) -> list[dt.date]:
    return [dt.date.fromisoformat(path.stem) for path in workspace.snapshots.glob("[0-9]*.parquet")]


def _without_moments_before(first: dt.date, workspace: Workspace) -> dict[dt.date, str]:
    """Clear away snapshots of a ledger that was here before, whose months are gone."""
    for moment in _on_disk(workspace):
        if moment < first:
            workspace.snapshot(moment).unlink(missing_ok=True)
    try:
        content = json.loads(_manifest(workspace).read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return {dt.date.fromisoformat(day): inputs for day, inputs in content.items() if day >= first.isoformat()}


def _write(manifest: dict[dt.date, str], workspace: Workspace) -> None:
    write_json({moment.isoformat(): inputs for moment, inputs in manifest.items()}, _manifest(workspace))


def _manifest(workspace: Workspace) -> Path:
    return workspace.snapshots / _MANIFEST

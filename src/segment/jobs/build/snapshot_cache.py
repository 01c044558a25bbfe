"""The snapshots that a workspace holds: those are made again that see a month, a person or a rule that changed."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import polars as pl

from segment.features import catalogue, months_written
from segment.features.catalogue import KEYS
from segment.features.person import customers_as_of
from segment.features.store import inputs_of
from segment.files import repr_hash, write_json, write_tables
from segment.jobs.build.hashes import code_hash
from segment.policy import Policy
from segment.warehouse.stored_snapshots import snapshot_dates

_MANIFEST = "manifest.json"


def update_snapshots(
    tables: Mapping[str, pl.DataFrame],
    customer_months: Path,
    folder: Path,
    policy: Policy,
    as_of: dt.date,
    make: Callable[[Sequence[dt.date]], None],
) -> tuple[dt.date, ...]:
    """Make the snapshot of a date, and those of earlier dates that late or corrected rows changed.

    `tables`: The small tables of the ledger. `folder`: Of the snapshots. `make`: Writes those of some dates. Returns
    the dates that were made, ascending.
    """
    first = months_written(customer_months, as_of)[0]
    for day in (day for day in snapshot_dates(folder) if day < first):
        _file(folder, day).unlink(missing_ok=True)  # of a ledger that was here before, whose months are gone
    manifest = {day: digest for day, digest in _read_manifest(folder).items() if day >= first}
    dates = {as_of, *(day for day in snapshot_dates(folder) if day < as_of)}
    digests = {day: _digest(tables, customer_months, policy, day) for day in dates}
    stale = sorted(day for day in dates if manifest.get(day) != digests[day] or not _file(folder, day).is_file())
    if stale:
        make(stale)
        manifest |= {day: digests[day] for day in stale}
        write_json({day.isoformat(): digest for day, digest in manifest.items()}, folder / _MANIFEST)
    return tuple(stale)


def write_made(made: Mapping[dt.date, Iterable[pl.DataFrame]], policy: Policy, folder: Path) -> None:
    """Write snapshots that one machine made, part by part."""
    # outcomes are for those who learn; a stored snapshot holds what was known
    columns = [*KEYS, *(feature.name for feature in catalogue(policy))]
    for day, parts in made.items():
        tables = (rows.select(columns).to_arrow(compat_level=pl.CompatLevel.oldest()) for rows in parts)
        write_tables(tables, _file(folder, day))


def _digest(tables: Mapping[str, pl.DataFrame], customer_months: Path, policy: Policy, as_of: dt.date) -> str:
    """Hash what a snapshot is made of: months, who is known, the policy and the code."""
    persons = customers_as_of(tables["customers"], tables["branches"], as_of)
    sums = [int(np.add.reduce(persons.hash_rows(seed).to_numpy(), dtype=np.uint64)) for seed in (1, 2)]
    months = inputs_of(customer_months, as_of)
    terms = (policy.model_hash, code_hash(), pl.__version__, persons.height, sums, months)
    return repr_hash(terms)


def _read_manifest(folder: Path) -> dict[dt.date, str]:
    try:
        content = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return {dt.date.fromisoformat(day): digest for day, digest in content.items()}


def _file(folder: Path, as_of: dt.date) -> Path:
    return folder / f"{as_of.isoformat()}.parquet"

"""Persons who were erased, taken out of files that a backup has brought back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import polars as pl

from segment.jobs.rights.erase_rows import Person, clear_parts, take_out
from segment.jobs.rights.search_workspace import NAMING, require_nothing, search
from segment.store.tombstones import Erased
from segment.warehouse.delta_place import LOG
from segment.warehouse.version_history import erase_from_tiers


def erase_again(people: Iterable[Person], root: Path, tiers: Path, ledger_parts: Path) -> None:
    """Take persons out of the files of a folder that is not yet in its place, its published versions included."""
    for person in people:
        erase_from_tiers(tiers, person.customer_id, person.subject)
        take_out(person, root, (tiers, ledger_parts))
        clear_parts(person, ledger_parts)


def require_gone(people: Iterable[Person], root: Path) -> None:
    """Stop where a file still holds one of them."""
    for person in people:
        require_nothing(search(root, person.customer_id))


def erased_people(root: Path, stored: Mapping[str, pl.DataFrame], erased: Erased) -> list[str]:
    """Find the ids that belong to tombstones among everybody whom the files and the store's tables name."""
    if not len(erased):
        return []
    paths = (path for path in sorted(root.rglob("*.parquet")) if path.parent.name != LOG)
    ids = pl.concat([pl.Series("id", [], dtype=pl.String), *_ids(paths), *_ids_of(stored.values())]).unique().sort()
    return ids.filter(erased.names(ids)).to_list()


def _ids(paths: Iterable[Path]) -> Iterable[pl.Series]:
    for path in paths:
        schema = pl.read_parquet_schema(path)
        names = [name for name in NAMING if name in schema and schema[name] == pl.String]
        if names:
            yield from _ids_of([pl.read_parquet(path, columns=names, glob=False, hive_partitioning=False)])


def _ids_of(frames: Iterable[pl.DataFrame]) -> Iterable[pl.Series]:
    for frame in frames:
        names = [name for name in NAMING if frame.schema.get(name) == pl.String]
        yield from (frame[name].drop_nulls().unique().rename("id") for name in names)

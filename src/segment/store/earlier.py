"""What earlier releases kept in files of their own, brought over into the store in one act; the files then go."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import polars as pl
import sqlalchemy as sa

from segment.exceptions import RecordError, StoreError
from segment.store.chain import EMPTIED, KEY_FACT, NOTHING_BEFORE, ChainKey
from segment.store.stored_tables import (
    DRAWS,
    ENROLMENTS,
    FACTS,
    LIST_ROWS,
    LISTS,
    METADATA,
    OBJECTIONS,
    OUTCOMES,
    OVERRIDES,
    RECORD,
    RELEASED,
    REVIEWS,
    TOMBSTONES,
    StoredTable,
)
from segment.workspace import Workspace

_ROWS = {
    "control.parquet": DRAWS,
    "trial.parquet": ENROLMENTS,
    "kept/outcomes.parquet": OUTCOMES,
    "kept/objections.parquet": OBJECTIONS,
    "kept/reviews.parquet": REVIEWS,
    "kept/overrides.parquet": OVERRIDES,
}
_RECORDS, _TOMBSTONES = "records.db", "erased.json"


def earlier_files(workspace: Workspace, *, outside: bool) -> tuple[Path, ...]:
    """List the files that the store takes the place of."""
    root, lists = workspace.root, workspace.root / "lists"
    single = [root / name for name in (*_ROWS, _RECORDS, _TOMBSTONES)]
    inside = [workspace.store] if outside else []
    many = [*lists.glob("*.parquet"), *lists.glob("*.json"), *lists.glob("released/*.parquet")]
    return tuple(path for path in (*single, *inside, *sorted(many)) if path.is_file())


def take_over(connection: sa.Connection, workspace: Workspace, files: Iterable[Path]) -> None:
    """Bring the files' content over; what the store holds already stays as it stands there."""
    for path in files:
        _step(path, workspace)(connection, path, workspace)


def delete_files(files: Iterable[Path]) -> None:
    """Delete files that stand in the store now."""
    for path in files:
        for beside in (path, *path.parent.glob(f"{path.name}-*")) if path.suffix == ".db" else (path,):
            beside.unlink(missing_ok=True)


def _step(path: Path, workspace: Workspace) -> Callable[[sa.Connection, Path, Workspace], None]:
    place = path.relative_to(workspace.root).as_posix()
    if path == workspace.store:
        return _copy_store
    if place == _RECORDS:
        return _take_records
    if place == _TOMBSTONES:
        return _take_tombstones
    if place in _ROWS:
        return lambda connection, path, _: _take_rows(connection, _ROWS[place], pl.read_parquet(path, glob=False))
    if path.suffix == ".json":
        return _take_report
    if path.parent.name == "released":
        return _take_released
    return _take_list


def _take_rows(connection: sa.Connection, table: StoredTable, rows: pl.DataFrame) -> None:
    known = [name for name in table.schema if name in rows.columns]
    whole = pl.concat([pl.DataFrame(schema=table.schema), rows.select(known)], how="diagonal_relaxed")
    whole = whole.select(pl.col(name).cast(dtype) for name, dtype in table.schema.items())
    keys = [table.sql.c[name] for name in table.key]
    there = {tuple(row) for row in connection.execute(sa.select(*keys))}
    new = [row for row in whole.to_dicts() if tuple(row[name] for name in table.key) not in there]
    if new:
        connection.execute(table.sql.insert(), new)


def _take_list(connection: sa.Connection, path: Path, _: Workspace) -> None:
    _take_rows(connection, LIST_ROWS, pl.read_parquet(path, glob=False).with_columns(list_id=pl.lit(path.stem)))


def _take_released(connection: sa.Connection, path: Path, _: Workspace) -> None:
    _take_rows(connection, RELEASED, pl.read_parquet(path, glob=False).with_columns(sha256=pl.lit(path.stem)))


def _take_report(connection: sa.Connection, path: Path, _: Workspace) -> None:
    if connection.execute(sa.select(LISTS.c.list_id).where(LISTS.c.list_id == path.stem)).first() is None:
        connection.execute(LISTS.insert().values(list_id=path.stem, report=path.read_text(encoding="utf-8")))


def _take_tombstones(connection: sa.Connection, path: Path, _: Workspace) -> None:
    there = {row.customer for row in connection.execute(sa.select(TOMBSTONES.c.customer))}
    for entry in json.loads(path.read_text(encoding="utf-8"))["erased"]:
        if entry["customer"] not in there:
            there.add(entry["customer"])
            row = {**entry, "number": len(there), "accounts": json.dumps(entry["accounts"])}
            connection.execute(TOMBSTONES.insert().values(row))


def _take_records(connection: sa.Connection, path: Path, workspace: Workspace) -> None:
    """Sign the records of an earlier release with the key; their chain of plain hashes must hold before."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as opened:
        opened.row_factory = sqlite3.Row
        if opened.execute("SELECT name FROM sqlite_master WHERE name = 'record'").fetchone() is None:
            return
        rows = [dict(row) for row in opened.execute("SELECT * FROM record ORDER BY number")]
    _require_whole(rows)
    there = dict(connection.execute(sa.select(RECORD.c.number, RECORD.c.sha256)).tuples().all())
    if there and any(there.get(row["number"]) != row["sha256"] for row in rows):
        raise StoreError.of("errors.unknown_to_store", name=path.name)
    if there or not rows:
        return
    key, before = ChainKey.of(workspace), NOTHING_BEFORE
    for row in rows:
        row["content_mac"] = key.content_mac(row)
        row["mac"] = before = key.mac(row, before)
    connection.execute(RECORD.insert(), rows)
    connection.execute(FACTS.insert().values(name=KEY_FACT, value=key.fingerprint))


def _require_whole(rows: Sequence[Mapping[str, Any]]) -> None:
    before = NOTHING_BEFORE
    says = [json.loads(row["content"])["emptied"] for row in rows if row["kind"] == "records_emptied"]
    emptied = {(number, sha256) for pairs in says for number, sha256 in pairs}
    for number, row in enumerate(rows, start=1):
        signed = [row[name] for name in ("number", "written_at", "kind", "by", "why", "content", "sha256_before")]
        whole = row["sha256"] == hashlib.sha256(json.dumps(signed, ensure_ascii=False).encode()).hexdigest()
        empty = row["content"] == "{}" and row["why"] == EMPTIED and (number, row["sha256"]) in emptied
        if row["number"] != number or row["sha256_before"] != before or not (whole or empty):
            raise RecordError.of("errors.record_altered_before", number=number, rows=len(rows), records=_RECORDS)
        before = row["sha256"]


def _copy_store(connection: sa.Connection, path: Path, _: Workspace) -> None:
    """Bring the store inside the workspace over into the one outside."""
    inside = sa.create_engine(sa.URL.create("sqlite", database=str(path)), hide_parameters=True)
    with inside.connect() as opened:
        for table in METADATA.sorted_tables:
            if table is FACTS:
                names = set(connection.execute(sa.select(FACTS.c.name)).scalars())
                rows = [row for row in opened.execute(sa.select(FACTS)).mappings() if row["name"] not in names]
            elif connection.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first() is not None:
                raise StoreError.of("errors.store_not_empty", table=table.name)
            else:
                rows = list(opened.execute(sa.select(table)).mappings())
            if rows:
                connection.execute(table.insert(), [dict(row) for row in rows])
    inside.dispose()

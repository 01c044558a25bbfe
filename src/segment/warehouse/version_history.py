"""A customer taken out of every version of the published tiers, without a new version."""

# Each data file that holds the customer is written again under a name that follows from its own, without those rows;
# then the log is made to name the new files, commit by commit, in three rounds. At every date in between, each
# version of the table reads as one whole table, and a run that was cut off is done by running it again:
# 1. commits that remove an old file remove its new one as well; 2. commits that add an old file add its new one
# instead; 3. commits no longer remove the old file; then the old files go.

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake import DeltaTable

from segment.files import write_text, write_whole
from segment.warehouse.delta_place import (
    LOG,
    delta_address,
    files_of,
    is_table,
    log_files,
    oldest_version,
    opened_table,
)
from segment.warehouse.household_sums import HOUSEHOLD, sums_without

Action = dict[str, Any]
Change = Callable[[list[Action]], list[Action]]


def erase_from_tiers(table: Path, customer_id: str, token: str) -> int:
    """Take a customer out of every version of the published tiers."""
    # Versions keep their numbers, their commits what they say of themselves, and all other rows their bytes' meaning.
    # Source: Delta Lake protocol, https://github.com/delta-io/delta/blob/master/PROTOCOL.md: statistics of an added
    # file are optional; they hold a column's smallest and largest value, so only the number of rows is kept.
    if not is_table(table):
        return 0
    renamed: dict[str, Action] = {}
    count = 0
    for file in data_files(table):
        rows = pq.read_table(file, partitioning=None)
        rows = _without_household_sums(rows, customer_id)
        left = rows.filter(pc.fill_null(pc.not_equal(rows["customer_id"], customer_id), True))
        if left.num_rows == rows.num_rows:
            continue
        count += rows.num_rows - left.num_rows
        place = file.relative_to(table).as_posix()
        new = file.with_name(f"{file.name.split('.')[0]}-{_name(place, token)}.snappy.parquet")
        _write(left, new)
        renamed[place] = {
            "path": _in_log(new.relative_to(table).as_posix()),
            "size": new.stat().st_size,
            "stats": json.dumps({"numRecords": left.num_rows}),
        }
    if renamed:
        for change in (_remove_both(renamed), _add_new(renamed), _remove_new(renamed)):
            for log in log_files(table):
                _rewrite(log, change)
        for place in renamed:
            (table / place).unlink(missing_ok=True)
    return count


def _without_household_sums(rows: pa.Table, customer_id: str) -> pa.Table:
    if HOUSEHOLD not in rows.column_names:
        return rows
    frame = pl.DataFrame(rows.select(["customer_id", HOUSEHOLD]))
    place = rows.column_names.index(HOUSEHOLD)
    return rows.set_column(place, rows.schema.field(HOUSEHOLD), sums_without(frame, customer_id).to_arrow())


def drop_files(table: Path, places: Collection[str]) -> None:
    """Take data files out of every version of a table; a version that held them holds what is left."""
    gone = set(places)

    def change(actions: list[Action]) -> list[Action]:
        return [action for action in actions if not gone & {_place(action, "add"), _place(action, "remove")}]

    if gone:
        for log in log_files(table):
            _rewrite(log, change)
    for place in gone:
        (table / place).unlink(missing_ok=True)


def files_replaced_before(table: Path, day: dt.date) -> list[str]:
    """List the files that the newest version no longer holds and that were replaced before a day."""
    versions = files_by_version(table)
    if not versions:
        return []
    with opened_table(table) as opened:
        at = {commit["version"]: commit["timestamp"] for commit in opened.history()}
    last = {place: version for version, places in versions.items() for place in places}
    newest, limit = max(versions), dt.datetime.combine(day, dt.time(), dt.UTC).timestamp() * 1000
    return sorted(place for place, version in last.items() if version < newest and at[version + 1] < limit)


def data_files(table: Path) -> list[Path]:
    """List the files of a table's rows, of all its versions."""
    return sorted(path for path in table.rglob("*.parquet") if LOG not in path.relative_to(table).parts)


def orphaned_files(table: Path) -> list[str]:
    """List the data files that no version names: those of killed writes, and of versions whose log is gone."""
    named = {place for places in files_by_version(table).values() for place in places}
    return sorted({path.relative_to(table).as_posix() for path in data_files(table)} - named)


def files_by_version(table: Path) -> dict[int, list[str]]:
    """Say which files each version of a table consists of."""
    if not is_table(table):
        return {}
    files: dict[int, list[str]] = {}
    with delta_address(table) as address:
        for version in range(oldest_version(table), int(DeltaTable(address).version()) + 1):
            files[version] = files_of(DeltaTable(address, version=version))
    return files


def _name(place: str, token: str) -> str:
    return hashlib.sha256(f"{token}|{place}".encode()).hexdigest()[:12]


def _in_log(place: str) -> str:
    return quote(place, safe="/=")


def _write(rows: pa.Table, path: Path) -> None:
    write_whole(path, lambda beside: pq.write_table(rows, beside, compression="snappy"))


def _rewrite(log: Path, change: Change) -> None:
    if log.suffix == ".json":
        before = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines() if line]
        after = change(before)
        if after != before:
            text = "".join(f"{json.dumps(action, ensure_ascii=False, separators=(',', ':'))}\n" for action in after)
            write_text(text, log)
        return
    checkpoint = pq.read_table(log)
    rows = checkpoint.to_pylist()
    changed = change(rows)
    if changed != rows:
        table = pa.Table.from_pylist(changed, schema=checkpoint.schema)
        write_whole(log, lambda beside: pq.write_table(table, beside, compression="snappy"))


def _place(action: Action, kind: str) -> str | None:
    entry = action.get(kind)
    return unquote(entry["path"]) if entry else None


def _each(actions: list[Action], kind: str, renamed: Mapping[str, Action]) -> Iterator[tuple[Action, Action | None]]:
    """Every action, with what stands for its file where it is of that kind and the file was written again."""
    for action in actions:
        yield action, renamed.get(_place(action, kind) or "")


def _remove_both(renamed: Mapping[str, Action]) -> Change:
    def change(actions: list[Action]) -> list[Action]:
        removed = {action["remove"]["path"] for action in actions if action.get("remove")}
        more = [
            {**action, "remove": _removed(action["remove"], new)}
            for action, new in _each(actions, "remove", renamed)
            if new is not None and new["path"] not in removed
        ]
        return [*actions, *more]

    return change


def _add_new(renamed: Mapping[str, Action]) -> Change:
    def change(actions: list[Action]) -> list[Action]:
        return [
            action if new is None else {**action, "add": _added(action["add"], new)}
            for action, new in _each(actions, "add", renamed)
        ]

    return change


def _remove_new(renamed: Mapping[str, Action]) -> Change:
    def change(actions: list[Action]) -> list[Action]:
        return [action for action, new in _each(actions, "remove", renamed) if new is None]

    return change


def _added(add: Action, new: Action) -> Action:
    parsed = {"stats_parsed": None} if "stats_parsed" in add else {}
    return {**add, **new, **parsed}


def _removed(remove: Action, new: Action) -> Action:
    sized = {"size": new["size"]} if remove.get("size") is not None else {}
    return {**remove, "path": new["path"], **sized}

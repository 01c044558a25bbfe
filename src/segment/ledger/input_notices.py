"""What to look at of the files and cells as they came in, although they could be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

import polars as pl

from segment.ledger.check_report import Notice
from segment.ledger.notices import names_in_other_letters
from segment.ledger.parts import READ_ERRORS, Part, TableInput
from segment.ledger.reading import Cells
from segment.ledger.schema import Column, Table
from segment.messages import Message

_LOOKED_AT = 10_000
_FEW_TIMES = 2
"""Midnight of a place is one hour of UTC, or two with summer time."""


def notices_of_inputs(inputs: Mapping[str, TableInput], cells: Mapping[str, Mapping[str, Cells]]) -> tuple[Notice, ...]:
    """Say what is to look at of a ledger's files and cells; `cells`: Counts by table and column."""
    notices = [*names_in_other_letters(inputs), *_other_characters(inputs), *_words_for_null(cells)]
    for source in inputs.values():
        for column in source.table.columns:
            notices += _of_column(source.table, column, source.parts)
    return tuple(notices)


def _other_characters(inputs: Mapping[str, TableInput]) -> Iterator[Notice]:
    found = Counter(part.encoding for source in inputs.values() for part in source.parts if part.encoding)
    for encoding, files in sorted(found.items()):
        meaning = Message("check.notice.other_characters", {"encoding": encoding})
        yield Notice("", "other_characters", meaning, files)


def _words_for_null(cells: Mapping[str, Mapping[str, Cells]]) -> Iterator[Notice]:
    for table, columns in cells.items():
        for column, counts in columns.items():
            if counts.words_for_null:
                meaning = Message("check.notice.words_for_null", {"column": column})
                yield Notice(table, f"{column}_words_for_null", meaning, counts.words_for_null)


def _of_column(table: Table, column: Column, parts: tuple[Part, ...]) -> Iterator[Notice]:
    dtypes = [part.schema[column.name] for part in parts if column.name in part.schema]
    if column.kind == "number" and pl.Float32 in dtypes:
        meaning = Message("check.notice.in_32_bits", {"column": column.name})
        yield Notice(table.name, f"{column.name}_in_32_bits", meaning, dtypes.count(pl.Float32()))
    if column.kind not in ("date", "month"):
        return
    zones = {dtype.time_zone for dtype in dtypes if isinstance(dtype, pl.Datetime) and dtype.time_zone}
    if zones and not any(part.timezone for part in parts):
        meaning = Message("check.notice.in_the_files_zone", {"column": column.name, "zones": sorted(zones)})
        yield Notice(table.name, f"{column.name}_in_the_files_zone", meaning, len(zones))
    if shifted := max((_shifted_midnights(column, part) for part in parts[:1]), default=0):
        meaning = Message("check.notice.shifted", {"column": column.name})
        yield Notice(table.name, f"{column.name}_shifted", meaning, shifted)


def _shifted_midnights(column: Column, part: Part) -> int:
    """Count the first instants of a part where all are at an hour or two that may be another zone's midnight."""
    dtype = part.schema.get(column.name)
    if dtype is None or not (dtype == pl.String or (isinstance(dtype, pl.Datetime) and dtype.time_zone is None)):
        return 0
    cells = pl.col(column.name)
    times = cells.str.extract(r"^\s*\d{4}-\d{2}-\d{2}[T ](\d{2}:\d{2})") if dtype == pl.String else cells.dt.time()
    try:
        found = (
            next(part.chunks()).rows.select(cells).head(_LOOKED_AT).collect().select(times.cast(pl.String).str.head(5))
        )
    except READ_ERRORS:
        return 0  # told by the reading of the whole file
    hours = found.to_series().drop_nulls()
    midnight = hours.is_in(["00:00"]).any()
    return hours.len() if hours.len() > 1 and hours.n_unique() <= _FEW_TIMES and not midnight else 0

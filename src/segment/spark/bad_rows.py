"""The bad rows of a long table, as they came in: read again part by part, and put into one file."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from segment.files import make_folder, write_parquet
from segment.ledger.parsing import ROW
from segment.ledger.quarantine import RULE, as_given
from segment.ledger.unknown_words import UnknownWord, find_unknown_words
from segment.spark.arrow_types import for_spark, from_spark
from segment.spark.long_parts import PART, LongPart
from segment.spark.session import in_tasks, without_rows
from segment.store.tombstones import Erased

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


def write_bad_rows(bad: DataFrame, parts: Sequence[LongPart], folder: Path) -> None:
    """Lay the bad rows of each part down as text; `bad`: Part, number and rule of each."""
    columns = parts[0].source.table.schema.names()
    make_folder(folder)
    every = bad.sparkSession.sparkContext.broadcast(tuple(part.source for part in parts))

    def as_text(group: Any) -> Any:
        rows = from_spark(group).sort(ROW)
        number = int(rows[PART][0])
        numbered = rows.select(pl.col(ROW).cast(pl.get_index_type()), RULE)
        text = as_given(every.value[number], numbered).select(*columns, RULE)
        write_parquet(text, folder / f"part-{number:06d}.parquet")
        return for_spark(pl.DataFrame({"part": [number]}, schema={"part": pl.Int64}))

    bad.groupBy(PART).applyInArrow(without_rows(as_text), "part bigint").count()


def collect_bad_rows(
    session: SparkSession, folder: Path, table: str, products: Collection[str], erased: Erased, place: Path | None
) -> tuple[UnknownWord, ...]:
    """Put a table's bad rows into one file of the quarantine, and name the words in them that nobody knows."""

    def put_together(_: int) -> tuple[UnknownWord, ...]:
        files = sorted(folder.glob("part-*.parquet"))
        rows = erased.leave_out(pl.concat(pl.read_parquet(file, glob=False) for file in files))
        if place is not None and rows.height:
            write_parquet(rows, place)
        return find_unknown_words({table: rows}, products)

    if place is not None:
        place.unlink(missing_ok=True)
    return in_tasks(session, put_together, [0])[0] if any(folder.glob("part-*.parquet")) else ()

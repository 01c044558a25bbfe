"""Frames as Spark takes them from a task: text and lists with the lengths of before."""

from __future__ import annotations

from typing import Any

import polars as pl
import pyarrow as pa


def for_spark(frame: pl.DataFrame) -> pa.Table:
    """A frame as an Arrow table whose types Spark knows."""
    table = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
    return table.cast(pa.schema([field.with_type(_small(field.type)) for field in table.schema]))


def from_spark(rows: Any) -> pl.DataFrame:
    """A table or a batch of Spark's as a frame."""
    return pl.DataFrame(pl.from_arrow(rows))


def spark_schema(schema: pl.Schema) -> str:
    """The same schema as Spark writes it."""
    return ", ".join(f"`{name}` {_name(dtype)}" for name, dtype in schema.items())


def _small(kind: Any) -> Any:
    if pa.types.is_large_string(kind):
        return pa.string()
    return pa.list_(_small(kind.value_type)) if pa.types.is_large_list(kind) else kind


def _name(dtype: pl.DataType) -> str:
    if isinstance(dtype, pl.List):
        return f"array<{_name(dtype.inner)}>"  # type: ignore[arg-type]
    return _NAMES[dtype.base_type()]


_NAMES: dict[Any, str] = {
    pl.String: "string",
    pl.Date: "date",
    pl.Float64: "double",
    pl.Int64: "bigint",
    pl.Int32: "int",
    pl.Int8: "tinyint",
    pl.Boolean: "boolean",
}

"""From cells to days of the bank: what is written is one; an instant with a zone is one in the bank's zone only."""

from __future__ import annotations

import polars as pl

_TIME = r"[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?"
_DAY = rf"^\d{{4}}-\d{{2}}-\d{{2}}(?:{_TIME})?$"
_INSTANT = rf"^\d{{4}}-\d{{2}}-\d{{2}}{_TIME} ?(?:Z|UTC|GMT|[+-]\d{{2}}(?::?\d{{2}})?(?::\d{{2}})?)$"
_OFFSET = r"([+-])(\d{2}):?(\d{2})?(?::\d{2})?$"
_SHORTEST_INSTANT = len("2025-12-31T00:00Z")
UTC_ZONES = ("UTC", "Etc/UTC", "GMT", "Etc/GMT", "Zulu", "Etc/Zulu", "UCT", "+00:00", "Etc/UCT")
"""Zones in which databases and data frames keep instants wherever the bank is."""


def parse_day(cells: pl.Expr, dtype: pl.DataType, timezone: str | None) -> pl.Expr | None:
    """Days; None where no cell of the type can be one."""
    # `timezone`: Of the bank; without it an instant has no day unless its own zone is one of a place.
    if dtype == pl.Date:
        return cells
    if isinstance(dtype, pl.Datetime):
        if dtype.time_zone and timezone:
            return cells.dt.convert_time_zone(timezone).dt.date()
        return None if dtype.time_zone in UTC_ZONES else cells.dt.date()
    if dtype != pl.String:
        return None
    text = cells.str.strip_chars()
    day = pl.when(text.str.contains(_DAY)).then(text.str.head(10)).str.to_date("%Y-%m-%d", strict=False)
    return day if timezone is None else pl.coalesce(day, _day_of_instant(text, timezone))


def is_instant(cells: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Whether a cell of text names a moment with a zone, so that its day depends on where the bank is."""
    if dtype != pl.String:
        return pl.lit(False)
    return cells.map_batches(_instants, pl.Boolean, is_elementwise=True)


def _instants(text: pl.Series) -> pl.Series:
    if int(text.str.len_bytes().max() or 0) < _SHORTEST_INSTANT:  # type: ignore[arg-type]
        return pl.repeat(False, len(text), dtype=pl.Boolean, eager=True).alias(text.name)
    return text.str.strip_chars().str.to_uppercase().str.contains(_INSTANT)


def _day_of_instant(text: pl.Expr, timezone: str) -> pl.Expr:
    written = text.str.to_uppercase().str.replace(r"^(.{10})T", "${1} ")
    instant = pl.when(written.str.contains(_INSTANT)).then(written)
    local = instant.str.head(16).str.to_datetime("%Y-%m-%d %H:%M", strict=False, time_unit="us")
    parts = [instant.str.extract(_OFFSET, group) for group in (1, 2, 3)]
    minutes = parts[1].cast(pl.Int64).fill_null(0) * 60 + parts[2].cast(pl.Int64).fill_null(0)
    ahead = pl.when(parts[0] == "-").then(-minutes).otherwise(minutes)
    at_utc = local - pl.duration(minutes=ahead, time_unit="us")
    return at_utc.dt.replace_time_zone("UTC").dt.convert_time_zone(timezone).dt.date()

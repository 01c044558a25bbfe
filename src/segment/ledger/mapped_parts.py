"""A table's parts in the contract's names, codes and signs, by the mapping of the policy."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from segment.exceptions import PolicyError
from segment.ledger.contract import TABLES
from segment.ledger.faults import Fault
from segment.ledger.parts import Part, TableInput
from segment.ledger.schema import Column, Table
from segment.messages import Message
from segment.policy.ledger_mapping import LedgerMapping, Reading, Sides

_ISO = r"^\s*\d{4}-\d{2}-\d{2}"


def require_known(mapping: LedgerMapping) -> None:
    """Refuse a mapping to what the contract does not have: it would change nothing, in silence."""
    columns = {(table.name, column.name) for table in TABLES.values() for column in table.columns}
    signed = {tuple(name.split(".", 1)) for name in (*mapping.reversed, *mapping.sides)}
    numbers = {
        (table.name, one.name)
        for table in TABLES.values()
        for one in table.columns
        if one.kind in ("number", "integer")
    }
    renamed = {(table, name) for table, names in mapping.columns.items() for name in names.values()}
    strange = [
        *(f"mapping.columns.{table}: {name}" for table, name in sorted(renamed - columns)),
        *(f"mapping.reversed or mapping.sides: {'.'.join(name)}" for name in sorted(signed - numbers)),
        *(f"mapping.codes.{name}" for name in sorted(set(mapping.codes) - {name for _, name in columns})),
    ]
    for name, codes in mapping.codes.items():
        words = {word for table in TABLES.values() for column in table.columns if column.name == name
                 for word in column.values}  # fmt: skip
        unknown = sorted(set(codes.values()) - words) if words else []
        strange += [f"mapping.codes.{name}: {word}" for word in unknown]
    if strange:
        raise PolicyError.of("errors.strange_mapping", strange=strange)


def own_names(table: Table, mapping: LedgerMapping) -> Mapping[str, str]:
    """The bank's names of a table's columns, and the contract's."""
    return mapping.columns.get(table.name, {})


def columns_to_read(table: Table, mapping: LedgerMapping) -> set[str]:
    """Columns of a source that a table needs: the contract's, by the bank's names too, and those that say the sign."""
    return {*table.schema, *own_names(table, mapping), *(sides.column for sides in _sides(table, mapping).values())}


def as_mapped(source: TableInput, reading: Reading) -> TableInput:
    """A table as the contract writes it."""
    names = own_names(source.table, reading.mapping)
    faults = [
        fault
        for part in source.parts
        for fault in (*_given_twice(source.table, part, names), *_without_sides(source.table, part, reading.mapping))
    ]
    parts = tuple(_mapped(source.table, part, reading, names) for part in source.parts)
    return replace(source, parts=() if faults else parts, faults=(*source.faults, *dict.fromkeys(faults)))


def _given_twice(table: Table, part: Part, names: Mapping[str, str]) -> list[Fault]:
    return [
        Fault(table.name, "duplicate_column", Message("faults.mapped_twice", {"own": own, "name": name}))
        for own, name in names.items()
        if own in part.schema and name in part.schema and own != name
    ]


def _sides(table: Table, mapping: LedgerMapping) -> dict[str, Sides]:
    """Of a table's columns whose sign another column says, that column and its words."""
    found = {column.name: mapping.sides.get(f"{table.name}.{column.name}") for column in table.columns}
    return {name: sides for name, sides in found.items() if sides is not None}


def _without_sides(table: Table, part: Part, mapping: LedgerMapping) -> list[Fault]:
    return [
        Fault(table.name, "missing_column", Message("faults.no_sides", {"column": sides.column, "name": name}))
        for name, sides in _sides(table, mapping).items()
        if sides.column not in part.schema
    ]


def _mapped(table: Table, part: Part, reading: Reading, names: Mapping[str, str]) -> Part:
    given = {own: name for own, name in names.items() if own in part.schema and name not in part.schema}
    schema = {given.get(name, name): dtype for name, dtype in part.schema.items()}
    changed = {
        column.name: cells
        for column in table.columns
        if column.name in schema
        and (cells := _cells(table, column, schema[column.name], part, reading.mapping)) is not None
    }
    kinds = {name: _kind(table.column(name), schema[name]) for name in changed}
    said = {sides.column for sides in _sides(table, reading.mapping).values()} - set(table.schema)

    def change(rows: pl.LazyFrame) -> pl.LazyFrame:
        renamed = rows.rename(given) if given else rows
        mapped = renamed.with_columns(**changed) if changed else renamed
        return mapped.drop(said) if said else mapped

    whole = {name: kind for name, kind in {**schema, **kinds}.items() if name not in said}
    return replace(part.changed(change, pl.Schema(whole)), timezone=reading.timezone)


def _kind(column: Column, dtype: pl.DataType) -> pl.DataType:
    """Codes and days become text; numbers whose sign is turned are numbers."""
    return pl.Float64() if column.kind in ("number", "integer") and dtype.is_numeric() else pl.String()


def _cells(table: Table, column: Column, dtype: pl.DataType, part: Part, mapping: LedgerMapping) -> pl.Expr | None:
    """The cells of a column in the contract's way; None where the mapping says nothing of them."""
    cells = pl.col(column.name)
    if codes := mapping.codes.get(column.name):
        return _as_code(cells, dtype).replace(codes)
    if column.kind in ("date", "month") and mapping.day_format and (dtype == pl.String or dtype.is_integer()):
        return _iso_day(cells.cast(pl.String), mapping.day_format)
    if column.kind not in ("number", "integer"):
        return None
    is_text = dtype == pl.String
    turned = f"{table.name}.{column.name}" in mapping.reversed
    comma = is_text and part.whole_rows and (mapping.decimal, mapping.thousands) != (".", "")
    if comma:
        cells = _plain_number(cells.str.strip_chars(), mapping)
    sides = mapping.sides.get(f"{table.name}.{column.name}")
    if sides is not None and sides.column in part.schema:
        return _signed(cells, sides, part.schema[sides.column], is_text=is_text)
    if turned:
        return _turned(cells.str.strip_chars()) if is_text else -cells.cast(pl.Float64)
    return cells if comma else None


def _iso_day(text: pl.Expr, day_format: str) -> pl.Expr:
    written = text.str.strip_chars().str.to_date(day_format, strict=False).dt.to_string("%Y-%m-%d")
    return pl.when(text.str.contains(_ISO)).then(text).otherwise(pl.coalesce(written, text))


def _plain_number(text: pl.Expr, mapping: LedgerMapping) -> pl.Expr:
    """Numbers with a point and nothing between thousands; what is not written in the bank's way stays as it is."""
    point, between = re.escape(mapping.decimal), re.escape(mapping.thousands)
    whole = rf"(?:\d+|\d{{1,3}}(?:{between}\d{{3}})+)" if between else r"\d+"
    fits = text.str.contains(rf"^[+-]?{whole}(?:{point}\d+)?$")
    bare = text.str.replace_all(mapping.thousands, "", literal=True) if mapping.thousands else text
    plain = bare.str.replace_all(mapping.decimal, ".", literal=True)
    # what fits no number of the bank's is none of the contract's either
    return pl.when(fits).then(plain).when(text.is_not_null()).then(pl.format("? {}", text))


def _signed(cells: pl.Expr, sides: Sides, said: pl.DataType, *, is_text: bool) -> pl.Expr:
    """Amounts with the sign that another column says; where its word is of no side, the cell is no number."""
    word = _as_code(pl.col(sides.column), said)
    amount = cells.str.strip_chars() if is_text else cells.cast(pl.Float64)
    debit = _turned(amount) if is_text else -amount
    unread = pl.format("? {}", amount) if is_text else pl.lit(float("nan"))
    credit = pl.when(word.is_in(sides.credit)).then(amount)
    return credit.when(word.is_in(sides.debit)).then(debit).when(amount.is_not_null()).then(unread)


def _as_code(cells: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    whole = cells.cast(pl.Int64, strict=False) if dtype.is_float() else cells
    return whole.cast(pl.String).str.strip_chars()


def _turned(text: pl.Expr) -> pl.Expr:
    bare = text.str.strip_prefix("+")
    return (
        pl.when(bare.str.starts_with("-")).then(bare.str.strip_prefix("-")).otherwise(pl.concat_str(pl.lit("-"), bare))
    )

"""Reads the PKDD'99 tables in both of their forms into one: typed, with blanks as nulls and money in whole cents."""

# The original form is `<table>.asc`: semicolons, quotes, days as YYMMDD of the 20th century. The other is Parquet with
# parsed days. Postings may come in several files, `trans.asc` or `trans_<part>.parquet`; each is one *part*.

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import polars as pl

from segment.banks.berka.codes import FEMALE_MONTH_OFFSET, MEANINGS, ROLES, SIGNS
from segment.exceptions import LedgerError, count_faults
from segment.input_files import InputLimits, csv_fault, file_fault, parquet_fault
from segment.messages import Message

Form = Literal["id", "optional_id", "day", "text", "cents", "count"]

COLUMNS: Mapping[str, Mapping[str, Form]] = {
    "account": {"account_id": "id", "district_id": "id", "date": "day"},
    "client": {"client_id": "id", "district_id": "id", "birth_number": "id"},
    "disp": {"client_id": "id", "account_id": "id", "type": "text"},
    "district": {"A1": "id", "A2": "text", "A3": "text"},
    "loan": {
        "loan_id": "id", "account_id": "id", "date": "day", "amount": "cents", "duration": "count", "payments": "cents"
    },
    "order": {"account_id": "id", "bank_to": "text", "account_to": "optional_id"},
    "trans": {
        "trans_id": "optional_id", "account_id": "id", "date": "day", "type": "text", "operation": "text",
        "amount": "cents", "balance": "cents", "k_symbol": "text", "bank": "text", "account": "optional_id",
    },
}  # fmt: skip
"""What is read of each table. `card` and the loans' `status` are not: the ledger has no place for a card, and the
status is what became of a loan by the end of 1998, which nothing earlier may know."""

_POINTS_TO = (
    ("account", "district_id", "district", "A1"),
    ("client", "district_id", "district", "A1"),
    ("disp", "client_id", "client", "client_id"),
    ("disp", "account_id", "account", "account_id"),
    ("loan", "account_id", "account", "account_id"),
    ("trans", "account_id", "account", "account_id"),
)


def read_source(folder: Path) -> dict[str, pl.DataFrame]:
    """Read every table that the import needs."""
    # Returns By table. Ids are strings, days dates, money integer cents; `trans` also has `part`, the name of its file,
    # and `client` has `birth_date` and `sex` in place of the birth number.
    # Source: P. Berka, M. Sochorova, "Guide to the financial data set", PKDD'99 Discovery Challenge.
    faults: list[Message | str] = []
    tables = {name: _read_table(folder, name, faults) for name in COLUMNS}
    if not faults:
        tables["client"] = with_birth(tables["client"])
        faults += _unknown_codes(tables) + _dangling_ids(tables) + _contradictions(tables)
    if faults:
        raise LedgerError.of("errors.berka_tables", name=folder.name, count=count_faults(len(faults)), listed=faults)
    return tables


def with_birth(client: pl.DataFrame) -> pl.DataFrame:
    """Decode the birth number: YYMMDD, where a woman's month has 50 added."""
    digits = pl.col("birth_number").str.zfill(6)
    month = digits.str.slice(2, 2).cast(pl.Int32, strict=False)
    female = month > FEMALE_MONTH_OFFSET
    plain_month = (month - FEMALE_MONTH_OFFSET * female.cast(pl.Int32)).cast(pl.String).str.zfill(2)
    day = pl.concat_str(pl.lit("19"), digits.str.slice(0, 2), plain_month, digits.str.slice(4, 2))
    return client.with_columns(
        day.str.to_date("%Y%m%d", strict=False).alias("birth_date"),
        pl.when(female).then(pl.lit("F")).otherwise(pl.lit("M")).alias("sex"),
    ).drop("birth_number")


def _read_table(folder: Path, name: str, faults: list[Message | str]) -> pl.DataFrame:
    """Read all files of a table; where one cannot be used, say so in `faults` and return an empty frame."""
    paths = _files(folder, name)
    if not paths:
        faults.append(f"table `{name}` is missing")
    read = [_read_file(path, COLUMNS[name], faults) for path in paths]
    usable = [part for part in read if part is not None]
    return pl.concat(usable) if usable else pl.DataFrame()


def _files(folder: Path, name: str) -> list[Path]:
    """Files of a table: the original form where both are there, so that no row counts twice."""
    pattern = "trans*" if name == "trans" else name
    return sorted(folder.glob(f"{pattern}.asc")) or sorted(folder.glob(f"{pattern}.parquet"))


def _read_file(path: Path, columns: Mapping[str, Form], faults: list[Message | str]) -> pl.DataFrame | None:
    limits = InputLimits()
    if fault := file_fault(path, limits.most_ledger_file_bytes) or _limit_fault(path, limits):
        faults.append(Message("faults.of_file", {"name": path.name, "fault": fault}))
        return None
    try:
        if path.suffix == ".asc":
            raw = pl.read_csv(
                path, separator=";", quote_char='"', infer_schema=False, encoding="utf8-lossy", glob=False
            )
        else:
            raw = pl.read_parquet(path, glob=False)
    except (pl.exceptions.PolarsError, OSError) as fault:
        faults.append(f"`{path.name}` cannot be read ({type(fault).__name__})")
        return None
    missing = [column for column in columns if column not in raw.columns]
    if missing:
        faults.append(f"`{path.name}` lacks {', '.join(f'`{column}`' for column in missing)}")
        return None
    read = raw.select(_parsed(column, raw.schema[column], form) for column, form in columns.items())
    for column, form in columns.items():
        unread = read[column].null_count()
        if form not in ("text", "optional_id") and unread:
            faults.append(f"`{path.name}`: `{column}` must be {_WORDS[form]}. {unread} of {len(read)} rows are not")
    return read.with_columns(pl.lit(path.stem).alias("part")) if "trans_id" in columns else read


def _limit_fault(path: Path, limits: InputLimits) -> Message | None:
    if path.suffix == ".parquet":
        return parquet_fault(path, limits, limits.most_ledger_file_bytes)
    with path.open("rb") as file:
        return csv_fault(file, limits)


_WORDS: Mapping[Form, str] = {
    "id": "an id", "day": "a day (YYMMDD in .asc)", "cents": "an amount", "count": "a whole number"
}  # fmt: skip


def _parsed(column: str, dtype: pl.DataType, form: Form) -> pl.Expr:
    """Bring a column of either form into ours; what cannot be read becomes null."""
    value = pl.col(column)
    text = value.cast(pl.String).str.strip_chars()
    match form:
        case "id" | "optional_id":
            # some copies hold ids as floats, as numbers or as text with ".0"
            plain = value.cast(pl.Int64).cast(pl.String) if dtype.is_float() else text.str.strip_suffix(".0")
            return plain.replace("", None)
        case "day" if dtype.is_temporal():
            return value.cast(pl.Date)
        case "day":
            return ("19" + text.str.slice(0, 6)).str.to_date("%Y%m%d", strict=False).alias(column)
        case "cents":
            amount = text.cast(pl.Float64, strict=False)
            return pl.when(amount.is_finite()).then((amount * 100).round()).cast(pl.Int64).alias(column)
        case "count":
            return text.cast(pl.Int64, strict=False)
        case "text":
            return text.replace("", None)


def _unknown_codes(tables: Mapping[str, pl.DataFrame]) -> list[str]:
    trans, disp = tables["trans"], tables["disp"]
    pairs = trans.group_by("operation", "k_symbol", maintain_order=True).len().sort("operation", "k_symbol").rows()
    faults = [
        f"`trans`: operation {operation} with k_symbol {symbol} has no meaning in codes.py ({count} rows)"
        for operation, symbol, count in pairs
        if (operation, symbol) not in MEANINGS
    ]
    for table, frame, codes in (("trans", trans, SIGNS), ("disp", disp, ROLES)):
        strange = frame.filter(~pl.col("type").is_in(list(codes)) | pl.col("type").is_null())
        if len(strange):
            faults.append(f"`{table}`: `type` must be one of {', '.join(codes)}. {len(strange)} rows hold another")
    return faults


def _dangling_ids(tables: Mapping[str, pl.DataFrame]) -> list[str]:
    faults = []
    for table, column, target, key in _POINTS_TO:
        lost = tables[table].join(tables[target], left_on=column, right_on=key, how="anti")
        if len(lost):
            faults.append(f"`{table}`: `{column}` must be found in `{target}`. {len(lost)} rows are not")
    return faults


def _contradictions(tables: Mapping[str, pl.DataFrame]) -> list[str]:
    faults = []
    if tables["trans"].is_empty():
        faults.append("`trans` must hold postings. It has no row")
    unborn = tables["client"]["birth_date"].null_count()
    if unborn:
        faults.append(f"`client`: `birth_number` must be YYMMDD, a woman's month plus 50. {unborn} rows are not")
    named = tables["trans"].filter(pl.col("trans_id").is_not_null()).drop("part").unique()
    twice = named.filter(pl.col("trans_id").is_duplicated())["trans_id"].n_unique()
    if twice:
        faults.append(f"`trans`: `trans_id` must name one posting. {twice} ids name several that differ")
    uneven = tables["loan"].filter(pl.col("amount") != pl.col("payments") * pl.col("duration"))
    if len(uneven):
        faults.append(f"`loan`: `amount` must be `payments` times `duration`. {len(uneven)} rows are not")
    return faults

"""Up to which day a ledger tells of its balances: the date that commands take where none is given."""

from __future__ import annotations

import datetime as dt

from segment.dates import month_end
from segment.ledger.contract import TABLES
from segment.ledger.parsing import parse_column
from segment.ledger.parts import READ_ERRORS, Part, Source


def newest_balances(source: Source) -> dt.date | None:
    """Say up to which month's end a ledger has balances; None where it has none that can be read."""
    try:
        months = [_newest(chunk) for part in source.find(TABLES["balances"]).parts for chunk in part.chunks()]
    except READ_ERRORS:
        return None  # told by the check that follows
    last = max(filter(None, months), default=None)
    return None if last is None else month_end(last)


def _newest(part: Part) -> dt.date | None:
    column = next(column for column in TABLES["balances"].columns if column.name == "month")
    dtype = part.schema.get("month")
    parsed = None if dtype is None else parse_column(column, dtype, part.declared, part.timezone)
    if parsed is None:
        return None
    newest: dt.date | None = part.collect(part.rows.select(parsed.max())).item()
    return newest

"""Holds a ledger to the contract: table-level faults stop, bad rows go to quarantine, too many of them stop as well."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from segment.exceptions import LedgerError
from segment.ledger.contract import TABLES
from segment.ledger.notices import take_notice
from segment.ledger.parsing import ROW
from segment.ledger.parts import TableInput
from segment.ledger.quarantine import RULE, Sifted, sift
from segment.ledger.reading import Reading, hash_contents, read, read_as_text
from segment.ledger.report import BrokenRule, CheckReport, TableReport
from segment.ledger.rules import PARENTS, ROW_RULES, Known
from segment.ledger.schema import Table
from segment.ledger.sources import open_source

_CONSEQUENCES = {rule.name for rules in ROW_RULES.values() for rule in rules if rule.consequence}


@dataclass(frozen=True)
class Ledger:
    """A checked ledger.

    Parameters
    ----------
    tables : dict of str to polars.DataFrame
        Clean rows of every table of the contract, with every column, sorted by date and key. Tables that the ledger
        leaves out are empty, columns that it leaves out are null.
    quarantine : dict of str to polars.DataFrame
        Bad rows as they came in, as text, with the `rule` that each breaks first; only tables that have some. The
        column of that name of `contact_rules` is called `rule_as_given`.
    report : CheckReport
        Counts, hashes, date ranges.
    """

    tables: dict[str, pl.DataFrame]
    quarantine: dict[str, pl.DataFrame]
    report: CheckReport


class TooManyBadRowsError(LedgerError):
    """More bad rows in a table than the policy tolerates.

    Attributes
    ----------
    report : CheckReport
        What was found.
    quarantine : dict of str to polars.DataFrame
        The bad rows, so that they can be written out and corrected.
    """

    report: CheckReport
    quarantine: dict[str, pl.DataFrame]

    @classmethod
    def of(cls, report: CheckReport, quarantine: dict[str, pl.DataFrame]) -> TooManyBadRowsError:
        """Build the error from what was found."""
        lines = "\n".join(_over_limit_line(report, table) for table in report.over_limit)
        error = cls(
            f"At most {100 * report.tolerated_bad_row_share:g}% of a table's rows may be bad. Found more in "
            f"{len(report.over_limit)} of {sum(table.present for table in report.tables)} tables:\n{lines}\n"
            "Nothing was published.\n"
            "Hint: correct these rows where they come from, or raise `ledger.tolerated_bad_row_share` in the policy."
        )
        error.report, error.quarantine = report, quarantine
        return error


def check_ledger(
    location: str | Path,
    products: Collection[str],
    tolerated_bad_row_share: float,
    *,
    as_of: dt.date | None = None,
) -> Ledger:
    """Hold a ledger to the contract.

    Parameters
    ----------
    location : str or pathlib.Path
        A folder, or a database URL as SQLAlchemy takes it.
    products : collection of str
        The products that the policy names.
    tolerated_bad_row_share : float
        How many of a table's rows may be bad, 0 to 1, for each table on its own: a large table must not hide that a
        small one is broken. Rows of optional tables that name a quarantined customer are not counted.
    as_of : datetime.date, optional
        Rows of dated tables that are dated after this day are left out before any rule is asked, so that they change
        nothing.

    Returns
    -------
    Ledger
        Clean rows, bad rows and the report. The clean rows break no rule.

    Raises
    ------
    LedgerError
        If there is no ledger, or with every table-level fault at once.
    TooManyBadRowsError
        If a table has more bad rows than tolerated.
    """
    with open_source(location) as source:
        inputs = {name: source.find(table) for name, table in TABLES.items()}
        readings = {name: read(found) for name, found in inputs.items()}
        faults = [fault for reading in readings.values() for fault in reading.faults]
        if faults:
            raise LedgerError.with_faults([str(fault) for fault in faults])
        checked = _check_tables(inputs, readings, products, as_of)
        description = source.description
    tables = {name: _in_order(TABLES[name], table.sifted.kept) for name, table in checked.items()}
    quarantine = {name: table.quarantine for name, table in checked.items() if table.quarantine.height}
    report = CheckReport(
        location=description,
        as_of=as_of,
        tolerated_bad_row_share=tolerated_bad_row_share,
        tables=tuple(table.report for table in checked.values()),
        broken=tuple(_count_broken(checked)),
        notices=take_notice(
            tables, {name: table.report.quarantined - table.report.consequences for name, table in checked.items()}
        ),
    )
    if not report.passed:
        raise TooManyBadRowsError.of(report, quarantine)
    _require_rows_left(tables)
    return Ledger(tables, quarantine, report)


@dataclass(frozen=True)
class _Checked:
    sifted: Sifted
    quarantine: pl.DataFrame
    report: TableReport


def _check_tables(
    inputs: Mapping[str, TableInput],
    readings: dict[str, Reading],
    products: Collection[str],
    as_of: dt.date | None,
) -> dict[str, _Checked]:
    given: dict[str, pl.Series] = {}
    clean: dict[str, pl.Series] = {}
    checked = {}
    for name, table in TABLES.items():
        # Taken out one by one: a long table need not stay in memory as it was read once it is sifted.
        rows = readings.pop(name).rows
        checked[name] = _check_table(inputs[name], rows, Known(products, given, clean), as_of)
        if name in PARENTS:
            given[name] = rows[table.key[0]]
            clean[name] = checked[name].sifted.kept[table.key[0]]
    return checked


def _check_table(found: TableInput, rows: pl.DataFrame, known: Known, as_of: dt.date | None) -> _Checked:
    table = found.table
    judged = rows.filter(_known_on(table, as_of)) if as_of and table.dated_by else rows
    sifted = sift(table, judged, known)
    quarantine = _as_they_came(found, sifted.bad)
    consequences = int(sifted.bad[RULE].is_in(_CONSEQUENCES).sum())
    counted = sifted.bad.height - (consequences if table.optional else 0)
    dates = sifted.kept[table.dated_by] if table.dated_by else pl.Series(dtype=pl.Date)
    return _Checked(
        sifted,
        quarantine,
        TableReport(
            table=table.name,
            present=found.present,
            rows=rows.height,
            kept=sifted.kept.height,
            quarantined=sifted.bad.height,
            after_as_of=rows.height - judged.height,
            consequences=consequences,
            bad_share=counted / max(judged.height, 1),
            first_on=dates.min(),  # type: ignore[arg-type]
            last_on=dates.max(),  # type: ignore[arg-type]
            sha256=hash_contents(table, rows) if found.present else None,
            absent_columns=tuple(name for name in table.schema if found.present and name not in found.found_columns),
            extra_columns=found.extra_columns,
        ),
    )


def _known_on(table: Table, as_of: dt.date) -> pl.Expr:
    return (pl.col(str(table.dated_by)) <= as_of).fill_null(True)


def _as_they_came(found: TableInput, bad: pl.DataFrame) -> pl.DataFrame:
    if bad.is_empty():
        return pl.DataFrame()
    cells = read_as_text(found, bad[ROW]).rename({RULE: f"{RULE}_as_given"}, strict=False)
    return cells.join(bad, on=ROW, how="left", maintain_order="left").drop(ROW)


def _in_order(table: Table, rows: pl.DataFrame) -> pl.DataFrame:
    """The contract's columns in an order of rows that does not depend on how the ledger was written."""
    names = table.schema.names()
    first = [name for name in (table.dated_by, *table.key) if name]
    order = list(dict.fromkeys([*first, *(() if table.key else names)]))
    return rows.select(names).sort(order)


def _count_broken(checked: Mapping[str, _Checked]) -> list[BrokenRule]:
    counted = []
    for name, table in checked.items():
        counts = dict(table.sifted.bad.group_by(RULE).len().iter_rows())
        counted += [
            BrokenRule(name, rule.name, rule.meaning, counts[rule.name])
            for rule in ROW_RULES[name]
            if rule.name in counts
        ]
    return counted


def _over_limit_line(report: CheckReport, table: TableReport) -> str:
    rules = ", ".join(f"{rule.rule} {rule.rows:,}" for rule in report.broken_in(table.table))
    judged = table.rows - table.after_as_of
    return f"  - table `{table.table}`: {table.quarantined:,} of {judged:,} rows ({table.bad_share:.2%}): {rules}"


def _require_rows_left(tables: Mapping[str, pl.DataFrame]) -> None:
    empty = [name for name, rows in tables.items() if rows.is_empty() and not TABLES[name].optional]
    if empty:
        listed = ", ".join(f"`{name}`" for name in empty)
        raise LedgerError.with_hint(
            f"Required tables must have good rows. None is left in {listed}.",
            "correct the rows where they come from, or ask for a later day",
        )

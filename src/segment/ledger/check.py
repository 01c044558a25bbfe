"""Holds a ledger to the contract: table-level faults stop, bad rows go to quarantine, too many of them stop as well."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from segment.exceptions import LedgerError
from segment.ledger.contract import TABLES
from segment.ledger.notices import take_notice
from segment.ledger.ordering import in_order
from segment.ledger.parsing import ROW
from segment.ledger.parts import TableInput
from segment.ledger.quarantine import RULE, sift
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
    tables = {name: in_order(TABLES[name], table.kept) for name, table in checked.items()}
    quarantine = {name: table.quarantine for name, table in checked.items() if table.quarantine.height}
    report = CheckReport(
        location=description,
        as_of=as_of,
        tolerated_bad_row_share=tolerated_bad_row_share,
        tables=tuple(table.report for table in checked.values()),
        broken=tuple(count_broken({name: table.rules for name, table in checked.items()})),
        notices=take_notice(tables, {name: table.report.of_its_own for name, table in checked.items()}),
    )
    require_usable(report, quarantine)
    return Ledger(tables, quarantine, report)


@dataclass(frozen=True)
class Checked:
    """A table, checked.

    Parameters
    ----------
    kept : polars.DataFrame
        Rows that break no rule.
    quarantine : polars.DataFrame
        The others as they came in, as text, with the rule that each breaks first.
    rules : polars.Series of str
        These rules.
    report : TableReport
        Counts, dates and the hash.
    """

    kept: pl.DataFrame
    quarantine: pl.DataFrame
    rules: pl.Series
    report: TableReport


def _check_tables(
    inputs: Mapping[str, TableInput],
    readings: dict[str, Reading],
    products: Collection[str],
    as_of: dt.date | None,
) -> dict[str, Checked]:
    given: dict[str, pl.Series] = {}
    clean: dict[str, pl.Series] = {}
    checked = {}
    for name, table in TABLES.items():
        # Taken out one by one: a long table need not stay in memory as it was read once it is sifted.
        rows = readings.pop(name).rows
        checked[name] = check_table(inputs[name], rows, Known(products, given, clean), as_of)
        if name in PARENTS:
            given[name] = rows[table.key[0]]
            clean[name] = checked[name].kept[table.key[0]]
    return checked


def check_table(found: TableInput, rows: pl.DataFrame, known: Known, as_of: dt.date | None) -> Checked:
    """Ask the rules of a table's rows.

    Parameters
    ----------
    found : TableInput
        The table as its source holds it.
    rows : polars.DataFrame
        As `segment.ledger.reading.read` gives them.
    known : Known
        Products, and ids of the tables that this one refers to.
    as_of : datetime.date, optional
        Rows dated after this day are left out.

    Returns
    -------
    Checked
    """
    table = found.table
    judged = rows.filter(_known_on(table, as_of)) if as_of and table.dated_by else rows
    sifted = sift(table, judged, known)
    dates = sifted.kept[table.dated_by] if table.dated_by else pl.Series(dtype=pl.Date)
    report = report_of(
        found,
        sifted.bad[RULE],
        rows=rows.height,
        kept=sifted.kept.height,
        after_as_of=rows.height - judged.height,
        first_on=dates.min(),
        last_on=dates.max(),
        sha256=hash_contents(table, rows) if found.present else None,
    )
    return Checked(sifted.kept, _as_they_came(found, sifted.bad), sifted.bad[RULE], report)


def report_of(found: TableInput, rules: pl.Series, *, rows: int, after_as_of: int, **counts: Any) -> TableReport:
    """Put together what is told of a table.

    Parameters
    ----------
    found : TableInput
        The table as its source holds it.
    rules : polars.Series of str
        The rule that each bad row breaks first.
    rows, after_as_of : int
        Rows read, and those dated after the day that was asked for.
    **counts : object
        The other counts, dates and the hash, by the names of `TableReport`.

    Returns
    -------
    TableReport
    """
    table = found.table
    consequences = int(rules.is_in(_CONSEQUENCES).sum())
    counted = len(rules) - (consequences if table.optional else 0)
    return TableReport(
        table=table.name,
        present=found.present,
        rows=rows,
        quarantined=len(rules),
        after_as_of=after_as_of,
        consequences=consequences,
        bad_share=counted / max(rows - after_as_of, 1),
        absent_columns=tuple(name for name in table.schema if found.present and name not in found.found_columns),
        extra_columns=found.extra_columns,
        **counts,
    )


def _known_on(table: Table, as_of: dt.date) -> pl.Expr:
    return (pl.col(str(table.dated_by)) <= as_of).fill_null(True)


def _as_they_came(found: TableInput, bad: pl.DataFrame) -> pl.DataFrame:
    if bad.is_empty():
        return pl.DataFrame()
    cells = read_as_text(found, bad[ROW]).rename({RULE: f"{RULE}_as_given"}, strict=False)
    return cells.join(bad, on=ROW, how="left", maintain_order="left").drop(ROW)


def count_broken(rules: Mapping[str, pl.Series]) -> Iterator[BrokenRule]:
    """Count bad rows by rule, in the order of the rules; asks for the rule that each breaks first, by table."""
    for name, broken in rules.items():
        counts = dict(broken.value_counts().iter_rows())
        for rule in ROW_RULES[name]:
            if rule.name in counts:
                yield BrokenRule(name, rule.name, rule.meaning, counts[rule.name])


def require_usable(report: CheckReport, quarantine: dict[str, pl.DataFrame]) -> None:
    """Refuse a ledger with too many bad rows, or without a good row in a table that must have some.

    Parameters
    ----------
    report : CheckReport
        What was found.
    quarantine : dict of str to polars.DataFrame
        Bad rows by table.

    Raises
    ------
    TooManyBadRowsError
        If a table has more bad rows than tolerated.
    LedgerError
        If no good row is left in a required table.
    """
    if not report.passed:
        raise TooManyBadRowsError.of(report, quarantine)
    empty = [table.table for table in report.tables if not table.kept and not TABLES[table.table].optional]
    if empty:
        listed = ", ".join(f"`{name}`" for name in empty)
        raise LedgerError.with_hint(
            f"Required tables must have good rows. None is left in {listed}.",
            "correct the rows where they come from, or ask for a later day",
        )


def _over_limit_line(report: CheckReport, table: TableReport) -> str:
    rules = ", ".join(f"{rule.rule} {rule.rows:,}" for rule in report.broken_in(table.table))
    judged = table.rows - table.after_as_of
    return f"  - table `{table.table}`: {table.quarantined:,} of {judged:,} rows ({table.bad_share:.2%}): {rules}"

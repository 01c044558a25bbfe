"""Holds a ledger to the contract: table-level faults stop, bad rows go to quarantine, too many of them stop as well."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from segment.dates import LAST_DAY, month_end
from segment.exceptions import LedgerError
from segment.ledger.check_report import BrokenRule, CheckReport, TableReport
from segment.ledger.contract import TABLES
from segment.ledger.input_notices import notices_of_inputs
from segment.ledger.notices import take_notice
from segment.ledger.parsing import ROW
from segment.ledger.parts import TableInput
from segment.ledger.quarantine import RULE, as_given, sift
from segment.ledger.reading import TableReading, hash_contents, read
from segment.ledger.rules import PARENTS, ROW_RULES, RuleContext
from segment.ledger.sources import open_source
from segment.ledger.switched_off import switched_off
from segment.ledger.unknown_words import find_unknown_words
from segment.messages import Message
from segment.policy.ledger_mapping import Reading

DAYS_OF_LEDGER = ("transactions", "balances")
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
    def from_report(cls, report: CheckReport, quarantine: dict[str, pl.DataFrame]) -> TooManyBadRowsError:
        """Name the tables over the limit, and hand the bad rows on."""
        over = [_over_limit_line(report, table) for table in report.over_limit]
        error = cls.of(
            "errors.too_many_bad_rows",
            share=f"{100 * report.tolerated_bad_row_share:g}%",
            over=len(over),
            tables=sum(table.present for table in report.tables),
            lines=over,
            hint=_hint(report),
        )
        error.report, error.quarantine = report, quarantine
        return error


def check_ledger(
    location: str | Path,
    products: Collection[str],
    tolerated_bad_row_share: float,
    *,
    as_of: dt.date | None = None,
    ignored: Collection[str] = (),
    reading: Reading | None = None,
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
    ignored : collection of str
        Files or tables beside the ledger's own that need not be read.
    reading : Reading, optional
        `Policy.reading`: the bank's time zone, and its own names, codes and signs; by default the contract's.

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
    with open_source(location, ignored, reading or Reading()) as source:
        inputs = {name: source.find(table) for name, table in TABLES.items()}
        readings = {name: read(table_input) for name, table_input in inputs.items()}
        faults = [*source.strays(), *(fault for reading in readings.values() for fault in reading.faults)]
        if faults:
            raise LedgerError.with_faults([fault.message for fault in faults])
        noticed = notices_of_inputs(inputs, {name: reading.cells for name, reading in readings.items()})
        last_ons = {name: readings[name].rows[str(TABLES[name].dated_by)].max() for name in DAYS_OF_LEDGER}
        checked, _ = check_tables(inputs, readings, products, as_of, last_day_of(last_ons))
        description = source.description
    tables = {name: TABLES[name].in_order(table.clean) for name, table in checked.items()}
    quarantine = {name: table.quarantine for name, table in checked.items() if table.quarantine.height}
    own_faults = {name: table.report.own_faults for name, table in checked.items()}
    report = CheckReport(
        location=description,
        as_of=as_of,
        tolerated_bad_row_share=tolerated_bad_row_share,
        tables=tuple(table.report for table in checked.values()),
        broken=tuple(count_broken({name: count_rules(table.rules) for name, table in checked.items()})),
        notices=(*noticed, *take_notice(tables, own_faults)),
        switched_off=switched_off((table.report for table in checked.values()), tables),
        unknown_words=find_unknown_words(quarantine, products),
    )
    require_usable(report, quarantine)
    return Ledger(tables, quarantine, report)


@dataclass(frozen=True)
class CheckedTable:
    """A table, checked."""

    clean: pl.DataFrame  # rows that break no rule
    quarantine: pl.DataFrame  # the others as they came in, as text, with the rule that each breaks first
    rules: pl.Series  # these rules
    report: TableReport


def last_day_of(last_ons: Mapping[str, object]) -> dt.date | None:
    """Take the last day of the month in which a ledger's last booking or balance lies, by table."""
    days = [min(day, LAST_DAY) for day in last_ons.values() if isinstance(day, dt.date)]
    return month_end(max(days)) if days else None


def check_tables(
    inputs: Mapping[str, TableInput],
    readings: dict[str, TableReading],
    products: Collection[str],
    as_of: dt.date | None,
    last_day: dt.date | None,
) -> tuple[dict[str, CheckedTable], RuleContext]:
    """Ask the rules of the rows of those tables that were read; return the ids of the parents among them as well."""
    given: dict[str, pl.Series] = {}
    clean: dict[str, pl.Series] = {}
    context, checked = RuleContext(products, given, clean, last_day), {}
    for name in [name for name in TABLES if name in readings]:
        # Taken out one by one: a long table need not stay in memory as it was read once it is sifted.
        rows = readings.pop(name).rows
        checked[name] = _check_table(inputs[name], rows, context, as_of)
        if name in PARENTS:
            key = TABLES[name].key[0]
            given[name], clean[name] = rows[key], checked[name].clean[key]
    return checked, context


def _check_table(source: TableInput, rows: pl.DataFrame, context: RuleContext, as_of: dt.date | None) -> CheckedTable:
    table = source.table
    visible = rows.filter(table.visible_on(as_of)) if as_of and table.dated_by else rows
    sifted = sift(table, visible, context)
    dates = sifted.clean[table.dated_by] if table.dated_by else pl.Series(dtype=pl.Date)
    report = table_report(
        source,
        count_rules(sifted.bad[RULE]),
        rows=rows.height,
        kept=sifted.clean.height,
        after_as_of=rows.height - visible.height,
        first_on=dates.min(),
        last_on=dates.max(),
        sha256=hash_contents(table, rows) if source.present else None,
    )
    return CheckedTable(sifted.clean, as_given(source, sifted.bad).drop(ROW), sifted.bad[RULE], report)


def count_rules(rules: pl.Series) -> dict[str, int]:
    """Count bad rows by the rule that each breaks first."""
    return dict(rules.value_counts().iter_rows())


def table_report(
    source: TableInput, rules: Mapping[str, int], *, rows: int, after_as_of: int, **counts: Any
) -> TableReport:
    """Count a table's bad rows, and those that are bad only because a row of another table is."""
    table, bad = source.table, sum(rules.values())
    consequences = sum(count for rule, count in rules.items() if rule in _CONSEQUENCES)
    counted = bad - (consequences if table.optional else 0)
    return TableReport(
        table=table.name,
        present=source.present,
        rows=rows,
        quarantined=bad,
        after_as_of=after_as_of,
        consequences=consequences,
        bad_share=counted / max(rows - after_as_of, 1),
        absent_columns=tuple(name for name in table.schema if source.present and name not in source.found_columns),
        extra_columns=source.extra_columns,
        **counts,
    )


def count_broken(rules: Mapping[str, Mapping[str, int]]) -> Iterator[BrokenRule]:
    """Name the rules that rows break, in the order of the rules, by table."""
    for name, counts in rules.items():
        for rule in ROW_RULES[name]:
            if rule.name in counts:
                yield BrokenRule(name, rule.name, rule.meaning, counts[rule.name])


def require_usable(report: CheckReport, quarantine: dict[str, pl.DataFrame]) -> None:
    """Refuse a ledger with too many bad rows, or without a good row in a table that must have some."""
    if not report.passed:
        raise TooManyBadRowsError.from_report(report, quarantine)
    empty = [table.table for table in report.tables if not table.kept and not TABLES[table.table].optional]
    if empty:
        listed = [f"`{name}`" for name in empty]
        raise LedgerError.of("errors.no_good_rows", listed=listed)


def _hint(report: CheckReport) -> list[Message]:
    """Say what helps with the rules that most rows break, the policy's limit last."""
    most = max(report.over_limit, key=lambda table: table.bad_share)
    rule = max(report.broken_in(most.table), key=lambda broken: broken.rows).rule
    codes = any(word.table in {table.table for table in report.over_limit} for word in report.unknown_words)
    hints = [Message("errors.hint.codes")] if codes else []
    if rule == "amount_sign_contradicts_kind":
        hints.append(Message("errors.hint.sides"))
    return [*hints, Message("errors.hint.show_rule", {"rule": rule})]


def _over_limit_line(report: CheckReport, table: TableReport) -> Message:
    rules = ", ".join(f"{rule.rule} {rule.rows:,}" for rule in report.broken_in(table.table))
    words = [f"\n      {word}" for word in report.unknown_words if word.table == table.table]
    counts = {"table": table.table, "bad": table.quarantined, "rows": table.rows - table.after_as_of}
    return Message("errors.over_limit", {**counts, "share": table.bad_share, "rules": rules, "words": "".join(words)})

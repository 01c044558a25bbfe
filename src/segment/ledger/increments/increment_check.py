"""Holds a ledger to the contract as `check_ledger` does, reading of its long tables what is new or changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from segment.exceptions import LedgerError
from segment.files import repr_hash
from segment.ledger.check import (
    DAYS_OF_LEDGER,
    CheckedTable,
    check_tables,
    count_broken,
    count_rules,
    last_day_of,
    require_usable,
    table_report,
)
from segment.ledger.check_report import CheckReport, Notice, TableReport
from segment.ledger.contents import Content
from segment.ledger.contract import TABLES
from segment.ledger.day_sums import add_sums, digest_of_sums
from segment.ledger.faults import Fault
from segment.ledger.increments.long_check import LongCheck
from segment.ledger.increments.long_table import LongTable
from segment.ledger.increments.parents import life_of, parent_of, standing_of
from segment.ledger.increments.summary import SummaryStore, load_summaries, save_summaries
from segment.ledger.input_notices import notices_of_inputs
from segment.ledger.notices import many_of, missing_end, missing_months, missing_start, take_notice
from segment.ledger.parsing import ROW
from segment.ledger.parts import TableInput
from segment.ledger.quarantine import RULE
from segment.ledger.reading import read
from segment.ledger.switched_off import switched_off
from segment.ledger.unknown_words import find_unknown_words

LONG = ("transactions", "balances", "service_events")
"""Tables that grow by the month: their parts are checked apart."""


@dataclass(frozen=True)
class Increment:
    """A checked ledger whose long tables are fetched by span of days."""

    tables: dict[str, pl.DataFrame]  # clean rows of the short tables, as `Ledger.tables` holds them
    long: dict[str, LongTable]
    quarantine: dict[str, pl.DataFrame]  # bad rows of every part, those that were not read now too
    report: CheckReport  # the same as a check of the whole ledger gives
    parts: int  # of the long tables
    parts_read: int  # those whose rows were checked now


def check_increment(
    inputs: Mapping[str, TableInput],
    contents: Mapping[str, tuple[Content, ...]],
    products: Collection[str],
    tolerated_bad_row_share: float,
    as_of: dt.date,
    store: SummaryStore,
    *,
    terms: str,
    location: str,
    strays: Sequence[Fault] = (),
) -> Increment:
    """Hold a ledger to the contract, and keep what was learned of the parts of its long tables."""
    # Short tables are read whole. A part of a long table is read where its bytes are new, where the day that is asked
    # for sees other rows of it, where an account or a customer that it names came, went, or was quarantined, and where
    # it shares a key with a part that is read. Every verdict and every count is that of a check of the whole ledger.
    # `tolerated_bad_row_share`: How many of a table's rows may be bad, 0 to 1.
    terms_hash = repr_hash((terms, sorted(products), pl.__version__))
    longs = {
        name: LongCheck(inputs[name], contents[name], load_summaries(store, name, terms_hash), as_of, store)
        for name in LONG
    }
    readings = {name: read(source) for name, source in inputs.items() if name not in LONG}
    begun = [longs[name].begin() if name in LONG else readings[name].faults for name in TABLES]
    if strays or any(begun):
        by_table = [longs[name].read() if name in LONG else readings[name].faults for name in TABLES]
        raise LedgerError.with_faults([fault.message for faults in (strays, *by_table) for fault in faults])
    cells = {name: reading.cells for name, reading in readings.items()}
    last_day = last_day_of({name: longs[name].last_on for name in DAYS_OF_LEDGER})
    short, context = check_tables(inputs, readings, products, as_of, last_day)
    faults = []
    for check in longs.values():
        if check.source.present:
            _, parent = parent_of(check.table)
            found = check.check_rows(context, standing_of(context, parent, life_of(parent, short[parent].clean)))
            faults += found
            if not found:
                save_summaries(store, check.table.name, terms_hash, check.summaries)
    if faults:
        raise LedgerError.with_faults([fault.message for fault in faults])
    counted = {name: longs[name].cells if name in LONG else cells[name] for name in TABLES}
    noticed = notices_of_inputs(inputs, counted)
    increment = _put_together(short, longs, as_of, tolerated_bad_row_share, location, noticed, products)
    require_usable(increment.report, increment.quarantine)
    return increment


@dataclass(frozen=True)
class LongTotals:
    """What notices ask of the clean rows of a long table."""

    days: pl.Series  # that have one
    clean: int
    early: int = 0  # rows dated before their account's life, and after it
    late: int = 0
    with_bank: int = 0  # rows that name a bank at the other end


def _put_together(
    short: Mapping[str, CheckedTable],
    longs: Mapping[str, LongCheck],
    as_of: dt.date,
    tolerated_bad_row_share: float,
    location: str,
    notices: Sequence[Notice],
    products: Collection[str],
) -> Increment:
    bad = {name: _bad_rows(check) for name, check in longs.items()}
    rules = {name: count_rules(bad[name][RULE]) for name in LONG}
    reports = {name: _report(check, rules[name]) for name, check in longs.items()}
    set_aside = {name: bad[name] if name in LONG else short[name].quarantine for name in TABLES}
    report = put_together(
        short,
        reports,
        rules,
        count_notices(_totals(longs["transactions"]), _totals(longs["balances"]), *_idle(longs)),
        CheckReport(
            location=location,
            as_of=as_of,
            tolerated_bad_row_share=tolerated_bad_row_share,
            tables=(),
            notices=tuple(notices),
            unknown_words=find_unknown_words(set_aside, products),
        ),
    )
    return Increment(
        tables={name: TABLES[name].in_order(table.clean) for name, table in short.items()},
        long={name: check.long_table() for name, check in longs.items()},
        quarantine={name: rows for name, rows in set_aside.items() if rows.height},
        report=report,
        parts=sum(len(check.summaries) for check in longs.values()),
        parts_read=sum(check.parts_read for check in longs.values()),
    )


def put_together(
    short: Mapping[str, CheckedTable],
    long: Mapping[str, TableReport],
    rules: Mapping[str, Mapping[str, int]],
    counted: Mapping[str, int],
    begun: CheckReport,
) -> CheckReport:
    """Complete a report that holds what was seen of files and words by what the rules found."""
    # `long`, `rules`: Of the long tables, by name. `counted`: What `count_notices` returns.
    reports = {name: long[name] if name in LONG else short[name].report for name in TABLES}
    broken = {name: rules[name] if name in LONG else count_rules(short[name].rules) for name in TABLES}
    clean = {name: table.clean for name, table in short.items()}
    own = {name: report.own_faults for name, report in reports.items()}
    return replace(
        begun,
        tables=tuple(reports.values()),
        broken=tuple(count_broken(broken)),
        notices=(*begun.notices, *take_notice(clean, own, counted)),
        switched_off=switched_off(reports.values(), clean),
    )


def _totals(check: LongCheck) -> LongTotals:
    clean = sum(summary.clean for summary in check.summaries)
    with_bank = sum(summary.with_bank for summary in check.summaries)
    return LongTotals(check.days, clean, check.early, check.late, with_bank)


def _idle(longs: Mapping[str, LongCheck]) -> tuple[int, int]:
    with_balances, with_bookings = longs["balances"].parents, longs["transactions"].parents
    return int((~with_balances.is_in(with_bookings.implode())).sum()), len(with_balances)


def _bad_rows(check: LongCheck) -> pl.DataFrame:
    empty = pl.DataFrame(schema={**dict.fromkeys(check.table.schema.names(), pl.String()), RULE: pl.String()})
    return pl.concat([empty, *(summary.frames["bad"].drop(ROW) for summary in check.summaries)])


def _report(check: LongCheck, rules: Mapping[str, int]) -> TableReport:
    summaries, days = check.summaries, check.days
    rows = sum(summary.rows for summary in summaries)
    return table_report(
        check.source,
        rules,
        rows=rows,
        kept=sum(summary.clean for summary in summaries),
        after_as_of=sum(summary.after for summary in summaries),
        first_on=days.min(),
        last_on=days.max(),
        sha256=digest_of_sums(rows, add_sums(summary.sums for summary in summaries)) if check.source.present else None,
    )


def count_notices(booked: LongTotals, months: LongTotals, idle: int, with_balances: int) -> dict[str, int]:
    """Count what to look at of bookings and balances; `idle`: Of the accounts with balances, those without bookings."""
    return {
        "accounts_without_bookings": many_of(idle, with_balances),
        "transactions_before_opening": booked.early,
        "transactions_after_closing": booked.late,
        "months_without_transactions": missing_months(booked.days),
        "transactions_naming_no_bank": 0 if booked.with_bank else booked.clean,
        "balances_outside_account_life": months.early + months.late,
        "months_without_balances": missing_months(months.days),
        "days_without_bookings_at_the_end": missing_end(booked.days, months.days),
        "months_without_bookings_at_the_start": missing_start(booked.days, months.days),
    }

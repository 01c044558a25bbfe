"""Holds a ledger to the contract as `check_ledger` does, reading of its long tables what is new or changed."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import polars as pl

from segment.exceptions import LedgerError
from segment.ledger.check import Checked, check_table, count_broken, report_of, require_usable
from segment.ledger.contents import Content
from segment.ledger.contract import TABLES
from segment.ledger.day_sums import add_sums, digest_of_sums
from segment.ledger.increments.long_check import LongCheck
from segment.ledger.increments.long_table import LongTable
from segment.ledger.increments.parents import life_of, parent_of, standing_of
from segment.ledger.increments.summary import Shelf, load_summaries, save_summaries
from segment.ledger.notices import missing_months, take_notice
from segment.ledger.ordering import in_order
from segment.ledger.parsing import ROW
from segment.ledger.parts import TableInput
from segment.ledger.quarantine import RULE
from segment.ledger.reading import read
from segment.ledger.report import CheckReport, TableReport
from segment.ledger.rules import PARENTS, Known

LONG = ("transactions", "balances", "service_events")
"""Tables that grow by the month: of these, parts are judged apart."""


@dataclass(frozen=True)
class Increment:
    """A checked ledger whose long tables are fetched by span of days.

    Parameters
    ----------
    tables : dict of str to polars.DataFrame
        Clean rows of the short tables, as `Ledger.tables` holds them.
    long : dict of str to LongTable
        The long tables.
    quarantine : dict of str to polars.DataFrame
        Bad rows of every part, those that were not read now too.
    report : CheckReport
        The same as a check of the whole ledger gives.
    parts, parts_read : int
        Parts of the long tables, and those whose rows were judged now.
    """

    tables: dict[str, pl.DataFrame]
    long: dict[str, LongTable]
    quarantine: dict[str, pl.DataFrame]
    report: CheckReport
    parts: int
    parts_read: int


def check_increment(
    inputs: Mapping[str, TableInput],
    contents: Mapping[str, tuple[Content, ...] | None],
    products: Collection[str],
    tolerated_bad_row_share: float,
    as_of: dt.date,
    shelf: Shelf,
    *,
    terms: str,
    location: str,
) -> Increment:
    """Hold a ledger to the contract, and keep what was learned of the parts of its long tables.

    Short tables are read whole. A part of a long table is read where its bytes are new, where the day that is asked
    for sees other rows of it, where an account or a customer that it names came, went, or was quarantined, and where
    it shares a key with a part that is read. Every verdict and every count is that of a check of the whole ledger.

    Parameters
    ----------
    inputs : mapping of str to TableInput
        Every table as its source holds it.
    contents : mapping of str to tuple of Content
        Of their files.
    products : collection of str
        The products that the policy names.
    tolerated_bad_row_share : float
        How many of a table's rows may be bad, 0 to 1.
    as_of : datetime.date
        Rows dated after this day are left out.
    shelf : Shelf
        Where to keep what is learned, and where it was kept.
    terms : str
        Hash of all else that verdicts depend on, such as the code; under other terms every part is read.
    location : str
        What to call the ledger, without user and password.

    Returns
    -------
    Increment

    Raises
    ------
    LedgerError
        With every table-level fault at once.
    TooManyBadRowsError
        If a table has more bad rows than tolerated.
    SourceError
        If a file goes or changes while it is read.
    LostFrameError
        If the shelf lost a frame: clear it and ask again.
    """
    under = hashlib.sha256(repr((terms, sorted(products), pl.__version__)).encode()).hexdigest()
    longs = {name: LongCheck(inputs[name], contents[name], load_summaries(shelf, name, under), as_of) for name in LONG}
    readings = {name: read(found) for name, found in inputs.items() if name not in LONG}
    faults = [fault for name in TABLES for fault in (longs[name].read() if name in LONG else readings[name].faults)]
    if faults:
        raise LedgerError.with_faults([str(fault) for fault in faults])
    short, known = _check_short(
        {name: (inputs[name], reading.rows) for name, reading in readings.items()}, products, as_of
    )
    for check in longs.values():
        if check.found.present:
            _, parent = parent_of(check.table)
            check.judge(known, standing_of(known, parent, life_of(parent, short[parent].kept)))
            if contents[check.table.name] is not None:
                save_summaries(shelf, check.table.name, under, check.summaries)
    done = _put_together(short, longs, inputs, as_of, tolerated_bad_row_share, location)
    require_usable(done.report, done.quarantine)
    return done


def _check_short(
    tables: Mapping[str, tuple[TableInput, pl.DataFrame]], products: Collection[str], as_of: dt.date
) -> tuple[dict[str, Checked], Known]:
    given: dict[str, pl.Series] = {}
    clean: dict[str, pl.Series] = {}
    known, checked = Known(products, given, clean), {}
    for name, (found, rows) in tables.items():
        checked[name] = check_table(found, rows, known, as_of)
        if name in PARENTS:
            key = TABLES[name].key[0]
            given[name], clean[name] = rows[key], checked[name].kept[key]
    return checked, known


def _put_together(
    short: Mapping[str, Checked],
    longs: Mapping[str, LongCheck],
    inputs: Mapping[str, TableInput],
    as_of: dt.date,
    tolerated_bad_row_share: float,
    location: str,
) -> Increment:
    bad = {name: _bad_rows(check) for name, check in longs.items()}
    rules = {name: bad[name][RULE] if name in LONG else short[name].rules for name in TABLES}
    reports = {name: _report(longs[name], rules[name]) if name in LONG else short[name].report for name in TABLES}
    set_aside = {name: bad[name] if name in LONG else short[name].quarantine for name in TABLES}
    tables = {name: in_order(TABLES[name], table.kept) for name, table in short.items()}
    own = {name: report.of_its_own for name, report in reports.items()}
    report = CheckReport(
        location=location,
        as_of=as_of,
        tolerated_bad_row_share=tolerated_bad_row_share,
        tables=tuple(reports.values()),
        broken=tuple(count_broken(rules)),
        notices=take_notice(tables, own, _count_notices(longs)),
    )
    return Increment(
        tables=tables,
        long={name: check.long_table() for name, check in longs.items()},
        quarantine={name: rows for name, rows in set_aside.items() if rows.height},
        report=report,
        parts=sum(len(check.summaries) for check in longs.values()),
        parts_read=sum(check.parts_read for check in longs.values()),
    )


def _bad_rows(check: LongCheck) -> pl.DataFrame:
    empty = pl.DataFrame(schema={**dict.fromkeys(check.table.schema.names(), pl.String()), RULE: pl.String()})
    return pl.concat([empty, *(summary.frames["bad"].drop(ROW) for summary in check.summaries)])


def _report(check: LongCheck, rules: pl.Series) -> TableReport:
    summaries, days = check.summaries, check.days
    rows = sum(summary.rows for summary in summaries)
    return report_of(
        check.found,
        rules,
        rows=rows,
        kept=sum(summary.kept for summary in summaries),
        after_as_of=sum(summary.after for summary in summaries),
        first_on=days.min(),
        last_on=days.max(),
        sha256=digest_of_sums(rows, add_sums(summary.sums for summary in summaries)) if check.found.present else None,
    )


def _count_notices(longs: Mapping[str, LongCheck]) -> dict[str, int]:
    booked, months = longs["transactions"], longs["balances"]
    kept = sum(summary.kept for summary in booked.summaries)
    with_bank = sum(summary.with_bank for summary in booked.summaries)
    return {
        "transactions_before_opening": booked.early,
        "transactions_after_closing": booked.late,
        "months_without_transactions": missing_months(booked.days),
        "transactions_naming_no_bank": 0 if with_bank else kept,
        "balances_outside_account_life": months.early + months.late,
        "months_without_balances": missing_months(months.days),
    }

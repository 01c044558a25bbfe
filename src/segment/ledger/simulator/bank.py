"""Simulates a bank with known truth: draws its people, lives its months, writes its ledger."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from segment.exceptions import SegmentError
from segment.ledger.simulator import (
    events_income,
    events_saving,
    events_service,
    events_spending,
    events_transfers,
    lending,
    records,
    truth,
)
from segment.ledger.simulator.accounts import Accounts
from segment.ledger.simulator.balances import close_month, cover_shortages, credit_interest
from segment.ledger.simulator.calendar import months_until
from segment.ledger.simulator.defects import DEFAULT_DEFECTS, Defects
from segment.ledger.simulator.events import EventBook, ServiceBook
from segment.ledger.simulator.leaving import leave
from segment.ledger.simulator.life import live
from segment.ledger.simulator.opening import open_at_start, open_for_joiners
from segment.ledger.simulator.parameters import SETTINGS, Parameters
from segment.ledger.simulator.people import draw_branches, draw_people
from segment.ledger.simulator.relations import draw_relation
from segment.ledger.simulator.state import STREAMS, Bank, LifeLog
from segment.ledger.simulator.writer import LedgerWriter, balances_frame, service_frame, transactions_frame

DEFAULT_END = date(2025, 12, 31)


@dataclass(frozen=True)
class SimulationSummary:
    """What was written.

    Attributes
    ----------
    out : Path
    customers, months, seed : int
    first_month : date
    last_day : date
    rows : dict of str to int
        Rows of each ledger table.
    """

    out: Path
    customers: int
    months: int
    seed: int
    first_month: date
    last_day: date
    rows: dict[str, int]

    def __str__(self) -> str:
        """Say what was written."""
        rows = ", ".join(f"{count:,} {table}" for table, count in self.rows.items() if count)
        days = f"{self.first_month} to {self.last_day}"
        return f"Simulated {self.customers:,} customers from {days} (seed {self.seed}): {rows}."


def simulate_bank(
    out: str | Path,
    customers: int,
    months: int,
    seed: int,
    *,
    setting: str = "base",
    end: date = DEFAULT_END,
    defects: Collection[str] = DEFAULT_DEFECTS,
    progress: Callable[[int, int], None] | None = None,
) -> SimulationSummary:
    """Simulate a bank with known truth and write it to files.

    Parameters
    ----------
    out : str or Path
        Folder for `ledger/<table>.parquet` and `truth*.parquet`. A bank simulated earlier is replaced.
    customers : int
        Customers who are ever with the bank; at least 20.
    months : int
        Months of history; the last one is `end`'s.
    seed : int
        The same seed gives the same files.
    setting : {"base", "thin", "cn"}
        Row of DOMAIN.md 6.5.
    end : date
        Any day of the last month.
    defects : collection of str
        Names from `segment.ledger.simulator.defects.DEFECTS`; by default only missing counterparty banks.
    progress : callable, optional
        Called with months done and months in all.

    Returns
    -------
    SimulationSummary

    Raises
    ------
    SegmentError
        If an argument is out of range, or `out` holds a ledger that was not simulated.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     summary = simulate_bank(folder, customers=60, months=2, seed=1)
    ...     sorted(path.name for path in Path(folder).iterdir())[:2]
    ['ledger', 'truth.parquet']
    """
    _check_arguments(customers, months, setting)
    bank = _draw_bank(customers, months, seed, SETTINGS[setting], end)
    spoiler = Defects(defects, bank.rng["defects"])
    with LedgerWriter(Path(out)) as writer:
        for month in bank.months:
            bank.begin(month)
            _live_a_month(bank)
            _write_month(bank, writer, spoiler)
            if progress is not None:
                progress(month.index + 1, months)
        _write_tables(bank, writer, spoiler)
    return SimulationSummary(
        out=Path(out),
        customers=customers,
        months=months,
        seed=seed,
        first_month=_date(bank.months[0].first),
        last_day=_date(bank.months[-1].last),
        rows=dict(writer.rows),
    )


def _date(day: int) -> date:
    return date.fromordinal(date(1970, 1, 1).toordinal() + day)


def _check_arguments(customers: int, months: int, setting: str) -> None:
    if customers < 20 or months < 1:
        raise SegmentError.with_hint(
            f"A bank needs at least 20 customers and 1 month. Got {customers} and {months}.",
            "use --customers 2000 --months 36 for a small bank.",
        )
    if setting not in SETTINGS:
        raise SegmentError.with_hint(
            f"`setting` must be known. Got {setting!r} instead.", f"choose from {', '.join(SETTINGS)}."
        )


def _draw_bank(customers: int, count: int, seed: int, parameters: Parameters, end: date) -> Bank:
    rng = dict(zip(STREAMS, np.random.default_rng(seed).spawn(len(STREAMS)), strict=True))
    months = months_until(end, count)
    record = parameters.record
    outlets = max(record.fewest_branches, customers // record.customers_per_branch)
    branches = draw_branches(rng["branches"], outlets, parameters.people.branch_income_sigma)
    people = draw_people(rng["people"], parameters.people, customers, branches, months)
    relation = draw_relation(rng["relation"], parameters.relation, people, outlets)
    accounts = Accounts(customers)
    bank = Bank(
        parameters=parameters,
        rng=rng,
        months=months,
        branches=branches,
        people=people,
        relation=relation,
        accounts=accounts,
        book=EventBook(accounts),
        service=ServiceBook(),
        life=LifeLog(),
        complaints=[],
        month=months[0],
        ties=relation.now,
        acts=np.zeros(customers, dtype=np.bool_),
        paid=np.zeros(customers),
        pay_day=np.zeros(customers, dtype=np.int64),
    )
    open_at_start(bank)
    return bank


def _live_a_month(bank: Bank) -> None:
    """Let a month pass: what must be paid comes before what may be spent, and what is left is saved."""
    open_for_joiners(bank)
    live(bank)
    leave(bank)
    events_income.receive_income(bank)
    events_spending.pay_obligations(bank)
    lending.pay_instalments(bank)
    lending.pay_cards(bank)
    lending.grant_consumer_loans(bank)
    events_transfers.feed_from_elsewhere(bank)
    events_saving.refill_from_savings(bank)
    events_transfers.move_between_banks(bank)
    events_spending.spend(bank)
    events_service.serve(bank)
    events_saving.save(bank)
    events_saving.invest(bank)
    credit_interest(bank)
    cover_shortages(bank)


def _write_month(bank: Bank, writer: LedgerWriter, spoiler: Defects) -> None:
    columns = bank.book.columns()
    account_ids = records.ids("A", np.arange(1, bank.accounts.size + 1))
    customer_ids = records.ids("C", np.arange(1, bank.count + 1))
    frame = transactions_frame(columns, account_ids, 1 + writer.rows.get("transactions", 0))
    writer.append("transactions", spoiler.transactions(frame))
    closed = close_month(bank, columns)
    writer.append("balances", spoiler.balances(balances_frame(closed, account_ids, bank.month)))
    events = service_frame(bank.service.take(), customer_ids, 1 + writer.rows.get("service_events", 0))
    writer.append("service_events", events)
    labels = records.survey(bank)
    if labels is not None:
        writer.append("main_bank_labels", labels)
    writer.append_truth("truth", truth.month_truth(bank, customer_ids))


def _write_tables(bank: Bank, writer: LedgerWriter, spoiler: Defects) -> None:
    tables: dict[str, pl.DataFrame] = {
        "branches": records.branches(bank),
        "customers": records.customers(bank),
        "accounts": spoiler.accounts(records.accounts(bank)),
        "holdings": spoiler.holdings(records.holdings(bank)),
        "contact_rules": records.contact_rules(bank),
        **records.reference_tables(bank),
    }
    for name, frame in tables.items():
        writer.append(name, frame)
    customer_ids = records.ids("C", np.arange(1, bank.count + 1))
    writer.append_truth("truth_customers", truth.customer_truth(bank, customer_ids))
    writer.append_truth("truth_events", truth.life_truth(bank, customer_ids))
    writer.append_truth("truth_defects", spoiler.log)

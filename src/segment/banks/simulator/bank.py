"""Simulates a bank with known truth: draws its people, lives its months, writes its ledger."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from segment.banks.simulator import (
    arrears,
    events_income,
    events_saving,
    events_service,
    events_spending,
    events_transfers,
    lending,
    truth,
)
from segment.banks.simulator import record_tables as records
from segment.banks.simulator.accounts import Accounts
from segment.banks.simulator.act_chances import draw_traits
from segment.banks.simulator.acts_file import Acts
from segment.banks.simulator.balance_rows import close_month, cover_shortages, credit_interest
from segment.banks.simulator.books import close_books, contributions, month_totals
from segment.banks.simulator.calendar import date_of, months_until
from segment.banks.simulator.defects import DEFAULT_DEFECTS, Defects
from segment.banks.simulator.departures import decide, depart
from segment.banks.simulator.draws import CustomerStream
from segment.banks.simulator.events import EventBook, ServiceBook
from segment.banks.simulator.intervene import intervene
from segment.banks.simulator.life import live
from segment.banks.simulator.loss_book import LossBook
from segment.banks.simulator.opening import open_at_start, open_for_joiners
from segment.banks.simulator.parameters import SETTINGS, Parameters
from segment.banks.simulator.people import draw_branches, draw_people
from segment.banks.simulator.relations import draw_relation
from segment.banks.simulator.state import STREAMS, Bank, InForce, LifeLog
from segment.banks.simulator.wallets_elsewhere import wallet_tenths
from segment.banks.simulator.writer import LedgerWriter, balances_frame, service_frame, transactions_frame
from segment.exceptions import UsageError

DEFAULT_END = date(2025, 12, 31)


@dataclass(frozen=True)
class SimulationSummary:
    """What was written: the arguments, the days it spans, and the rows of each ledger table.

    Attributes
    ----------
    out : Path
    customers, months, seed : int
    first_month, last_day : date
    rows : dict of str to int
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
    run_on: int = 0,
    acts: pl.DataFrame | None = None,
    effect: float = 1.0,
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
        Names from `segment.banks.simulator.defects.DEFECTS`; by default only missing counterparty banks.
    run_on : int
        Months that the bank lives on after `end`'s, in which nobody new joins. Whatever happens up to `end` is what
        happens without it.
    acts : polars.DataFrame, optional
        What is done to customers: `customer_id`, `acted_on`, `kind` (`offer`, `service`, `fee`), `what`, and where they
        apply `channel` and `amount`. The dice are those of the bank without acts, so that the difference is their
        true effect.
    effect : float
        How strong the acts' effects are, against `segment.banks.simulator.act_parameters`.
    progress : callable, optional
        Called with months done and months in all.

    Returns
    -------
    SimulationSummary

    Raises
    ------
    UsageError
        If an argument is out of range, or `out` holds a ledger that was not simulated.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     summary = simulate_bank(folder, customers=60, months=2, seed=1)
    ...     sorted(path.name for path in Path(folder).iterdir())[:2]
    ['ledger', 'truth.parquet']
    """
    _check_arguments(customers, months, setting, run_on)
    bank = draw_bank(customers, months, seed, SETTINGS[setting], end, run_on)
    if acts is not None:
        bank.interventions, bank.effect = Acts.of_frame(acts, customers, bank.months), effect
    spoiler = Defects(defects, bank.rng["defects"])
    with LedgerWriter(Path(out)) as writer:
        for month in bank.months:
            bank.begin(month)
            live_a_month(bank)
            _write_month(bank, writer, spoiler)
            if progress is not None:
                progress(month.index + 1, len(bank.months))
        _write_tables(bank, writer, spoiler)
        writer.end_on(date_of(bank.months[-1].last))
    return SimulationSummary(
        out=Path(out),
        customers=customers,
        months=months + run_on,
        seed=seed,
        first_month=date_of(bank.months[0].first),
        last_day=date_of(bank.months[-1].last),
        rows=dict(writer.rows),
    )


def _check_arguments(customers: int, months: int, setting: str, run_on: int) -> None:
    if customers < 20 or months < 1 or run_on < 0:
        raise UsageError.of("errors.bank_too_small", customers=customers, months=months)
    if setting not in SETTINGS:
        raise UsageError.of("errors.unknown_setting_of_bank", setting=repr(setting), settings=SETTINGS)


def draw_bank(customers: int, count: int, seed: int, parameters: Parameters, end: date, run_on: int = 0) -> Bank:
    """Draw the people and relations of a bank, and what stands at its first month."""
    rng = {topic: CustomerStream(seed, number) for number, topic in enumerate(STREAMS)}
    general = np.random.default_rng(seed)
    last = (np.datetime64(end, "M") + run_on).astype("datetime64[D]").astype(date)
    every_month = months_until(last, count + run_on)
    months = every_month[:count]
    record = parameters.record
    outlets = max(record.fewest_branches, customers // record.customers_per_branch)
    branches = draw_branches(general, outlets, parameters.people.branch_income_sigma)
    people = draw_people(rng["people"], general, parameters.people, customers, branches, months)
    relation = draw_relation(rng["relation"], general, parameters.relation, people, outlets)
    accounts = Accounts(customers)
    # as at the end of the months that the bank is drawn for
    rng["truth"].turn_to(count - 1)
    bank = Bank(
        parameters=parameters,
        rng=rng,
        general=general,
        months=every_month,
        branches=branches,
        people=people,
        relation=relation,
        accounts=accounts,
        book=EventBook(accounts),
        service=ServiceBook(),
        losses=LossBook(),
        life=LifeLog(),
        complaints=[],
        month=months[0],
        ties=relation.now,
        acts=np.zeros(customers, dtype=np.bool_),
        paid=np.zeros(customers),
        wallet_tenths=np.zeros(9),
        pay_day=np.zeros(customers, dtype=np.int64),
        drawn_for=count,
        traits=draw_traits(rng["truth"], parameters, customers),
        in_force=InForce.nothing(customers),
        interventions=Acts(),
        effect=1.0,
    )
    open_at_start(bank)
    bank.wallet_tenths = wallet_tenths(bank)
    return bank


def live_a_month(bank: Bank) -> None:
    """Let a month pass: what must be paid comes before what may be spent, and what is left is saved."""
    open_for_joiners(bank)
    live(bank)
    intervene(bank)
    decide(bank)
    depart(bank)
    events_income.receive_income(bank)
    events_spending.pay_obligations(bank)
    lending.pay_instalments(bank)
    lending.pay_cards(bank)
    lending.grant_consumer_loans(bank)
    arrears.settle_losses(bank)
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
    account_ids = records.account_ids(bank)
    customer_ids = records.ids("C", np.arange(1, bank.count + 1))
    frame = transactions_frame(columns, account_ids, 1 + writer.rows.get("transactions", 0))
    writer.append("transactions", spoiler.transactions(frame))
    closed = close_month(bank, columns)
    writer.append("balances", spoiler.balances(balances_frame(closed, account_ids, bank.month)))
    served = bank.service.take()
    seconds, events = events_service.seconds_of_day(bank, served), 1 + writer.rows.get("service_events", 0)
    writer.append("service_events", service_frame(served, seconds, customer_ids, events))
    books = close_books(bank, columns, closed, served)
    writer.append("ledger_totals", month_totals(bank, books))
    labels = records.survey(bank)
    if labels is not None:
        writer.append("main_bank_labels", labels)
    writer.append_truth("truth", truth.month_truth(bank, customer_ids))
    brought = truth.contribution_truth(bank, customer_ids, contributions(bank, books))
    writer.append_truth("truth_contribution", brought)


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

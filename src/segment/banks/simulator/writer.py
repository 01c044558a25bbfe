"""Writes the bank month by month: memory holds one month, and a killed run leaves no half-written ledger."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from types import TracebackType

import numpy as np
import polars as pl
import pyarrow.parquet as pq

from segment.banks.simulator.calendar import Month, dates
from segment.banks.simulator.draws import FloatArray, IntArray
from segment.banks.simulator.events import BANK_CODES, CHANNEL_NAMES, KIND_NAMES, Columns
from segment.banks.simulator.record_tables import ids
from segment.exceptions import UsageError
from segment.files import make_folder
from segment.ledger.trial_ledger import write_trial_day

KIND_TEXT = pl.Series(KIND_NAMES)
CHANNEL_TEXT = pl.Series(CHANNEL_NAMES)
BANK_TEXT = pl.Series([*BANK_CODES, None], dtype=pl.String)

NEVER_REPEATED = ("transaction_id", "event_id", "amount", "average_balance", "closing_balance")
"""Columns for which a dictionary would only cost time."""


def transactions_frame(columns: Columns, account_ids: pl.Series, first_number: int) -> pl.DataFrame:
    """Build a month of the `transactions` table, by day and account."""
    account, day, amount, kind, channel, bank = columns
    order = np.argsort(day * 10_000_000 + account, kind="stable")
    return pl.DataFrame(
        {
            "transaction_id": ids("T", np.arange(first_number, first_number + len(order)), 10),
            "account_id": account_ids.gather(account[order]),
            "booked_on": dates(day[order]),
            "amount": amount[order],
            "kind": KIND_TEXT.gather(kind[order]),
            "channel": CHANNEL_TEXT.gather(channel[order]),
            "counterparty_bank": BANK_TEXT.gather(np.where(bank[order] < 0, len(BANK_CODES), bank[order])),
        }
    )


def service_frame(
    columns: tuple[IntArray, IntArray, IntArray, FloatArray],
    seconds: IntArray,
    customer_ids: pl.Series,
    first_number: int,
) -> pl.DataFrame:
    """Build a month of the `service_events` table; `seconds`: of the day, when each happened."""
    customer, day, channel, minutes = columns
    return pl.DataFrame(
        {
            "event_id": ids("E", np.arange(first_number, first_number + len(customer)), 10),
            "customer_id": customer_ids.gather(customer),
            "occurred_on": dates(day),
            "channel": CHANNEL_TEXT.gather(channel),
            "minutes": pl.Series(minutes, nan_to_null=True),
            "occurred_at": pl.Series(seconds * 1_000_000_000).cast(pl.Time),
        }
    )


def balances_frame(closed: pl.DataFrame, account_ids: pl.Series, month: Month) -> pl.DataFrame:
    """Build a month of the `balances` table from account numbers and figures."""
    return closed.select(
        account_ids.gather(closed["account"]).alias("account_id"),
        pl.lit(month.first, dtype=pl.Int32).cast(pl.Date).alias("month"),
        pl.exclude("account"),
    )


class LedgerWriter:
    """Writes tables under a temporary folder, and puts them in place at the end."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self._partial = out / ".writing"
        self._open: dict[Path, pq.ParquetWriter] = {}
        self.rows: dict[str, int] = {}
        if (out / "ledger").exists() and not (out / "truth.parquet").exists():
            raise UsageError.of("errors.no_simulated_bank")

    def __enter__(self) -> LedgerWriter:
        shutil.rmtree(self._partial, ignore_errors=True)
        make_folder(self._partial / "ledger")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for writer in self._open.values():
            writer.close()
        if kind is None:
            self._put_in_place()
        shutil.rmtree(self._partial, ignore_errors=True)

    def _put_in_place(self) -> None:
        ledger = self._out / "ledger"
        shutil.rmtree(ledger, ignore_errors=True)
        for old in self._out.glob("truth*.parquet"):
            old.unlink()
        for new in sorted(self._partial.glob("truth*.parquet"), reverse=True):
            new.replace(self._out / new.name)
        (self._partial / "ledger").replace(ledger)

    def append(self, table: str, frame: pl.DataFrame) -> None:
        """Add rows to a table of the ledger, one row group at a time."""
        self._append(self._partial / "ledger" / f"{table}.parquet", frame)
        self.rows[table] = self.rows.get(table, 0) + frame.height

    def end_on(self, day: date) -> None:
        """Say that it is a bank to try things on, where it is the last day of its last month."""
        write_trial_day(self._partial / "ledger", day)

    def append_truth(self, name: str, frame: pl.DataFrame) -> None:
        """Add rows to a truth file, which lies beside the ledger and never in it."""
        self._append(self._partial / f"{name}.parquet", frame)

    def _append(self, path: Path, frame: pl.DataFrame) -> None:
        arrow = frame.to_arrow()
        if path not in self._open:
            repeated = [name for name in frame.columns if name not in NEVER_REPEATED]
            self._open[path] = pq.ParquetWriter(
                path, arrow.schema, compression="zstd", compression_level=1, use_dictionary=repeated
            )
        self._open[path].write_table(arrow)

"""Faults that real data has, each switched on by name, with a log of what was true (DOMAIN.md 6.4)."""

# Name typos, merged accounts and mixed currencies have no place in the contract's tables, so they are not here.

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import polars as pl

from segment.banks.simulator.draws import CustomerStream, IntArray
from segment.exceptions import UsageError

TRANSACTION_DEFECTS = {
    "missing_counterparty": 0.15,
    "late_postings": 0.005,
    "duplicates": 0.002,
    "reversals": 0.002,
    "future_dated": 0.0005,
}
BALANCE_DEFECTS = {"negative_balances": 0.002, "month_gaps": 0.005}
TABLE_DEFECTS = {"share_sums": 0.05, "branch_code_change": 1.0}

DEFECTS = (*TRANSACTION_DEFECTS, *BALANCE_DEFECTS, *TABLE_DEFECTS)
"""Every defect by name."""

DEFAULT_DEFECTS = ("missing_counterparty",)

LOG_SCHEMA = {"defect": pl.String, "table": pl.String, "key": pl.String, "truth": pl.String}


def check_defects(names: Collection[str]) -> frozenset[str]:
    """Return the names as a set."""
    unknown = sorted(set(names) - set(DEFECTS))
    if unknown:
        raise UsageError.of("errors.unknown_defects", unknown=unknown, defects=DEFECTS)
    return frozenset(names)


def _accounts(frame: pl.DataFrame) -> IntArray:
    """Read the number of each row's account from its id: rows are spoilt account by account."""
    number: IntArray = frame["account_id"].str.slice(1).cast(pl.Int64).to_numpy().astype(np.int64)
    return number


class Defects:
    """Spoils tables on their way to the files, and remembers what was true."""

    def __init__(self, names: Collection[str], rng: CustomerStream) -> None:
        self._names = check_defects(names)
        self._rng = rng
        self._log: list[pl.DataFrame] = []

    @property
    def log(self) -> pl.DataFrame:
        """One row per spoiled row: defect, table, key of the row, the true value."""
        return pl.concat([pl.DataFrame(schema=LOG_SCHEMA), *self._log])

    def _draw(self, frame: pl.DataFrame, share: float) -> pl.Series:
        return pl.Series("hit", self._rng.chance(_accounts(frame), share))

    def _note(self, defect: str, table: str, hit: pl.DataFrame, key: str, value: str) -> None:
        columns = [
            pl.lit(defect).alias("defect"),
            pl.lit(table).alias("table"),
            pl.col(key).cast(pl.String).alias("key"),
            pl.col(value).cast(pl.String).alias("truth"),
        ]
        self._log.append(hit.select(columns))

    def transactions(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Spoil a month of transactions."""
        for name, share in TRANSACTION_DEFECTS.items():
            if name in self._names:
                frame = getattr(self, f"_{name}")(frame, share)
        return frame

    def _missing_counterparty(self, frame: pl.DataFrame, share: float) -> pl.DataFrame:
        hit = self._draw(frame, share) & frame["counterparty_bank"].is_not_null()
        self._note("missing_counterparty", "transactions", frame.filter(hit), "transaction_id", "counterparty_bank")
        return frame.with_columns(pl.when(~hit).then("counterparty_bank").alias("counterparty_bank"))

    def _late_postings(self, frame: pl.DataFrame, share: float) -> pl.DataFrame:
        hit = self._draw(frame, share)
        self._note("late_postings", "transactions", frame.filter(hit), "transaction_id", "booked_on")
        delay = pl.Series(self._rng.integers(_accounts(frame), 3, 21))
        late = pl.col("booked_on").dt.offset_by(pl.format("{}d", delay))
        return frame.with_columns(pl.when(hit).then(late).otherwise("booked_on").alias("booked_on"))

    def _duplicates(self, frame: pl.DataFrame, share: float) -> pl.DataFrame:
        twice = frame.filter(self._draw(frame, share))
        self._note("duplicates", "transactions", twice, "transaction_id", "amount")
        return pl.concat([frame, twice])

    def _reversals(self, frame: pl.DataFrame, share: float) -> pl.DataFrame:
        wrong = frame.filter(self._draw(frame, share))
        again = wrong.with_columns(pl.col("transaction_id") + "W")
        back = wrong.with_columns(pl.col("transaction_id") + "R", -pl.col("amount"))
        self._note("reversals", "transactions", again, "transaction_id", "amount")
        return pl.concat([frame, again, back])

    def _future_dated(self, frame: pl.DataFrame, share: float) -> pl.DataFrame:
        hit = self._draw(frame, share)
        self._note("future_dated", "transactions", frame.filter(hit), "transaction_id", "booked_on")
        ahead = pl.col("booked_on").dt.offset_by("5y")
        return frame.with_columns(pl.when(hit).then(ahead).otherwise("booked_on").alias("booked_on"))

    def balances(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Spoil a month of balances."""
        if "negative_balances" in self._names:
            hit = self._draw(frame, BALANCE_DEFECTS["negative_balances"]) & (frame["closing_balance"] > 0)
            self._note("negative_balances", "balances", frame.filter(hit), "account_id", "closing_balance")
            sign = pl.when(hit).then(-1.0).otherwise(1.0)
            frame = frame.with_columns(pl.col("average_balance") * sign, pl.col("closing_balance") * sign)
        if "month_gaps" in self._names:
            hit = self._draw(frame, BALANCE_DEFECTS["month_gaps"])
            self._note("month_gaps", "balances", frame.filter(hit), "account_id", "closing_balance")
            frame = frame.filter(~hit)
        return frame

    def holdings(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Make the owners' shares of some joint accounts add up to something else than 1."""
        if "share_sums" not in self._names:
            return frame
        hit = self._draw(frame, TABLE_DEFECTS["share_sums"]) & (frame["role"] == "co_owner")
        self._note("share_sums", "holdings", frame.filter(hit), "account_id", "share")
        return frame.with_columns(pl.when(hit).then(pl.col("share") / 2).otherwise("share").alias("share"))

    def accounts(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Give the accounts of one outlet a code that the table of branches does not know."""
        if "branch_code_change" not in self._names:
            return frame
        hit = frame["branch_id"] == frame["branch_id"].min()
        self._note("branch_code_change", "accounts", frame.filter(hit), "account_id", "branch_id")
        return frame.with_columns(
            pl.when(hit).then(pl.col("branch_id") + "N").otherwise("branch_id").alias("branch_id")
        )

"""What can happen to a ledger between two extracts, each drawn with a seed, and what a killed run may leave behind."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl

from segment.dates import month_end
from tests.jobs.build.month_files import DATED, MONTHS, by_month, month_ledger

Tables = dict[str, pl.DataFrame]


@dataclass
class Bank:
    """A ledger that changes.

    `months` of it are exported so far. `elsewhere` holds rows that lie in a file of another month than their own.
    """

    tables: Tables = field(default_factory=lambda: month_ledger(customers=12))
    months: int = 2
    elsewhere: list[tuple[str, str, pl.DataFrame]] = field(default_factory=list)
    whole: bool = False

    @property
    def as_of(self) -> dt.date:
        """The last day that is exported."""
        return month_end(dt.date(2024, self.months, 1))

    def write(self, folder: Path) -> None:
        """Export, touching no file whose content stays the same."""
        files = {}
        for name, rows in self.tables.items():
            if name not in DATED:
                files[f"{name}.parquet"] = rows
                continue
            exported = rows.filter(pl.col(DATED[name]) <= self.as_of)
            parts = {"all.parquet": exported} if self.whole else by_month(name, exported)
            for table, file, more in self.elsewhere:
                if table == name:
                    place = "all.parquet" if self.whole else file
                    parts[place] = pl.concat([*([parts[place]] if place in parts else []), more])
            files |= {f"{name}/{file}": part for file, part in parts.items()}
        for old in folder.rglob("*.parquet"):
            if old.relative_to(folder).as_posix() not in files:
                old.unlink()
        for place, rows in files.items():
            (folder / place).parent.mkdir(parents=True, exist_ok=True)
            rows.write_parquet(folder / place)


def next_month(bank: Bank, rng: np.random.Generator) -> None:
    """A month is appended."""
    bank.months = min(bank.months + 1, MONTHS)


def month_before(bank: Bank, rng: np.random.Generator) -> None:
    """An earlier moment is asked for, or the last export is withdrawn."""
    bank.months = max(bank.months - 1, 1)


def correct_amounts(bank: Bank, rng: np.random.Generator) -> None:
    """Bookings of one month get other amounts."""
    rows, month = bank.tables["transactions"], _month(bank, rng)
    hit = pl.col("booked_on").dt.month() == month
    bank.tables["transactions"] = rows.with_columns(
        amount=pl.when(hit).then((pl.col("amount") * 1.5).round(2)).otherwise(pl.col("amount"))
    )


def add_late(bank: Bank, rng: np.random.Generator) -> None:
    """Bookings and service of a past month come late, near its start and end, where other months see them."""
    month = _month(bank, rng)
    for name, key in (("transactions", "transaction_id"), ("service_events", "event_id")):
        rows = bank.tables[name]
        chosen = rows.sample(3, seed=int(rng.integers(1000)))
        days = [dt.date(2024, month, 1), dt.date(2024, month, 20), month_end(dt.date(2024, month, 1))]
        late = chosen.with_columns(
            pl.Series(DATED[name], days), pl.Series(key, [f"late-{rng.integers(10**9)}" for _ in days])
        )
        bank.tables[name] = pl.concat([rows, late])


def delete_rows(bank: Bank, rng: np.random.Generator) -> None:
    """Rows of each long table are withdrawn."""
    for name in DATED:
        rows = bank.tables[name]
        keep = rng.random(rows.height) > 0.02
        bank.tables[name] = rows.filter(pl.Series(keep))


def delete_month(bank: Bank, rng: np.random.Generator) -> None:
    """A whole month of bookings is withdrawn."""
    month = _month(bank, rng)
    bank.tables["transactions"] = bank.tables["transactions"].filter(pl.col("booked_on").dt.month() != month)


def repeat_in_another_file(bank: Bank, rng: np.random.Generator) -> None:
    """A booking and a balance stand in another month's file as well, sometimes with another amount."""
    for name, amount in (("transactions", "amount"), ("balances", "average_balance")):
        copy = bank.tables[name].sample(1, seed=int(rng.integers(1000)))
        if rng.random() < 0.5:
            copy = copy.with_columns(pl.col(amount) + 1.0)
        bank.elsewhere.append((name, f"2024-{_month(bank, rng):02d}.parquet", copy))


def take_back_repeats(bank: Bank, rng: np.random.Generator) -> None:
    """What stood twice stands once again."""
    bank.elsewhere.clear()


def close_accounts(bank: Bank, rng: np.random.Generator) -> None:
    """Some accounts turn out to be closed, some opened later than was said."""
    rows = bank.tables["accounts"]
    draw = pl.Series(rng.random(rows.height))
    bank.tables["accounts"] = rows.with_columns(
        closed_on=pl.when(draw < 0.1).then(dt.date(2024, 2, 10)).otherwise(pl.col("closed_on")),
        opened_on=pl.when(draw > 0.9).then(dt.date(2024, 1, 20)).otherwise(pl.col("opened_on")),
    )


def lose_an_account(bank: Bank, rng: np.random.Generator) -> None:
    """An account is not exported any more; its bookings are orphans."""
    bank.tables["accounts"] = bank.tables["accounts"].sample(fraction=0.95, seed=int(rng.integers(1000)))


def spoil_a_customer(bank: Bank, rng: np.random.Generator) -> None:
    """A customer's record breaks a rule, and so do all that name it."""
    rows = bank.tables["customers"]
    hit = pl.int_range(pl.len()) == int(rng.integers(rows.height))
    joined = pl.when(hit).then(dt.date(2101, 1, 1)).otherwise(pl.col("joined_on"))
    bank.tables["customers"] = rows.with_columns(joined_on=joined)


def mend(bank: Bank, rng: np.random.Generator) -> None:
    """Accounts and customers are exported as they were at first."""
    bank.tables |= {name: month_ledger(customers=12)[name] for name in ("accounts", "customers")}


def spoil_bookings(bank: Bank, rng: np.random.Generator) -> None:
    """Some bookings have no amount or no sense."""
    rows = bank.tables["transactions"]
    draw = pl.Series(rng.random(rows.height))
    bank.tables["transactions"] = rows.with_columns(
        amount=pl.when(draw < 0.01).then(0.0).when(draw > 0.99).then(float("nan")).otherwise(pl.col("amount")),
        kind=pl.when(draw.is_between(0.5, 0.51)).then(pl.lit("unheard of")).otherwise(pl.col("kind")),
    )


def write_in_one_file(bank: Bank, rng: np.random.Generator) -> None:
    """The export is laid out in another way."""
    bank.whole = not bank.whole


def nothing(bank: Bank, rng: np.random.Generator) -> None:
    """The refresh is repeated."""


Change = Callable[[Bank, np.random.Generator], None]
CHANGES: tuple[Change, ...] = (
    next_month,
    month_before,
    correct_amounts,
    add_late,
    delete_rows,
    delete_month,
    repeat_in_another_file,
    take_back_repeats,
    close_accounts,
    lose_an_account,
    spoil_a_customer,
    mend,
    spoil_bookings,
    write_in_one_file,
    nothing,
)


def leave_behind(parts: Path, rng: np.random.Generator) -> None:
    """Do to what is kept of the ledger's parts what a kill or a bad disk can: files half gone, strange, or spoilt."""
    frames = sorted((parts / "frames").glob("*.parquet"))
    if not frames:
        return
    chosen = frames[int(rng.integers(len(frames)))]
    what = int(rng.integers(5))
    if what == 0:
        chosen.unlink()
    elif what == 1:
        chosen.write_bytes(chosen.read_bytes()[:20])
    elif what == 2:
        (parts / "transactions.json").write_text("{", encoding="utf-8")
    elif what == 3:
        (parts / "extracted.json").unlink(missing_ok=True)
    else:
        (parts / "frames" / ".half-written.parquet").write_bytes(b"PAR1")


def _month(bank: Bank, rng: np.random.Generator) -> int:
    return int(rng.integers(1, bank.months + 1))

"""What a bank does to its customers: offers, service, fees (the acts of the intervention twin)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from segment.banks.simulator.act_parameters import AIMS, CHANNELS, SERVICES
from segment.banks.simulator.calendar import Month
from segment.banks.simulator.draws import BoolArray, FloatArray, IntArray
from segment.exceptions import UsageError

OFFER, SERVICE, FEE = "offer", "service", "fee"

PROGRAMMES = {
    "main_account": "main_account_here",
    "to_high_value": "grows",
    "break_even_growth": "grows",
    "grow_income": "grows",
    "keep_high_value": "stays",
    "keep_valuable": "stays",
    "lower_cost": "cheaper_ways",
}
"""Aims of the programmes that policies of this project name."""

WAYS: tuple[tuple[str, str, str | None], ...] = (
    *((OFFER, aim, channel) for aim in AIMS for channel in CHANNELS),
    *((SERVICE, service, None) for service in SERVICES),
    (FEE, FEE, None),
)
"""Every way to act: kind, what, channel; in this order, so that nobody's dice depend on what others were offered."""

COLUMNS = {"customer_id": pl.String, "acted_on": pl.Date, "kind": pl.String, "what": pl.String}
MORE_COLUMNS = {"channel": pl.String, "amount": pl.Float64}


@dataclass(frozen=True)
class Done:
    """What is done to some customers in one way, in one month."""

    who: IntArray
    amount: FloatArray  # of a fee a month, of contacts a year; not a number where nobody says


Way = tuple[str, str, str | None]
DoneInMonth = Mapping[Way, Done]


class Acts:
    """Acts by month and way, addressed by the customers' numbers."""

    # `surely`: an outcome that comes about for everybody in a month, which no bank can do
    def __init__(
        self, months: Mapping[int, DoneInMonth] | None = None, surely: Mapping[int, str] | None = None
    ) -> None:
        self._months = months or {}
        self.surely = surely or {}

    def of(self, month: int) -> DoneInMonth:
        """What is done in a month."""
        return self._months.get(month, {})

    def __len__(self) -> int:
        return sum(len(done.who) for month in self._months.values() for done in month.values())

    @classmethod
    def of_frame(cls, frame: pl.DataFrame, customers: int, months: list[Month]) -> Acts:
        """Take acts from a table: `customer_id`, `acted_on`, `kind`, `what`, and where asked `channel`, `amount`."""
        frame = _checked(frame, customers)
        first, last = (months[at] for at in (0, -1))
        days = frame["acted_on"].cast(pl.Int32).to_numpy().astype(np.int64)
        if len(days) and (days.min() < first.first or days.max() > last.last):
            raise UsageError.with_hint(
                f"Acts must lie within the months simulated. Found days from {min(frame['acted_on'])} to "
                f"{max(frame['acted_on'])}.",
                "live on for longer with --run-on, or give --months more",
            )
        index = np.searchsorted([month.first for month in months], days, side="right") - 1
        number = frame["customer_id"].str.slice(1).cast(pl.Int64).to_numpy() - 1
        amount = frame["amount"].fill_null(np.nan).to_numpy()
        made: dict[int, DoneInMonth] = {}
        ways = list(zip(frame["kind"], frame["what"], frame["channel"], strict=True))
        for month in sorted(set(index.tolist())):
            made[month] = dict(_of_month(ways, index == month, number, amount))
        return cls(made)


def _of_month(ways: list[Way], now: BoolArray, number: IntArray, amount: FloatArray) -> Iterator[tuple[Way, Done]]:
    for way in WAYS:
        rows = np.flatnonzero(now & np.fromiter((each == way for each in ways), np.bool_, len(ways)))
        who, at = np.unique(number[rows], return_index=True)
        if len(who):
            yield way, Done(who, amount[rows][at])


def read_acts(path: str | Path) -> pl.DataFrame:
    """Read a file of acts, CSV or Parquet."""
    path = Path(path)
    if not path.is_file():
        raise UsageError.with_hint("Acts must stand in a file. None is there.", "give a .csv or .parquet file")
    if path.suffix == ".parquet":
        return pl.read_parquet(path, glob=False)
    return pl.read_csv(path, schema_overrides={"customer_id": pl.String}, try_parse_dates=True, glob=False)


def _checked(frame: pl.DataFrame, customers: int) -> pl.DataFrame:
    """Acts with all columns; names of programmes become aims."""
    missing = [name for name in COLUMNS if name not in frame.columns]
    if missing:
        raise UsageError.with_hint(
            f"Acts must have the columns {', '.join(COLUMNS)}. Missing: {', '.join(missing)}.",
            f"and where they apply {', '.join(MORE_COLUMNS)}",
        )
    whole = COLUMNS | MORE_COLUMNS
    asked = frame.with_columns(
        pl.lit(None, kind).alias(name) for name, kind in MORE_COLUMNS.items() if name not in frame.columns
    )
    try:
        asked = asked.select(pl.col(name).cast(kind) for name, kind in whole.items())
    except pl.exceptions.PolarsError as error:
        raise UsageError.with_hint(
            "Acts must have days, words and numbers. Found another.", "docs/concepts/simulated-bank.md says which"
        ) from error
    asked = asked.with_columns(
        what=pl.when(pl.col("kind") == OFFER).then(pl.col("what").replace(PROGRAMMES)).otherwise("what")
    ).with_columns(
        what=pl.when(pl.col("kind") == FEE).then(pl.lit(FEE)).otherwise("what"),
        channel=pl.when(pl.col("kind") == OFFER).then("channel"),
    )
    known = pl.DataFrame(list(WAYS), schema=["kind", "what", "channel"], orient="row").cast(pl.String)
    unknown = asked.join(known, on=["kind", "what", "channel"], how="anti", nulls_equal=True)
    if unknown.height:
        raise UsageError.with_hint(
            f"Each act must be an offer, a service or a fee that the twin knows. {unknown.height} are not.",
            f"offers: {', '.join((*AIMS, *PROGRAMMES))}, by {', '.join(CHANNELS)}; services: {', '.join(SERVICES)}",
        )
    _require_customers(asked, customers)
    return asked


def _require_customers(asked: pl.DataFrame, customers: int) -> None:
    number = asked["customer_id"].str.extract(r"^C(\d{7,})$").cast(pl.Int64)
    strangers = asked.height - int(number.is_between(1, customers).fill_null(False).sum())
    undated = asked["acted_on"].null_count()
    unpriced = asked.filter((pl.col("kind") == FEE) & ~(pl.col("amount") > 0).fill_null(False)).height
    if strangers or undated or unpriced:
        raise UsageError.with_hint(
            "Each act must name a customer of the bank and a day, and a fee an amount a month. "
            f"Found {strangers} without a customer, {undated} without a day, {unpriced} without an amount.",
            "take the ids of the ledger that the same arguments write",
        )

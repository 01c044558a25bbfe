"""The lines of a customer's contribution, and the figures made of them."""

# Amounts are signed from the bank's side: income is positive where the bank earns, cost is positive where it spends.

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from typing import Any, Literal, TypeAlias

import narwhals as nw
import polars as pl

# lazy, of whatever engine the caller brought
Frame: TypeAlias = nw.LazyFrame[Any]

Side = Literal["income", "cost"]
LedgerTotal = Literal["net_interest", "fees", "cost_to_serve", "expected_loss"]


@dataclass(frozen=True)
class Line:
    """One line of the accounting."""

    name: str
    side: Side
    in_direct: bool  # whether it stands in the direct contribution; every line stands in the full one
    ledger_total: LedgerTotal | None  # what of `ledger_totals` it reconciles with; None: booked in no general ledger
    meaning: str


LINES: tuple[Line, ...] = (
    Line("net_interest", "income", True, "net_interest", "Margin of balances against funds transfer pricing."),
    Line("fee_income", "income", True, "fees", "Fees less refunds, without VAT."),
    Line("interchange_income", "income", True, "fees", "What the bank keeps of card payments, without VAT."),
    Line("trail_fee_income", "income", True, "fees", "Fee on assets under management, without VAT."),
    Line("commission_income", "income", True, "fees", "Up-front commissions in the month of the sale, without VAT."),
    Line("recoveries", "income", True, "expected_loss", "Loss booked before that did not come, or was paid back."),
    Line("transaction_cost", "cost", True, "cost_to_serve", "Transactions at their channel's unit cost."),
    Line("service_event_cost", "cost", True, "cost_to_serve", "Visits, calls and adviser minutes."),
    Line("complaint_cost", "cost", True, "cost_to_serve", "Complaints that began in the month."),
    Line(
        "expected_loss", "cost", True, "expected_loss", "Loss expected of debts, by stages; less what was written off."
    ),
    Line("write_offs", "cost", True, "expected_loss", "Loss booked before, of debts that were written off."),
    Line("capital_cost", "cost", True, None, "Equity on risk-weighted assets beyond the risk-free rate."),
    Line("account_cost", "cost", False, "cost_to_serve", "Fixed cost of open accounts."),
    Line("overhead_cost", "cost", False, "cost_to_serve", "Head office, and branch minutes used."),
)

LINE_NAMES: tuple[str, ...] = tuple(line.name for line in LINES)
PERSON_LINES: tuple[str, ...] = ("service_event_cost", "complaint_cost", "overhead_cost")
ACCOUNT_LINES: tuple[str, ...] = tuple(
    name for name in LINE_NAMES if name not in ("service_event_cost", "complaint_cost")
)


def line_names(side: Side | None = None, *, direct_only: bool = False) -> tuple[str, ...]:
    """Names of the lines of a side.

    Parameters
    ----------
    side : {"income", "cost"}, optional
        None: both.
    direct_only : bool
        Leave out the lines that stand in the full contribution only.

    Returns
    -------
    tuple of str
        In the order of `LINES`.

    Examples
    --------
    >>> line_names("income")
    ('net_interest', 'fee_income', 'interchange_income', 'trail_fee_income', 'commission_income', 'recoveries')
    """
    return tuple(line.name for line in LINES if side in (None, line.side) and (line.in_direct or not direct_only))


def to_polars(frame: Frame) -> pl.DataFrame:
    """Compute a frame."""
    native = frame.to_native()
    if isinstance(native, pl.LazyFrame):
        # the in-memory engine adds in one order, so that the same rows give the same bytes
        return native.collect(engine="in-memory")
    collected: pl.DataFrame = frame.collect("polars").to_native()
    return collected


def income() -> nw.Expr:
    """Sum of the income lines; commissions are in the month of the sale."""
    return _sum(line_names("income"))


def cost() -> nw.Expr:
    """Sum of every cost line, those of the full contribution included.

    Returns
    -------
    narwhals.Expr

    Examples
    --------
    >>> import polars as pl
    >>> lines = nw.from_native(pl.LazyFrame({name: [1.0] for name in LINE_NAMES}))
    >>> lines.select(income=income(), cost=cost()).collect().rows()
    [(6.0, 8.0)]
    """
    return _sum(line_names("cost"))


def full_contribution() -> nw.Expr:
    """Income less every cost: the figure that decides the tier.

    Returns
    -------
    narwhals.Expr

    Examples
    --------
    >>> import polars as pl
    >>> lines = nw.from_native(pl.LazyFrame({name: [1.0] for name in LINE_NAMES}))
    >>> lines.select(full=full_contribution()).collect().rows()
    [(-2.0,)]
    """
    return income() - cost()


def where(condition: nw.Expr, figure: nw.Expr) -> nw.Expr:
    """A figure where a condition holds, else zero."""
    return nw.when(condition).then(figure).otherwise(nw.lit(0.0))


def _sum(names: Iterable[str]) -> nw.Expr:
    return reduce(lambda total, column: total + column, (nw.col(name) for name in names))

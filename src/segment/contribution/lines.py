"""The lines of a customer's contribution, and the figures made of them.

Amounts are signed from the bank's side: income is positive where the bank earns, cost is positive where it spends.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from typing import Any, Literal, TypeAlias

import narwhals as nw

# lazy, of whatever engine the caller brought
Frame: TypeAlias = nw.LazyFrame[Any]

Side = Literal["income", "cost"]
LedgerTotal = Literal["net_interest", "fees", "cost_to_serve", "expected_loss"]


@dataclass(frozen=True)
class Line:
    """One line of the accounting.

    Attributes
    ----------
    name : str
        Column name.
    side : {"income", "cost"}
        Which sum it belongs to.
    in_direct : bool
        Whether it stands in the direct contribution; every line stands in the full one.
    ledger_total : {"net_interest", "fees", "cost_to_serve", "expected_loss"}, optional
        The line of ``ledger_totals`` that it reconciles with; None where the general ledger books no such thing.
    meaning : str
        One sentence.
    """

    name: str
    side: Side
    in_direct: bool
    ledger_total: LedgerTotal | None
    meaning: str


LINES: tuple[Line, ...] = (
    Line("net_interest", "income", True, "net_interest", "Margin of balances against funds transfer pricing."),
    Line("fee_income", "income", True, "fees", "Fees less refunds, without VAT."),
    Line("interchange_income", "income", True, "fees", "What the bank keeps of card payments, without VAT."),
    Line("trail_fee_income", "income", True, "fees", "Fee on assets under management, without VAT."),
    Line("commission_income", "income", True, "fees", "Up-front commissions in the month of the sale, without VAT."),
    Line("transaction_cost", "cost", True, "cost_to_serve", "Transactions at their channel's unit cost."),
    Line("service_event_cost", "cost", True, "cost_to_serve", "Visits, calls and adviser minutes."),
    Line("complaint_cost", "cost", True, "cost_to_serve", "Complaints that began in the month."),
    Line("expected_loss", "cost", True, "expected_loss", "Probability of default times loss times exposure."),
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
    ('net_interest', 'fee_income', 'interchange_income', 'trail_fee_income', 'commission_income')
    """
    return tuple(line.name for line in LINES if side in (None, line.side) and (line.in_direct or not direct_only))


def income() -> nw.Expr:
    """Sum of the income lines.

    Returns
    -------
    narwhals.Expr
        For a frame with every column of `LINES`; commissions are in the month of the sale.

    Examples
    --------
    >>> import polars as pl
    >>> lines = nw.from_native(pl.LazyFrame({name: [1.0] for name in LINE_NAMES}))
    >>> lines.select(income=income(), cost=cost()).collect().rows()
    [(5.0, 7.0)]
    """
    return _sum(line_names("income"))


def cost() -> nw.Expr:
    """Sum of every cost line, those of the full contribution included.

    Returns
    -------
    narwhals.Expr

    Examples
    --------
    >>> import polars as pl
    >>> lines = nw.from_native(pl.LazyFrame({name: [2.0] for name in LINE_NAMES}))
    >>> lines.select(cost=cost()).collect().rows()
    [(14.0,)]
    """
    return _sum(line_names("cost"))


def direct_contribution() -> nw.Expr:
    """Income less the costs that the customer causes: the figure that decides whether a fee may be proposed.

    Returns
    -------
    narwhals.Expr

    Examples
    --------
    >>> import polars as pl
    >>> lines = nw.from_native(pl.LazyFrame({name: [1.0] for name in LINE_NAMES}))
    >>> lines.select(direct=direct_contribution(), full=full_contribution()).collect().rows()
    [(0.0, -2.0)]
    """
    return income() - _sum(line_names("cost", direct_only=True))


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


def _sum(names: Iterable[str]) -> nw.Expr:
    return reduce(lambda total, column: total + column, (nw.col(name) for name in names))

"""Customers' sums held against the general ledger, line by line, branch by branch, month by month."""

# Source: DOMAIN.md 1.6: the remainder is published as a line of its own, never smeared; the gate is its share of the
# total.

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import narwhals as nw
import polars as pl

from segment.contribution.lines import LINES, Frame, Line, to_polars
from segment.exact_money import cents, cents_of_micros, from_cents, micros
from segment.ledger.vocabulary import TOTAL_LINES
from segment.policy import Policy
from segment.policy.money import Reconciliation

_KEYS = ["line", "branch_id", "month"]


@dataclass(frozen=True)
class ReconciliationReport:
    """What a reconciliation found.

    Attributes
    ----------
    table : polars.DataFrame
        One row per line, branch and month: `ledger_total` (null where the ledger gives none), `total` (the ledger's,
        else everything accounted for), `customers_sum`, `unheld` (accounted for, but held by nobody present),
        `unused_capacity` (of the branch, named apart), `erased` (of customers whose data were erased, in their home
        branch), `unallocated` (`total` less `customers_sum`, to the cent), `unallocated_share` (of the ledger's total,
        unused capacity and what was erased left out), `tolerance`, `within_tolerance` (null without a ledger's total).
    beyond_tolerance : {"fail", "warn"}
        What the policy says of failures.
    """

    table: pl.DataFrame
    beyond_tolerance: Literal["fail", "warn"]

    @property
    def failures(self) -> pl.DataFrame:
        """Rows of the table beyond their tolerance."""
        return self.table.filter(pl.col("within_tolerance").not_())


def reconcile(
    customer_lines: Frame,
    remainder: Frame,
    ledger_totals: Frame,
    policy: Policy,
    erased: Frame | None = None,
) -> ReconciliationReport:
    """Hold the customers' sums against the ledger's totals.

    Parameters
    ----------
    customer_lines : narwhals.LazyFrame
        `branch_id`, `month` and every line; a row per customer, or already summed.
    remainder : narwhals.LazyFrame
        What `remainder_of_month` returns, of one month or several.
    ledger_totals : narwhals.LazyFrame
        The ledger's table, perhaps empty: `line`, `branch_id`, `month`, `amount`. Amounts are the bank's, income and
        cost both positive. Months without customers' lines are left out.
    policy : Policy
        Tolerances, and what happens beyond them.
    erased : narwhals.LazyFrame, optional
        Lines of customers whose rows were left out because their data were erased, as `customer_lines`.

    Returns
    -------
    ReconciliationReport
        Customers' sum and unallocated add up to the total, to the cent.

    Examples
    --------
    >>> import datetime as dt
    >>> import narwhals as nw
    >>> from segment.policy import load_policy
    >>> key = {"branch_id": ["north"], "month": [dt.date(2025, 6, 1)]}
    >>> nobody = pl.LazyFrame(key | {line.name: [0.0] for line in LINES} | {"unused_overhead": [0.0]})
    >>> lines = nw.from_native(nobody.with_columns(net_interest=pl.lit(996.0)))
    >>> totals = nw.from_native(pl.LazyFrame(key | {"line": ["net_interest"], "amount": [1_000.0]}))
    >>> report = reconcile(lines, nw.from_native(nobody), totals, load_policy("models/retail.toml"))
    >>> row = report.table.filter(pl.col("ledger_total").is_not_null())
    >>> row.select("customers_sum", "unallocated", "unallocated_share", "within_tolerance").rows()
    [(996.0, 4.0, 0.004, True)]
    """
    customers = by_ledger_line(customer_lines, "customers_sum")
    left = nw.from_native(to_polars(remainder).lazy())  # two sums rest on it
    unheld = by_ledger_line(left, "unheld")
    totals = _totals(ledger_totals, customers["month"].unique())
    unused = _unused(left)
    gone = pl.DataFrame(schema={**customers.schema}).rename({"customers_sum": "erased"})
    if erased is not None:
        gone = by_ledger_line(erased, "erased")
    joined = customers
    for other in (unheld, unused, gone, totals):
        joined = joined.join(other, on=_KEYS, how="full", coalesce=True)
    amounts = pl.col("customers_sum", "unheld", "unused_capacity", "erased").fill_null(0.0).round(2)
    table = with_tolerances(joined.with_columns(amounts), policy.reconciliation)
    return ReconciliationReport(table.sort(_KEYS), policy.reconciliation.beyond_tolerance)


def by_ledger_line(frame: Frame, name: str) -> pl.DataFrame:
    """Sum customers' lines into those of the general ledger.

    Parameters
    ----------
    frame : narwhals.LazyFrame
        `branch_id`, `month` and every line; a row per customer, or already summed.
    name : str
        What to call the sum.

    Returns
    -------
    polars.DataFrame
        `line`, `branch_id`, `month` and the sum to the cent. Lines that no general ledger books are left out.
    """
    booked = [line.name for line in LINES if line.ledger_total in TOTAL_LINES]
    chosen = frame.select("branch_id", "month", *booked).to_native()
    rows = chosen if isinstance(chosen, pl.LazyFrame) else frame.collect("polars").to_native().lazy()
    whole = {
        total: pl.sum_horizontal(
            _sign(line) * micros(pl.col(line.name)) for line in LINES if line.ledger_total == total
        )
        for total in TOTAL_LINES
    }
    summed = rows.select("branch_id", "month", **whole).group_by("branch_id", "month", maintain_order=True)
    sums = summed.agg(from_cents(cents_of_micros(pl.col(TOTAL_LINES).sum())))
    wide = sums.collect(engine="in-memory")
    long = wide.unpivot(index=["branch_id", "month"], on=TOTAL_LINES, variable_name="line", value_name=name)
    return long.select(*_KEYS, name)


def _sign(line: Line) -> int:
    """Recoveries lessen the loss that they are booked with (IAS 1.82(ba): impairment losses, reversals included)."""
    return -1 if line.side == "income" and line.ledger_total == "expected_loss" else 1


def _totals(ledger_totals: Frame, months: pl.Series) -> pl.DataFrame:
    totals = to_polars(ledger_totals.select(*_KEYS, "amount"))
    of_months = totals.with_columns(pl.col("line", "branch_id").cast(pl.String)).filter(
        pl.col("month").is_in(months.implode())
    )
    return of_months.group_by(_KEYS, maintain_order=True).agg(
        ledger_total=from_cents(cents(pl.col("amount").cast(pl.Float64)).sum())
    )


def _unused(remainder: Frame) -> pl.DataFrame:
    rows = to_polars(remainder.select("branch_id", "month", "unused_overhead"))
    overhead = from_cents(cents_of_micros(micros(pl.col("unused_overhead")).sum()))
    frame = rows.group_by("branch_id", "month", maintain_order=True).agg(unused_capacity=overhead)
    return frame.with_columns(line=pl.lit("cost_to_serve")).select(*_KEYS, "unused_capacity")


def with_tolerances(table: pl.DataFrame, tolerances: Reconciliation) -> pl.DataFrame:
    """Compare what customers and named lines bring with the ledger's totals: the last five columns of the report."""
    allowed = {line: getattr(tolerances, line) for line in TOTAL_LINES}
    customers, named = cents(pl.col("customers_sum")), cents(pl.col("unused_capacity")) + cents(pl.col("erased"))
    whole_total = pl.coalesce(cents(pl.col("ledger_total")), customers + cents(pl.col("unheld")) + named)
    unallocated = whole_total - customers
    beside = from_cents(unallocated - named)
    share = pl.when(beside == 0.0).then(0.0).otherwise(beside.abs() / pl.col("ledger_total").abs())
    return (
        table.with_columns(total=from_cents(whole_total), unallocated=from_cents(unallocated))
        .with_columns(
            unallocated_share=pl.when(pl.col("ledger_total").is_not_null()).then(share),
            tolerance=pl.col("line").replace_strict(allowed, return_dtype=pl.Float64),
        )
        .with_columns(within_tolerance=pl.col("unallocated_share") <= pl.col("tolerance"))
    )

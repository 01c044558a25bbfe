from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segment.contribution import LINE_NAMES, ReconciliationReport, reconcile
from segment.contribution.lines import Frame
from tests.contribution.small_bank import JUNE, lazy, on_duckdb, on_polars, policy

EMPTY: dict[str, Any] = {"branch_id": "north", "month": JUNE} | dict.fromkeys((*LINE_NAMES, "unused_overhead"), 0.0)


def lines(*rows: dict[str, Any]) -> pl.DataFrame:
    """Customers' lines in June at north, zero but for what a row says."""
    return pl.DataFrame([EMPTY | row for row in rows] or [EMPTY])


def reconciled(
    customers: list[dict[str, Any]], totals: list[dict[str, Any]], *remainder: dict[str, Any]
) -> ReconciliationReport:
    """A reconciliation of June."""
    frames = on_polars(lines(*customers)), on_polars(lines(*remainder))
    return reconcile(*frames, lazy("ledger_totals", *totals), policy())


def row_of(report: ReconciliationReport, line: str) -> dict[str, Any]:
    """The report's one row of a line."""
    return report.table.filter(pl.col("line") == line).row(0, named=True)


def test_the_remainder_to_the_ledger_s_total_is_a_line_of_its_own() -> None:
    # 1,000 in the ledger, 600 + 396 with customers: 4 unallocated, 0.4 % of 1,000, allowed 0.5 %
    customers = [{"net_interest": 600.0}, {"net_interest": 396.0}]
    row = row_of(reconciled(customers, [{"line": "net_interest", "amount": 1_000.0}]), "net_interest")
    assert (row["customers_sum"], row["unallocated"], row["unallocated_share"]) == (996.0, 4.0, pytest.approx(0.004))
    assert row["within_tolerance"]


@pytest.mark.parametrize(("customers", "within"), [(995.0, True), (994.99, False), (1_005.0, True), (1_005.01, False)])
def test_the_gate_closes_beyond_exactly_the_tolerance(customers: float, within: bool) -> None:
    report = reconciled([{"net_interest": customers}], [{"line": "net_interest", "amount": 1_000.0}])
    assert row_of(report, "net_interest")["within_tolerance"] is within
    assert report.beyond_tolerance == "fail"
    assert len(report.failures) == (0 if within else 1)


def test_the_policy_may_only_warn() -> None:
    warns = policy().reconciliation.model_copy(update={"beyond_tolerance": "warn"})
    of = policy().model_copy(update={"reconciliation": warns})
    totals = lazy("ledger_totals", {"line": "fees", "amount": 10.0})
    report = reconcile(on_polars(lines()), on_polars(lines()), totals, of)
    assert len(report.failures) == 1
    assert report.beyond_tolerance == "warn"


def test_ledger_lines_gather_the_accounting_s_lines_and_capital_stands_in_none() -> None:
    ones = dict.fromkeys(LINE_NAMES, 1.0)
    table = reconciled([ones], []).table
    assert dict(table.select("line", "customers_sum").iter_rows()) == {
        "net_interest": 1.0,
        "fees": 4.0,
        "cost_to_serve": 5.0,
        "expected_loss": 1.0,  # loss and write-offs, less recoveries
    }


def test_without_a_ledger_total_the_remainder_is_what_nobody_holds_and_nothing_is_judged() -> None:
    report = reconciled([{"net_interest": 5.0}], [], {"net_interest": 2.0})
    row = row_of(report, "net_interest")
    assert (row["total"], row["unallocated"], row["within_tolerance"]) == (7.0, 2.0, None)
    assert report.failures.is_empty()


def test_a_ledger_total_of_a_branch_without_customers_is_all_unallocated() -> None:
    report = reconciled([{}], [{"line": "fees", "branch_id": "south", "amount": 3.0}])
    assert report.failures.select("branch_id", "unallocated", "unallocated_share").rows() == [("south", 3.0, 1.0)]


def test_a_total_of_zero_allows_no_remainder_and_needs_none() -> None:
    zero = [{"line": "fees", "amount": 0.0}]
    assert reconciled([{}], zero).failures.is_empty()
    assert len(reconciled([{"fee_income": 0.01}], zero).failures) == 1


def test_months_without_customers_lines_are_left_out() -> None:
    later = [{"line": "fees", "month": dt.date(2025, 7, 1), "amount": 3.0}]
    assert reconciled([{}], later).table["month"].unique().to_list() == [JUNE]


def test_unused_capacity_is_named_and_does_not_break_the_tolerance() -> None:
    totals = [{"line": "cost_to_serve", "amount": 100.0}]
    row = row_of(reconciled([{"overhead_cost": 20.0}], totals, {"unused_overhead": 80.0}), "cost_to_serve")
    assert (row["unallocated"], row["unused_capacity"], row["unallocated_share"]) == (80.0, 80.0, 0.0)


cents = st.integers(-10_000_000, 10_000_000).map(lambda amount: amount / 100)


@settings(max_examples=30)
@given(st.lists(cents, min_size=1, max_size=8), st.one_of(st.none(), cents))
def test_customers_and_unallocated_add_up_to_the_total_to_the_cent(amounts: list[float], total: float | None) -> None:
    totals = [] if total is None else [{"line": "net_interest", "amount": total}]
    row = row_of(reconciled([{"net_interest": amount / 3} for amount in amounts], totals), "net_interest")
    in_cents = {name: round(row[name] * 100) for name in ("customers_sum", "unallocated", "total")}
    assert in_cents["customers_sum"] + in_cents["unallocated"] == in_cents["total"]


def test_reconciliation_is_the_same_on_duckdb() -> None:
    customers, totals = lines({"net_interest": 5.0}), lazy("ledger_totals", {"line": "net_interest", "amount": 6.0})

    def table(lazily: Any) -> pl.DataFrame:
        frames: list[Frame] = [lazily(frame) for frame in (customers, lines(), totals.collect().to_native())]
        return reconcile(*frames, policy()).table

    assert table(on_polars).equals(table(on_duckdb))

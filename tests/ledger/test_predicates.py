"""Where each predicate draws its line."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segment.ledger import predicates as are
from segment.ledger.parsing import marker


def broken(cell: object, predicate: pl.Expr) -> bool | None:
    return pl.DataFrame({"x": [cell]}).select(predicate.alias("y"))["y"][0]


@pytest.mark.parametrize(
    ("day", "is_broken"),
    [("1969-12-31", True), ("1970-01-01", False), ("2100-12-31", False), ("2101-01-01", True), ("9999-12-31", True)],
)
def test_dates_lie_in_1970_to_2100(day: str, is_broken: bool) -> None:
    assert broken(dt.date.fromisoformat(day), are.is_out_of_range("x")) is is_broken


@pytest.mark.parametrize(("share", "is_broken"), [(-1e-9, True), (0.0, False), (1.0, False), (1.0 + 1e-9, True)])
def test_shares_lie_in_0_to_1(share: float, is_broken: bool) -> None:
    assert broken(share, are.is_not_a_share("x")) is is_broken


@pytest.mark.parametrize(
    ("rate", "is_broken"), [(1.0, False), (-1.0, False), (1.01, True), (-3.5, True), (0.035, False)]
)
def test_rates_are_at_most_100_percent(rate: float, is_broken: bool) -> None:
    assert broken(rate, are.is_implausible_rate("x")) is is_broken


@pytest.mark.parametrize(
    ("amount", "is_broken"), [(1e13, False), (-1e13, False), (1.1e13, True), (float("inf"), False)]
)
def test_amounts_are_kept_to_the_cent(amount: float, is_broken: bool) -> None:
    assert broken(amount, are.is_too_large("x")) is is_broken
    assert round((1e13 + 0.01) * 100) - round(1e13 * 100) == 1


@given(cell=st.floats())
def test_a_number_is_finite_or_told(cell: float) -> None:
    assert broken(cell, are.is_not_finite("x")) is not (abs(cell) < float("inf"))


@given(day=st.dates(dt.date(1970, 1, 1), dt.date(2100, 12, 31)))
def test_only_a_first_day_stands_for_its_month(day: dt.date) -> None:
    assert broken(day, are.is_not_first_day("x")) is (day.day != 1)
    assert broken(day.replace(day=1), are.is_not_first_day("x")) is False


def test_an_empty_cell_is_not_an_unreadable_one() -> None:
    cells = pl.DataFrame({"x": [None, None, 1], marker("x"): [False, True, False]})
    assert cells.select(are.is_null("x"))["x"].to_list() == [True, False, False]
    assert cells.select(are.is_unreadable("x")).to_series().to_list() == [False, True, False]


@given(weights=st.lists(st.floats(0.05, 1.0), min_size=1, max_size=6))
def test_owners_shares_of_a_whole_pass_and_of_more_or_less_do_not(weights: list[float]) -> None:
    edges = [sum(weights[:n]) / sum(weights) for n in range(len(weights) + 1)]
    shares = [end - start for start, end in pairwise(edges)]
    for factor, is_broken in ((1.0, False), (1.004, False), (0.99, True), (1.01, True)):
        rows = pl.DataFrame({"account_id": "A", "role": "owner", "share": [share * factor for share in shares]})
        rows = rows.vstack(pl.DataFrame({"account_id": ["A"], "role": ["authorised"], "share": [0.0]}))
        assert set(rows.select(are.has_owners_shares_off_one().alias("x"))["x"]) == {is_broken}


def test_an_account_that_nobody_owns_is_not_whole() -> None:
    rows = pl.DataFrame({"account_id": ["A"], "role": ["authorised"], "share": [0.0]})
    assert rows.select(are.has_owners_shares_off_one().alias("x"))["x"].to_list() == [True]


def test_an_orphan_names_what_is_not_there() -> None:
    assert broken("a", are.is_orphan("x", pl.Series(["a", "b"]))) is False
    assert broken("c", are.is_orphan("x", pl.Series(["a", "b"]))) is True
    assert broken("c", are.is_orphan("x", pl.Series([], dtype=pl.String))) is True

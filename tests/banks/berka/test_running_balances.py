"""Monthly balances are the daily balances' mean, to the last bit of a cent."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segment.banks.berka.running_balances import day_ends, in_crowns, monthly_balances
from tests.banks.berka.bank import day

START = dt.date(1993, 1, 1)


def evenings(closing_cents: dict[dt.date, int], account: str = "1") -> pl.DataFrame:
    return pl.DataFrame(
        {"account_id": account, "day": list(closing_cents), "closing_cents": list(closing_cents.values())},
        schema={"account_id": pl.String, "day": pl.Date, "closing_cents": pl.Int64},
    ).sort("account_id", "day")


def until(last: dt.date, *accounts: str) -> pl.DataFrame:
    names = list(accounts or "1")
    return pl.DataFrame({"account_id": names, "observed_until": [last] * len(names)})


def by_a_loop_over_days(closing_cents: dict[dt.date, int], last: dt.date) -> dict[dt.date, tuple[float, float]]:
    first = min(closing_cents).replace(day=1)
    balance, sums, months = 0, {}, {}
    for at in (first + dt.timedelta(days=n) for n in range((last - first).days + 1)):
        balance = closing_cents.get(at, balance)
        month = at.replace(day=1)
        sums[month] = sums.get(month, 0) + balance
        if (at + dt.timedelta(days=1)).day == 1:
            months[month] = (float(Fraction(sums[month], 100 * at.day)), balance / 100)
    return months


@given(
    postings=st.dictionaries(st.integers(0, 150), st.integers(-(10**9), 10**9), min_size=1),
    tail=st.integers(0, 80),
)
def test_the_average_is_what_a_loop_over_days_gives(postings: dict[int, int], tail: int) -> None:
    closing = {START + dt.timedelta(days=after): cents for after, cents in postings.items()}
    last = max(closing) + dt.timedelta(days=tail)
    found = monthly_balances(evenings(closing), until(last))
    assert {month: (average, close) for _, month, average, close in found.rows()} == by_a_loop_over_days(closing, last)


def test_accounts_do_not_touch_each_other() -> None:
    one = {day("1993-01-10"): 31_00, day("1993-02-10"): 0}
    other = {day("1993-01-20"): 62_00}
    together = monthly_balances(pl.concat([evenings(one), evenings(other, "2")]), until(day("1993-02-28"), "1", "2"))
    alone = [
        monthly_balances(evenings(closing, name), until(day("1993-02-28"), name))
        for name, closing in (("1", one), ("2", other))
    ]
    assert together.equals(pl.concat(alone))


def test_months_without_postings_carry_the_balance_on() -> None:
    found = monthly_balances(evenings({day("1993-01-01"): 100_00}), until(day("1993-03-31")))
    assert found["average_balance"].to_list() == [100.0] * 3


@pytest.mark.parametrize(("last", "months"), [("1993-02-27", 1), ("1993-02-28", 2), ("1992-12-31", 0)])
def test_a_month_not_observed_to_its_end_is_left_out(last: str, months: int) -> None:
    assert len(monthly_balances(evenings({day("1993-01-01"): 100_00}), until(day(last)))) == months


def postings(*rows: tuple[str, int, int]) -> pl.DataFrame:
    return pl.DataFrame(
        [("1", day(on), cents, balance) for on, cents, balance in rows],
        schema={"account_id": pl.String, "day": pl.Date, "cents": pl.Int64, "balance_cents": pl.Int64},
        orient="row",
    )


def test_the_days_last_posting_is_found_whatever_the_files_order() -> None:
    found = day_ends(postings(("1993-01-02", -30, 170), ("1993-01-02", 100, 200), ("1993-01-01", 100, 100)))
    assert found["closing_cents"].to_list() == [100, 170]
    assert found["gap_cents"].max() == 0


def test_fractions_that_the_rounded_amounts_hide_do_not_add_up() -> None:
    found = day_ends(postings(("1993-01-01", 110, 105), ("1993-01-02", 110, 210), ("1993-01-03", 110, 315)))
    assert found["closing_cents"].to_list() == [105, 210, 315]
    assert found["gap_cents"].to_list() == [5, 5, 5]


def test_whole_cents_are_the_nearest_float_of_crowns() -> None:
    assert pl.select(in_crowns(pl.lit(4114220))).item() == 41142.2


def test_the_last_posting_of_a_day_fits_the_evening_before_best() -> None:
    day = dt.date(1993, 1, 5)
    posted = {"account_id": ["1", "1"], "day": [day, day], "cents": [-30, 100], "balance_cents": [70, 100]}
    assert day_ends(pl.DataFrame(posted)).select("closing_cents", "gap_cents").row(0) == (70, 0)


def test_a_balance_holds_until_the_next_posting() -> None:
    evenings = pl.DataFrame({"account_id": ["1"], "day": [dt.date(1993, 1, 17)], "closing_cents": [31_00]})
    until = pl.DataFrame({"account_id": ["1"], "observed_until": [dt.date(1993, 2, 28)]})
    assert monthly_balances(evenings, until).rows() == [
        ("1", dt.date(1993, 1, 1), 15.0, 31.0),
        ("1", dt.date(1993, 2, 1), 31.0, 31.0),
    ]

"""Payers whose people begin to be paid elsewhere."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest
from scipy.stats import fisher_exact

from segment.dates import next_month
from segment.departures import employer_alarms, pay_groups
from segment.departures.employer_alarm import count_payers, read_pay

AS_OF = dt.date(2025, 8, 31)


def grouped(people: dict[str, tuple[int, int]]) -> pl.DataFrame:
    """Payers with their people and those whose pay has stopped."""
    rows = [(payer, AS_OF, paid, stopped) for payer, (paid, stopped) in people.items()]
    return pl.DataFrame(rows, schema=["payer", "last_on", "people", "stopped"], orient="row")


def paid(people: dict[str, tuple[int, str | None, int]]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Bookings of people: payday, the payer's bank, months with pay of the eight up to the date."""
    rows = [
        (f"t{customer}{place}", f"a{customer}", next_month(dt.date(2025, 1, 1), place).replace(day=day), 3000.0,
         "salary", bank)
        for customer, (day, bank, months) in people.items()
        for place in range(months)
    ]  # fmt: skip
    schema = ["transaction_id", "account_id", "booked_on", "amount", "kind", "counterparty_bank"]
    holdings = pl.DataFrame({"account_id": [f"a{one}" for one in people], "customer_id": list(people), "share": 1.0})
    return pl.DataFrame(rows, schema=schema, orient="row"), holdings


def test_people_paid_on_the_same_days_from_the_same_bank_share_a_payer() -> None:
    groups = pay_groups(*paid({"x": (10, "B1", 8), "y": (10, "B1", 6), "z": (10, "B2", 8), "w": (15, "B1", 8)}), AS_OF)
    payer = dict(groups.select("customer_id", "payer").rows())
    assert payer["x"] == payer["y"]
    assert len({payer["x"], payer["z"], payer["w"]}) == 3
    assert groups.filter("stopped")["customer_id"].to_list() == ["y"]


def test_pay_that_had_ended_before_is_no_news() -> None:
    assert pay_groups(*paid({"x": (10, None, 8), "old": (10, None, 4)}), AS_OF)["customer_id"].to_list() == ["x"]


def test_bookings_after_the_date_are_not_looked_at() -> None:
    transactions, holdings = paid({"x": (10, "B1", 8), "y": (10, "B1", 6)})
    later = transactions.with_columns(
        pl.col("transaction_id") + "l", booked_on=pl.col("booked_on").dt.offset_by("8mo"), amount=pl.lit(1.0)
    )
    before = pay_groups(transactions, holdings, AS_OF)
    assert pay_groups(pl.concat([transactions, later]), holdings, AS_OF).equals(before)


def test_one_alarm_is_raised_for_all_the_people_of_a_payer_that_leaves() -> None:
    alarms = employer_alarms(grouped({"leaves": (12, 10), "stays": (60, 1), "other": (40, 1)}))
    assert [(alarm.payer, alarm.people, alarm.stopped) for alarm in alarms] == [("leaves", 12, 10)]


def test_the_test_is_fishers_and_raised_for_the_number_of_payers() -> None:
    (alarm,) = employer_alarms(grouped({"leaves": (12, 6), "stays": (60, 1), "other": (40, 1)}))
    alone = fisher_exact([[6, 6], [2, 98]], alternative="greater").pvalue
    assert alarm.p_value == pytest.approx(3 * alone)


def test_a_bank_that_is_counted_in_parts_raises_the_same_alarms() -> None:
    people = {f"l{n}": (10, "B1", 6 if n < 8 else 8) for n in range(10)} | {f"o{n}": (15, "B1", 8) for n in range(60)}
    transactions, holdings = paid(people)
    parts = [pay_groups(transactions, holdings[at::3], AS_OF) for at in range(3)]
    counted = pl.concat(count_payers(part) for part in parts)
    assert employer_alarms(counted) == employer_alarms(count_payers(pay_groups(transactions, holdings, AS_OF)))
    (alarm,) = employer_alarms(counted)
    assert (alarm.people, alarm.stopped, alarm.last_on) == (10, 8, dt.date(2025, 6, 10))


def test_pay_is_read_a_month_at_a_time_and_nothing_after_the_date() -> None:
    transactions, holdings = paid({"x": (10, "B1", 12)})
    asked = []

    def rows(first: dt.date, last: dt.date, wanted: pl.Expr) -> pl.DataFrame:
        asked.append((first, last))
        return transactions.filter(pl.col("booked_on").is_between(first, last), wanted)

    assert pay_groups(read_pay(rows, AS_OF), holdings, AS_OF).equals(pay_groups(transactions, holdings, AS_OF))
    assert (asked[0][0], asked[-1][1], len(asked)) == (dt.date(2025, 1, 1), AS_OF, 8)


def test_false_alarms_are_as_rare_as_promised() -> None:
    rng = np.random.default_rng(5)
    raised = 0
    for _ in range(200):
        people = {f"p{number}": (20, int(rng.binomial(20, 0.03))) for number in range(15)}
        raised += bool(employer_alarms(grouped(people)))
    assert raised <= 6


def test_too_few_people_raise_no_alarm() -> None:
    assert employer_alarms(grouped({"tiny": (4, 4), "stays": (200, 1)})) == []

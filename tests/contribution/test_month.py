from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from segment.contribution import ACCOUNT_LINES, account_lines
from segment.exceptions import PolicyError
from tests.contribution.small_bank import JUNE, account_row, collected, lazy, on_polars, policy, table


def open_accounts(*accounts: dict[str, object]) -> list[str]:
    """Ids of the accounts with a row in June."""
    frame = account_lines(
        lazy("accounts", *accounts), lazy("balances"), lazy("transactions"), lazy("branches", {}), policy(), JUNE
    )
    return collected(frame, "account_id")["account_id"].to_list()


def test_an_account_open_on_any_day_of_the_month_bears_a_month_s_fixed_cost() -> None:
    first, last = dt.date(2025, 6, 1), dt.date(2025, 6, 30)
    assert account_row({"closed_on": first})["account_cost"] == 3.0
    assert account_row({"opened_on": last})["account_cost"] == 3.0
    assert account_row({"opened_on": first, "closed_on": first})["account_cost"] == 3.0


def test_accounts_closed_before_or_opened_after_the_month_have_no_row() -> None:
    closed = {"account_id": "closed", "closed_on": dt.date(2025, 5, 31)}
    future = {"account_id": "future", "opened_on": dt.date(2025, 7, 1)}
    assert open_accounts(closed, future, {"account_id": "open"}) == ["open"]


def test_late_postings_on_a_closed_account_count_but_it_bears_no_fixed_cost() -> None:
    row = account_row({"closed_on": dt.date(2025, 5, 31)}, transactions=[{"kind": "fee", "amount": -12.5}])
    assert (row["fee_income"], row["account_cost"], row["overhead_cost"]) == (10.0, 0.0, 0.0)


def test_an_idle_account_has_a_zero_in_every_line_but_its_fixed_costs() -> None:
    row = account_row({})
    assert {name: row[name] for name in ACCOUNT_LINES if row[name] != 0.0} == {
        "account_cost": 3.0,
        "overhead_cost": 1.0,
    }


def test_columns_are_the_account_s_lines_as_float64() -> None:
    frame = account_lines(
        lazy("accounts", {"account_id": "A"}),
        lazy("balances"),
        lazy("transactions"),
        lazy("branches", {}),
        policy(),
        JUNE,
    )
    native = collected(frame, "account_id")
    assert native.schema == {"account_id": pl.String} | dict.fromkeys(ACCOUNT_LINES, pl.Float64)


def test_enumerated_kinds_and_channels_are_read_like_strings() -> None:
    from segment.ledger.vocabulary import CHANNELS, KINDS

    booked = table(
        "transactions", {"kind": "cash_withdrawal", "channel": "atm", "amount": -5.0, "counterparty_bank": "b"}
    )
    typed = booked.cast({"kind": pl.Enum(KINDS), "channel": pl.Enum(CHANNELS)})
    accounts = lazy("accounts", {"account_id": "A"})
    frame = account_lines(accounts, lazy("balances"), on_polars(typed), lazy("branches", {}), policy(), JUNE)
    assert collected(frame, "account_id")["transaction_cost"].to_list() == [3.5]


def test_a_month_without_a_curve_is_refused_before_anything_is_computed() -> None:
    with pytest.raises(PolicyError, match="must price 2027-01-01. The last one is 640 days old"):
        account_row({}, month=dt.date(2027, 1, 1))

"""What a report points at although no row is left out for it."""

from __future__ import annotations

import datetime as dt

import polars as pl

from segment.ledger.notices import missing_months, take_notice
from tests.ledger.small_ledger import Tables


def noticed(tables: Tables, quarantined: dict[str, int] | None = None) -> dict[str, int]:
    return {notice.name: notice.count for notice in take_notice(tables, quarantined or {})}


def test_nothing_is_noticed_of_a_good_ledger(small_ledger: Tables) -> None:
    assert noticed(small_ledger) == {}


def test_transactions_outside_their_account_s_life_are_noticed(small_ledger: Tables) -> None:
    small_ledger["accounts"] = small_ledger["accounts"].with_columns(
        opened_on=dt.date(2023, 2, 21), closed_on=dt.date(2023, 11, 19)
    )
    assert noticed(small_ledger) == {
        "transactions_before_opening": 80,
        "transactions_after_closing": 80,
        "balances_outside_account_life": 80,
    }


def test_accounts_and_customers_that_stand_alone_are_noticed(small_ledger: Tables) -> None:
    small_ledger["holdings"] = small_ledger["holdings"].filter(pl.col("customer_id") > "00004")
    assert noticed(small_ledger) == {"accounts_without_owner": 5, "customers_without_account": 5}


def test_missing_months_are_noticed(small_ledger: Tables) -> None:
    small_ledger["transactions"] = small_ledger["transactions"].filter(~pl.col("booked_on").dt.month().is_in([3, 4]))
    small_ledger["balances"] = small_ledger["balances"].filter(pl.col("month").dt.month() != 7)
    assert noticed(small_ledger) == {"months_without_transactions": 2, "months_without_balances": 1}


def test_transactions_that_never_name_a_bank_are_noticed(small_ledger: Tables) -> None:
    small_ledger["transactions"] = small_ledger["transactions"].with_columns(counterparty_bank=pl.lit(None, pl.String))
    assert noticed(small_ledger) == {"transactions_naming_no_bank": 480}


def test_protection_that_went_to_quarantine_is_noticed(small_ledger: Tables) -> None:
    assert noticed(small_ledger, {"contact_rules": 3, "suppression_sources": 1}) == {
        "contact_rules_quarantined": 3,
        "suppression_sources_quarantined": 1,
    }


def test_a_month_without_dates_inside_the_range_is_missing() -> None:
    assert missing_months(pl.Series([dt.date(2025, 1, 31), dt.date(2025, 3, 1)])) == 1


def test_an_export_of_bookings_that_was_cut_in_half_is_noticed(small_ledger: Tables) -> None:
    rows = small_ledger["transactions"]
    first, last = rows.sort("booked_on")[:240], rows.sort("booked_on")[240:]
    assert noticed({**small_ledger, "transactions": first}) == {"days_without_bookings_at_the_end": 194}
    assert noticed({**small_ledger, "transactions": last}) == {"months_without_bookings_at_the_start": 6}
    by_account = rows.sort("account_id")[:240]
    assert noticed({**small_ledger, "transactions": by_account}) == {"accounts_without_bookings": 20}


def test_a_household_that_is_too_large_is_noticed(small_ledger: Tables) -> None:
    crowd = pl.concat([small_ledger["customers"]] * 2)
    assert noticed({**small_ledger, "customers": crowd})["crowded_households"] == 80


def test_rules_of_channels_that_the_contract_does_not_know_are_noticed(small_ledger: Tables) -> None:
    small_ledger["contact_rules"] = small_ledger["contact_rules"].with_columns(channel=pl.lit("E-Mail"))
    assert noticed(small_ledger) == {"rules_of_unknown_channels": 40}


def test_ids_as_a_spreadsheet_rounds_them_are_noticed(small_ledger: Tables) -> None:
    ids = pl.Series([f"6222021234567{number:02}0000" for number in range(40)])
    small_ledger["accounts"] = small_ledger["accounts"].with_columns(account_id=ids)
    assert noticed(small_ledger)["ids_rounded_by_a_spreadsheet"] == 40
    whole = small_ledger["accounts"].with_columns(account_id=pl.concat([ids[:39], pl.Series(["6222021234567000001"])]))
    assert "ids_rounded_by_a_spreadsheet" not in noticed({**small_ledger, "accounts": whole})

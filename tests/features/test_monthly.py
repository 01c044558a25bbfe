"""Customer months as a whole: who has a row, what it holds, and that every engine says the same."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest

from segment.contribution import LINE_NAMES
from segment.contribution.debts import DEBTS
from segment.contribution.lines import to_polars
from segment.exceptions import UsageError
from segment.features import measures, on_engine
from segment.features.frames import Engine
from segment.features.monthly import build_customer_months, month_rows
from tests.features.random_bank import random_bank
from tests.features.small_ledger import JUNE, booking, ledger, month_of, policy

MARCH = dt.date(2024, 3, 1)


@pytest.fixture(scope="module")
def bank() -> dict[str, pl.DataFrame]:
    """With one debt that was written off in part, given back in part, and is in arrears."""
    tables = random_bank(customers=40, months=4)
    (debtor, *_) = tables["accounts"].filter(pl.col("product") == "credit_card")["account_id"].sort().to_list()
    debt = {"account_id": debtor, "arrears_level": 2, "months_kept": 0, "exposure": 900.0, "booked_loss": 5.0}
    lines = {"expected_loss": 1.0, "write_offs": 4.0, "recoveries": 2.0}
    return tables | {"debts": pl.DataFrame([debt | lines], schema=DEBTS)}


def built(tables: dict[str, pl.DataFrame], month: dt.date, engine: str = "polars") -> pl.DataFrame:
    return to_polars(build_customer_months(on_engine(tables, engine), policy(), month)).sort("customer_id")


@pytest.mark.parametrize("month", [dt.date(2024, 1, 1), dt.date(2024, 3, 1)])
def test_duckdb_and_polars_agree(bank: dict[str, pl.DataFrame], month: dt.date) -> None:
    one, other = built(bank, month), built(bank, month, "duckdb")
    assert one["customer_id"].to_list() == other["customer_id"].to_list()
    figures = [frame.select(pl.col(*measures(policy())).cast(pl.Float64)).to_numpy() for frame in (one, other)]
    np.testing.assert_allclose(figures[0], figures[1], rtol=0, atol=1e-9)


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_numbers_in_place_of_ids_give_the_same_month(bank: dict[str, pl.DataFrame], engine: Engine) -> None:
    strays = {
        "transactions": bank["transactions"].head(5).with_columns(account_id=pl.lit("elsewhere")),
        "service_events": bank["service_events"].head(5).with_columns(customer_id=pl.lit("a stranger")),
    }
    tables = bank | {name: pl.concat([bank[name], rows]) for name, rows in strays.items()}
    one, other = built(tables, MARCH), month_rows(tables, policy(), MARCH, engine)
    assert one["customer_id"].to_list() == other["customer_id"].to_list()
    figures = [frame.select(pl.col(*measures(policy())).cast(pl.Float64)).to_numpy() for frame in (one, other)]
    np.testing.assert_allclose(figures[0], figures[1], rtol=0, atol=1e-6)


def in_pieces(tables: dict[str, pl.DataFrame], seed: int) -> dict[str, pl.DataFrame]:
    """The same rows in another order, each table in two pieces."""
    cut = np.random.default_rng(seed)
    mixed = {name: frame.sample(fraction=1.0, shuffle=True, seed=seed) for name, frame in tables.items()}
    places = {name: int(cut.integers(0, len(frame) + 1)) for name, frame in mixed.items()}
    return {
        name: pl.concat([frame[: places[name]], frame[places[name] :]], rechunk=False) for name, frame in mixed.items()
    }


@pytest.mark.parametrize(("engine", "orders"), [("polars", 12), ("duckdb", 3)])
def test_no_order_and_no_cut_of_the_rows_changes_a_bit_of_a_month(engine: Engine, orders: int) -> None:
    rng, customers = np.random.default_rng(5), [f"c{number:02d}" for number in range(60)]
    cents = rng.integers(1, 50_000, (len(customers), 15))
    paid = [
        booking("06-10", -amount / 100, "card_payment", account_id=who, transaction_id=f"{who}-{number}")
        for who, amounts in zip(customers, cents.tolist(), strict=True)
        for number, amount in enumerate(amounts)
    ]
    tables = ledger(
        customers=[{"customer_id": who} for who in customers],
        accounts=[{"account_id": who} for who in customers],
        holdings=[{"account_id": who, "customer_id": who} for who in customers],
        transactions=paid,
    )
    retail = policy()
    # a cent brings a half of a millionth, so that sums of an odd number of cents lie between two millionths
    interchange = retail.fees.interchange.model_copy(update={"debit_rate": 0.00005, "paid_away_share": 0.0})
    tied = retail.model_copy(
        update={"fees": retail.fees.model_copy(update={"vat_rate": 0.0, "interchange": interchange})}
    )
    made = [month_rows(in_pieces(tables, seed), tied, JUNE, engine) for seed in range(orders)]
    assert made[0]["interchange_income"].sum() > 0.0
    assert all(one.equals(made[0]) for one in made)


def test_every_measure_occurs_in_the_random_bank(bank: dict[str, pl.DataFrame]) -> None:
    rows = pl.concat([built(bank, dt.date(2024, month, 1)) for month in (1, 2, 3, 4)])
    silent = [name for name in measures(policy()) if not rows[name].fill_null(0.0).abs().sum() > 0.0]
    # shares of insurance and wealth vary by seed; the contract's kinds and channels must all be there
    assert silent == []


def test_a_customer_without_any_booking_has_a_row_of_zeros() -> None:
    row = month_of(ledger(accounts=[], holdings=[]))
    assert {name: row[name] for name in measures(policy()) if row[name]} == {}
    assert row["days_past_due"] is None


def test_the_lines_are_the_accounts_lines_by_share_and_the_persons_own() -> None:
    tables = ledger(
        customers=[{}, {"customer_id": "y"}],
        holdings=[{"share": 0.25}, {"customer_id": "y", "share": 0.75, "role": "co_owner"}],
        transactions=[booking("06-10", -50.0, "cash_withdrawal", channel="counter")],
        service_events=[{"occurred_on": dt.date(2025, 6, 3), "channel": "adviser", "minutes": 10.0}],
        contact_rules=[{"customer_id": "y", "starts_on": dt.date(2025, 6, 3)}],
    )
    x, y = month_of(tables), month_of(tables, customer="y")
    assert (x["transaction_cost"], y["transaction_cost"]) == (2.5, 7.5)
    assert (x["account_cost"], y["account_cost"]) == (0.75, 2.25)
    assert (x["service_event_cost"], y["service_event_cost"]) == (20.0, 0.0)
    assert (x["complaint_cost"], y["complaint_cost"]) == (0.0, 120.0)
    # head office: 1 per account, 1 for the counter, 1 for the adviser
    assert (x["overhead_cost"], y["overhead_cost"]) == (1.5, 1.5)


def test_lines_of_all_customers_add_up_to_the_accounts(bank: dict[str, pl.DataFrame]) -> None:
    everyone = {
        **bank,
        "customers": bank["customers"].with_columns(left_on=pl.lit(None, pl.Date), joined_on=dt.date(2020, 1, 1)),
    }
    shuffled = {name: frame.sample(fraction=1.0, shuffle=True, seed=1) for name, frame in everyone.items()}
    totals = [
        built(tables, JUNE.replace(year=2024, month=2)).select(LINE_NAMES).sum() for tables in (everyone, shuffled)
    ]
    np.testing.assert_allclose(totals[0].to_numpy(), totals[1].to_numpy(), rtol=1e-9)


def test_balances_holdings_and_late_days() -> None:
    tables = ledger(
        accounts=[{}, {"account_id": "T", "product": "term_deposit", "closed_on": dt.date(2025, 6, 30)}],
        holdings=[{}, {"account_id": "T"}],
        balances=[
            {"average_balance": 100.0, "closing_balance": 80.0, "days_past_due": 3},
            {"account_id": "T", "average_balance": 40.0, "closing_balance": 0.0},
        ],
    )
    row = month_of(tables)
    assert (row["balance_current"], row["closing_current"], row["balance_term_deposit"]) == (100.0, 80.0, 40.0)
    assert (row["days_past_due"], row["accounts_open"], row["product_families"]) == (3.0, 1.0, 1.0)
    assert (row["holds_everyday"], row["holds_term"]) == (1.0, 0.0)


def test_an_adviser_whose_minutes_are_not_known_takes_the_policys() -> None:
    events = [
        {"occurred_on": dt.date(2025, 6, day), "channel": "adviser", "minutes": minutes}
        for day, minutes in ((1, None), (30, 5.0))
    ]
    row = month_of(ledger(service_events=events))
    assert (row["visits_adviser"], row["adviser_minutes"], row["initiated_events"]) == (2.0, 35.0, 2.0)


def test_a_month_must_be_named_by_its_first_day() -> None:
    with pytest.raises(UsageError, match=r"first day. Got 2025-06-02 instead.\nHint: write 2025-06-01"):
        build_customer_months(ledger(), policy(), dt.date(2025, 6, 2))


def test_an_unknown_engine_is_refused() -> None:
    with pytest.raises(UsageError, match="must be one of polars, duckdb. Got 'pandas'"):
        on_engine(ledger(), "pandas")

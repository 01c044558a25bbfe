"""A tiny ledger that breaks no rule, made in code, and ways to write it out."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import sqlalchemy as sa

from segment.ledger import TABLES

PRODUCTS = ("current", "savings", "mortgage")
MONTHS = [dt.date(2023, month, 1) for month in range(1, 13)]

Tables = dict[str, pl.DataFrame]


def small_ledger(customers: int = 40) -> Tables:
    """Every table of the contract with every column; one joint account, one authorised user."""
    ids = [f"{number:05d}" for number in range(customers)]  # zeros in front, which must survive CSV
    accounts = [f"A{number}" for number in ids]
    branches = [f"B{number % 2}" for number in range(customers)]
    return {
        "branches": _frame(
            "branches",
            branch_id=["B0", "B1"],
            name=["North, at the bridge", '"The" South'],
            kind=["full", None],
            region=["n", "s"],
            monthly_overhead=[1000.5, None],
            counters=[3, None],
            opening_hours_week=[42.5, None],
        ),
        "customers": _frame(
            "customers",
            customer_id=ids,
            branch_id=branches,
            joined_on=dt.date(2020, 1, 15),
            left_on=[dt.date(2023, 11, 30)] + [None] * (customers - 1),
            birth_date=dt.date(1961, 5, 17),
            sex=["f", "m"] * (customers // 2),
            region="r",
            household_id="H1",
            life_stage="family",
            occupation=None,
            is_staff=[True] + [False] * (customers - 1),
        ),
        "accounts": _frame(
            "accounts",
            account_id=accounts,
            product=["current", "savings"] * (customers // 2),
            branch_id=branches,
            opened_on=dt.date(2020, 2, 1),
            closed_on=[None] * (customers - 1) + [dt.date(2023, 12, 31)],
            matures_on=[None, dt.date(2024, 1, 14)] * (customers // 2),
        ),
        "holdings": _frame(
            "holdings",
            account_id=[*accounts, accounts[0], accounts[1]],
            customer_id=[*ids, ids[1], ids[2]],
            role=["owner"] * customers + ["co_owner", "authorised"],
            share=[0.5] + [1.0] * (customers - 1) + [0.5, 0.0],
        ),
        "transactions": _transactions(accounts),
        "balances": _frame(
            "balances",
            account_id=[account for account in accounts for _ in MONTHS],
            month=MONTHS * customers,
            average_balance=1234.56,
            closing_balance=-0.25,
            interest_rate_annual=[0.01, None] * (len(MONTHS) * customers // 2),
            days_past_due=[0, None, 30, 90] * (len(MONTHS) * customers // 4),
        ),
        **_optional_tables(ids, branches),
    }


def _transactions(accounts: list[str]) -> pl.DataFrame:
    booked = [(account, month) for account in accounts for month in MONTHS]
    return _frame(
        "transactions",
        transaction_id=[f"T{number:06d}" for number in range(len(booked))],
        account_id=[account for account, _ in booked],
        booked_on=[month.replace(day=20) for _, month in booked],
        amount=[1000.0, -12.5, 0.01] * (len(booked) // 3),
        kind=["salary", "card_payment", "fee_refund"] * (len(booked) // 3),
        channel=["automatic", "pos", "mobile"] * (len(booked) // 3),
        counterparty_bank=["X", None] * (len(booked) // 2),
    )


def _optional_tables(ids: list[str], branches: list[str]) -> Tables:
    count, day = len(ids), dt.date(2023, 6, 15)
    return {
        "service_events": _frame(
            "service_events",
            event_id=[f"E{number}" for number in ids],
            customer_id=ids,
            occurred_on=day,
            channel=["adviser", "phone"] * (count // 2),
            minutes=[30.0, None] * (count // 2),
            occurred_at=[dt.time(9, 41), None] * (count // 2),
        ),
        "main_bank_labels": _frame(
            "main_bank_labels",
            customer_id=ids,
            observed_on=day,
            main_bank_here=[True, False] * (count // 2),
            wallet_elsewhere_12m=[None, 321.5] * (count // 2),
            source="survey",
        ),
        "contact_rules": _frame(
            "contact_rules",
            customer_id=ids,
            rule="opt_out",
            starts_on=day,
            ends_on=[None, dt.date(2024, 6, 15)] * (count // 2),
            channel=[None, "phone"] * (count // 2),
        ),
        "campaign_outcomes": _frame(
            "campaign_outcomes",
            list_id="L1",
            customer_id=ids,
            contacted_on=[day, None] * (count // 2),
            response=["moved", "not_contacted"] * (count // 2),
            responded_on=[day, None] * (count // 2),
        ),
        "ledger_totals": _frame(
            "ledger_totals", line="fees", branch_id=["B0", "B1"], month=MONTHS[0], amount=[100.0, -3.0]
        ),
        "relationship_managers": _frame(
            "relationship_managers",
            rm_id=["R0", "R1"],
            branch_id=["B0", "B1"],
            weekly_contacts=25,
            portfolio_limit=200,
            name=["Ann Example", None],
            hours_week=[38.5, None],
            skills=["lending; wealth planning", None],
        ),
        "tariff_items": _frame(
            "tariff_items",
            item_code=["F1", "F2"],
            price=[3.0, 0.0],
            public_since=dt.date(2020, 1, 1),
            legal_basis=["2014 No. 1", None],
            name=["Card, a year", None],
        ),
        "suppression_sources": _frame("suppression_sources", source=["opt-outs", "deaths"], refreshed_on=day),
    }


def _frame(table: str, **columns: object) -> pl.DataFrame:
    lists = {name: cells for name, cells in columns.items() if isinstance(cells, list)}
    height = len(next(iter(lists.values())))
    same = {name: [cell] * height for name, cell in columns.items() if name not in lists}
    schema = {column.name: pl.String() if column.as_enum else column.dtype for column in TABLES[table].columns}
    return pl.DataFrame({**lists, **same}, schema_overrides=schema).select(TABLES[table].schema.names())


def write_parquet(tables: Tables, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        rows.write_parquet(folder / f"{name}.parquet")
    return folder


def write_csv(tables: Tables, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        rows.write_csv(folder / f"{name}.csv")
    return folder


_SQL_TYPES = {
    "text": sa.Text(),
    "date": sa.Date(),
    "month": sa.Date(),
    "time": sa.Time(),
    "number": sa.Numeric(18, 6, asdecimal=False),
    "integer": sa.Integer(),
    "boolean": sa.Boolean(),
}


def write_database(tables: Tables, url: str) -> str:
    engine = sa.create_engine(url)
    metadata = sa.MetaData()
    with engine.begin() as connection:
        for name, rows in tables.items():
            columns = [sa.Column(column.name, _SQL_TYPES[column.kind]) for column in TABLES[name].columns]
            made = sa.Table(name, metadata, *columns)
            made.create(connection)
            connection.execute(made.insert(), rows.to_dicts())
    engine.dispose()
    return url

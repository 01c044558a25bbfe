"""The contract as data: tables, columns and words."""

from __future__ import annotations

import dataclasses

import polars as pl
import pytest

from segment.ledger import TABLES
from segment.ledger.vocabulary import (
    CHANNELS,
    CONTACT_RULES,
    INFLOW_KINDS,
    KINDS,
    OUTFLOW_KINDS,
    OWNER_ROLES,
    RESPONSES,
    ROLES,
    SERVICE_CHANNELS,
    TOTAL_LINES,
)


def test_required_tables_are_those_of_every_bank() -> None:
    required = [name for name, table in TABLES.items() if not table.optional]
    assert required == ["branches", "customers", "accounts", "holdings", "transactions", "balances"]


def test_parents_stand_before_the_tables_that_name_them() -> None:
    order = list(TABLES)
    for table in TABLES.values():
        for column in table.columns:
            if column.references:
                assert order.index(column.references) < order.index(table.name)
                assert TABLES[column.references].key == (column.name,)


def test_columns_that_may_be_left_out_may_be_empty() -> None:
    assert all(column.nullable for table in TABLES.values() for column in table.columns if column.optional)


def test_every_table_and_column_has_a_meaning() -> None:
    for table in TABLES.values():
        assert table.meaning
        assert all(column.meaning for column in table.columns)
        assert len(set(table.schema)) == len(table.columns)


def test_words_are_told_apart() -> None:
    for words in (KINDS, CHANNELS, SERVICE_CHANNELS, ROLES, CONTACT_RULES, RESPONSES, TOTAL_LINES):
        assert len(set(words)) == len(words)
    assert len(KINDS) == 23
    assert set(SERVICE_CHANNELS) - set(CHANNELS) == {"adviser"}


def test_a_kind_has_one_fixed_sign_at_most() -> None:
    assert set(INFLOW_KINDS) | set(OUTFLOW_KINDS) < set(KINDS)
    assert not set(INFLOW_KINDS) & set(OUTFLOW_KINDS)
    assert set(OWNER_ROLES) < set(ROLES)


def test_days_from_which_rows_are_known_are_dates() -> None:
    for table in TABLES.values():
        if table.dated_by:
            assert table.column(table.dated_by).dtype == pl.Date


def test_the_contract_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        TABLES["accounts"].columns[0].name = "other"  # type: ignore[misc]

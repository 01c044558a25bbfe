"""What a ledger leaves out is named once, and each command is told what limits it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from typer.main import get_command_name

from segment.cli import app
from segment.ledger import TABLES, check_ledger
from segment.ledger.switched_off import OPTIONAL, OptionalPart, limited
from segment.sentences import LANGUAGES, catalogue
from tests.conftest import Said
from tests.ledger.small_ledger import PRODUCTS, Tables, write_parquet


def found(ledger: Tables, folder: Path) -> tuple[str, ...]:
    return check_ledger(write_parquet(ledger, folder), PRODUCTS, 0.0).report.switched_off


def test_the_list_names_every_optional_table_and_column_of_the_contract() -> None:
    optional = {name for name, table in TABLES.items() if table.optional}
    columns = {
        f"{name}.{column.name}"
        for name, table in TABLES.items()
        if not table.optional
        for column in table.columns
        if column.optional
    }
    assert {each.code for each in OPTIONAL} == optional | columns


@pytest.mark.parametrize("optional", OPTIONAL, ids=lambda each: each.code)
def test_each_missing_part_is_named_and_nothing_else_for_it(
    small_ledger: Tables, tmp_path: Path, optional: OptionalPart
) -> None:
    rows = small_ledger[optional.table]
    less = rows.clear() if optional.column is None else rows.drop(optional.column)
    whole = found(small_ledger, tmp_path / "whole")
    assert set(found({**small_ledger, optional.table: less}, tmp_path / "less")) == {*whole, optional.code}


def test_a_column_that_is_empty_throughout_is_as_good_as_none(small_ledger: Tables, tmp_path: Path) -> None:
    nobody_born = small_ledger["customers"].with_columns(birth_date=pl.lit(None, dtype=pl.Date))
    assert "customers.birth_date" in found({**small_ledger, "customers": nobody_born}, tmp_path)


def test_that_nobody_left_is_an_answer(small_ledger: Tables, tmp_path: Path) -> None:
    nobody_left = small_ledger["customers"].with_columns(left_on=pl.lit(None, dtype=pl.Date))
    assert "customers.left_on" not in found({**small_ledger, "customers": nobody_left}, tmp_path)


def test_a_command_is_told_what_limits_it_and_no_more() -> None:
    codes = ["customers.sex", "customers.birth_date", "contact_rules"]
    assert limited("levers", codes) == ["customers.birth_date"]
    assert limited("audit", codes) == ["customers.birth_date", "customers.sex"]
    assert limited("tiers", codes) == []


def test_commands_that_are_limited_are_there_and_what_is_off_is_said_in_both_languages() -> None:
    commands = {get_command_name(each.callback.__name__) for each in app.registered_commands if each.callback}
    assert {command for each in OPTIONAL for command in each.commands} <= commands
    for language in LANGUAGES:
        assert {f"limits.off.{each.code}" for each in OPTIONAL} <= set(catalogue("limits", language))


def test_check_prints_what_is_off(small_ledger: Tables, tmp_path: Path, segment: Callable[..., Said]) -> None:
    no_dates = {**small_ledger, "customers": small_ledger["customers"].drop("birth_date")}
    said = segment("check", write_parquet(no_dates, tmp_path))
    assert "Switched off by what the ledger leaves out" in said.out
    assert "nobody is asked to use a machine" in said.out

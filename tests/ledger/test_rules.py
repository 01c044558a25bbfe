"""One broken row per rule: the row, and no other, is set aside under the rule's name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import polars as pl
import pytest

from segment.ledger import ROW_RULES, TABLES
from segment.ledger.parsing import ROW
from segment.ledger.parts import Part, TableInput
from segment.ledger.quarantine import RULE, sift
from segment.ledger.reading import read
from segment.ledger.rules import STAGES, RuleContext, rules_of
from segment.sentences import Sentences
from tests.ledger.small_ledger import PRODUCTS, small_ledger

BROKEN_ROW = 1  # in a table whose other rows are good
LEDGER_ENDS = dt.date(2023, 12, 31)
Cells = dict[str, object]

_UNREADABLE = {
    "date": ("not_a_date", ["31/01/2023", "2023-02-30", "20230131", "soon"]),
    "month": ("not_a_date", ["2023-01", "01.01.2023"]),
    "number": ("not_a_number", ["12,50", "1 000", "x"]),
    "time": ("not_a_time", ["9.41", "2023-03-03", "25:00", "09:41+01:00", "2023-03-03T09:41Z"]),
    "integer": ("not_an_integer", ["1.5", "many", "inf"]),
    "boolean": ("not_a_boolean", ["maybe", "2"]),
}
_OWN_CASES: list[tuple[str, str, Cells]] = [
    ("branches", "monthly_overhead_negative", {"monthly_overhead": "-0.01"}),
    ("branches", "counters_negative", {"counters": "-1"}),
    ("branches", "opening_hours_week_implausible", {"opening_hours_week": "168.5"}),
    ("relationship_managers", "hours_week_implausible", {"hours_week": "-0.5"}),
    ("customers", "left_before_joined", {"left_on": "2020-01-14"}),
    ("customers", "joined_before_birth", {"birth_date": "2020-01-16"}),
    ("customers", "joined_on_after_ledger", {"joined_on": "2024-01-01"}),
    ("customers", "birth_date_after_ledger", {"birth_date": "2099-05-17"}),
    ("accounts", "opened_on_after_ledger", {"opened_on": "2024-01-01"}),
    ("accounts", "unknown_product", {"product": "tulips"}),
    ("accounts", "closed_before_opened", {"closed_on": "2020-01-31"}),
    ("holdings", "share_out_of_range", {"share": "1.01"}),
    ("holdings", "share_out_of_range", {"share": "-0.01"}),
    ("holdings", "authorised_with_share", {"role": "authorised", "share": "0.5"}),
    ("holdings", "owners_shares_not_one", {"share": "0.99"}),
    ("transactions", "amount_zero", {"amount": "0.00"}),
    ("transactions", "amount_sign_contradicts_kind", {"kind": "salary", "amount": "-1"}),
    ("transactions", "amount_sign_contradicts_kind", {"kind": "fee", "amount": "1"}),
    ("balances", "interest_rate_annual_implausible", {"interest_rate_annual": "3.5"}),
    ("balances", "days_past_due_negative", {"days_past_due": "-1"}),
    ("service_events", "minutes_negative", {"minutes": "-1"}),
    ("contact_rules", "ends_before_starts", {"ends_on": "2023-06-14"}),
    ("campaign_outcomes", "contacted_on_null", {"response": "declined", "contacted_on": None}),
    ("campaign_outcomes", "responded_before_contacted", {"contacted_on": "2023-06-15", "responded_on": "2023-06-14"}),
    ("relationship_managers", "weekly_contacts_negative", {"weekly_contacts": "-1"}),
    ("relationship_managers", "portfolio_limit_negative", {"portfolio_limit": "-1"}),
    ("tariff_items", "price_negative", {"price": "-0.01"}),
]


def _column_cases() -> Iterator[tuple[str, str, Cells]]:
    for table in TABLES.values():
        for column in table.columns:
            suffix, cells = _UNREADABLE.get(column.kind, ("not_text", [1.5]))
            if column.values:
                suffix, cells = "unknown", ["nonsense", column.values[0].upper()]
            name = f"unknown_{column.name}" if column.values else f"{column.name}_{suffix}"
            yield from ((table.name, name, {column.name: cell}) for cell in cells)
            if not column.nullable:
                name = "null_key" if column.key else f"{column.name}_null"
                yield from ((table.name, name, {column.name: cell}) for cell in (None, "", "  "))
            if column.references:
                yield table.name, f"orphan_{column.name.removesuffix('_id')}", {column.name: "nobody"}


def _range_cases() -> Iterator[tuple[str, str, Cells]]:
    for table, rules in ROW_RULES.items():
        for rule in rules:
            column = rule.name.rsplit("_not_", 1)[0].removesuffix("_too_large").removesuffix("_out_of_range")
            if rule.name.endswith("_not_finite"):
                words = ("inf", "-inf", "1e999", *(() if TABLES[table].column(column).nullable else ("NaN",)))
                yield from ((table, rule.name, {column: cell}) for cell in words)
            if rule.name.endswith("_too_large"):
                yield table, rule.name, {column: "-1.1e13"}
            if rule.name.endswith("_not_first_day"):
                yield table, rule.name, {column: "2023-01-31"}
            if rule.name.endswith("_out_of_range") and column not in ("share", "birth_date"):
                yield from ((table, rule.name, {column: cell}) for cell in ("1969-12-31", "2101-01-01", "0001-01-01"))
    yield from (("customers", "birth_date_out_of_range", {"birth_date": cell}) for cell in ("1869-12-31", "2101-01-01"))


CASES = [*_OWN_CASES, *_column_cases(), *_range_cases()]
_CONSEQUENCES = {rule.name for rules in ROW_RULES.values() for rule in rules if rule.consequence}
_KEY_RULES = {"duplicate_key_repeated", "duplicate_key_conflicting"}  # tested below: they take more than one row


def sifted(table: str, rows: pl.DataFrame, clean: dict[str, pl.Series] | None = None) -> list[str | None]:
    """The rule that each row breaks first, None for rows that are kept."""
    ledger = small_ledger()
    keys = {name: ledger[name][TABLES[name].key[0]] for name in ("branches", "customers", "accounts")}
    reading = read(TableInput(TABLES[table], (Part(table, rows.lazy(), rows.schema, declared=False),)))
    assert reading.faults == ()
    bad = sift(TABLES[table], reading.rows, RuleContext(PRODUCTS, keys, clean or keys, LEDGER_ENDS)).bad
    rules = dict(zip(bad[ROW].to_list(), bad[RULE].to_list(), strict=True))
    return [rules.get(number) for number in range(rows.height)]


def with_cells(rows: pl.DataFrame, cells: Cells) -> pl.DataFrame:
    """A table as text, as CSV gives it, with other cells in one row."""
    text = rows.cast(pl.String)
    for name, cell in cells.items():
        if isinstance(cell, float):  # an id read as a number
            text = text.with_columns(pl.Series(name, [cell if row == BROKEN_ROW else 7.0 for row in range(len(rows))]))
            continue
        given = pl.lit(cell, pl.String)
        text = text.with_columns(
            pl.when(pl.int_range(pl.len()) == BROKEN_ROW).then(given).otherwise(pl.col(name)).alias(name)
        )
    return text


def test_a_ledger_without_faults_keeps_every_row() -> None:
    for table, rows in small_ledger().items():
        assert sifted(table, rows) == [None] * rows.height
        assert sifted(table, rows.cast(pl.String)) == [None] * rows.height


@pytest.mark.parametrize(("table", "rule", "cells"), CASES, ids=lambda case: str(case))
def test_a_broken_row_is_set_aside_under_the_rule_s_name(table: str, rule: str, cells: Cells) -> None:
    found = sifted(table, with_cells(small_ledger()[table], cells))
    assert found[BROKEN_ROW] == rule
    if not any(isinstance(cell, float) for cell in cells.values()):
        assert set(found[:BROKEN_ROW] + found[BROKEN_ROW + 1 :]) <= {None, "owners_shares_not_one"}


def test_every_rule_has_a_broken_row() -> None:
    listed = {
        (rule.table, rule.name)
        for rules in ROW_RULES.values()
        for rule in rules
        if rule.name not in _KEY_RULES | _CONSEQUENCES
    }
    assert {(table, rule) for table, rule, _ in CASES} == listed


def test_rules_are_told_apart_by_name_and_each_says_what_must_hold() -> None:
    for rules in ROW_RULES.values():
        assert len({rule.name for rule in rules}) == len(rules)
        assert all(rule.name.isidentifier() and rule.name == rule.name.lower() for rule in rules)
        assert all(
            Sentences().of(rule.meaning) != Sentences("zh").of(rule.meaning) and rule.stage in STAGES for rule in rules
        )


@pytest.mark.parametrize("table", [name for name, table in TABLES.items() if table.key])
def test_of_rows_that_repeat_the_first_is_kept(table: str) -> None:
    rows = small_ledger()[table]
    found = sifted(table, pl.concat([rows, rows[:1], rows[:1]]))
    assert found == [None] * rows.height + ["duplicate_key_repeated"] * 2


@pytest.mark.parametrize(
    ("table", "cells"),
    [
        ("branches", {"name": "other"}),
        ("customers", {"joined_on": dt.date(2020, 1, 16)}),
        ("accounts", {"product": "mortgage"}),
        ("holdings", {"role": "co_owner"}),
        ("transactions", {"amount": 7.0}),
        ("balances", {"closing_balance": 7.0}),
        ("service_events", {"minutes": 7.0}),
        ("main_bank_labels", {"main_bank_here": False}),
        ("campaign_outcomes", {"response": "declined"}),
        ("ledger_totals", {"amount": 7.0}),
        ("relationship_managers", {"weekly_contacts": 7}),
        ("tariff_items", {"price": 7.0}),
        ("suppression_sources", {"refreshed_on": dt.date(2023, 6, 16)}),
    ],
)
def test_of_rows_of_one_key_that_differ_none_is_kept(table: str, cells: Cells) -> None:
    rows = small_ledger()[table]
    other = rows[:1].with_columns(pl.lit(cell, rows.schema[name]).alias(name) for name, cell in cells.items())
    found = sifted(table, pl.concat([rows, other]))
    assert found[0] == found[-1] == "duplicate_key_conflicting"
    assert set(found[1:-1]) <= {None, "owners_shares_not_one"}


@pytest.mark.parametrize(
    ("table", "column", "parent"),
    [
        (table.name, column.name, column.references)
        for table in TABLES.values()
        for column in table.columns
        if column.references
    ],
)
def test_rows_that_name_a_quarantined_row_are_told_from_other_orphans(table: str, column: str, parent: str) -> None:
    rows = small_ledger()[table]
    keys = {name: small_ledger()[name][TABLES[name].key[0]] for name in ("branches", "customers", "accounts")}
    gone = rows[column][BROKEN_ROW]
    found = sifted(table, rows, {**keys, parent: keys[parent].filter(keys[parent] != gone)})
    expected = (rows[column] == gone).replace_strict({True: f"orphan_of_quarantined_{column[:-3]}", False: None})
    assert [None if rule == "owners_shares_not_one" else rule for rule in found] == expected.to_list()


def test_an_orphan_is_no_duplicate_of_another() -> None:
    rows = small_ledger()["balances"].with_columns(month=dt.date(2023, 1, 1))[::12]
    orphans = rows.with_columns(account_id=pl.lit("nobody"))
    assert set(sifted("balances", pl.concat([rows, orphans]))) == {None, "orphan_account"}


def test_a_bad_row_does_not_take_the_good_row_of_its_key_with_it() -> None:
    rows = small_ledger()["transactions"]
    found = sifted("transactions", pl.concat([rows, rows[:1].with_columns(amount=float("nan"))]))
    assert found == [None] * rows.height + ["amount_not_finite"]


def test_protection_from_contact_may_be_told_twice() -> None:
    rows = small_ledger()["contact_rules"]
    assert set(sifted("contact_rules", pl.concat([rows, rows]))) == {None}


def test_a_row_that_breaks_several_rules_is_named_by_the_first() -> None:
    cells: Cells = {"transaction_id": None, "amount": "NaN", "kind": "bribe"}
    assert sifted("transactions", with_cells(small_ledger()["transactions"], cells))[BROKEN_ROW] == "null_key"


def test_all_holdings_of_an_account_whose_owners_shares_do_not_add_up_are_set_aside() -> None:
    rows = small_ledger()["holdings"].with_columns(
        share=pl.when(pl.col("role") == "co_owner").then(0.4).otherwise("share")
    )
    found = sifted("holdings", rows)
    assert found[0] == found[-2] == "owners_shares_not_one"
    assert sum(rule is not None for rule in found) == 2


@pytest.mark.parametrize("sign", [-1.0, 1.0])
@pytest.mark.parametrize("kind", ["card_payment", "direct_debit", "loan_payment", "loan_disbursement", "tax", "other"])
def test_kinds_that_go_both_ways_may_have_either_sign(kind: str, sign: float) -> None:
    rows = small_ledger()["transactions"].with_columns(kind=pl.lit(kind), amount=pl.lit(sign))
    assert set(sifted("transactions", rows)) == {None}


def test_birth_dates_before_1970_are_good() -> None:
    rows = small_ledger()["customers"].with_columns(birth_date=dt.date(1931, 3, 1))
    assert set(sifted("customers", rows)) == {None}


def test_a_list_of_suppressions_has_its_rules_in_order() -> None:
    assert [rule.name for rule in rules_of(TABLES["suppression_sources"])] == [
        "null_key",
        "source_not_text",
        "refreshed_on_not_a_date",
        "refreshed_on_null",
        "refreshed_on_out_of_range",
        "duplicate_key_repeated",
        "duplicate_key_conflicting",
    ]

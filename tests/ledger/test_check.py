"""A checked ledger: what is kept, what is set aside, when the run stops, and what the report says."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segment.exceptions import LedgerError
from segment.ledger import TABLES, TooManyBadRowsError, check_ledger
from segment.ledger.vocabulary import KINDS
from segment.pages.check_page import check_text
from tests.ledger.small_ledger import PRODUCTS, Tables, write_csv, write_parquet
from tests.ledger.small_ledger import small_ledger as make_small_ledger


def with_bad_amounts(ledger: Tables, count: int) -> Tables:
    rows = ledger["transactions"]
    bad = pl.when(pl.int_range(pl.len()) < count).then(float("nan")).otherwise("amount").alias("amount")
    return {**ledger, "transactions": rows.with_columns(bad)}


def test_clean_rows_have_the_contract_s_columns_types_and_order(small_ledger: Tables, tmp_path: Path) -> None:
    ledger = check_ledger(write_parquet(small_ledger, tmp_path), PRODUCTS, 0.0)
    assert list(ledger.tables) == list(TABLES)
    for name, rows in ledger.tables.items():
        assert rows.schema == TABLES[name].schema
        assert rows.height == small_ledger[name].height
    assert ledger.tables["transactions"].schema["kind"] == pl.Enum(KINDS)
    assert ledger.tables["transactions"]["booked_on"].is_sorted()
    assert ledger.quarantine == {}


def test_a_ledger_that_differs_in_its_order_and_files_only_is_the_same(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    ledger = with_bad_amounts(make_small_ledger(), 3)
    expected = check_ledger(write_parquet(ledger, tmp_path_factory.mktemp("ledger")), PRODUCTS, 0.01)

    @given(seed=st.integers(0, 1_000_000), cut=st.integers(0, 480), as_csv=st.booleans())
    @settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
    def holds(seed: int, cut: int, as_csv: bool) -> None:
        folder = tmp_path_factory.mktemp("ledger")
        shuffled = {name: rows.sample(fraction=1, shuffle=True, seed=seed) for name, rows in ledger.items()}
        parts = shuffled.pop("transactions")
        write_parquet(shuffled, folder)
        for number, part in enumerate((parts[:cut], parts[cut:])):
            write = write_csv if as_csv else write_parquet
            write({str(number): part}, folder / "transactions")
        found = check_ledger(folder, PRODUCTS, 0.01)
        assert all(found.tables[name].equals(rows) for name, rows in expected.tables.items())
        assert [table.sha256 for table in found.report.tables] == [table.sha256 for table in expected.report.tables]
        assert found.report.broken == expected.report.broken

    holds()


def test_another_cell_makes_another_hash(small_ledger: Tables, tmp_path: Path) -> None:
    first = check_ledger(write_parquet(small_ledger, tmp_path / "1"), PRODUCTS, 0.01).report
    second = check_ledger(write_parquet(with_bad_amounts(small_ledger, 1), tmp_path / "2"), PRODUCTS, 0.01).report
    assert first.table("transactions").sha256 != second.table("transactions").sha256
    assert first.table("balances").sha256 == second.table("balances").sha256


def test_what_is_kept_breaks_no_rule(small_ledger: Tables, tmp_path: Path) -> None:
    broken = with_bad_amounts(small_ledger, 4)
    broken["branches"] = broken["branches"][:1]
    broken["accounts"] = broken["accounts"].with_columns(pl.col("opened_on").shift(1))
    first = check_ledger(write_parquet(broken, tmp_path / "1"), PRODUCTS, 1.0)
    assert sum(table.quarantined for table in first.report.tables) > 100
    second = check_ledger(write_parquet(first.tables, tmp_path / "2"), PRODUCTS, 0.0)
    assert all(second.tables[name].equals(rows) for name, rows in first.tables.items())


def test_rows_of_a_quarantined_parent_are_orphans(small_ledger: Tables, tmp_path: Path) -> None:
    gone = pl.when(pl.col("customer_id") == "00005").then(None).otherwise("joined_on").alias("joined_on")
    small_ledger["customers"] = small_ledger["customers"].with_columns(gone)
    ledger = check_ledger(write_parquet(small_ledger, tmp_path), PRODUCTS, 0.05)
    rules = {name: rows["rule"].to_list() for name, rows in ledger.quarantine.items()}
    assert rules["customers"] == ["joined_on_null"]
    assert rules["holdings"] == rules["service_events"] == ["orphan_of_quarantined_customer"]
    assert ledger.quarantine["contact_rules"]["rule_as_given"].to_list() == ["opt_out"]
    assert [notice.name for notice in ledger.report.notices] == ["accounts_without_owner"]


def test_optional_tables_do_not_stop_a_run_for_a_customer_who_is_out_of_it(
    small_ledger: Tables, tmp_path: Path
) -> None:
    small_ledger["main_bank_labels"] = small_ledger["main_bank_labels"][5:7]
    gone = pl.when(pl.col("customer_id") == "00005").then(None).otherwise("joined_on").alias("joined_on")
    small_ledger["customers"] = small_ledger["customers"].with_columns(gone)
    report = check_ledger(write_parquet(small_ledger, tmp_path), PRODUCTS, 0.05).report
    assert report.table("main_bank_labels").quarantined == report.table("main_bank_labels").consequences == 1
    assert report.table("main_bank_labels").bad_share == 0.0


def test_quarantine_holds_the_cells_as_they_came(small_ledger: Tables, tmp_path: Path) -> None:
    file = write_csv(small_ledger, tmp_path) / "transactions.csv"
    file.write_text(file.read_text().replace("2023-03-20", "20.03.2023", 1).replace("card_payment", "bribe", 1))
    rows = check_ledger(tmp_path, PRODUCTS, 0.01).quarantine["transactions"]
    assert rows.columns == [*TABLES["transactions"].schema, "rule"]
    assert rows["kind"].to_list() == ["bribe", "fee_refund"]
    assert rows["booked_on"].to_list() == ["2023-02-20", "20.03.2023"]
    assert rows["rule"].to_list() == ["unknown_kind", "booked_on_not_a_date"]


@pytest.mark.parametrize(("bad", "tolerated"), [(0, 0.0), (4, 0.01), (5, 5 / 480), (480, 1.0)])
def test_as_many_bad_rows_as_tolerated_pass(small_ledger: Tables, tmp_path: Path, bad: int, tolerated: float) -> None:
    folder = write_parquet(with_bad_amounts(small_ledger, bad), tmp_path)
    if bad == 480:
        with pytest.raises(LedgerError, match="None is left in `transactions`"):
            check_ledger(folder, PRODUCTS, tolerated)
    else:
        assert check_ledger(folder, PRODUCTS, tolerated).report.table("transactions").quarantined == bad


def test_more_bad_rows_than_tolerated_stop(small_ledger: Tables, tmp_path: Path) -> None:
    with pytest.raises(TooManyBadRowsError) as caught:
        check_ledger(write_parquet(with_bad_amounts(small_ledger, 5), tmp_path), PRODUCTS, 0.01)
    assert str(caught.value) == (
        "At most 1% of a table's rows may be bad. Found more in 1 of 14 tables:\n"
        "  - table `transactions`: 5 of 480 rows (1.04%): amount_not_finite 5\n"
        "Hint: `check(LEDGER, show=amount_not_finite)` writes such rows to the quarantine folder; correct "
        "rows where they come from. What cannot be corrected may be tolerated: `ledger.tolerated_bad_row_share` of "
        "the policy"
    )
    assert caught.value.quarantine["transactions"].height == 5
    assert not caught.value.report.passed


def test_a_large_table_does_not_hide_a_small_broken_one(small_ledger: Tables, tmp_path: Path) -> None:
    small_ledger["customers"] = small_ledger["customers"].with_columns(joined_on=pl.col("joined_on").shift(2))
    with pytest.raises(TooManyBadRowsError, match=r"`customers`: 2 of 40 rows \(5.00%\): joined_on_null 2"):
        check_ledger(write_parquet(small_ledger, tmp_path), PRODUCTS, 0.04)


def test_rows_after_the_day_asked_for_change_nothing(small_ledger: Tables, tmp_path: Path) -> None:
    as_of = dt.date(2023, 9, 30)
    later = pl.col("booked_on") > as_of
    rows = small_ledger["transactions"]
    spoiled = rows.with_columns(pl.when(later).then(0.0).otherwise("amount").alias("amount"))
    # A later row that takes an earlier row's key must not cast doubt on it.
    spoiled = spoiled.with_columns(
        pl.when(later).then(pl.lit("T000000")).otherwise("transaction_id").alias("transaction_id")
    )
    ledgers = {"all": rows, "none": rows.filter(~later), "spoiled": spoiled}
    found = {}
    for name, transactions in ledgers.items():
        folder = write_parquet({**small_ledger, "transactions": transactions}, tmp_path / name)
        found[name] = check_ledger(folder, PRODUCTS, 0.0, as_of=as_of)
    assert found["all"].tables["transactions"].equals(found["none"].tables["transactions"])
    assert found["spoiled"].tables["transactions"].equals(found["none"].tables["transactions"])
    assert found["spoiled"].report.table("transactions").after_as_of == 120
    assert found["all"].tables["balances"]["month"].max() == dt.date(2023, 9, 1)
    assert found["all"].tables["contact_rules"].height == 40


def test_the_report_counts_every_row_once(small_ledger: Tables, tmp_path: Path) -> None:
    report = check_ledger(
        write_parquet(with_bad_amounts(small_ledger, 4), tmp_path), PRODUCTS, 0.05, as_of=dt.date(2023, 9, 30)
    ).report
    for table in report.tables:
        assert table.rows == table.kept + table.quarantined + table.after_as_of
        assert table.quarantined == sum(rule.rows for rule in report.broken_in(table.table))
    assert report.table("transactions").first_on == dt.date(2023, 1, 20)
    assert report.table("transactions").last_on == dt.date(2023, 9, 20)


def test_the_report_is_plain_data_and_readable_text(small_ledger: Tables, tmp_path: Path) -> None:
    del small_ledger["tariff_items"]
    small_ledger["customers"] = small_ledger["customers"].drop("sex").with_columns(shoe_size=43)
    report = check_ledger(write_parquet(with_bad_amounts(small_ledger, 2), tmp_path), PRODUCTS, 0.01).report
    plain = json.loads(json.dumps(report.to_dict()))
    assert plain["passed"] is True
    assert plain["tables"][4]["last_on"] == "2023-12-20"
    text = check_text(report)
    for part in ("tariff_items", "customers: sex", "customers: shoe_size", "amount_not_finite (", "Passed"):
        assert part in text


CANARIES = ("CANARY", "98765432.1", "1955-05-05")


def canaries(table: str, share: float) -> Iterator[pl.DataFrame]:
    """A table as text, each time with a canary in some or all cells of another column."""
    rows = make_small_ledger()[table].cast(pl.String)
    few = pl.int_range(pl.len()) < pl.max_horizontal(pl.len() * share, 1)
    for column in TABLES[table].columns:
        canary = {"date": "1955-05-05", "month": "1955-05-05", "number": "98765432.1x"}.get(column.kind, "CANARY")
        if column.values or column.name == "product":  # of which words are shown, unless they may name somebody
            canary = "CANARY 622202"
        yield rows.with_columns(pl.when(few).then(pl.lit(canary)).otherwise(column.name).alias(column.name))


@pytest.mark.parametrize(("share", "tolerated"), [(0.02, 0.6), (0.5, 0.0), (1.0, 0.0)])
@pytest.mark.parametrize("table", ["customers", "accounts", "transactions", "balances", "contact_rules"])
def test_no_message_or_report_shows_a_cell(tmp_path: Path, table: str, share: float, tolerated: float) -> None:
    folder, messages = write_csv(make_small_ledger(), tmp_path), []
    for rows in canaries(table, share):
        rows.write_csv(folder / f"{table}.csv")
        try:
            report = check_ledger(folder, PRODUCTS, tolerated).report
        except LedgerError as error:
            messages.append(str(error))
            report = getattr(error, "report", None)  # type: ignore[assignment]
        messages += [check_text(report), json.dumps(report.to_dict()), repr(report)] if report else []
    assert len(messages) >= len(TABLES[table].columns)
    assert not [message for message in messages for canary in CANARIES if canary in message]


def test_no_message_shows_a_cell_of_a_file_that_cannot_be_read(small_ledger: Tables, tmp_path: Path) -> None:
    write_csv(small_ledger, tmp_path)
    for content in (
        "CANARY,CANARY2\nCANARY3,x\n",
        "branch_id,name\nCANARY,CANARY,CANARY\n",
        'branch_id,name\nB,"CANARY\n',
    ):
        (tmp_path / "branches.csv").write_text(content)
        with pytest.raises(LedgerError) as caught:
            check_ledger(tmp_path, PRODUCTS, 0.01)
        assert "CANARY" not in str(caught.value)


def test_days_that_have_not_come_break_a_rule_and_later_exports_see_them_come(
    small_ledger: Tables, tmp_path: Path
) -> None:
    first = pl.int_range(pl.len()) == 0
    days = {"joined_on": dt.date(2024, 1, 2), "birth_date": dt.date(2099, 1, 1)}
    for column, day in days.items():
        rows = small_ledger["customers"].with_columns(pl.when(first).then(day).otherwise(column).alias(column))
        folder = write_parquet({**small_ledger, "customers": rows}, tmp_path / column)
        for as_of in (None, dt.date(2023, 6, 30)):
            bad = check_ledger(folder, PRODUCTS, 1.0, as_of=as_of).quarantine["customers"]["rule"].to_list()
            assert bad == [f"{column}_after_ledger"]
    booked = small_ledger["transactions"][:1].with_columns(transaction_id=pl.lit("new"), booked_on=dt.date(2024, 1, 20))
    later = {**small_ledger, "customers": rows.with_columns(birth_date=dt.date(1961, 5, 17))}
    later["customers"] = later["customers"].with_columns(
        pl.when(first).then(dt.date(2024, 1, 2)).otherwise("joined_on")
    )
    later["transactions"] = pl.concat([small_ledger["transactions"], booked])
    assert "customers" not in check_ledger(write_parquet(later, tmp_path / "later"), PRODUCTS, 1.0).quarantine

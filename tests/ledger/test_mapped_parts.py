"""A ledger in the bank's own names, codes, days, numbers and signs is the same ledger."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from pydantic import ValidationError

from segment.exceptions import LedgerError, PolicyError
from segment.ledger import Ledger, check_ledger
from segment.policy import load_policy
from segment.policy.ledger_mapping import LedgerMapping, LedgerPolicy, Reading, Sides
from tests.ledger.small_ledger import PRODUCTS, Tables, write_csv, write_database, write_parquet
from tests.ledger.test_folder import assert_same, checked

OWN = LedgerMapping(
    columns={"transactions": {"TXN_AMT": "amount", "DC": "kind"}, "balances": {"PERIOD": "month"}},
    codes={"kind": {"0101": "salary", "0202": "card_payment"}, "product": {"CA01": "current"}, "role": {"1": "owner"}},
    day_format="%d.%m.%Y",
    decimal=",",
    thousands=".",
    reversed=("balances.closing_balance",),
)


def read(location: str | Path, mapping: LedgerMapping = OWN, timezone: str | None = None) -> Ledger:
    return check_ledger(location, PRODUCTS, 0.0, reading=Reading(timezone, mapping))


def in_own_words(tables: Tables) -> Tables:
    own = {value: key for codes in OWN.codes.values() for key, value in codes.items()}
    amount = pl.col("amount").map_elements(
        lambda value: f"{value:,.2f}".translate(str.maketrans(",.", ".,")), return_dtype=pl.String
    )
    return {
        **tables,
        "transactions": tables["transactions"].select(
            pl.exclude("amount", "kind", "booked_on"),
            TXN_AMT=amount,
            DC=pl.col("kind").replace(own),
            booked_on=pl.col("booked_on").dt.to_string("%d.%m.%Y"),
        ),
        "accounts": tables["accounts"].with_columns(pl.col("product").replace(own)),
        "holdings": tables["holdings"].with_columns(
            pl.col("role").replace(own), share=pl.col("share").cast(pl.String).str.replace(".", ",", literal=True)
        ),
        "balances": tables["balances"].select(
            pl.exclude("month", "closing_balance", "average_balance", "interest_rate_annual"),
            PERIOD=pl.col("month").dt.to_string("%d.%m.%Y"),
            closing_balance=pl.lit("+0,25"),
            average_balance=pl.lit("1.234,56"),
            interest_rate_annual=pl.col("interest_rate_annual").cast(pl.String).str.replace(".", ",", literal=True),
        ),
    }


def plain(tables: Tables) -> Tables:
    """Tables whose other numbers have no decimals."""
    return {name: rows for name, rows in tables.items() if name not in ("main_bank_labels", "tariff_items")} | {
        "branches": tables["branches"].select("branch_id", "name"),
        "service_events": tables["service_events"].with_columns(minutes=None),
        "ledger_totals": tables["ledger_totals"].with_columns(amount=pl.lit(7)),
        "relationship_managers": tables["relationship_managers"].drop("hours_week"),
    }


def test_a_ledger_in_own_words_is_the_same(small_ledger: Tables, tmp_path: Path) -> None:
    tables = plain(small_ledger)
    expected = checked(write_csv(tables, tmp_path / "expected"))
    assert_same(read(write_csv(in_own_words(tables), tmp_path / "own")), expected)


@pytest.mark.parametrize("kind", ["parquet", "sqlite"])
def test_columns_codes_and_signs_are_mapped_wherever_they_lie(small_ledger: Tables, tmp_path: Path, kind: str) -> None:
    expected = checked(write_parquet(small_ledger, tmp_path / "expected"))
    owners = pl.col("role").replace({"owner": "1"})
    own = {**small_ledger, "holdings": small_ledger["holdings"].with_columns(owners)}
    own["balances"] = own["balances"].with_columns(-pl.col("closing_balance"))
    mapping = LedgerMapping(
        columns={"transactions": {"TXN_AMT": "amount"}}, codes={"role": {"1": "owner"}}, reversed=OWN.reversed
    )
    if kind == "parquet":
        own["transactions"] = own["transactions"].rename({"amount": "TXN_AMT"})
        assert_same(read(write_parquet(own, tmp_path / "own"), mapping), expected)
        return
    url = write_database(own, f"sqlite:///{tmp_path}/own.db")
    import sqlite3

    with sqlite3.connect(tmp_path / "own.db") as database:
        database.execute("ALTER TABLE transactions RENAME COLUMN amount TO TXN_AMT")
    assert_same(read(url, mapping), expected)


FLAG = Sides(column="借贷标志", debit=("借", "D", "1"), credit=("贷", "C", "2"))
SIDED = LedgerMapping(sides={"transactions.amount": FLAG, "balances.closing_balance": FLAG})


def with_sides(tables: Tables, words: tuple[object, object] = ("借", "贷")) -> Tables:
    """The same tables without a sign at amounts, and a column that says the side."""
    own = dict(tables)
    for table, column in (("transactions", "amount"), ("balances", "closing_balance")):
        said = pl.when(pl.col(column) < 0).then(pl.lit(words[0])).otherwise(pl.lit(words[1]))
        own[table] = tables[table].with_columns(pl.col(column).abs(), said.alias("借贷标志"))
    return own


@pytest.mark.parametrize(
    ("write", "words"),
    [
        *((write, words) for write in (write_csv, write_parquet) for words in (("借", "贷"), ("D ", " C"), (1, 2))),
        (write_parquet, (1.0, 2.0)),
    ],
)
def test_a_column_may_say_debit_or_credit(
    small_ledger: Tables, tmp_path: Path, write: Callable[[Tables, Path], Path], words: tuple[object, object]
) -> None:
    expected = checked(write(small_ledger, tmp_path / "expected"))
    found = read(write(with_sides(small_ledger, words), tmp_path / "own"), SIDED)
    assert_same(found, expected)
    assert found.report.table("transactions").extra_columns == ()


def test_a_database_s_column_may_say_debit_or_credit(small_ledger: Tables, tmp_path: Path) -> None:
    expected = checked(write_parquet(small_ledger, tmp_path / "expected"))
    import sqlite3

    url = write_database(small_ledger, f"sqlite:///{tmp_path}/own.db")
    with sqlite3.connect(tmp_path / "own.db") as database:
        for table, column in (("transactions", "amount"), ("balances", "closing_balance")):
            database.execute(f"ALTER TABLE {table} ADD COLUMN 借贷标志 TEXT")
            side = f"CASE WHEN {column} < 0 THEN '借' ELSE '贷' END"
            database.execute(f"UPDATE {table} SET 借贷标志 = {side}, {column} = abs({column})")  # noqa: S608
    assert_same(read(url, SIDED), expected)


def test_a_reversal_counts_the_other_way(small_ledger: Tables, tmp_path: Path) -> None:
    own = with_sides(small_ledger)
    own["transactions"] = own["transactions"].with_columns(
        pl.when(pl.col("kind") == "refund").then(-pl.col("amount")).otherwise("amount").alias("amount"),
        pl.when(pl.col("kind") == "refund").then(pl.lit("借")).otherwise("借贷标志").alias("借贷标志"),
    )
    expected = checked(write_csv(small_ledger, tmp_path / "expected"))
    assert_same(read(write_csv(own, tmp_path / "own"), SIDED), expected)


@pytest.mark.parametrize("write", [write_csv, write_parquet])
@pytest.mark.parametrize("word", ["", "X", None, "借贷"])
def test_a_word_of_neither_side_is_a_bad_row(
    small_ledger: Tables, tmp_path: Path, word: str | None, write: Callable[[Tables, Path], Path]
) -> None:
    own = with_sides(small_ledger)
    first = pl.int_range(pl.len()) == 0
    said = pl.when(first).then(pl.lit(word)).otherwise("借贷标志")
    own["transactions"] = own["transactions"].with_columns(said.alias("借贷标志"))
    ledger = check_ledger(write(own, tmp_path), PRODUCTS, 0.1, reading=Reading(None, SIDED))
    broken = ledger.report.broken_in("transactions")
    assert [rule.rows for rule in broken] == [1]
    assert broken[0].rule in ("amount_not_a_number", "amount_not_finite")


def test_amounts_whose_side_is_said_nowhere_are_no_amounts(small_ledger: Tables, tmp_path: Path) -> None:
    own = with_sides(small_ledger)
    own["transactions"] = own["transactions"].drop("借贷标志")
    with pytest.raises(LedgerError, match="has no `借贷标志`, which is to say the sign of `amount`"):
        read(write_parquet(own, tmp_path), SIDED)


def test_a_ledger_without_signs_is_told_how_to_say_them(small_ledger: Tables, tmp_path: Path) -> None:
    taken_out = pl.when(pl.col("kind") == "card_payment").then(pl.lit("cash_withdrawal")).otherwise("kind")
    small_ledger["transactions"] = small_ledger["transactions"].with_columns(taken_out.alias("kind"))
    with pytest.raises(LedgerError, match="mapping.sides"):
        read(write_parquet(with_sides(small_ledger), tmp_path), LedgerMapping())


@pytest.mark.parametrize(
    "given",
    [
        {"sides": {"transactions.amount": {"column": "x", "debit": ["D"], "credit": ["D", "C"]}}},
        {"sides": {"transactions.amount": {"column": "x", "debit": [], "credit": ["C"]}}},
        {
            "sides": {"transactions.amount": {"column": "x", "debit": ["D"], "credit": ["C"]}},
            "reversed": ["transactions.amount"],
        },
        {
            "sides": {"transactions.amount": {"column": "x", "debit": ["D"], "credit": ["C"]}},
            "columns": {"transactions": {"x": "kind"}},
        },
    ],
)
def test_sides_that_contradict_are_refused(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        LedgerMapping.model_validate(given)


def test_codes_may_be_numbers(small_ledger: Tables, tmp_path: Path) -> None:
    small_ledger["accounts"] = small_ledger["accounts"].with_columns(product=pl.lit(7.0))
    ledger = read(write_parquet(small_ledger, tmp_path), LedgerMapping(codes={"product": {"7": "current"}}))
    assert set(ledger.tables["accounts"]["product"]) == {"current"}


@pytest.mark.parametrize("cell", ["1234.56", "1,234.56", "12.34", "1.23,4.5", "0x10"])
def test_a_number_that_is_not_written_in_the_bank_s_way_is_none(
    small_ledger: Tables, tmp_path: Path, cell: str
) -> None:
    tables = plain(small_ledger)
    own = in_own_words(tables)
    own["transactions"] = own["transactions"].with_columns(TXN_AMT=pl.lit(cell))
    with pytest.raises(LedgerError, match="needs a number in `amount`"):
        read(write_csv(own, tmp_path))


def test_a_column_must_not_be_there_under_both_names(small_ledger: Tables, tmp_path: Path) -> None:
    small_ledger["transactions"] = small_ledger["transactions"].with_columns(TXN_AMT=1.0)
    mapping = LedgerMapping(columns={"transactions": {"TXN_AMT": "amount"}})
    with pytest.raises(LedgerError, match="has both `TXN_AMT` and `amount`"):
        read(write_parquet(small_ledger, tmp_path), mapping)


@pytest.mark.parametrize(
    ("mapping", "told"),
    [
        (LedgerMapping(columns={"transactions": {"A": "amuont"}}), "mapping.columns.transactions: amuont"),
        (LedgerMapping(columns={"bookings": {"A": "amount"}}), "mapping.columns.bookings: amount"),
        (LedgerMapping(codes={"knid": {}}), "mapping.codes.knid"),
        (LedgerMapping(codes={"kind": {"1": "wages"}}), "mapping.codes.kind: wages"),
        (LedgerMapping(reversed=("transactions.kind",)), "mapping.reversed or mapping.sides: transactions.kind"),
        (LedgerMapping(sides={"balances.amount": FLAG}), "mapping.reversed or mapping.sides: balances.amount"),
        (LedgerMapping(reversed=("balances.amount",)), "mapping.reversed or mapping.sides: balances.amount"),
    ],
)
def test_a_mapping_to_nothing_is_refused(tmp_path: Path, mapping: LedgerMapping, told: str) -> None:
    with pytest.raises(PolicyError, match=told):
        read(tmp_path, mapping)


def test_a_policy_that_maps_nothing_keeps_its_hash_and_a_model_any_mapping(tmp_path: Path) -> None:
    policy = load_policy("models/retail.toml")
    mapped = policy.model_copy(update={"mapping": OWN})
    assert mapped.hash != policy.hash
    # a model learned of the rows that were read, whose hashes an extract keeps, and not of how they were written
    assert mapped.model_hash == policy.model_hash
    zoned = policy.model_copy(update={"ledger": LedgerPolicy(tolerated_bad_row_share=0.01, timezone="Asia/Shanghai")})
    assert zoned.model_hash != policy.model_hash
    assert zoned.reading.timezone == "Asia/Shanghai"
    assert '"mapping"' not in str(policy.model_dump(exclude=policy._added_later()))
    with pytest.raises(ValueError, match="a time zone is a name"):
        LedgerPolicy(tolerated_bad_row_share=0.01, timezone="Beijing time")
    with pytest.raises(ValueError, match="two columns of the bank"):
        LedgerMapping(columns={"transactions": {"A": "amount", "B": "amount"}})

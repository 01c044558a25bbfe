"""A ledger in a database: the same rows come in as from files, and no message tells the password."""

from __future__ import annotations

import datetime as dt
import os
import pwd
import sqlite3
import uuid
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
import sqlalchemy as sa

from segment.exceptions import LedgerError, SourceError
from segment.ledger import TABLES, check_ledger, open_source
from segment.ledger.database_rows import DatabaseRows, to_series
from segment.ledger.reading import read
from segment.pages.check_page import check_text
from tests.ledger.postgres import PASSWORD, USER, find_binaries, postgres_server
from tests.ledger.small_ledger import PRODUCTS, Tables, write_database, write_parquet
from tests.ledger.test_folder import assert_same, checked


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    binaries = find_binaries()
    if binaries is None:
        pytest.skip("no PostgreSQL server is installed (Debian: apt install postgresql)")
    if os.geteuid() == 0 and "postgres" not in {entry.pw_name for entry in pwd.getpwall()}:
        pytest.skip("no user `postgres` to run the server as: it refuses to run as root")
    with postgres_server(binaries) as address:
        yield address


@pytest.fixture
def postgres(server: str) -> str:
    """An empty database: its address without the scheme."""
    name = f"ledger_{uuid.uuid4().hex}"
    engine = sa.create_engine(f"postgresql+psycopg://{server}/postgres", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return f"{server}/{name}"


def execute(url: str, *statements: str) -> None:
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))
    engine.dispose()


def test_sqlite_holds_the_same_ledger_as_parquet(small_ledger: Tables, tmp_path: Path) -> None:
    url = write_database(small_ledger, f"sqlite:///{tmp_path}/ledger.db")
    assert_same(checked(url), checked(write_parquet(small_ledger, tmp_path / "files")))


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg", "postgres"])
def test_postgres_holds_the_same_ledger_as_parquet(
    small_ledger: Tables, tmp_path: Path, postgres: str, scheme: str
) -> None:
    write_database(small_ledger, f"postgresql+psycopg://{postgres}")
    assert_same(checked(f"{scheme}://{postgres}"), checked(write_parquet(small_ledger, tmp_path)))


def test_postgres_rows_that_python_has_no_date_for_are_bad_rows(small_ledger: Tables, postgres: str) -> None:
    url = write_database(small_ledger, f"postgresql+psycopg://{postgres}")
    execute(
        url,
        "UPDATE transactions SET booked_on = 'infinity' WHERE transaction_id = 'T000007'",
        "UPDATE transactions SET booked_on = '12023-01-01' WHERE transaction_id = 'T000008'",
        "UPDATE transactions SET amount = 'NaN' WHERE transaction_id = 'T000009'",
    )
    rules = check_ledger(url, PRODUCTS, 0.01).quarantine["transactions"]["rule"].to_list()
    assert sorted(rules) == ["amount_not_finite", "booked_on_not_a_date", "booked_on_not_a_date"]


def test_postgres_text_is_no_number(small_ledger: Tables, postgres: str) -> None:
    url = write_database(small_ledger, f"postgresql+psycopg://{postgres}")
    execute(url, "ALTER TABLE transactions ALTER COLUMN amount TYPE text")
    with pytest.raises(LedgerError, match="needs a number in `amount`; found text"):
        checked(url)


def test_postgres_views_timestamps_and_whole_number_ids_are_taken(small_ledger: Tables, postgres: str) -> None:
    url = write_database(small_ledger, f"postgresql+psycopg://{postgres}")
    execute(
        url,
        "ALTER TABLE branches RENAME TO outlets",
        "CREATE VIEW branches AS SELECT * FROM outlets",
        "ALTER TABLE transactions ALTER COLUMN booked_on TYPE timestamp",
        "ALTER TABLE service_events ALTER COLUMN event_id TYPE integer USING substr(event_id, 2)::integer",
    )
    ledger = checked(url)
    assert ledger.quarantine == {}
    assert ledger.tables["service_events"]["event_id"].to_list() == sorted(str(number) for number in range(40))
    assert ledger.tables["transactions"]["booked_on"].min() == dt.date(2023, 1, 20)


def test_one_bad_cell_of_sqlite_costs_its_row_only(small_ledger: Tables, tmp_path: Path) -> None:
    url = write_database(small_ledger, f"sqlite:///{tmp_path}/ledger.db")
    execute(url, "UPDATE transactions SET amount = 'x' WHERE transaction_id = 'T000009'")
    assert checked(url).quarantine["transactions"]["rule"].to_list() == ["amount_not_a_number"]


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("DROP TABLE balances", "`balances` is missing"),
        ("ALTER TABLE accounts DROP COLUMN product", "`accounts` lacks the column `product`"),
        ("DELETE FROM transactions", "`transactions` has no rows"),
        ("UPDATE balances SET month = 'soon'", "`balances` needs an ISO date"),
    ],
)
def test_table_level_faults_of_a_database_stop(
    small_ledger: Tables, tmp_path: Path, statement: str, fault: str
) -> None:
    url = write_database(small_ledger, f"sqlite:///{tmp_path}/ledger.db")
    execute(url, statement)
    with pytest.raises(LedgerError, match=fault):
        checked(url)


def test_unknown_columns_of_a_database_are_listed(small_ledger: Tables, tmp_path: Path) -> None:
    url = write_database(small_ledger, f"sqlite:///{tmp_path}/ledger.db")
    execute(url, "ALTER TABLE accounts ADD COLUMN iban TEXT")
    assert checked(url).report.table("accounts").extra_columns == ("iban",)


def test_reading_a_mistyped_sqlite_path_makes_no_file(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="must be a file"):
        checked(f"sqlite:///{tmp_path}/mistyped.db")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_database_does_not_answer(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(LedgerError, match="must answer"):
        checked(f"sqlite:///{tmp_path}/ledger.db")


def test_a_database_must_hold_the_ledger_s_tables(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "ledger.db").execute("CREATE TABLE other (x)").connection.close()
    with pytest.raises(LedgerError, match="holds none of them"):
        checked(f"sqlite:///{tmp_path}/ledger.db")


def test_a_url_is_not_to_be_given_as_a_path() -> None:
    with pytest.raises(LedgerError, match="must be given as text"):
        checked(Path("postgresql://user:word@host/ledger"))


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://user:{}@127.0.0.1:1/ledger",
        "postgresql+psycopg://user:{}@127.0.0.1:1/ledger",
        "postgresql://user:{}@127.0.0.1:notaport/ledger",
        "postgresql://user:at@{}@127.0.0.1:1/ledger",
        "postgresql://user:slash/{}@127.0.0.1:1/ledger",
        "postgresql://127.0.0.1:1/ledger?user=user&password={}",
        "postgresql://user:{}@/ledger?host=/nowhere",
        "nosuchdriver://user:{}@host/ledger",
        "mysql+mysqldb://user:{}@host/ledger",
        "x://{}",
        "postgresql:user:{}@host/ledger",
        "postgresql:/user:{}@host/ledger",
    ],
)
def test_no_message_tells_a_url_s_password(url: str) -> None:
    with pytest.raises(LedgerError) as caught:
        checked(url.format(PASSWORD))
    assert PASSWORD not in str(caught.value)
    assert caught.value.__context__ is None or caught.value.__suppress_context__


def test_no_message_or_report_tells_a_server_s_user_or_password(small_ledger: Tables, postgres: str) -> None:
    url = write_database(small_ledger, f"postgresql+psycopg://{postgres}")
    report = checked(url).report
    with pytest.raises(LedgerError) as caught:
        checked(url.replace(PASSWORD, "wrong-word"))
    for text in (check_text(report), str(report.to_dict()), repr(report), str(caught.value)):
        assert USER not in text
        assert PASSWORD not in text
        assert "wrong-word" not in text


def test_one_table_can_be_read_without_a_check(small_ledger: Tables, tmp_path: Path) -> None:
    url = write_database(small_ledger, f"sqlite:///{tmp_path}/ledger.db")
    with open_source(url) as source:
        accounts = read(source.find(TABLES["accounts"]))
    assert not accounts.faults
    assert accounts.rows.select(TABLES["accounts"].schema.names()).equals(small_ledger["accounts"])


def test_a_source_is_named_by_its_kind_and_name(small_ledger: Tables, tmp_path: Path) -> None:
    with open_source(write_database(small_ledger, f"sqlite:///{tmp_path}/ledger.db")) as source:
        assert source.description == "sqlite database `ledger.db`"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([None, None], pl.Series([None, None], dtype=pl.Null)),
        ([1, None], pl.Series([1, None])),
        ([1, 2**70], pl.Series(["1", str(2**70)])),
        ([Decimal("1.00"), Decimal(2**60 + 1)], pl.Series([1, 2**60 + 1])),
        ([Decimal("NaN"), Decimal(1)], pl.Series([float("nan"), 1.0])),
        ([1, 0.5, Decimal("2.25")], pl.Series([1.0, 0.5, 2.25])),
        ([True, None], pl.Series([True, None])),
        ([dt.date(2023, 1, 1)], pl.Series([dt.date(2023, 1, 1)])),
        ([dt.datetime(2023, 1, 1, 12)], pl.Series(["2023-01-01 12:00:00"])),
        ([uuid.UUID(int=1)], pl.Series(["00000000-0000-0000-0000-000000000001"])),
        ([1, "x", None], pl.Series(["1", "x", None])),
    ],
)
def test_values_of_a_database_become_a_series(values: list[object], expected: pl.Series) -> None:
    assert to_series("x", values).equals(expected.alias("x"), check_dtypes=True)


def end_other_connections(server: str) -> None:
    """What an operator, a restart or a time-out does to whoever is reading."""
    engine = sa.create_engine(f"postgresql+psycopg://{server}", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(
            sa.text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
        )
    engine.dispose()


def test_a_connection_that_is_lost_between_two_tables_may_be_tried_again(small_ledger: Tables, postgres: str) -> None:
    url = write_database(small_ledger, f"postgresql+psycopg://{postgres}")
    with open_source(url) as source:
        source.find(TABLES["branches"])
        end_other_connections(postgres)
        with pytest.raises(SourceError, match="stopped answering while table `transactions` was read") as caught:
            source.find(TABLES["transactions"])
    assert PASSWORD not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


# the driver complains of a stream that was not closed; over a connection that is gone it cannot be
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_connection_that_is_lost_in_the_midst_of_a_table_may_be_tried_again(
    small_ledger: Tables, postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = write_database(small_ledger, f"postgresql+psycopg://{postgres}")
    monkeypatch.setattr("segment.ledger.database_rows.CHUNK", 2_000)
    # more than the driver's buffers hold, so that the server must answer again
    execute(url, "INSERT INTO transactions SELECT a.* FROM transactions a, generate_series(1, 200)")
    before = DatabaseRows._write

    def write_once_more(rows: DatabaseRows, frame: pl.DataFrame, place: str) -> Path:
        end_other_connections(postgres)
        return before(rows, frame, place)

    with open_source(url) as source:
        monkeypatch.setattr(DatabaseRows, "_write", write_once_more)
        with pytest.raises(SourceError, match="stopped answering while table `transactions` was read"):
            source.find(TABLES["transactions"])


def test_a_sqlite_file_that_somebody_writes_to_may_be_tried_again(small_ledger: Tables, tmp_path: Path) -> None:
    url = write_database(small_ledger, f"sqlite:///{tmp_path}/ledger.db?timeout=0.05")
    writer = sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)
    with open_source(url) as source:
        writer.execute("BEGIN EXCLUSIVE")
        with pytest.raises(SourceError, match="stopped answering while table `branches` was read"):
            source.find(TABLES["branches"])
    writer.close()


def test_a_table_that_may_not_be_read_is_a_fault_and_not_tried_again(small_ledger: Tables, postgres: str) -> None:
    url = write_database(small_ledger, f"postgresql+psycopg://{postgres}")
    execute(url, "CREATE ROLE reader LOGIN PASSWORD 'x'")
    execute(url, "GRANT SELECT ON branches TO reader")
    reader = postgres.replace(f"{USER}:{PASSWORD}@", "reader:x@")
    with open_source(f"postgresql://{reader}") as source:
        assert [fault.rule for fault in source.find(TABLES["customers"]).faults] == ["unreadable_file"]


def test_values_of_several_types_are_text() -> None:
    assert to_series("amount", [1, Decimal("2.50"), None]).to_list() == [1.0, 2.5, None]
    assert to_series("amount", [1, "x"]).to_list() == ["1", "x"]

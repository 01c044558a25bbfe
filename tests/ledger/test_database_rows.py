"""A table of a database is laid out some rows at a time; months that are as they were are not checked again."""

from __future__ import annotations

import datetime as dt
import stat
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from segment.exceptions import LedgerError
from segment.ledger import TABLES, check_ledger, open_source
from segment.ledger.contents import contents_of
from segment.ledger.database import DatabaseSource
from segment.ledger.database_rows import DatabaseRows
from segment.ledger.increments.increment_check import Increment, check_increment
from segment.ledger.reading import read_rows
from segment.policy.ledger_mapping import LedgerPolicy, Reading
from segment.warehouse.frame_store import FrameStore
from tests.jobs.build.increments import Bank
from tests.ledger.increments.test_check_increment import EVER, PRODUCTS
from tests.ledger.small_ledger import write_database
from tests.ledger.test_database import execute, postgres, server

__all__ = ["postgres", "server"]

AS_OF = dt.date(2024, 3, 31)
STAMPS = {"transactions": "changed_at", "balances": "changed_at", "service_events": "changed_at"}
STAMPED = Reading(stamps=STAMPS)
HEIGHTS: list[int] = []


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A bank of four months, in a database, each row with a stamp."""
    monkeypatch.setattr("segment.ledger.database_rows.CHUNK", 40)
    before = DatabaseRows._write
    HEIGHTS.clear()

    def write(rows: DatabaseRows, frame: pl.DataFrame, place: str) -> Path:
        HEIGHTS.append(frame.height)
        return before(rows, frame, place)

    monkeypatch.setattr(DatabaseRows, "_write", write)
    where = f"sqlite:///{tmp_path}/ledger.db"
    if request.param == "postgresql":
        where = f"postgresql+psycopg://{request.getfixturevalue('postgres')}"
    empty = {name: pl.DataFrame(schema=table.schema) for name, table in TABLES.items()}
    tables = {name: pl.concat([empty[name], rows], how="diagonal_relaxed") for name, rows in Bank().tables.items()}
    write_database(tables, where)
    execute(where, *(f"ALTER TABLE {table} ADD COLUMN changed_at TEXT DEFAULT '2024-04-01'" for table in STAMPS))
    return where


def increment(url: str, store: FrameStore, reading: Reading) -> tuple[Increment, int]:
    """What is found part by part, which is what a check of the whole finds; and how many rows were fetched."""
    HEIGHTS.clear()
    with open_source(url, reading=reading) as source:
        inputs = {name: source.find(table) for name, table in TABLES.items()}
        contents = {name: contents_of(found) for name, found in inputs.items()}
        found = check_increment(inputs, contents, PRODUCTS, 1.0, AS_OF, store, terms="", location=source.description)
        fetched = sum(HEIGHTS)
        assert max(HEIGHTS, default=0) <= 80
        tables = {name: table.rows(*EVER) for name, table in found.long.items()}
    whole = check_ledger(url, PRODUCTS, 1.0, as_of=AS_OF)
    assert found.report == whole.report
    assert all(tables[name].equals(TABLES[name].in_one_order(whole.tables[name])) for name in tables)
    return found, fetched


@pytest.mark.parametrize("reading", [Reading(), STAMPED])
def test_months_that_are_as_they_were_are_not_checked_again(url: str, tmp_path: Path, reading: Reading) -> None:
    store = FrameStore(tmp_path / "shelf")
    first, _ = increment(url, store, reading)
    assert first.parts_read == first.parts > 9
    again, _ = increment(url, store, reading)
    assert (again.parts_read, again.parts) == (0, first.parts)
    execute(url, "UPDATE transactions SET amount = amount * 2, changed_at = '2024-04-02' WHERE booked_on = ("
                 "SELECT max(booked_on) FROM transactions WHERE booked_on < '2024-03-01')")  # fmt: skip
    corrected, _ = increment(url, store, reading)
    assert corrected.parts_read == 1
    execute(url, "DELETE FROM service_events WHERE event_id = (SELECT min(event_id) FROM service_events)")
    assert increment(url, store, reading)[0].parts_read == 1


def test_with_a_stamp_only_days_that_changed_are_fetched(url: str, tmp_path: Path) -> None:
    store = FrameStore(tmp_path / "shelf")
    _, everything = increment(url, store, STAMPED)
    _, short_tables = increment(url, store, STAMPED)
    assert short_tables < everything / 3
    execute(url, "UPDATE transactions SET amount = 0, changed_at = '2024-04-02' WHERE transaction_id = ("
                 "SELECT max(transaction_id) FROM transactions WHERE booked_on > '2024-02-10')")  # fmt: skip
    found, some = increment(url, store, STAMPED)
    assert found.parts_read == 1
    assert short_tables < some <= short_tables + 80
    assert "amount_zero" in found.quarantine["transactions"]["rule"]


def test_rows_without_a_day_are_bad_rows_with_a_stamp_too(url: str, tmp_path: Path) -> None:
    execute(url, "UPDATE transactions SET booked_on = NULL WHERE transaction_id = ("
                 "SELECT max(transaction_id) FROM transactions)")  # fmt: skip
    found, _ = increment(url, FrameStore(tmp_path / "shelf"), STAMPED)
    assert found.quarantine["transactions"]["rule"].to_list().count("booked_on_null") == 1


def test_a_stamp_that_the_table_lacks_is_a_fault(url: str) -> None:
    with pytest.raises(LedgerError, match="`balances` lacks the column `Written_At`, which `ledger.stamps` names"):
        check_ledger(url, PRODUCTS, 1.0, reading=Reading(stamps={"balances": "Written_At"}))


@pytest.mark.parametrize("reading", [Reading(), STAMPED])
def test_spans_that_others_read_are_the_slices_of_one_reader(url: str, tmp_path: Path, reading: Reading) -> None:
    execute(url, "UPDATE transactions SET booked_on = NULL WHERE transaction_id IN ("
                 "SELECT max(transaction_id) FROM transactions)")  # fmt: skip
    wrong = "month = 'soon'" if url.startswith("sqlite") else "month = 'infinity'"
    execute(url, f"UPDATE balances SET {wrong} WHERE account_id = (SELECT min(account_id) FROM balances)")  # noqa: S608
    with closing(DatabaseSource(url, (), reading)) as source:
        address = source.address
        for table in (TABLES[name] for name in STAMPS):
            spans, parts = source.spans(table), []
            assert isinstance(spans, list)
            assert len(spans) > 1
            for number, span in enumerate(spans):
                folder = tmp_path / table.name / str(number)
                with closing(DatabaseSource(address.url, (), reading, folder=folder, moment=address.moment)) as other:
                    parts += other.find(table, span).parts
            whole = source.find(table)
            if reading != STAMPED:  # slices by stamp end with days
                given = [[part.rows.collect() for part in found] for found in (whole.parts, parts)]
                assert all(one.equals(other) for one, other in zip(*given, strict=True))
            one, other = (read_rows(found).sort(pl.all()) for found in (whole, replace(whole, parts=tuple(parts))))
            assert one.equals(other)


@pytest.mark.parametrize("kind", ["text", "varchar(40)", "timestamp", "timestamptz", "integer"])
def test_spans_hold_each_row_once_whatever_type_its_day_has(postgres: str, tmp_path: Path, kind: str) -> None:
    url = f"postgresql+psycopg://{postgres}"
    write_database(dict(Bank().tables), url)
    as_kind = "extract(epoch FROM booked_on)::integer" if kind == "integer" else f"booked_on::{kind}"
    execute(url, f"ALTER TABLE transactions ALTER COLUMN booked_on TYPE {kind} USING {as_kind}")
    if kind == "text":
        execute(url, "UPDATE transactions SET booked_on = 'soon' WHERE amount > 100")
    elif kind.startswith("timestamp"):
        execute(url, "UPDATE transactions SET booked_on = booked_on + interval '23 hours 59.999999 seconds'")
    table = TABLES["transactions"]
    with closing(DatabaseSource(url, folder=tmp_path)) as source:
        spans = source.spans(table)
        for span in spans:
            parts = source.find(table, span).parts
            assert sum(part.rows.collect().height for part in parts) == span.rows
        assert sum(span.rows for span in spans) == Bank().tables["transactions"].height


def test_spans_are_of_the_moment_in_which_they_were_counted(postgres: str, tmp_path: Path) -> None:
    url = f"postgresql+psycopg://{postgres}"
    write_database(dict(Bank().tables), url)
    table = TABLES["transactions"]
    with closing(DatabaseSource(url)) as source:
        spans, address = source.spans(table), source.address
        execute(url, "DELETE FROM transactions")
        with closing(DatabaseSource(address.url, folder=tmp_path, moment=address.moment)) as other:
            rows = sum(part.rows.collect().height for span in spans for part in other.find(table, span).parts)
    assert rows == sum(span.rows for span in spans) > 0


def test_rows_lie_in_a_private_folder_that_goes_with_the_source(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with open_source(url) as source:
        source.find(TABLES["transactions"])
        (folder,) = tmp_path.glob("segment-*")
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert len([*folder.iterdir()]) > 3
    assert not folder.exists()


def test_only_tables_that_grow_have_a_stamp() -> None:
    assert LedgerPolicy(tolerated_bad_row_share=0.01, stamps={"balances": "changed_at"}).stamps
    with pytest.raises(ValueError, match="stamps"):
        LedgerPolicy.model_validate({"tolerated_bad_row_share": 0.01, "stamps": {"accounts": "changed_at"}})

"""Tasks of a cluster read a ledger in a database: what is found and built is what one machine finds and builds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
import sqlalchemy as sa

from segment.exceptions import LedgerError, SourceError, UsageError
from segment.jobs.build.distributed_extract import check_on_spark, extract_on_spark
from segment.jobs.build.extract import extract
from segment.ledger import TABLES
from segment.ledger.database import DatabaseAddress, DatabaseSource
from segment.ledger.database_rows import TableMonths
from segment.ledger.stored_objects import ObjectSource
from segment.policy import load_policy
from segment.policy.ledger_mapping import Reading
from segment.spark.given_tables import _Months, _read, find_tables
from segment.workspace import Workspace
from tests.conftest import AS_OF, RETAIL
from tests.ledger.postgres import PASSWORD
from tests.ledger.small_ledger import write_database
from tests.ledger.test_database import execute, postgres, server
from tests.spark.conftest import BuiltBank
from tests.spark.scattered_bank import assert_same_workspace, read_ledger
from tests.spark.spark_cluster import Cluster

__all__ = ["postgres", "server"]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, built_bank: BuiltBank, tmp_path: Path) -> str:
    """The damaged bank in a database, a booking without a day and one with a wrong day among its rows."""
    where = f"sqlite:///{tmp_path}/ledger.db"
    if request.param == "postgresql":
        where = f"postgresql+psycopg://{request.getfixturevalue('postgres')}"
    write_database(read_ledger(Path(built_bank.ledger)), where)
    wrong = "soon" if request.param == "sqlite" else "infinity"
    execute(
        where,
        "UPDATE transactions SET booked_on = NULL WHERE transaction_id = 'huge-0'",
        f"UPDATE transactions SET booked_on = '{wrong}' WHERE transaction_id = 'huge-1'",  # noqa: S608
    )
    return where


@pytest.mark.slow
def test_what_tasks_read_of_a_database_gives_the_workspace_of_one_machine(
    url: str,
    running_cluster: Cluster,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    policy, one, spark = load_policy(RETAIL), Workspace(tmp_path / "one"), Workspace(tmp_path / "spark")
    alone = extract(url, AS_OF, one, policy, n_jobs=1)
    monkeypatch.setattr("segment.ledger.database_rows.CHUNK", 4)  # each month is one task's
    done = extract_on_spark(url, AS_OF, spark, policy, running_cluster.master, buckets=2)
    assert done.parts > 9
    assert_same_workspace(one, spark)
    assert replace(done, check={}, parts=0, parts_read=0) == replace(alone, check={}, parts=0, parts_read=0)
    assert done.to_dict()["check"] == alone.to_dict()["check"]
    rules = pl.read_parquet(spark.quarantine / "transactions.parquet")["rule"].to_list()
    assert {"booked_on_null", "booked_on_not_a_date"} <= {*rules}
    texts = [*capfd.readouterr(), caplog.text, str(done.to_dict())]
    files = [file for folder in (running_cluster.folder, spark.root) for file in folder.rglob("*") if file.is_file()]
    assert any(file.parent.parent.name == "events" for file in files), "the events of the session are not looked at"
    assert not any(PASSWORD in text for text in texts)
    assert not any(PASSWORD.encode() in file.read_bytes() for file in files)


@pytest.mark.slow
def test_a_worker_that_the_database_refuses_is_one_message(
    built_bank: BuiltBank, postgres: str, running_cluster: Cluster, tmp_path: Path
) -> None:
    owner = write_database(read_ledger(Path(built_bank.ledger)), f"postgresql+psycopg://{postgres}")
    role = f"reader_{postgres.rsplit('_', 1)[-1]}"
    execute(owner, f"CREATE ROLE {role} LOGIN PASSWORD '{PASSWORD}' CONNECTION LIMIT 1")  # the command's own
    execute(owner, f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}")
    url = f"postgresql://{role}:{postgres.split(':', 1)[1]}"
    with pytest.raises(
        SourceError, match=r"(?s)^On a worker of the Spark cluster: .* does not\.\nHint: [^\n]*$"
    ) as said:
        check_on_spark(url, built_bank.policy, running_cluster.master, Workspace(tmp_path / "workspace"))
    assert PASSWORD not in str(said.value)
    assert [*(tmp_path / "workspace").iterdir()] == []


@pytest.mark.slow
def test_a_table_that_is_not_there_is_a_fault_of_the_ledger(
    built_bank: BuiltBank, running_cluster: Cluster, tmp_path: Path
) -> None:
    tables = read_ledger(Path(built_bank.ledger))
    url = write_database({name: rows for name, rows in tables.items() if name != "balances"}, f"sqlite:///{tmp_path}/l")
    with pytest.raises(LedgerError, match="table `balances` is missing"):
        check_on_spark(url, built_bank.policy, running_cluster.master, Workspace(tmp_path / "workspace"))


@pytest.fixture
def address(built_bank: BuiltBank, tmp_path: Path) -> Iterator[DatabaseAddress]:
    source = DatabaseSource(write_database(read_ledger(Path(built_bank.ledger)), f"sqlite:///{tmp_path}/ledger.db"))
    yield source.address
    source.close()


def test_rows_that_came_or_went_since_they_were_counted_stop_a_task(address: DatabaseAddress, tmp_path: Path) -> None:
    months = _Months(TableMonths(("2025-12",), 1), tmp_path / "rows")
    with pytest.raises(SourceError, match="Table `balances` of sqlite database `ledger.db` was written to meanwhile"):
        _read(address, TABLES["balances"], months)


def test_a_worker_without_the_driver_says_so(tmp_path: Path) -> None:
    address = DatabaseAddress(sa.make_url(f"nosuch://u:{PASSWORD}@host/ledger"), frozenset(), Reading(), None)
    assert PASSWORD not in repr(address)
    with pytest.raises(LedgerError, match="On a worker of the Spark cluster: .* whose driver is installed") as said:
        _read(address, TABLES["balances"], _Months(TableMonths(("2025-12",), 1), tmp_path))
    assert PASSWORD not in str(said.value)


def test_a_bucket_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="The ledger lies in object storage"):
        find_tables(None, ObjectSource.__new__(ObjectSource), tmp_path)

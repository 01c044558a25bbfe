"""Nothing that a run leaves behind outside the workspace's own tables names a customer or a secret."""

from __future__ import annotations

import struct
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import polars as pl
import pytest

from segment.banks.simulator import simulate_bank
from tests.conftest import AS_OF, RETAIL
from tests.flows.server import ask, ended_runs, prefect_server

CUSTOMER, HOUSEHOLD, NAME, TRANSACTION = "CANARY-4471-ID", "CANARY-4471-HOME", "CANARY-4471-NAME", "CANARY-4471-BOOKED"
AMOUNT, PASSWORD, TOKEN = 7654321.09, "canary-4471-password", "canary-4471-token"
PLANTED = (b"CANARY-4471", b"7654321", struct.pack("<d", AMOUNT), PASSWORD.encode(), TOKEN.encode())
BROKEN_RUN = """
import datetime, sys
import segment.jobs.publish.refresh as jobs
def broken(*_, **__):
    raise KeyError(f"{sys.argv[1]} owes {sys.argv[2]}")
jobs.refresh = broken
from flows.refresh import refresh_flow
refresh_flow(None, datetime.date.fromisoformat(sys.argv[3]))
"""
# Where customers belong: the tables of the bank itself, and rows of its ledger that broke a rule.
CUSTOMERS_LIVE_IN = {
    "customer_months",
    "snapshots",
    "reference",
    "protected",
    "tiers",
    "quarantine",
    "ledger_parts",
    "lists",
    "good",
    "bad",
}


def plant(ledger: Path) -> None:
    """Give one customer an id, a home, a name and an amount that occur nowhere else."""
    one = pl.read_parquet(ledger / "holdings.parquet").filter(pl.col("role") == "owner")["customer_id"][0]
    for path in ledger.glob("*.parquet"):
        table = pl.read_parquet(path)
        if "customer_id" in table.columns:
            own = pl.col("customer_id") == one
            texts = {"household_id": HOUSEHOLD, "occupation": NAME, "customer_id": CUSTOMER}
            changed = [
                pl.when(own).then(pl.lit(text)).otherwise(pl.col(name)).alias(name)
                for name, text in texts.items()
                if name in table.columns
            ]
            table.with_columns(changed).write_parquet(path)
    owned = pl.read_parquet(ledger / "holdings.parquet").filter(pl.col("customer_id") == CUSTOMER)["account_id"]
    booked = pl.read_parquet(ledger / "transactions.parquet")
    row = (
        pl.int_range(pl.len())
        == booked.with_row_index().filter(pl.col("account_id").is_in(owned.implode()))["index"][-1]
    )
    booked.with_columns(
        pl.when(row).then(AMOUNT).otherwise("amount").alias("amount"),
        pl.when(row).then(pl.lit(TRANSACTION)).otherwise("transaction_id").alias("transaction_id"),
    ).write_parquet(ledger / "transactions.parquet")


def spoil(ledger: Path) -> None:
    """Break a rule in the planted customer's own row, and in so many more that the ledger is refused."""
    path = ledger / "customers.parquet"
    customers = pl.read_parquet(path)
    customers.with_columns(left_on=pl.col("joined_on").dt.offset_by("-1y")).write_parquet(path)


def run(environment: Mapping[str, str], log: Path, *arguments: str) -> int:
    with log.open("ab") as out:
        return subprocess.run(
            [sys.executable, *arguments], env=dict(environment), stdout=out, stderr=out, check=False
        ).returncode


def contents(path: Path) -> Iterator[bytes]:
    """A file's bytes, and those of the files packed in it."""
    yield path.read_bytes()
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed:
            yield from (packed.read(name) for name in packed.namelist())


def left_behind(root: Path) -> list[Path]:
    files = [path for path in root.rglob("*") if path.is_file()]
    return [path for path in files if not CUSTOMERS_LIVE_IN & set(path.relative_to(root).parts)]


def found_in(files: list[Path], root: Path) -> list[str]:
    return [
        f"{planted!r} in {path.relative_to(root)}"
        for path in files
        for planted in PLANTED
        if any(planted in content for content in contents(path))
    ]


@pytest.mark.slow
def test_no_run_leaves_a_customer_or_a_secret_behind(tmp_path: Path) -> None:
    good, bad = tmp_path / "good" / "ledger", tmp_path / "bad" / "ledger"
    for ledger in (good, bad):
        simulate_bank(ledger.parent, customers=400, months=28, seed=5)
        plant(ledger)
    spoil(bad)
    logs, moment = tmp_path / "logs", AS_OF.isoformat()
    logs.mkdir()
    with prefect_server(tmp_path) as environment:
        environment |= {
            "SEGMENT_WORKSPACE": str(tmp_path / "workspace"),
            "SEGMENT_POLICY": str(RETAIL),
            "SEGMENT_SOURCE_BACKOFF": "0.1",
            "MLFLOW_TRACKING_TOKEN": TOKEN,
        }
        flow, away = ("-m", "flows.refresh"), f"postgresql://segment:{PASSWORD}@127.0.0.1:1/bank"
        trained = run(environment, logs / "train", "-m", "flows.train", str(good), "--as-of", moment)
        published = run(environment, logs / "refresh", *flow, str(good), "--as-of", moment)
        refused = run(environment, logs / "refused", *flow, str(bad), "--as-of", moment)
        unreachable = run(environment, logs / "away", *flow, away, "--as-of", moment)
        told = environment | {"SEGMENT_LEDGER": str(good)}
        unexpected = run(told, logs / "unexpected", "-c", BROKEN_RUN, CUSTOMER, str(AMOUNT), moment)
        command = ("-c", "from segment.cli import main; main()", "refresh")
        by_hand = run(environment, logs / "hand", *command, str(bad), "--as-of", moment)
        states = [one["state"]["type"] for one in ended_runs(environment)]
        shown = ask(environment, "/artifacts/filter", {})

    said = "\n".join(path.read_text()[-1500:] for path in sorted(logs.iterdir()))
    assert (trained, published) == (0, 0), said
    assert refused, said
    assert unreachable, said
    assert unexpected, said
    assert "KeyError" in (logs / "unexpected").read_text()
    assert by_hand == 2, said
    assert sorted(states) == ["COMPLETED", "COMPLETED", "FAILED", "FAILED", "FAILED"]
    assert shown
    files = left_behind(tmp_path)
    names = {path.name for path in files}
    assert {"prefect.db", "mlflow.db", "server.log", "refused", "away"} <= names
    assert any(path.suffix == ".skops" for path in files)
    assert found_in(files, tmp_path) == []


def test_the_search_finds_what_is_planted_packed_or_not(tmp_path: Path) -> None:
    (tmp_path / "plain.log").write_text(f"customer {CUSTOMER} booked {AMOUNT}")
    with zipfile.ZipFile(tmp_path / "model.skops", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("schema.json", f"{NAME * 9}")
    found = found_in(left_behind(tmp_path), tmp_path)
    assert found_where(found, "plain.log") == 2
    assert found_where(found, "model.skops") == 1


def found_where(found: list[str], name: str) -> int:
    return sum(one.endswith(name) for one in found)

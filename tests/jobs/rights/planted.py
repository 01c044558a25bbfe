"""A customer put wherever the workspace can hold one, and an independent search for them."""

from __future__ import annotations

import datetime as dt
import io
import sqlite3
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

from segment.files import write_parquet
from segment.jobs.lists.release import Released, release
from segment.jobs.lists.take_outcomes import take_outcomes
from segment.jobs.lists.upgrade_list import upgrade_list
from segment.jobs.publish.overrides import set_override
from segment.jobs.publish.refresh import refresh
from segment.jobs.rights.objections import object_to
from segment.store.record_kinds import RecordKind
from segment.store.records import append_record
from segment.store.row_store import upsert_rows
from segment.store.stored_tables import REVIEWS
from tests.conftest import AS_OF, Bank
from tests.jobs.publish.test_refresh import with_gates
from tests.stored import store_list, stored_list


@dataclass(frozen=True)
class Planted:
    """Who, the file that left with them, and who shares an account with somebody."""

    bank: Bank
    customer: str
    released: Released


def plant(bank: Bank, out: Path) -> Planted:
    """Put one customer of a list everywhere."""
    workspace = bank.workspace
    refresh(None, AS_OF, workspace, with_gates(bank.policy, least_diagonal=0.8), bank.tracking())
    made = upgrade_list(AS_OF, workspace, bank.policy)
    customer = str(made.to_contact["customer_id"][0])
    released = release(
        made.to_contact,
        out / "list.csv",
        list_id=made.list_id,
        workspace=workspace,
        policy=bank.policy,
        list_on=AS_OF,
        as_of=AS_OF,
    )
    whole = stored_list(workspace, made.list_id)
    last = pl.int_range(pl.len()) == pl.len() - 1
    named = pl.when(last).then(pl.lit(customer)).otherwise("household").alias("household")
    store_list(workspace, whole.with_columns(named), made.list_id)
    answers = out / "answers.csv"
    answers.write_text(
        "list_id,customer_id,contacted_on,response,responded_on\n"
        f"{made.list_id},{customer},2026-01-05,declined,2026-01-06\n{made.list_id},{customer},2026-01-05,never,\n"
    )
    take_outcomes(answers, workspace)
    object_to(workspace, bank.policy, customer, "profiling")
    until = dt.date(2026, 5, 31)
    told = {"role": "branch_manager", "reason": "Sold the firm.", "starts_on": AS_OF, "expires_on": until}
    set_override(workspace, bank.policy, customer, "valuable", **told)  # type: ignore[arg-type]
    decided = ("r1", customer, "B001", "fee", "item", AS_OF, "Ann", AS_OF, "refused", "Bea", AS_OF, "not owed")
    upsert_rows(
        workspace, REVIEWS, pl.DataFrame([dict(zip(REVIEWS.schema, decided, strict=False))], schema=REVIEWS.schema)
    )
    # as versions before this one wrote it
    old = {"customer_id": customer, "tier": "valuable", "role": "branch_manager"}
    days = {"starts_on": "2025-01-01", "expires_on": "2025-02-01"}
    append_record(workspace, RecordKind.TIER_OVERRIDDEN, by="Ann", why="a firm", content={**old, **days})
    own = pl.DataFrame({"customer_id": [customer, "C0000777"], "event_id": ["e1", "e2"], "rule": ["orphan", "orphan"]})
    for place in ("quarantine/service_events", "protected/customers", "ledger_parts/frames/bad"):
        write_parquet(own, workspace.root / f"{place}.parquet")
    write_parquet(own, workspace.snapshots / ".2025-12-31-cut0ff.parquet")
    return Planted(bank, customer, released)


def places_of(root: Path, customer: str) -> list[str]:
    """Files that hold the id in their bytes or in a cell, found without the package."""
    return sorted({path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file() and any(
        customer.encode() in part for part in _contents(path)
    )})  # fmt: skip


def _contents(path: Path) -> Iterator[bytes]:
    content = path.read_bytes()
    yield content
    if content[:4] == b"PAR1":
        yield repr(pq.ParquetFile(path).read().to_pylist()).encode()
    if content[:6] == b"SQLite":
        with sqlite3.connect(path) as connection:
            yield "\n".join(connection.iterdump()).encode()
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            yield from (packed.read(name) for name in packed.namelist())

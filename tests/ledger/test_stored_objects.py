"""A ledger in object storage, and tiers that go there: the same rows, and no message says who asked."""

from __future__ import annotations

import datetime as dt
import gzip
import tempfile
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from deltalake import DeltaTable

from segment.exceptions import ExportError, LedgerError, SegmentError, SourceError, UsageError
from segment.ledger import TABLES, open_source
from segment.ledger.trial_ledger import trial_day, write_trial_day
from segment.object_storage import object_store
from segment.warehouse.published_copy import publish_copy
from tests.ledger.object_server import KEY_ID, SECRET, object_server
from tests.ledger.small_ledger import Tables, write_csv, write_parquet
from tests.ledger.test_folder import assert_same, checked

DAY = dt.date(2025, 12, 31)


@pytest.fixture(scope="module", autouse=True)
def server() -> Iterator[None]:
    with object_server():
        yield


def put(folder: Path, name: str) -> str:
    """Copy a folder's files into the bucket."""
    store = object_store()
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        with store.open_output_stream(f"bank/{name}/{file.relative_to(folder).as_posix()}") as out:
            out.write(file.read_bytes())
    return f"s3://bank/{name}"


def test_object_storage_holds_the_same_ledger_as_a_folder(small_ledger: Tables, tmp_path: Path) -> None:
    expected = checked(write_parquet(small_ledger, tmp_path / "expected"))
    rows = small_ledger.pop("transactions")
    folder = write_csv(small_ledger, tmp_path / "ledger")
    (folder / "Transactions" / "2023").mkdir(parents=True)
    rows[:400].write_csv(folder / "Transactions" / "2023" / "a.csv")
    (folder / "Transactions" / "b.csv.gz").write_bytes(gzip.compress(rows[400:].write_csv().encode()))
    found = checked(put(folder, "same") + "/")
    assert_same(found, expected)
    assert found.report.location == "s3://bank/same"


def test_a_table_is_copied_when_it_is_asked_for_and_gone_with_the_source(
    small_ledger: Tables, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_parquet(small_ledger, tmp_path / "ledger")
    write_trial_day(folder, dt.date(2024, 1, 5))
    address = put(folder, "lazily")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with open_source(address) as source:
        assert trial_day(source) == dt.date(2024, 1, 5)
        source.find(TABLES["balances"])
        (copies,) = tmp_path.glob("segment-*")
        copied = {file.name for file in copies.iterdir() if file.stat().st_size}
        assert copied == {"balances.parquet", "trial.toml"}
    assert not copies.exists()


def test_an_object_that_is_not_read_is_a_fault_as_in_a_folder(small_ledger: Tables, tmp_path: Path) -> None:
    folder = write_parquet(small_ledger, tmp_path / "ledger")
    (folder / "contact_rule.parquet").write_bytes(b"rows")
    with pytest.raises(LedgerError, match="contact_rule.parquet"):
        checked(put(folder, "strays"))


@pytest.mark.parametrize(
    ("address", "error", "told"),
    [
        ("s3://bank/nothing-here", SourceError, "object storage must answer. s3://bank/nothing-here does not"),
        ("s3://no-such-bucket/ledger", SourceError, "s3://no-such-bucket/ledger does not"),
        (f"s3://{KEY_ID}:{SECRET}@bank/ledger", UsageError, "must be a bucket and a path"),
        (f"s3://bank/ledger?secret={SECRET}", UsageError, "must be a bucket and a path"),
        ("s3://bank", UsageError, "must be a bucket and a path"),
    ],
)
def test_what_is_wrong_with_an_address_is_told_without_who_asked(
    address: str, error: type[SegmentError], told: str
) -> None:
    with pytest.raises(error, match=told) as caught:
        checked(address)
    assert not {KEY_ID, SECRET} & set(str(caught.value).replace("/", " ").replace(":", " ").split())
    assert caught.value.__context__ is None or caught.value.__suppress_context__


def test_a_store_that_does_not_answer_or_refuses_may_be_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    with pytest.raises(SourceError, match="must answer") as caught:
        checked("s3://bank/same")
    assert KEY_ID not in str(caught.value)
    with pytest.raises(ExportError, match="took none") as refused:
        publish_copy(tiers(DAY, "a"), DAY, "s3://bank/tiers")
    assert KEY_ID not in str(refused.value)


def test_names_that_lead_out_of_the_folder_are_refused(
    small_ledger: Tables, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = put(write_parquet(small_ledger, tmp_path / "ledger"), "outside")
    listed = "segment.ledger.stored_objects.ObjectSource._list"
    monkeypatch.setattr(listed, lambda source, path: (object_store(), {"../outside.csv": "bank/outside/x"}))
    with pytest.raises(LedgerError, match="names that files in folders may have"):
        checked(address)
    assert not list(tmp_path.rglob("outside.csv"))


def tiers(day: dt.date, *customers: str) -> pl.DataFrame:
    return pl.DataFrame({"as_of": [day] * len(customers), "customer_id": customers, "tier": "valuable"})


def test_a_date_of_tiers_is_replaced_there_in_one_commit() -> None:
    before = dt.date(2025, 11, 30)
    for day, rows in ((before, ("a", "b")), (DAY, ("a", "b", "c")), (DAY, ("a", "d"))):
        assert publish_copy(tiers(day, *rows), day, "s3://bank/published/tiers/") == "s3://bank/published/tiers"
    table = DeltaTable("s3://bank/published/tiers")
    held = pl.DataFrame(table.to_pyarrow_table()).sort("as_of", "customer_id")
    assert (table.version(), held["customer_id"].to_list()) == (2, ["a", "b", "a", "d"])
    more = tiers(DAY, "a", "d").with_columns(sub_state=pl.lit("in_arrears"))
    publish_copy(more, DAY, "s3://bank/published/tiers")
    assert pl.DataFrame(DeltaTable("s3://bank/published/tiers").to_pyarrow_table())["sub_state"].null_count() == 2

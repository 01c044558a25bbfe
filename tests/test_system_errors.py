"""What the system refuses is one message, whichever library met it; anything else is none of its refusals."""

from __future__ import annotations

import errno
import os
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from deltalake import write_deltalake
from filelock import FileLock
from mlflow.exceptions import MlflowException

from segment.exceptions import SystemRefusalError
from segment.files import write_json, write_parquet
from segment.system_errors import as_refusal
from segment.tracking.registry import Tracking
from segment.warehouse.export import export_table
from tests.conftest import Said

FULL, RIGHT, FILE, FOLDER = "must have room", "must have the right", "A file must be meant", "A folder must be meant"
BIG = pl.DataFrame({"a": range(200_000)})
WIDE = pl.DataFrame({f"column {number}": [number] for number in range(300)})


def write_database(folder: Path) -> None:
    with sqlite3.connect(folder / "a.db") as connection:
        connection.execute("CREATE TABLE t (a)")
        connection.executemany("INSERT INTO t VALUES (?)", [(str(number) * 100,) for number in range(20_000)])


def write_workbook(folder: Path) -> None:
    with xlsxwriter.Workbook(folder / "a.xlsx") as book:
        page = book.add_worksheet()
        for row in range(20_000):
            page.write(row, 0, f"{row}" * 9)


WAYS: dict[str, Callable[[Path], object]] = {
    "a whole file": lambda folder: write_json(list(range(200_000)), folder / "a.json"),
    "polars": lambda folder: write_parquet(BIG, folder / "a.parquet"),
    "polars, which only loses its footer": lambda folder: write_parquet(WIDE, folder / "a.parquet"),
    "an export": lambda folder: export_table(BIG, folder / "a.csv", "a"),
    "pyarrow": lambda folder: pq.write_table(BIG.to_arrow(), folder / "a.parquet"),
    "delta": lambda folder: write_deltalake(folder / "table", BIG.to_arrow()),
    "sqlite": write_database,
    "xlsxwriter": write_workbook,
    "mlflow": lambda folder: Tracking(folder).log_run("segment/backtest", "a", {}, {}, {"a.txt": "a" * 1_000_000}),
}


def refused(error: BaseException) -> str:
    refusal = as_refusal(error)
    assert isinstance(refusal, SystemRefusalError), repr(error)
    return str(refusal)


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk with room for a page of names and nothing more."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a small disk")
    (disk / "filler").write_bytes(bytes(1_048_576 - 4_096))
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # of writers that the disk cut off
@pytest.mark.parametrize("write", WAYS.values(), ids=WAYS)
def test_a_full_disk_is_called_so(full_disk: Path, write: Callable[[Path], object]) -> None:
    with pytest.raises(Exception) as found:  # noqa: B017, PT011  # each library has its own
        write(full_disk)
    assert FULL in refused(found.value)


def test_a_folder_where_a_file_is_meant_and_a_file_where_a_folder_is(tmp_path: Path) -> None:
    (tmp_path / "a.json").mkdir()
    with pytest.raises(OSError) as found:  # noqa: PT011
        write_json({}, tmp_path / "a.json")
    assert f"{FILE}. `{tmp_path / 'a.json'}`" in refused(found.value)
    (tmp_path / "b").touch()
    for path in ("b/c.json", "b/c/d.json"):
        with pytest.raises(OSError) as found:  # noqa: PT011
            write_json({}, tmp_path / path)
        assert f"{FOLDER}. `{tmp_path / 'b'}" in refused(found.value)


def test_a_right_that_is_missing_names_the_place_that_a_person_knows(tmp_path: Path) -> None:
    beside = PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(tmp_path / ".page-x8s.html"))
    assert f"{RIGHT} to `{tmp_path}`." in refused(beside)
    assert RIGHT in refused(sqlite3.OperationalError("unable to open database file"))
    assert "must not be read-only" in refused(sqlite3.OperationalError("attempt to write a readonly database"))


def test_what_led_to_an_error_counts_and_what_was_put_aside_does_not() -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    wrapped = MlflowException("failed")
    wrapped.__cause__ = full
    assert FULL in refused(wrapped)
    wrapped.__cause__, wrapped.__context__, wrapped.__suppress_context__ = None, full, True
    assert as_refusal(wrapped) is None


@pytest.mark.parametrize(
    "error",
    [
        ValueError("the customer's note says: permission denied"),
        KeyError("is a directory"),
        FileNotFoundError(errno.ENOENT, "No such file"),
        RuntimeError("boom"),
    ],
)
def test_other_errors_are_no_refusals(error: Exception) -> None:
    assert as_refusal(error) is None


def test_a_lock_that_may_not_be_taken_is_a_missing_right(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> int:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(tmp_path / "lock"))

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(PermissionError) as found:
        FileLock(tmp_path / "lock").acquire(timeout=0)
    monkeypatch.undo()
    assert RIGHT in refused(found.value)


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (("simulate", "FILE", "--customers", 50, "--months", 2), FOLDER),
        (("impact-assessment", "--out", "FOLDER"), FILE),
        (("impact-assessment", "--out", "FILE/draft.md"), FOLDER),
        (("object", "C1", "--workspace", "FILE"), FOLDER),
        (("impact-assessment", "--out", f"{'a' * 300}.md"), "that the system can follow"),
    ],
)
def test_the_command_line_tells_each_in_one_message(
    segment: Callable[..., Said], tmp_path: Path, command: tuple[object, ...], told: str
) -> None:
    (tmp_path / "FILE").touch()
    (tmp_path / "FOLDER").mkdir()
    places = [str(part).replace("FILE", f"{tmp_path}/FILE").replace("FOLDER", f"{tmp_path}/FOLDER") for part in command]
    said = segment(*places)
    assert said.code == 2
    assert told in said.err
    assert "Hint:" in said.err
    assert "did not expect" not in said.err
    assert "Traceback" not in said.err


def test_arrow_keeps_what_the_disk_said() -> None:
    assert FULL in refused(pa.lib.ArrowException("[errno 28] No space left on device"))

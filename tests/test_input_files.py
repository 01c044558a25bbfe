"""What is handed in ends: regular files within limits, and one message for everything else."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from segment.exceptions import InputFileError, SegmentError
from segment.input_files import InputLimits, file_fault, read_input_text, require_input_file
from segment.jobs.lists.take_outcomes import take_outcomes
from segment.jobs.lists.verify_list import verify_list
from segment.jobs.reviews.fee_notices import take_notices
from segment.ledger.handed_in import read_handed_in
from segment.ledger.schema import Column, Table
from segment.policy import load_policy, load_spec
from segment.workspace import Workspace
from tests.jobs.lists.made_lists import LIST_ON, bank, retail


def pipe(path: Path) -> None:
    os.mkfifo(path)


def endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


def device(path: Path) -> None:
    path.symlink_to("/dev/tty")


def listener(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))


def loop(path: Path) -> None:
    path.symlink_to(path)


def folder(path: Path) -> None:
    path.mkdir()


def broken_link(path: Path) -> None:
    path.symlink_to("nowhere")


def read_input_table(file: Path, what: str) -> pl.DataFrame:
    table = Table("rows", "of a test", tuple(Column(name, "text", "", nullable=True) for name in "ab"))
    return read_handed_in(file, table, what, InputFileError, "").given


KINDS = [pipe, endless, device, listener, loop, folder, broken_link]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)  # a socket's name must be short
    return Path("given.csv")


@pytest.mark.parametrize("make", KINDS)
def test_only_a_regular_file_is_one(place: Path, make: Callable[[Path], None]) -> None:
    make(place)
    assert file_fault(place, 10) is not None
    with pytest.raises(InputFileError, match=r"The rows must be a file\. `given\.csv` .*\nHint:"):
        require_input_file(place, "The rows")


@pytest.mark.parametrize("make", KINDS)
def test_every_job_that_takes_a_file_asks_the_door(
    place: Path, tmp_path: Path, make: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = bank(tmp_path / "workspace")
    make(place)
    readers: list[Callable[[], object]] = [
        lambda: take_outcomes(place, workspace),
        lambda: take_notices(place, Workspace(tmp_path / "other"), retail()),
        lambda: verify_list(place, workspace, retail(), LIST_ON),
        lambda: load_policy(place),
        lambda: load_spec(place),
    ]
    for read in readers:
        with pytest.raises(SegmentError, match=r"must be"):
            read()


def test_a_file_over_the_limit_is_named_with_its_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEGMENT_MOST_FILE_BYTES", "10")
    (tmp_path / "ten").write_text("0123456789")
    (tmp_path / "more").write_text("0123456789x")
    assert read_input_text(tmp_path / "ten", "The text") == "0123456789"
    with pytest.raises(InputFileError, match="holds 11 bytes; at most 10 are read"):
        read_input_text(tmp_path / "more", "The text")


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_columns_and_fields_have_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str) -> None:
    monkeypatch.setenv("SEGMENT_MOST_COLUMNS", "3")
    monkeypatch.setenv("SEGMENT_MOST_FIELD_BYTES", "8")

    def read(**columns: str) -> pl.DataFrame:
        rows, file = pl.DataFrame({name: [text] for name, text in columns.items()}), tmp_path / f"rows.{ending}"
        rows.write_csv(file) if ending == "csv" else rows.write_parquet(file)
        return read_input_table(file, "The rows")

    assert read(a="12345678", b="x", c="y").width == 3
    with pytest.raises(InputFileError, match="4 columns; at most 3"):
        read(a="1", b="2", c="3", d="4")
    with pytest.raises(InputFileError, match="cells longer than 8 bytes in 1 columns"):
        read(a="123456789", b="x")


def test_a_line_that_does_not_end_is_not_given_to_a_parser(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_bytes(b"a,b\n" + b"x" * (16 * InputLimits().most_field_bytes + 1))
    with pytest.raises(InputFileError, match="a line longer than 1,048,576 bytes"):
        read_input_table(file, "The rows")


def test_a_parquet_file_that_unpacks_beyond_the_limit_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "rows.parquet"
    pl.DataFrame({"a": ["x"] * 3_000_000}).write_parquet(file)
    monkeypatch.setenv("SEGMENT_MOST_FILE_BYTES", "1000000")
    assert file.stat().st_size < 100_000
    with pytest.raises(InputFileError, match="at most 1,000,000 are read"):
        read_input_table(file, "The rows")


def test_a_byte_order_mark_is_read_over(tmp_path: Path) -> None:
    retail_toml = Path("models/retail.toml").read_text(encoding="utf-8")
    (tmp_path / "marked.toml").write_text("\ufeff" + retail_toml, encoding="utf-8")
    assert load_policy(tmp_path / "marked.toml").hash == load_policy("models/retail.toml").hash
    (tmp_path / "rows.csv").write_text("\ufeffa,b\n1,2\n", encoding="utf-8")
    assert read_input_table(tmp_path / "rows.csv", "The rows").columns == ["a", "b"]


@pytest.mark.parametrize("text", ["x = " + "[" * 5_000 + "]" * 5_000, "x = " + "{y=" * 5_000 + "1" + "}" * 5_000])
def test_toml_nested_without_end_is_one_message(tmp_path: Path, text: str) -> None:
    (tmp_path / "deep.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SegmentError, match=r"must be TOML.*nested too deeply"):
        load_policy(tmp_path / "deep.toml")

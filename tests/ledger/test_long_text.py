"""A long text is read a piece at a time, and what is found in it does not depend on where it was cut."""

from __future__ import annotations

import datetime as dt
import gzip
import io
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segment.exceptions import LedgerError
from segment.ledger import long_text
from segment.ledger.long_text import Cuts, LongText
from segment.warehouse.frame_store import FrameStore
from tests.jobs.build.increments import Bank
from tests.ledger.increments.test_check_increment import assert_as_whole, increment


def cut(text: bytes, piece_bytes: int, chunk: int) -> Cuts:
    cuts = Cuts()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(long_text, "PIECE_BYTES", piece_bytes)
        for start in range(0, len(text), chunk):
            cuts.see(text[start : start + chunk])
    return cuts


@given(st.lists(st.sampled_from([b"a", b",", b'"', b"\n", b"\r\n", b"bcd"]), max_size=60).map(b"".join),
       st.integers(1, 20), st.integers(1, 9), st.integers(1, 9))  # fmt: skip
def test_a_cut_lies_behind_a_line_s_end_outside_quotes_wherever_the_stream_breaks(
    text: bytes, piece_bytes: int, chunk: int, other: int
) -> None:
    cuts = cut(text, piece_bytes, chunk)
    assert cuts.places == cut(text, piece_bytes, other).places
    assert all(text[:place].endswith(b"\n") and text[:place].count(b'"') % 2 == 0 for place in cuts.places)
    assert b"".join(text[start:end] for start, end in cuts.spans()) == text[cuts.header_bytes :]


@pytest.mark.parametrize("text", [b"", b"a,b", b"a,b\n", b'\xef\xbb\xbf"a\nb",c\n1,2\n', b"\n\na,b\n1,2"])
def test_the_header_is_the_first_line_with_something_in_it(text: bytes) -> None:
    header = text[: cut(text, 1, 3).header_bytes]
    assert text.startswith(header)
    assert header.strip() == {b"": b"", b"\xef": b'\xef\xbb\xbf"a\nb",c'}.get(text[:1], b"a,b")


def test_pieces_asked_for_in_any_order_hold_their_rows_and_forward_the_text_is_opened_once() -> None:
    text = b"id\n" + b"".join(b"%d\n" % number for number in range(100))
    opened: list[io.BytesIO] = []

    def open_text() -> io.BytesIO:
        opened.append(io.BytesIO(text))
        return opened[-1]

    rows, pieces = LongText(open_text, cut(text, 40, 16)).pieces(",", pl.Schema({"id": pl.String}))
    opened.clear()
    assert [piece.rows.collect().height for piece in pieces] == [17, 14, 14, 14, 14, 14, 13]
    assert len(opened) == 1
    assert opened[0].closed
    assert pieces[5].rows.collect()["id"][0] == "73"
    assert pieces[0].rows.collect()["id"][0] == "0"
    assert pl.concat([piece.rows for piece in pieces]).collect().equals(rows.collect())
    assert max(map(len, (text[start:end] for start, end in cut(text, 40, 16).spans()))) < 80


def zstd(content: bytes) -> bytes:
    return pa.compress(content, "zstd", asbytes=True)  # type: ignore[no-any-return]


def as_utf16(content: bytes) -> bytes:
    return content.decode().encode("utf-16")


def with_mark(content: bytes) -> bytes:
    return b"\xef\xbb\xbf" + content.replace(b"\n", b"\r\n")


@pytest.mark.parametrize("held", [0, 10**9])
@pytest.mark.parametrize(
    ("name", "pack"),
    [("csv", bytes), ("csv.gz", gzip.compress), ("csv.zst", zstd), ("csv", as_utf16), ("csv", with_mark)],
)
def test_a_table_in_one_text_in_any_order_is_checked_a_piece_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, pack: Callable[[bytes], bytes], held: int
) -> None:
    bank, ledger, store = Bank(months=3), tmp_path / "ledger", FrameStore(tmp_path / "shelf")
    bank.write(ledger)
    rows = pl.concat([pl.read_parquet(file) for file in sorted((ledger / "transactions").glob("*.parquet"))])
    rows = rows.with_columns(counterparty_bank=pl.lit('a "bank",\nof two lines'))
    bad = rows.head(3).with_columns(amount=pl.lit(0.0))
    unknown = rows.tail(1).with_columns(kind=pl.lit("gift"), transaction_id=pl.lit("gift"))
    late = rows.tail(2).with_columns(booked_on=bank.as_of + dt.timedelta(days=1), transaction_id=pl.lit("late"))
    texts = [part.cast(pl.String) for part in (rows, bad, unknown, rows[5:9], late)]
    whole = pl.concat(texts).sample(fraction=1.0, shuffle=True, seed=2)
    for file in (ledger / "transactions").glob("*"):
        file.unlink()
    text = whole.write_csv().encode()
    (ledger / "transactions" / f"all.{name}").write_bytes(pack(text))
    monkeypatch.setattr(long_text, "PIECE_BYTES", len(text) // 6)
    monkeypatch.setattr("segment.ledger.increments.long_check.MOST_ROWS", held)
    monkeypatch.setattr("segment.ledger.increments.long_table.MOST_ROWS", 0)
    assert_as_whole(ledger, bank.as_of, store)
    found, tables = increment(ledger, bank.as_of, store)
    assert (found.parts > 6, found.parts_read, found.quarantine["transactions"].height > 7) == (True, 0, True)
    february = found.long["transactions"].rows(dt.date(2024, 2, 1), dt.date(2024, 2, 29))
    assert february.equals(tables["transactions"].filter(pl.col("booked_on").dt.month() == 2))


def test_a_row_with_too_many_fields_in_the_middle_of_a_long_text_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bank, ledger = Bank(), tmp_path / "ledger"
    bank.write(ledger)
    rows = pl.concat([pl.read_parquet(file) for file in sorted((ledger / "transactions").glob("*.parquet"))])
    for file in (ledger / "transactions").glob("*"):
        file.unlink()
    lines = rows.write_csv().splitlines(keepends=True)
    lines[len(lines) // 2] = lines[len(lines) // 2].strip() + ",more,more,more\n"
    (ledger / "transactions" / "all.csv").write_text("".join(lines))
    monkeypatch.setattr(long_text, "PIECE_BYTES", len("".join(lines)) // 6)
    assert_as_whole(ledger, bank.as_of, FrameStore(tmp_path / "shelf"))
    with pytest.raises(LedgerError, match="has rows with more fields than its first row"):
        increment(ledger, bank.as_of, FrameStore(tmp_path / "other"))

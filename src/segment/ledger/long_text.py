"""A text that is longer than memory should hold: where it may be cut, and its bytes from one cut to the next."""

from __future__ import annotations

import codecs
import io
from collections.abc import Callable
from itertools import pairwise
from threading import Lock
from typing import Final, Protocol

import polars as pl

from segment.input_files import ByteStream
from segment.ledger.parts import Piece

PIECE_BYTES: Final = 1 << 25
"""Least bytes of a piece of a long text; its rows take a few times that in memory."""
_CHUNK: Final = 1 << 20
_BLANKS: Final = codecs.BOM_UTF8 + b"\r\n"


class TextStream(ByteStream, Protocol):
    """What the bytes of a text are read from, in their order."""

    def close(self) -> None:
        """Let go of it."""
        ...


class Cuts:
    """Ends of lines outside quotes behind which a text may be cut: of its header, and then every `PIECE_BYTES`."""

    def __init__(self) -> None:
        self.places: list[int] = []
        self.passed, self._in_quotes, self._begun = 0, False, False

    def see(self, chunk: bytes) -> None:
        """Take in the next bytes of the text."""
        looked_at, start = 0, self._next_cut()
        while 0 <= start < len(chunk) and (end := chunk.find(b"\n", start) + 1):
            self._look_at(chunk[looked_at:end])
            looked_at = start = end
            if self._begun and not self._in_quotes:
                self.places.append(self.passed + end)
                start = max(self._next_cut(), end)
        self._look_at(chunk[looked_at:])
        self.passed += len(chunk)

    def _look_at(self, lines: bytes) -> None:
        self._in_quotes ^= bool(lines.count(b'"') % 2)
        self._begun = self._begun or bool(lines.strip(_BLANKS))

    @property
    def header_bytes(self) -> int:
        """Bytes up to the end of the columns' names."""
        return self.places[0] if self.places else self.passed

    def spans(self) -> list[tuple[int, int]]:
        """Say where each piece begins and ends, the header left out."""
        ends = sorted({self.header_bytes, *self.places, self.passed})
        return [*pairwise(ends)] or [(ends[0], ends[0])]

    def _next_cut(self) -> int:
        """From which byte of this chunk on the next cut is looked for."""
        return max(self.places[-1] + PIECE_BYTES - self.passed, 0) if self.places else 0


class LongText:
    """A text in UTF-8, a stream: pieces that are asked for in their order are read on, others from the start."""

    def __init__(self, opened: Callable[[], TextStream], cuts: Cuts) -> None:
        self._begin(opened, cuts)

    def _begin(self, opened: Callable[[], TextStream], cuts: Cuts) -> None:
        self._opened, self._cuts, self._lock = opened, cuts, Lock()
        self._stream: TextStream | None = None
        self._at = 0

    def __getstate__(self) -> tuple[Callable[[], TextStream], Cuts]:
        """What another process needs to read the text; an open stream stays here."""
        return self._opened, self._cuts

    def __setstate__(self, state: tuple[Callable[[], TextStream], Cuts]) -> None:
        """Read the text from its start."""
        self._begin(*state)

    @property
    def header(self) -> bytes:
        """The line with the columns' names, which may go on where a name in quotes holds a break."""
        return self._between(0, self._cuts.header_bytes)

    def _between(self, start: int, end: int, before: bytes = b"") -> bytes:
        with self._lock:
            if self._stream is None or self._at > start:
                self._close()
                self._stream = self._opened()
            while self._at < start and self._read(min(start - self._at, _CHUNK)):
                pass
            content = [before]
            while self._at < end and (chunk := self._read(end - self._at)):
                content.append(chunk)
            # a short text is read in one go: no file stays open for long
            if self._at >= self._cuts.passed or end == self._cuts.header_bytes:
                self._close()
            return b"".join(content)

    def pieces(self, separator: str, schema: pl.Schema) -> tuple[pl.LazyFrame, tuple[Piece, ...]]:
        """All rows, and the same some at a time; bytes are read when rows are asked for, and every time."""
        spans = self._cuts.spans()
        header = self.header

        def piece(start: int, end: int) -> pl.LazyFrame:
            def read() -> pl.DataFrame:
                content = io.BytesIO(self._between(start, end, header))
                lines = pl.scan_csv(content, separator=separator, infer_schema=False, glob=False)
                # a blank line is no row
                return lines.filter(pl.any_horizontal(pl.all().is_not_null())).collect()

            return pl.defer(read, schema=schema)

        parts = tuple(Piece(start if number else 0, piece(start, end)) for number, (start, end) in enumerate(spans))
        return piece(spans[0][0], spans[-1][1]), parts

    def __del__(self) -> None:
        """Let go of a stream that nobody read to its end."""
        self._close()

    def _read(self, size: int) -> bytes:
        chunk = self._stream.read(size) if self._stream is not None else b""
        self._at += len(chunk)
        return chunk

    def _close(self) -> None:
        if self._stream is not None:
            self._stream.close()
        self._stream, self._at = None, 0

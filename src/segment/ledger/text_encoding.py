"""In which characters a text is written: UTF-8, what its first bytes say, or what the settings name; never a guess."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import BinaryIO, Final

from segment.input_files import InputLimits
from segment.ledger.long_text import Cuts
from segment.messages import Message

_CHUNK: Final = 1 << 20
# those of four bytes before those of two, which begin them
_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_OF_MANY_BYTES: Final = ("gb", "big5", "euc", "shift", "iso2022", "hz", "johab", "cp932", "cp949", "cp950")
_WIDE: Final = "\u0800"
"""From here on a character is three bytes of UTF-8, which no short text of other characters looks like."""
_NAME_IT: Final = Message("faults.name_encoding")


class TextFault(OSError):  # noqa: N818 - what is wrong with a file, not with the program
    """Why a text cannot be read."""


@dataclass(frozen=True)
class OtherText:
    """A text that is in other characters, which is brought to UTF-8 every time it is read."""

    encoding: str
    cuts: Cuts

    def stream(self, file: BinaryIO) -> InUtf8:
        """The text in UTF-8."""
        return InUtf8(file, self.encoding, Message("faults.no_text_any_more", {"encoding": self.encoding}))


class InUtf8:
    """A stream of bytes in other characters, as one in UTF-8."""

    def __init__(self, file: BinaryIO, encoding: str, fault: Message) -> None:
        self._file, self._fault = file, fault
        self._decoder, self._rest = codecs.getincrementaldecoder(encoding)(), b""

    def read(self, size: int, /) -> bytes:
        """Hand over the next bytes; none at the end."""
        while not self._rest:
            chunk = self._file.read(_CHUNK)
            self._rest = self._decoded(chunk)
            if not chunk:
                break
        content, self._rest = self._rest[:size], self._rest[size:]
        return content

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def _decoded(self, chunk: bytes) -> bytes:
        try:
            text = self._decoder.decode(chunk, final=not chunk)
        except UnicodeError:
            raise TextFault(self._fault) from None
        if "\0" in text:
            raise TextFault(self._fault)
        return text.encode()


class WatchedText:
    """A stream of bytes that knows, once all have passed, whether they are UTF-8, and where they may be cut."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._decoder = file, codecs.getincrementaldecoder("utf-8")()
        self.is_utf8, self.is_ascii, self.has_wide, self.cuts = True, True, False, Cuts()

    def read(self, size: int, /) -> bytes:
        """Hand on the next bytes."""
        chunk = self._file.read(size)
        self.cuts.see(chunk)
        self.is_ascii &= chunk.isascii()
        self.is_utf8 &= b"\0" not in chunk  # zeros stand in UTF-16 without its mark
        if self.is_utf8 and not self.is_ascii:
            try:
                text = self._decoder.decode(chunk, final=not chunk)
                self.has_wide |= max(text.removeprefix("\ufeff"), default="") >= _WIDE
            except UnicodeDecodeError:
                self.is_utf8 = False
        return chunk


def in_utf8(
    unpacked: Callable[[], BinaryIO], first: bytes, watched: WatchedText, limits: InputLimits, most_bytes: int
) -> OtherText | None:
    """Bring a text to UTF-8 that is not; None where it is. `first`: Its first bytes."""
    named = limits.encoding
    if marked := next((encoding for mark, encoding in _MARKS if first.startswith(mark)), None):
        return _rewrite(unpacked, marked, most_bytes, Message("faults.cut_text", {"encoding": marked.upper()}))
    if not watched.is_utf8:
        if named is None or first.startswith(codecs.BOM_UTF8):
            raise TextFault(Message("faults.not_utf8", {"name_it": _NAME_IT}))
        return _rewrite(
            unpacked, named, most_bytes, Message("faults.neither_text", {"named": named, "name_it": _NAME_IT})
        )
    if watched.is_ascii or watched.has_wide or first.startswith(codecs.BOM_UTF8):
        return None
    if named is not None and named.startswith(_OF_MANY_BYTES) and _is_text(unpacked, named, most_bytes):
        raise TextFault(Message("faults.both_texts", {"named": named}))
    return None


def _is_text(unpacked: Callable[[], BinaryIO], encoding: str, most_bytes: int) -> bool:
    try:
        _rewrite(unpacked, encoding, most_bytes, _NAME_IT)
    except TextFault:
        return False
    return True


def _rewrite(unpacked: Callable[[], BinaryIO], encoding: str, most_bytes: int, fault: Message) -> OtherText:
    other = OtherText(encoding, Cuts())
    with closing(InUtf8(unpacked(), encoding, fault)) as text:
        while chunk := text.read(_CHUNK):
            other.cuts.see(chunk)
            if other.cuts.passed > most_bytes:
                raise TextFault(Message("faults.long_text", {"encoding": encoding, "most": most_bytes}))
    return other

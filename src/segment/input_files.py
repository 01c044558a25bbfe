"""The one door for files that people hand in: regular files that end, within limits of size, columns and fields."""

from __future__ import annotations

import codecs
import errno
import io
import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import polars as pl
from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from segment.exceptions import InputFileError, SegmentError, UsageError, ValueFault
from segment.messages import Message
from segment.value_faults import value_faults

LIMITS_HINT = Message("errors.hint.limits")
_CHUNK = 1 << 20
_KINDS = {
    stat.S_IFDIR: Message("faults.kind.folder"),
    stat.S_IFIFO: Message("faults.kind.pipe"),
    stat.S_IFSOCK: Message("faults.kind.socket"),
    stat.S_IFCHR: Message("faults.kind.device"),
    stat.S_IFBLK: Message("faults.kind.device"),
}
_REASONS = {
    errno.ENOENT: Message("faults.not_there"),
    errno.ENOTDIR: Message("faults.not_there"),
    errno.EACCES: Message("faults.no_right"),
    errno.EPERM: Message("faults.no_right"),
    errno.ELOOP: Message("faults.link_circle"),
    errno.ENAMETOOLONG: Message("faults.long_name"),
}


class ByteStream(Protocol):
    """What bytes are read from."""

    def read(self, size: int, /) -> bytes:
        """Hand over the next bytes."""
        ...


def _setting_error(faults: Sequence[Message]) -> UsageError:
    return UsageError.of("errors.unknown_setting", faults=faults)


class InputLimits(BaseSettings):
    """How large what is handed in may be. Each may be set as ``SEGMENT_<NAME>``."""

    model_config = SettingsConfigDict(env_prefix="SEGMENT_", extra="ignore")

    def __init__(self, **given: Any) -> None:
        """Read the environment; a value that cannot be is one message, which does not repeat it."""
        try:
            super().__init__(**given)
        except ValidationError as error:
            raise _setting_error(value_faults(error.errors(), start="SEGMENT_")) from None
        except SettingsError as error:
            raise _setting_error([Message("errors.must_be_json", {"fault": str(error)})]) from None

    most_file_bytes: int = Field(default=1 << 28, ge=1)  # Of a policy, a spec, outcomes, notices, a list, holidays
    most_ledger_file_bytes: int = Field(default=1 << 36, ge=1)  # Of one file of a ledger, unpacked
    most_columns: int = Field(default=1_000, ge=1)  # Of a table
    most_field_bytes: int = Field(default=1 << 16, ge=1)  # Of a cell
    # In which characters texts of tables are that are neither UTF-8 nor marked as UTF-16, such as `gb18030`
    encoding: str | None = None

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, name: str | None) -> str | None:
        if name is None:
            return None
        try:
            "".encode(name)
        except (LookupError, ValueError):
            raise ValueFault.of("errors.unknown_encoding") from None
        known = codecs.lookup(name).name
        return "gb18030" if known in ("gbk", "gb2312") else known  # which holds both


def file_fault(path: Path, most_bytes: int) -> Message | None:
    """Say why a path is no regular file of at most so many bytes; None: it is one."""
    try:
        status = path.stat()
    except OSError as error:
        return _REASONS.get(error.errno or 0, Message("faults.unreadable"))
    if not stat.S_ISREG(status.st_mode):
        kind = _KINDS.get(stat.S_IFMT(status.st_mode), Message("faults.kind.none"))
        return Message("faults.no_regular_file", {"kind": kind})
    return size_fault(status.st_size, most_bytes)


def size_fault(given: int, most_bytes: int) -> Message | None:
    """Say that a file is too large, if it is."""
    return Message("faults.too_many_bytes", {"given": given, "most": most_bytes}) if given > most_bytes else None


def columns_fault(columns: int, limits: InputLimits) -> Message | None:
    """Say that a table has too many columns, if it has."""
    return (
        Message("faults.too_many_columns", {"columns": columns, "most": limits.most_columns})
        if columns > limits.most_columns
        else None
    )


def fields_fault(frame: pl.DataFrame, limits: InputLimits) -> Message | None:
    """Say that a text cell of a table is too long, if one is."""
    longest = frame.select(pl.col(pl.String).str.len_bytes().max())
    over = sorted(name for name in longest.columns if (longest[name][0] or 0) > limits.most_field_bytes)
    return Message("faults.long_cells", {"most": limits.most_field_bytes, "columns": len(over)}) if over else None


def csv_fault(file: ByteStream, limits: InputLimits, most_bytes: int | None = None) -> Message | None:
    """Say why a text is no table within the limits, before a parser sees it: by its header and its longest line."""
    # `most_bytes`: Of a text that is unpacked while it is read, which nobody has measured.
    most_line = max(_CHUNK, 16 * limits.most_field_bytes)
    length, header, in_header, given = 0, b"", True, 0
    while chunk := file.read(_CHUNK):
        given += len(chunk)
        if most_bytes is not None and given > most_bytes:
            return Message("faults.unpacks_to", {"most": most_bytes})
        if in_header:
            first, end, _ = chunk.partition(b"\n")
            header, in_header = header + first, not end
        last = chunk.rfind(b"\n")
        length = length + len(chunk) if last < 0 else len(chunk) - last - 1
        if length > most_line:
            return Message("faults.long_line", {"most": most_line})
    return columns_fault(max(header.count(mark) for mark in (b",", b";", b"\t")) + 1, limits)


def parquet_fault(source: Path | io.BytesIO, limits: InputLimits, most_bytes: int) -> Message | None:
    """Say why a Parquet file is no table within the limits, by its footer: a few bytes may unpack to any size."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        footer = pq.read_metadata(source)
    except (pa.ArrowException, OSError):
        return Message("faults.broken_parquet")
    groups = (footer.row_group(number) for number in range(footer.num_row_groups))
    unpacked = max(sum(group.total_byte_size for group in groups), footer.num_rows * footer.num_columns)
    return columns_fault(footer.num_columns, limits) or size_fault(unpacked, most_bytes)


def require_input_file(
    path: Path, what: Message, error: type[SegmentError] = InputFileError, hint: Message = LIMITS_HINT
) -> None:
    """Refuse what is no regular file that ends; `what` names it in the one message, such as `The policy`."""
    if fault := file_fault(path, InputLimits().most_file_bytes):
        raise error.of("errors.no_input_file", what=what, path=path, fault=fault, hint=hint)


def read_input_bytes(
    path: Path, what: Message, error: type[SegmentError] = InputFileError, hint: Message = LIMITS_HINT
) -> bytes:
    """Read a file that was handed in."""
    require_input_file(path, what, error, hint)
    most = InputLimits().most_file_bytes
    try:
        # a file that was swapped for a pipe or device since neither blocks nor goes on for ever
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
            content = file.read(most + 1)
        fault = size_fault(len(content), most)
    except OSError as cause:
        content, fault = b"", _REASONS.get(cause.errno or 0, Message("faults.unreadable"))
    if fault is not None:
        raise error.of("errors.no_input_file", what=what, path=path, fault=fault, hint=hint)
    return content


def read_input_text(
    path: Path, what: Message, error: type[SegmentError] = InputFileError, hint: Message = LIMITS_HINT
) -> str:
    """Read a text in UTF-8, with a byte-order mark or without."""
    try:
        return read_input_bytes(path, what, error, hint).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise error.of("errors.not_utf8", what=what, name=path.name) from None

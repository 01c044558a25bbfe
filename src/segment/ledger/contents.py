"""What the files of a ledger hold, by content: whether a part is the one that was read before."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from segment.exceptions import SegmentError, SourceError
from segment.files import file_hash
from segment.ledger.parts import Part, TableInput


@dataclass(frozen=True)
class Content:
    """A file as it was when its bytes were hashed."""

    part: Part
    sha256: str  # of the file's bytes, or the version of rows in a database
    stamp: tuple[int, int] | None = None  # size and time of change, to see whether somebody wrote to it meanwhile

    @property
    def name(self) -> str:
        """The file's place below the ledger's folder."""
        return self.part.place

    def require_still(self) -> None:
        """Hold the file to what it was: rows that were read while somebody wrote belong to no version of it."""
        if self.part.path is not None and _stamp(self.part.path, self.part.name) != self.stamp:
            raise SourceError.of("errors.file_written", name=self.part.name)


def contents_of(source: TableInput) -> tuple[Content, ...]:
    """Hash a table's files; of rows that a database is asked for, take their version."""
    return tuple(
        Content(part, str(part.version)) if part.path is None else _content(part, part.path) for part in source.parts
    )


def digest_of(contents: Mapping[str, tuple[Content, ...]], terms: Iterable[str]) -> str:
    """Hash all that an extract depends on."""
    digest = hashlib.sha256(repr(list(terms)).encode())
    for table in sorted(contents):
        digest.update(repr((table, [(file.name, file.sha256) for file in contents[table]])).encode())
    return digest.hexdigest()


def require_there(part: Part) -> None:
    """Tell a file that is gone, and may come back, from one that is damaged."""
    if part.path is not None:
        _stamp(part.path, part.name)


def _content(part: Part, path: Path) -> Content:
    stamp = _stamp(path, part.name)
    try:
        sha256 = file_hash(path)
    except OSError:
        raise _gone(part.name) from None
    # the same bytes are other rows in other characters
    content = Content(part, f"{sha256} {part.encoding}" if part.encoding else sha256, stamp)
    content.require_still()
    return content


def _stamp(path: Path, name: str) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError:
        raise _gone(name) from None
    return status.st_size, status.st_mtime_ns


def _gone(name: str) -> SegmentError:
    return SourceError.of("errors.file_gone", name=name)

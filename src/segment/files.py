"""Files that are whole or not there, private by default, and what a file's bytes are known by."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import filecmp
import hashlib
import json
import os
import re
import secrets
import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import polars as pl

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

HALF = ".half-"
_IS_HALF = re.compile(r"\.half-|\..+-(?:[a-z0-9_]{8}|[0-9a-f]{16})(?:\.\w+)?$")
"""Files that are written just now; the longer form is of earlier releases."""
_IS_HALF_OF_DELTA = re.compile(r"_commit_.+\.tmp$|.+\.(?:json|parquet)#\d+$")
PROBED_BYTES = 65_536
"""A disk that takes no more than this is full."""


def make_folder(folder: Path) -> None:
    """Make a folder and what is missing above it, each its owner's alone unless it lies in a group's."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    for path in reversed(missing):
        with contextlib.suppress(FileExistsError):  # another process was faster
            path.mkdir(mode=0o700)
            if group := group_bits(path.parent):
                path.chmod(stat.S_ISGID | 0o700 | group)
    if not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder))


def group_bits(folder: Path) -> int:
    """Say what a folder gives the group that it was made for (setgid, nothing for others); 0 for any other folder."""
    mode = folder.stat().st_mode
    return mode & 0o070 if mode & stat.S_ISGID and not mode & 0o007 else 0


def file_mode(folder: Path) -> int:
    """Rights of a file in a folder: its owner's alone, and what the folder gives a group."""
    return 0o600 | group_bits(folder) & 0o060


def make_file(path: Path) -> None:
    """Make an empty file for a library to fill, unless there is one: what creates it decides who may read it."""
    make_folder(path.parent)
    with contextlib.suppress(FileExistsError):
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        os.fchmod(handle, file_mode(path.parent))
        os.close(handle)


def read_only_uri(database: Path) -> str:
    """SQLite's address of a database that is only read, and beside which nothing is made."""
    # Even a reader makes a log beside a database that has one, unless it is told that nobody writes just now.
    with database.open("rb") as file:
        logged = (
            file.read(20)[18:20] == b"\x02\x02"
        )  # https://www.sqlite.org/fileformat.html#file_format_version_numbers
    log = database.with_name(f"{database.name}-wal")
    still = logged and not (log.exists() and log.stat().st_size)
    return f"file:{quote(str(database.absolute()))}?mode=ro{'&immutable=1' if still else ''}"


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file beside its place and rename it, so that a reader sees all of it or the one before."""
    # A file that holds the same bytes already is left as it is, its time of change included.
    make_folder(path.parent)
    with _half_file(path) as half:
        _write(half, write)
        if path.is_file() and filecmp.cmp(half, path, shallow=False):
            if stat.S_IMODE(path.stat().st_mode) != file_mode(path.parent):
                path.chmod(file_mode(path.parent))
            return
        half.chmod(file_mode(path.parent))
        with half.open("rb") as written:
            os.fsync(written.fileno())
        half.replace(path)


@contextmanager
def _half_file(path: Path) -> Iterator[Path]:
    """A file beside another's place; its writer holds it locked, so one that nobody holds was left by a killed run."""
    while True:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=HALF, suffix=path.suffix)
        with contextlib.suppress(OSError):  # a file system without locks: left-overs stay there
            fcntl.flock(handle, fcntl.LOCK_EX)
        if os.fstat(handle).st_nlink:
            break
        os.close(handle)  # swept before it was locked
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)
        os.close(handle)


def sweep_half_files(root: Path, *, alone: bool = False) -> int:
    """Delete what killed runs left half written below a folder; `alone`: nobody writes Delta tables there just now."""
    swept = 0
    for folder, names in folders_below(root):
        for name in names:
            if _IS_HALF.match(name) or (alone and _IS_HALF_OF_DELTA.match(name)):
                swept += _sweep(folder / name)
    return swept


def _sweep(half: Path) -> bool:
    try:
        with half.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            half.unlink()
    except (FileNotFoundError, BlockingIOError, PermissionError):  # done, written just now, or not ours
        return False
    return True


def _write(beside: Path, write: Callable[[Path], object]) -> None:
    """Write a file, and ask the disk where a library fails without saying what the disk said (polars' footer does)."""
    try:
        write(beside)
    except OSError:
        raise
    except Exception:
        with beside.open("ab") as file:
            file.write(bytes(PROBED_BYTES))
            file.flush()
            os.fsync(file.fileno())
        raise


def write_text(text: str, path: Path) -> None:
    """Write a text as one whole file."""
    write_whole(path, lambda beside: beside.write_text(text, encoding="utf-8"))


def write_bytes(content: bytes, path: Path) -> None:
    """Write bytes as one whole file."""
    write_whole(path, lambda beside: beside.write_bytes(content))


def write_parquet(frame: pl.DataFrame | pl.LazyFrame, path: Path, row_group_size: int | None = None) -> None:
    """Write a frame as one whole Parquet file, a lazy one as its rows come."""
    write = frame.write_parquet if isinstance(frame, pl.DataFrame) else frame.sink_parquet
    write_whole(path, lambda beside: write(beside, compression="zstd", statistics=True, row_group_size=row_group_size))


def write_tables(tables: Iterable[pa.Table], path: Path, row_group_size: int | None = None) -> None:
    """Write Arrow tables of one schema as one whole Parquet file, one after the other."""
    from pyarrow.parquet import ParquetWriter  # commands that write none start without it

    def write(beside: Path) -> None:
        writer: pq.ParquetWriter | None = None
        for table in tables:
            writer = writer or ParquetWriter(beside, table.schema, compression="zstd")
            writer.write_table(table, row_group_size=row_group_size)
        if writer is not None:
            writer.close()

    write_whole(path, write)


def write_json(content: Any, path: Path) -> None:
    """Write JSON as one whole file, keys sorted."""
    write_text(json.dumps(content, indent=2, sort_keys=True, default=str, ensure_ascii=False) + "\n", path)


def folders_below(
    root: Path, *, follow: bool = True, on_error: Callable[[OSError], object] | None = None
) -> Iterator[tuple[Path, list[str]]]:
    """Yield a folder and all below it, each once however links lead to it, with the names of the files in it."""
    seen: set[tuple[int, int]] = set()
    for name, folders, files in os.walk(root, followlinks=follow, onerror=on_error):
        status = Path(name).stat()
        if (status.st_dev, status.st_ino) in seen:
            folders.clear()
            continue
        seen.add((status.st_dev, status.st_ino))
        folders.sort()
        yield Path(name), sorted(files)


def files_below(folder: Path) -> list[Path]:
    """List every file below a folder, links followed, each file once; a folder that cannot be read stops."""

    def stop(fault: OSError) -> None:
        raise fault

    found = (at / name for at, names in folders_below(folder, on_error=stop) for name in names)
    return sorted(path for path in found if path.is_file())


def file_hash(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def stamp_of(paths: Iterable[Path]) -> str:
    """Say which files there are now, by length and time, without reading them."""
    found = [(path.name, path.stat()) for path in paths if path.is_file()]
    return json_hash([(name, stat.st_size, stat.st_mtime_ns, stat.st_ino) for name, stat in found])


def json_hash(content: Any) -> str:
    """SHA-256 of what JSON would hold, whatever the order of its keys."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def repr_hash(content: object) -> str:
    """SHA-256 of a value as Python writes it."""
    return hashlib.sha256(repr(content).encode()).hexdigest()


def read_secret(path: Path) -> str:
    """Read a secret that is made where there is none yet; of several who make it at once, one wins and all have his."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    with _half_file(path) as half:
        half.write_text(secrets.token_hex(32), encoding="utf-8")
        half.chmod(file_mode(path.parent))
        with half.open("rb") as written:
            os.fsync(written.fileno())
        # a link is made or it is not, and never takes the place of one that is there
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(half)
    return path.read_text(encoding="utf-8")

"""A workspace copied as it stands at one moment, with the hash of every file, and held to those hashes again."""

# Databases are copied through SQLite's own backup, so that a transaction is in the copy whole or not at all, and before
# the files that they name; any other file is whole under its name at any time, so it is copied as it stands.

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

from segment.exceptions import BackupError
from segment.files import file_hash, folders_below, make_file, make_folder, read_only_uri
from segment.lock import GUARD, HELD_BY, RESTORING

_SQLITE = b"SQLite format 3\0"
_BESIDE_A_DATABASE = ("-wal", "-shm", "-journal")
_BLOCK = 1 << 20
HEAD = Path("records.head")
"""Of the chain of records; `segment.workspace` names it."""


def copy_files(source: Path, target: Path) -> dict[str, str]:
    """Copy every file of a workspace; return the SHA-256 of each copy by its place."""
    places = [place for place in _places(source) if not _is_passing(place)]
    databases = [place for place in places if _is_database(source / place)]
    # how many records there are is copied before they are: acts meanwhile make them more, never fewer
    heads = [place for place in places if place == HEAD]
    hashes = _copy_plain(heads, source, target)
    for place in databases:
        make_file(target / place)
        _copy_database(source / place, target / place)
        hashes[place.as_posix()] = file_hash(target / place)
    rest = [place for place in places if place.as_posix() not in hashes]
    return hashes | _copy_plain(rest, source, target)


def _copy_plain(places: Iterable[Path], source: Path, target: Path) -> dict[str, str]:
    hashes = {}
    for place in places:
        make_file(target / place)
        sha256 = _copy_file(source / place, target / place)
        if sha256 is None:
            (target / place).unlink()
        else:
            hashes[place.as_posix()] = sha256
    return hashes


def copy_exactly(source: Path, target: Path, hashes: dict[str, str]) -> None:
    """Copy the files that a manifest names, each to the last byte."""
    for place, sha256 in hashes.items():
        make_file(target / place)
        if _copy_file(source / place, target / place) != sha256:
            raise BackupError.of("errors.backup_changed", place=place)


def require_same_files(folder: Path, hashes: dict[str, str]) -> None:
    """Hold a copy to its hashes: no file may be missing, changed or added."""
    present = {place.as_posix() for place in _places(folder)}
    missing, added = sorted(hashes.keys() - present), sorted(present - hashes.keys())
    changed = sorted(place for place in hashes.keys() & present if file_hash(folder / place) != hashes[place])
    if missing or added or changed:
        examples = ", ".join([*missing, *added, *changed][:4])
        raise BackupError.of(
            "errors.backup_incomplete",
            files=len(hashes),
            missing=len(missing),
            changed=len(changed),
            added=len(added),
            examples=examples,
        )


def _places(folder: Path) -> Iterator[Path]:
    """Yield where every file lies below a folder, links followed."""
    for below, files in folders_below(folder, on_error=_stop):
        yield from (below.relative_to(folder) / file for file in files)


def _stop(fault: OSError) -> None:
    raise fault


def _is_passing(place: Path) -> bool:
    """Locks, what stands beside a database, half files, the page's copy; the draft of an erasure is none of them."""
    if place.name in (GUARD, HELD_BY, "lock") or place.name.endswith((".lock", *_BESIDE_A_DATABASE)):
        return True
    return place.parts[0] in (RESTORING, "serving") or (place.name.startswith(".") and place.parts[0] != "erasures")


def _is_database(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(_SQLITE)) == _SQLITE
    except FileNotFoundError:  # renamed away by a writer meanwhile
        return False


def _copy_database(source: Path, target: Path) -> None:
    with (
        closing(sqlite3.connect(read_only_uri(source), uri=True, timeout=60)) as opened,
        closing(sqlite3.connect(target)) as copy,
    ):
        opened.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")  # no log beside it: the file alone is the copy
    with target.open("rb") as written:
        os.fsync(written.fileno())


def _copy_file(source: Path, target: Path) -> str | None:
    """Copy a file and return its hash; nothing where a writer has just put another name to it."""
    digest = hashlib.sha256()
    try:
        with source.open("rb") as opened, target.open("wb") as copy:
            while block := opened.read(_BLOCK):
                digest.update(block)
                copy.write(block)
            copy.flush()
            os.fsync(copy.fileno())
    except FileNotFoundError:
        return None
    return digest.hexdigest()


def swap_in(staged: Path, root: Path, stays: frozenset[str]) -> None:
    """Put what was staged inside a workspace in the place of what is there; run again, it ends what was cut off."""
    gone = staged.with_name("old")
    make_folder(gone)
    for entry in sorted(root.iterdir()):
        if entry.name != RESTORING and entry.name not in stays and not (gone / entry.name).exists():
            entry.rename(gone / entry.name)
        if (staged / entry.name).exists() and not entry.exists():
            (staged / entry.name).rename(entry)
    for entry in sorted(staged.iterdir()):
        entry.rename(root / entry.name)

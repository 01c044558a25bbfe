"""A workspace copied while others read it: by the tests of another worker, or by another process."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

_LEFT_OUT = ("lock", "lock.json", "*.lock", "*-at-*", "*.db", "*.db-wal", "*.db-shm", "*.db-journal")
"""Locks, which another may hold just now; reports of runs that failed on purpose; databases, which come apart."""


def copy_workspace(source: Path, target: Path, *left_out: str) -> Path:
    """Copy a workspace; a database is asked for its rows, since the log beside it goes when its last reader does."""
    shutil.copytree(source, target, ignore=shutil.ignore_patterns(*_LEFT_OUT, *left_out))
    for database in source.glob("*.db"):
        with closing(sqlite3.connect(database)) as opened, closing(sqlite3.connect(target / database.name)) as copy:
            opened.backup(copy)
    return target

"""The tests' own bank is copied whole while a neighbour reads and writes it."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from tests.copied import copy_workspace

_NEIGHBOUR = """
import sqlite3, sys
print("begun", flush=True)
while True:
    opened = sqlite3.connect(sys.argv[1])
    opened.execute("INSERT INTO acts VALUES (1)")
    opened.commit()
    opened.close()
"""


def test_a_copy_is_whole_while_a_database_is_opened_and_closed(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    with closing(sqlite3.connect(source / "store.db")) as opened:
        opened.execute("PRAGMA journal_mode = WAL")
        opened.execute("CREATE TABLE acts (n INTEGER)")
        opened.commit()
    neighbour = subprocess.Popen([sys.executable, "-c", _NEIGHBOUR, str(source / "store.db")], stdout=subprocess.PIPE)
    assert neighbour.stdout is not None
    neighbour.stdout.readline()
    counts: list[int] = []
    try:
        # until it has written in between, however busy the machine is
        while len(counts) < 40 or counts[-1] == counts[0]:
            copy = copy_workspace(source, tmp_path / str(len(counts)))
            assert [file.name for file in copy.iterdir()] == ["store.db"]
            with closing(sqlite3.connect(copy / "store.db")) as opened:
                assert opened.execute("PRAGMA integrity_check").fetchone() == ("ok",)
                counts.append(opened.execute("SELECT count(*) FROM acts").fetchone()[0])
    finally:
        neighbour.kill()
        neighbour.communicate()
    assert counts == sorted(counts)

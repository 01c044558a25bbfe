"""Kills an act before each step that it takes on files or databases, repeats it, and says what it left.

One process per act. It imports everything and forks a child for each thing to do, and computes nothing itself: a pool
of threads would not live on in the children. It writes one JSON object.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import sys
import traceback
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import alembic.command
import deltalake
import deltalake.fs
import polars as pl
import pyarrow.dataset
import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

import segment.warehouse.tiers_table as tiers_table
from segment.exceptions import SegmentError
from segment.settings import open_for_writing
from segment.store.records import check_chain, read_records
from segment.store.row_store import read_tables
from segment.store.stored_tables import RELEASED
from segment.tracking.models import CHAMPION
from segment.tracking.registry import Tracking
from segment.warehouse.tiers_table import published_dates, read_tiers
from segment.workspace import Workspace
from tests.faults.acts import ACTS

PRELOADED = (alembic.command, deltalake.fs, pyarrow.dataset, sqlite)
"""What each child would import anew."""
EVERY, A_FEW = "EVERY_STEP" in os.environ, 3
"""Whether each step is one to be killed before, or a few of each act, evenly spaced."""
CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.truncate", "os.symlink"}
WRITES = os.O_WRONLY | os.O_RDWR
_VOLATILE = (
    (re.compile(r"\b[0-9a-f]{10,64}\b"), "#"),
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:.+]+Z?"), "@"),
    (re.compile(r"\b\d{6}\b"), "N"),
)
_PASSING = re.compile(r"(^|/)(lock|lock\.json|.*\.lock|store\.db.*|mlflow\.db.*|records\.head)$")


class Steps:
    """Counts steps below a folder, and ends the process before one of them."""

    def __init__(self, folder: Path, last: int | None) -> None:
        self.folder, self.last, self.count, self.on = str(folder), last, 0, True

    def step(self) -> None:
        if not self.on:
            return
        if self.count == self.last:
            os.kill(os.getpid(), signal.SIGKILL)
        self.count += 1

    def watch(self) -> None:
        sys.addaudithook(self.audit)
        sa.event.listen(sa.Engine, "before_cursor_execute", lambda _, __, text, *___: self.statement(text))
        sa.event.listen(sa.Engine, "commit", lambda _: self.step())
        for owner, name in ((tiers_table, "write_deltalake"), (deltalake.DeltaTable, "restore")):
            setattr(owner, name, self.around(getattr(owner, name)))

    def statement(self, text: str) -> None:
        if not text.lstrip().upper().startswith(("SELECT", "PRAGMA")):  # reading changes nothing
            self.step()

    def around(self, change: Callable[..., Any]) -> Callable[..., Any]:
        """A commit of a Delta table is made by a library that is not asked step by step."""

        def watched(*given: Any, **named: Any) -> Any:
            self.step()
            result = change(*given, **named)
            self.step()
            return result

        return watched

    def audit(self, event: str, given: tuple[Any, ...]) -> None:
        changes = event in CHANGES or (event == "open" and isinstance(given[2], int) and given[2] & WRITES)
        if changes and isinstance(given[0], str | os.PathLike) and os.fspath(given[0]).startswith(self.folder):
            self.step()


def plain(value: object) -> str:
    text = json.dumps(value, sort_keys=True, default=str)
    for pattern, stands_for in _VOLATILE:
        text = pattern.sub(stands_for, text)
    return text


def state(folder: Path) -> list[str]:
    """All that a workspace and the folder beside it hold, without times, hashes and numbers that follow from them."""
    workspace = Workspace(folder / "workspace")
    check_chain(workspace)
    held: list[object] = []
    for name, rows in read_tables(workspace).items():
        told = [plain([name, *row]) for row in rows.iter_rows()]
        # rows are of a file by its hash, and two files of one second are the same
        held += sorted({*told} if name == RELEASED.name else told)
    records: list[list[Any]] = []
    for record in read_records(workspace):
        content = {key: value for key, value in record.content.items() if key != "record"}
        if record.kind.value.endswith(("_failed", "_release_failed")):  # an export that was taken back
            records.pop()
        else:
            records.append([record.kind.value, record.by, record.why, content])
    held += [plain(record) for record in records]
    for path in sorted(folder.rglob("*")):
        place = path.relative_to(folder).as_posix()
        if path.is_file() and not _PASSING.search(place) and "/tiers/" not in place:
            rows = pl.read_parquet(path, glob=False).rows() if path.suffix == ".parquet" else ""
            held.append(plain([place, rows]))
    for day in published_dates(workspace.tiers):
        held.append(plain(read_tiers(workspace.tiers, day).rows()))
    if (workspace.root / "mlflow.db").exists():
        tracking = Tracking(workspace.root)
        champion = tracking.find(CHAMPION)
        held.append(plain(["champion", champion and champion.version, tracking._history()]))
    return sorted(map(str, held))


def forked(work: Callable[[], object]) -> tuple[str, str]:
    """Do something in a child; say how it ended and what it said."""
    reads, writes = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reads)
        code = 0
        try:
            said = json.dumps(work())
        except BaseException:
            said, code = traceback.format_exc(), 1
        with os.fdopen(writes, "w") as out:
            out.write(said)
        os._exit(code)
    os.close(writes)
    with os.fdopen(reads) as answer:
        said = answer.read()
    _, status = os.waitpid(pid, 0)
    return ("killed" if os.WIFSIGNALED(status) else "failed" if os.WEXITSTATUS(status) else "done"), said


def main(name: str, folder: Path) -> dict[str, Any]:
    act, at, kept = ACTS[name], folder / "at", folder / "kept"

    def do(last: int | None) -> int:
        steps = Steps(at, last)
        steps.watch()
        open_for_writing(at / "workspace")
        act.do(at)
        return steps.count

    def told_again() -> str:
        try:
            return f"{do(None)} steps"
        except SegmentError as fault:  # an act that stood already may be refused; what it left is compared in any case
            return str(fault)

    at.mkdir(parents=True)
    ended, said = forked(lambda: act.prepare(at))
    assert ended == "done", said
    shutil.copytree(at, kept)
    ended, said = forked(lambda: [do(None), state(at)])
    assert ended == "done", said
    count, once = json.loads(said)
    ended, said = forked(lambda: [told_again(), state(at)])
    assert ended == "done", said
    expected = [once, json.loads(said)[1]]  # told again without a kill, an act does what it does then: as good
    wrong = []
    apart = 1 if EVERY else max(1, count // A_FEW)
    for last in range(0, count, apart):
        shutil.rmtree(at)
        shutil.copytree(kept, at)
        ended, said = forked(partial(do, last))
        assert ended == "killed", (last, said)
        ended, said = forked(lambda: [told_again(), state(at)])
        held = json.loads(said)[1] if ended == "done" else []
        if held not in expected:
            wrong.append(
                [last, said[-600:] if not held else json.loads(said)[0], [_difference(held, each) for each in expected]]
            )
    return {"act": name, "steps": count, "kills": len(range(0, count, apart)), "wrong": wrong}


def _difference(found: list[str], expected: list[str]) -> dict[str, list[str]]:
    lost, more = Counter(expected) - Counter(found), Counter(found) - Counter(expected)
    return {"lost": sorted(lost.elements())[:5], "more": sorted(more.elements())[:5]}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(sys.argv[1], Path(sys.argv[2]))))

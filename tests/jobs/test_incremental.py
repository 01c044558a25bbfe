"""Extracts after the first: what is read again, what is written again, and that the result is a build from scratch."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from segment.jobs.extract import extract
from segment.warehouse import Workspace
from tests.jobs.month_files import LAST, lenient, month_ledger, write_ledger


def files_of(root: Path) -> dict[str, tuple[bytes, int]]:
    """Every file with its bytes and its time of change."""
    found = (path for path in sorted(root.rglob("*")) if path.is_file())
    return {path.relative_to(root).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns) for path in found}


def test_the_same_extract_again_touches_no_file(tmp_path: Path) -> None:
    ledger, workspace = tmp_path / "ledger", Workspace(tmp_path / "workspace")
    write_ledger(month_ledger(), ledger)
    first = extract(str(ledger), LAST, workspace, lenient(), n_jobs=1)
    before = files_of(workspace.root)
    again = extract(str(ledger), LAST, workspace, lenient(), n_jobs=1)
    assert files_of(workspace.root) == before
    assert (again.months_built, again.months_kept) == (0, first.months_built)


def test_an_extract_finds_out_that_what_it_wrote_was_changed(tmp_path: Path) -> None:
    ledger, workspace = tmp_path / "ledger", Workspace(tmp_path / "workspace")
    write_ledger(month_ledger(), ledger)
    extract(str(ledger), LAST, workspace, lenient(), n_jobs=1)
    before = {name: content for name, (content, _) in files_of(workspace.root).items()}
    workspace.snapshot(LAST).unlink()
    (workspace.reference / "customers.parquet").write_bytes(b"")
    extract(str(ledger), LAST, workspace, lenient(), n_jobs=1)
    after = {name: content for name, (content, _) in files_of(workspace.root).items()}
    told = ("ledger_parts/", "runs/extract-")
    assert {name for name in before if after[name] != before[name] and not name.startswith(told)} == set()


def test_an_earlier_moment_is_no_repetition(tmp_path: Path) -> None:
    ledger, workspace = tmp_path / "ledger", Workspace(tmp_path / "workspace")
    write_ledger(month_ledger(), ledger)
    extract(str(ledger), LAST, workspace, lenient(), n_jobs=1)
    earlier = extract(str(ledger), dt.date(2024, 3, 31), workspace, lenient(), n_jobs=1)
    assert earlier.as_of == dt.date(2024, 3, 31)
    assert workspace.snapshot(earlier.as_of).is_file()

"""Extracts after the first: what is read again, what is written again, and that the result is a build from scratch."""

from __future__ import annotations

import datetime as dt
import json
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from segment.exceptions import SegmentError
from segment.features import snapshot
from segment.jobs.build.extract import extract
from segment.jobs.build.snapshot_cache import write_made
from segment.warehouse.reference_tables import read_reference
from segment.workspace import Workspace
from tests.jobs.build.increments import CHANGES, Bank, Change, leave_behind
from tests.jobs.build.month_files import LAST, lenient, month_ledger, write_ledger


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


def built(ledger: Path, as_of: dt.date, workspace: Workspace) -> str:
    """Extract; say why not where the ledger cannot be used."""
    try:
        extract(str(ledger), as_of, workspace, lenient(), n_jobs=1)
    except SegmentError as error:
        return str(error)
    return ""


def assert_as_from_scratch(ledger: Path, as_of: dt.date, workspace: Workspace, folder: Path) -> None:
    """Hold all that an extract leaves behind to a build from scratch, byte for byte."""
    scratch = Workspace(folder)
    said = built(ledger, as_of, workspace)
    assert said == built(ledger, as_of, scratch)
    if said:
        return
    expected = contents(scratch, as_of)
    moments = [dt.date.fromisoformat(path.stem) for path in workspace.snapshots.glob("*.parquet")]
    for moment in (moment for moment in moments if moment < as_of):
        tables = read_reference(scratch)
        made = snapshot(tables, scratch.customer_months, lenient(), [moment])
        write_made({day: [rows] for day, rows in made.items()}, lenient(), scratch.snapshots)
        expected[f"snapshots/{moment}.parquet"] = scratch.snapshot(moment).read_bytes()
    assert contents(workspace, as_of) == expected


def contents(workspace: Workspace, as_of: dt.date) -> dict[str, bytes]:
    """Every table and report of a moment, without how much work it took."""
    root = workspace.root
    tables = {path.relative_to(root).as_posix(): path.read_bytes() for path in root.glob("*/*.parquet")}
    monthly = ("customer_months", "reconciliations")  # what later moments left of later months is theirs
    later = [name for name in tables if name.startswith(monthly) and name.partition("/")[2][:7] > f"{as_of:%Y-%m}"]
    later += [name for name in tables if name.startswith("snapshots") and name[10:20] > as_of.isoformat()]
    report = json.loads((workspace.runs / f"extract-{as_of}.json").read_text())
    work = ("months_built", "months_kept", "parts_read", "snapshots_built")
    plain = {name: value for name, value in report.items() if name not in work}
    return {name: content for name, content in tables.items() if name not in later} | {
        "report": json.dumps(plain).encode(),
        "reconciliation": (workspace.runs / f"reconciliation-{as_of}.csv").read_bytes(),
    }


@pytest.mark.slow
@given(st.lists(st.tuples(st.sampled_from(CHANGES), st.integers(0, 999)), min_size=2, max_size=5))
@settings(max_examples=12, phases=(Phase.explicit, Phase.reuse, Phase.generate))
def test_any_order_of_increments_equals_a_build_from_scratch(changes: list[tuple[Change, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        bank, ledger, workspace = Bank(), Path(folder, "ledger"), Workspace(Path(folder, "workspace"))
        bank.write(ledger)
        built(ledger, bank.as_of, workspace)
        for step, (change, seed) in enumerate(changes):
            rng = np.random.default_rng(seed)
            change(bank, rng)
            bank.write(ledger)
            leave_behind(workspace.ledger_parts, rng)
            if rng.random() < 0.5 and step < len(changes) - 1:
                built(ledger, bank.as_of, workspace)
            else:
                assert_as_from_scratch(ledger, bank.as_of, workspace, Path(folder, f"scratch-{step}"))

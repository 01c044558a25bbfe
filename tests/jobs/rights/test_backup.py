"""A backup is whole while others write, and whoever was erased or objected since does not come back with it."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import threading
from pathlib import Path

import polars as pl
import pytest

from segment.exceptions import BackupError, BusyError
from segment.files import write_parquet
from segment.jobs.rights import erase_again as erasing
from segment.jobs.rights import restore as restoring
from segment.jobs.rights.backup import FILES, MANIFEST, Manifest, backup, backups_holding
from segment.jobs.rights.erase import erase
from segment.jobs.rights.objections import object_to, objecting
from segment.jobs.rights.restore import restore
from segment.jobs.rights.search_workspace import search
from segment.lock import RESTORING, workspace_lock
from segment.store.record_kinds import RecordKind
from segment.store.records import append_record, check_chain, read_records
from segment.store.row_store import read_rows
from segment.store.stored_tables import OBJECTIONS
from segment.warehouse.backup_files import copy_files, require_same_files
from segment.warehouse.tiers_table import publish_tiers, published_dates, read_tiers
from segment.workspace import Workspace
from tests.jobs.lists.made_lists import bank, listed, retail

POLICY = retail()
JUNE, JULY = dt.date(2025, 6, 30), dt.date(2025, 7, 31)
CUSTOMERS = [f"CUSTOMER-{number}" for number in range(6)]
GONE, OBJECTS = CUSTOMERS[2], CUSTOMERS[4]


def tiers(as_of: dt.date, run: str) -> pl.DataFrame:
    rows = {"as_of": as_of, "customer_id": CUSTOMERS, "tier": "valuable", "run_id": run}
    return pl.DataFrame(rows)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    people = [(name, dt.date(1980, 5, 5), False, None) for name in CUSTOMERS]
    place = bank(tmp_path / "w", customers=people)
    listed(place, [{"customer_id": name} for name in CUSTOMERS])
    publish_tiers(tiers(JUNE, "one"), place.tiers)
    write_parquet(pl.DataFrame({"customer_id": CUSTOMERS, "value": range(6)}), place.snapshot(JUNE))
    append_record(place, RecordKind.GATE_ACCEPTED, by="Ann", why="so", content={"gate": "drift"})
    object_to(place, POLICY, CUSTOMERS[0], "marketing")
    return place


def holding(root: Path, customer_id: str) -> tuple[str, ...]:
    return search(root, customer_id).found


def test_a_backup_is_the_workspace_file_by_file_and_on_record(workspace: Workspace, tmp_path: Path) -> None:
    made = backup(workspace, tmp_path / "b")
    manifest = Manifest.read(tmp_path / "b")
    require_same_files(tmp_path / "b" / FILES, manifest.files)
    assert made.files == len(manifest.files) > 10
    assert not [place for place in manifest.files if "lock" in Path(place).name]
    record = read_records(workspace, RecordKind.BACKUP_MADE)[0]
    assert (record.content["backup"], record.content["files"]) == (made.backup, made.files)
    assert holding(tmp_path / "b" / FILES, GONE)
    assert "can be restored over its own workspace alone" in str(made)


@pytest.mark.parametrize("harm", ["changed", "missing", "added", "manifest"])
def test_a_backup_that_is_not_as_it_was_made_is_not_restored(workspace: Workspace, tmp_path: Path, harm: str) -> None:
    backup(workspace, tmp_path / "b")
    file = tmp_path / "b" / FILES / "snapshots" / f"{JUNE}.parquet"
    if harm == "changed":
        file.write_bytes(file.read_bytes()[:-1] + b"0")
    elif harm == "missing":
        file.unlink()
    elif harm == "added":
        shutil.copyfile(file, file.with_name("2020-01-31.parquet"))
    else:
        manifest = json.loads((tmp_path / "b" / MANIFEST).read_text())
        manifest["records"] += 1
        (tmp_path / "b" / MANIFEST).write_text(json.dumps(manifest))
    before = {path: path.read_bytes() for path in workspace.root.rglob("*") if path.is_file()}
    with pytest.raises(BackupError, match=f"1 (are )?{harm}" if harm != "manifest" else "as it was written"):
        restore(tmp_path / "b", workspace, POLICY)
    assert {path: path.read_bytes() for path in workspace.root.rglob("*") if path.is_file()} == before


def test_a_restore_over_the_workspace_keeps_what_was_handed_in_and_recorded_since(
    workspace: Workspace, tmp_path: Path
) -> None:
    backup(workspace, tmp_path / "b")
    publish_tiers(tiers(JULY, "two"), workspace.tiers)
    object_to(workspace, POLICY, OBJECTS, "profiling")
    erase(workspace, POLICY, GONE, reason="asked for")
    records = len(read_records(workspace))
    done = restore(tmp_path / "b", workspace, POLICY)
    assert (done.store_kept, done.erased_again) == (True, 1)
    assert published_dates(workspace.tiers) == [JUNE]
    assert read_tiers(workspace.tiers, JUNE)["customer_id"].to_list() == [name for name in CUSTOMERS if name != GONE]
    assert holding(workspace.root, GONE) == ()
    assert OBJECTS in objecting(read_rows(workspace, OBJECTIONS))
    assert check_chain(workspace) == records + 1
    assert not (workspace.root / RESTORING).exists()
    assert list(workspace.erasures.glob("erasure-*.json"))


def test_into_an_empty_place_only_with_the_file_that_says_who_was_erased_since(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    register = tmp_path / "outside" / "erasures.json"
    monkeypatch.setenv("SEGMENT_ERASURES", str(register))
    backup(workspace, tmp_path / "b")
    stale = tmp_path / "stale.json"
    shutil.copyfile(register, stale)
    stale.write_text(stale.read_text().replace(Manifest.read(tmp_path / "b").backup, "another"))
    object_to(workspace, POLICY, OBJECTS, "profiling")
    erase(workspace, POLICY, GONE, reason="asked for")
    assert GONE not in register.read_text()
    shutil.rmtree(workspace.root)
    new = Workspace(tmp_path / "new")
    with pytest.raises(BackupError, match="know the backup"):
        restore(tmp_path / "b", new, POLICY, erasures=stale)
    monkeypatch.delenv("SEGMENT_ERASURES")
    with pytest.raises(BackupError, match="No file says so"):
        restore(tmp_path / "b", new, POLICY)
    done = restore(tmp_path / "b", new, POLICY, erasures=register)
    assert (done.store_kept, done.erased_again, done.wishes) == (False, 1, 1)
    assert holding(new.root, GONE) == ()
    assert set(objecting(read_rows(new, OBJECTIONS))) == {OBJECTS}
    assert read_tiers(new.tiers, JUNE).height == len(CUSTOMERS) - 1
    assert check_chain(new) == len(read_records(new))
    other = bank(tmp_path / "other")
    object_to(other, POLICY, "c1", "marketing")
    with pytest.raises(BackupError, match="This workspace is another"):
        restore(tmp_path / "b", other, POLICY)


@pytest.mark.parametrize("killed_at", ["take_out", "swap_in", "append_record"])
def test_a_restore_that_is_cut_off_blocks_others_and_is_ended_by_the_next(
    workspace: Workspace, tmp_path: Path, killed_at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup(workspace, tmp_path / "b")
    erase(workspace, POLICY, GONE, reason="asked for")

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(erasing if killed_at == "take_out" else restoring, killed_at, stop)
        with pytest.raises(KeyboardInterrupt):
            restore(tmp_path / "b", workspace, POLICY)
    if killed_at == "take_out":
        with workspace_lock(workspace.root, "erase"):
            assert holding(workspace.root, GONE) == ()
    else:
        with pytest.raises(BusyError, match="One was cut off"), workspace_lock(workspace.root, "refresh"):
            raise AssertionError
    restore(tmp_path / "b", workspace, POLICY)
    assert holding(workspace.root, GONE) == ()
    assert published_dates(workspace.tiers) == [JUNE]


def test_an_erasure_names_the_backups_that_hold_the_person(workspace: Workspace, tmp_path: Path) -> None:
    for name in ("kept", "moved"):
        backup(workspace, tmp_path / name)
    (tmp_path / "moved").rename(tmp_path / "elsewhere")
    erase(workspace, POLICY, GONE, reason="asked for")
    backup(workspace, tmp_path / "after")
    found = backups_holding(workspace, GONE)
    assert [(Path(one.place).name, one.holds) for one in found] == [("kept", True), ("moved", None)]


def test_a_copy_made_while_others_write_holds_whole_acts(workspace: Workspace, tmp_path: Path) -> None:
    done = threading.Event()

    def write() -> None:
        while not done.is_set():
            append_record(workspace, RecordKind.GATE_ACCEPTED, by="Ann", why="so", content={"gate": "drift"})
            write_parquet(pl.DataFrame({"customer_id": CUSTOMERS, "value": range(6)}), workspace.snapshot(JULY))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(5):
            copy = Workspace(tmp_path / f"copy {number}")
            require_same_files(copy.root, copy_files(workspace.root, copy.root))
            assert check_chain(copy) == len(read_records(copy)) > 1
    finally:
        done.set()
        writer.join()


def test_a_workspace_that_never_hashed_anybody_is_backed_up_and_restored(tmp_path: Path) -> None:
    young = bank(tmp_path / "young")
    publish_tiers(tiers(JUNE, "one"), young.tiers)
    backup(young, tmp_path / "b")
    shutil.rmtree(young.tiers)
    assert restore(tmp_path / "b", young, POLICY).store_kept
    assert published_dates(young.tiers) == [JUNE]
    with pytest.raises(BackupError, match="This one is empty"):
        backup(Workspace(tmp_path / "nothing"), tmp_path / "c")


def test_a_run_that_holds_the_workspace_is_waited_for(workspace: Workspace, tmp_path: Path) -> None:
    with workspace_lock(workspace.root, "refresh"):
        with pytest.raises(BusyError, match="`refresh`"):
            backup(workspace, tmp_path / "b", wait_minutes=0)
        assert not (tmp_path / "b").exists()
        waiting = threading.Thread(target=backup, args=(workspace, tmp_path / "b"))
        waiting.start()
    waiting.join()
    assert Manifest.read(tmp_path / "b").records == 2


def test_a_backup_goes_neither_into_its_workspace_nor_over_anything(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="outside its workspace"):
        backup(workspace, workspace.root / "b")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    with pytest.raises(BackupError, match="new or empty"):
        backup(workspace, tmp_path / "full")
    backup(workspace, tmp_path / "b")
    with pytest.raises(BackupError, match="holds something else"):
        restore(tmp_path / "b", Workspace(tmp_path / "full"), POLICY)

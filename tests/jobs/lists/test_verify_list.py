"""A released file may be used only while it is what it was, has not expired, and reaches nobody who refused since."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from pathlib import Path

import polars as pl
import pytest

from segment.exceptions import ListError, RecordError, SuppressionError
from segment.jobs.lists.release import Released, release
from segment.jobs.lists.verify_list import verify_list
from segment.store.row_store import upsert_rows
from segment.store.stored_tables import OUTCOMES
from segment.workspace import Workspace
from tests.jobs.lists.made_lists import EXPIRES_ON, LIST_ID, LIST_ON, bank, listed, retail

RETAIL = retail(suppression_source_max_age_days=60)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return bank(tmp_path / "w")


@pytest.fixture(params=[".csv", ".xlsx"])
def made(workspace: Workspace, tmp_path: Path, request: pytest.FixtureRequest) -> Released:
    path = tmp_path / "out" / f"list{request.param}"
    rows = listed(workspace)
    return release(rows, path, list_id=LIST_ID, workspace=workspace, policy=RETAIL, list_on=LIST_ON, as_of=LIST_ON)


def test_a_file_as_it_was_released_may_be_used_until_its_last_day(workspace: Workspace, made: Released) -> None:
    found = verify_list(made.path, workspace, RETAIL, EXPIRES_ON)
    assert found.usable
    assert found.rows == 10
    assert "It may be used." in str(found)


def test_an_expired_file_may_not_be_used(workspace: Workspace, made: Released) -> None:
    found = verify_list(made.path, workspace, RETAIL, EXPIRES_ON + dt.timedelta(days=1))
    assert (found.expired, found.usable, found.same_file) == (True, False, True)


def test_rows_whose_event_is_over_are_counted_at_contact_time(workspace: Workspace, tmp_path: Path) -> None:
    rows, path = listed(workspace, [{"expires_on": LIST_ON + dt.timedelta(days=14)}, {}]), tmp_path / "out" / "list.csv"
    release(rows, path, list_id=LIST_ID, workspace=workspace, policy=RETAIL, list_on=LIST_ON, as_of=LIST_ON)
    for days, over in ((14, 0), (15, 1)):
        found = verify_list(path, workspace, RETAIL, LIST_ON + dt.timedelta(days=days))
        assert (found.over, found.usable) == (over, True)
        assert ("a last day of their own that has gone by" in str(found)) == bool(over)


def test_a_file_that_was_changed_may_not_be_used(workspace: Workspace, made: Released) -> None:
    with made.path.open("ab") as file:
        file.write(b"\n")
    found = verify_list(made.path, workspace, RETAIL, LIST_ON)
    assert (found.same_file, found.usable) == (False, False)
    assert "Changed: the file is not the one of the record." in str(found)


@pytest.mark.parametrize("key", ["expires_on", "sha256", "rows", "by"])
def test_a_manifest_that_was_changed_tells_on_itself(workspace: Workspace, made: Released, key: str) -> None:
    manifest = json.loads(made.manifest.read_text())
    made.manifest.write_text(json.dumps({**manifest, key: "2099-12-31"}))
    found = verify_list(made.path, workspace, RETAIL, LIST_ON)
    assert (found.same_manifest, found.usable) == (False, False)


def test_who_refuses_after_the_release_is_counted_at_contact_time(workspace: Workspace, made: Released) -> None:
    later = LIST_ON + dt.timedelta(days=5)
    refused = [(LIST_ID, "c4", later, "declined", later, True, None)]
    upsert_rows(workspace, OUTCOMES, pl.DataFrame(refused, schema=OUTCOMES.schema, orient="row"))
    found = verify_list(made.path, workspace, RETAIL, later)
    assert found.suppressed == {"do_not_contact": 1}
    assert not found.usable


def test_a_record_that_was_changed_breaks_the_chain(workspace: Workspace, made: Released) -> None:
    with sqlite3.connect(workspace.store) as connection:
        connection.execute("UPDATE record SET content = replace(content, '10', '11')")
    connection.close()
    with pytest.raises(RecordError, match="Records must stand as they were written"):
        verify_list(made.path, workspace, RETAIL, LIST_ON)


def test_a_file_without_a_record_or_manifest_is_not_known(workspace: Workspace, made: Released, tmp_path: Path) -> None:
    with pytest.raises(ListError, match="must have its record"):
        verify_list(made.path, bank(tmp_path / "other"), RETAIL, LIST_ON)
    made.manifest.write_text("[]")
    with pytest.raises(ListError, match="must be a JSON object"):
        verify_list(made.path, workspace, RETAIL, LIST_ON)
    made.manifest.unlink()
    with pytest.raises(ListError, match="Its manifest must be there"):
        verify_list(made.path, workspace, RETAIL, LIST_ON)


def test_a_stale_source_stops_the_answer(workspace: Workspace, made: Released) -> None:
    with pytest.raises(SuppressionError, match="Stale: deaths"):
        verify_list(made.path, workspace, retail(), LIST_ON + dt.timedelta(days=4))

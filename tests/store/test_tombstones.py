"""A keyed hash says who was erased to whoever asks about an id, and names nobody."""

from __future__ import annotations

import tempfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segment.exceptions import WorkspaceError
from segment.store.tombstones import ACCOUNT, Erased, Tombstone, subject_key
from segment.workspace import Workspace


@pytest.fixture
def erased(tmp_path: Path) -> Erased:
    workspace = Workspace(tmp_path)
    entry = Tombstone(subject_key(workspace, "a"), (subject_key(workspace, "x", ACCOUNT),), "2026-01-31")
    Erased((*Erased.of(workspace).entries, entry), b"").add_to(workspace)
    return Erased.of(workspace)


def test_rows_of_the_person_and_of_accounts_held_alone_are_left_out(erased: Erased) -> None:
    people = pl.DataFrame({"customer_id": ["a", "b", None], "household_id": ["h", "a", None]})
    kept = erased.leave_out(people)
    assert kept["customer_id"].to_list() == ["b", None]
    assert kept["household_id"][0] not in ("a", "h")
    assert erased.leave_out(pl.DataFrame({"account_id": ["x", "a", "y"]}))["account_id"].to_list() == ["a", "y"]


def test_rows_that_are_counted_lose_their_cells(erased: Erased) -> None:
    bad = pl.DataFrame({"customer_id": ["a", "b"], "channel": ["p", "q"], "rule": ["r", "r"], "row": [1, 2]})
    assert erased.blank(bad).rows() == [(None, None, "r", 1), ("b", "q", "r", 2)]


def test_an_earlier_run_knew_fewer(tmp_path: Path, erased: Erased) -> None:
    assert len(Erased.of(Workspace(tmp_path), 0)) == 0
    assert len(erased) == 1


def test_a_secret_that_is_gone_stops_whoever_would_bring_people_back(tmp_path: Path, erased: Erased) -> None:
    (tmp_path / "subject_secret").unlink()
    with pytest.raises(WorkspaceError, match="bring it back"):
        Erased.of(Workspace(tmp_path))


def test_only_the_owner_can_read_secret_and_tombstones(tmp_path: Path, erased: Erased) -> None:
    for name in ("subject_secret", "store.db"):
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
    assert '"a"' not in str(Erased.of(Workspace(tmp_path)).entries)


@given(st.lists(st.text(max_size=4), max_size=6))
def test_nobody_is_left_out_where_nobody_was_erased(names: list[str]) -> None:
    frame = pl.DataFrame({"customer_id": names}, schema={"customer_id": pl.String})
    assert Erased((), b"").leave_out(frame).equals(frame)


def test_a_subjects_key_is_the_same_in_one_workspace() -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Workspace(Path(folder))
        assert subject_key(place, "a") == subject_key(place, "a")
        assert subject_key(place, "a") != subject_key(place, "b")

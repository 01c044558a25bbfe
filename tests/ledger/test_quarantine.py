"""Bad rows are written for their owner only, at once or not at all, and old ones do not stay."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from segment.ledger import write_quarantine

BAD = {"branches": pl.DataFrame({"branch_id": ["B1"], "rule": ["name_null"]})}


def test_bad_rows_are_written_by_table(tmp_path: Path) -> None:
    (path,) = write_quarantine(BAD, tmp_path / "quarantine")
    assert path == tmp_path / "quarantine" / "branches.parquet"
    assert pl.read_parquet(path).equals(BAD["branches"])
    assert list(path.parent.iterdir()) == [path]


def test_only_their_owner_may_read_bad_rows(tmp_path: Path) -> None:
    (path,) = write_quarantine(BAD, tmp_path / "quarantine")
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_bad_rows_of_an_earlier_run_do_not_stay(tmp_path: Path) -> None:
    (path,) = write_quarantine(BAD, tmp_path)
    assert write_quarantine({}, tmp_path) == []
    assert not path.exists()


def test_writing_that_fails_leaves_the_earlier_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (path,) = write_quarantine(BAD, tmp_path)

    def fail(*_: object, **__: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(pl.DataFrame, "write_parquet", fail)
    with pytest.raises(OSError, match="no space left"):
        write_quarantine({"branches": BAD["branches"].clear().vstack(BAD["branches"])}, tmp_path)
    monkeypatch.undo()
    assert pl.read_parquet(path).equals(BAD["branches"])
    assert list(tmp_path.iterdir()) == [path]

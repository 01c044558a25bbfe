"""A workspace that an earlier release made opens, and says what it said."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.conftest import Said

PACKED = Path(__file__).parent / "data" / "workspace-8409a4e.tar.xz"
AS_OF = "2025-12-31"


@pytest.fixture
def old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    # MLflow kept whole paths of where it was made, which is nowhere any more
    with tarfile.open(PACKED) as packed:
        packed.extractall(tmp_path, filter="data")
    monkeypatch.setenv("SEGMENT_POLICY", str(tmp_path / "policy.toml"))
    monkeypatch.setenv("SEGMENT_CONTROL_SALT", "fixed")
    return tmp_path


def test_its_tiers_are_those_of_then_and_a_list_is_made_of_them(old: Path, segment: Callable[..., Said]) -> None:
    workspace = old / "workspace"
    shown = segment("tiers", "--as-of", AS_OF, "--out", old / "now.parquet", workspace=workspace)
    assert shown.code == 0, shown.err
    then = pl.read_parquet(old / "tiers.parquet")
    assert_frame_equal(pl.read_parquet(old / "now.parquet").select(then.columns), then)

    # the list is chosen anew, by net value, from the same tiers, without those who objected
    listed = segment("upgrade-list", "--as-of", AS_OF, "--out", old / "now.csv", workspace=workspace)
    assert listed.code == 0, listed.err
    before = pl.read_csv(old / "list.csv", infer_schema=False)
    now = pl.read_csv(old / "now.csv", infer_schema=False)
    assert set(now["customer_id"]) <= set(then["customer_id"])
    objected = {row["customer_id"] for row in json.loads(segment("objections", "--json", workspace=workspace).out)}
    assert objected
    assert not objected & set(now["customer_id"])
    assert len(set(now["customer_id"]) & set(before["customer_id"])) > before.height / 2


@pytest.mark.parametrize(
    "command",
    [
        ("runs",),
        ("drift",),
        ("audit", "--as-of", AS_OF),
        ("objections",),
        ("overrides", "--as-of", AS_OF),
        ("clusters", "--as-of", AS_OF),
        ("levers", "--as-of", AS_OF),
        ("service-plan", "--as-of", AS_OF),
        ("reviews",),
        ("outcomes", "--report"),
        ("retain", "--on", "2026-01-15", "--dry-run"),
    ],
    ids=" ".join,
)
def test_every_command_that_reads_it_works(old: Path, segment: Callable[..., Said], command: tuple[str, ...]) -> None:
    said = segment(*command, "--json", workspace=old / "workspace")
    assert said.code == 0, said.err
    json.loads(said.out)


def test_its_pages_can_be_written(old: Path, segment: Callable[..., Said]) -> None:
    workspace = old / "workspace"
    run = json.loads(segment("runs", "--json", workspace=workspace).out)[0]["run_id"]
    customer = pl.read_parquet(old / "tiers.parquet")["customer_id"][0]
    for command in (
        ("runs", run, "--out", old / "run.html"),
        ("drift", "--as-of", AS_OF, "--out", old / "drift.html"),
        ("audit", "--as-of", AS_OF, "--out", old / "audit.html"),
        ("card", "champion", "--out", old / "cards"),
        ("explain", customer, "--language", "zh", "--out", old / "answer.html"),
    ):
        said = segment(*command, workspace=workspace)
        assert said.code == 0, said.err
    assert "</table>" in (old / "run.html").read_text(encoding="utf-8")
    assert "Drift as of 2025-12-31" in (old / "drift.html").read_text(encoding="utf-8")


def test_its_model_scores_as_it_did(old: Path, segment: Callable[..., Said]) -> None:
    """The model's file names classes by where they stood; the snapshot is scored by it again."""
    from segment.model import SegmentationModel
    from segment.tracking.registry import Tracking

    model, version = Tracking(old / "workspace").load()
    assert isinstance(model, SegmentationModel)
    assert version.version == "1"

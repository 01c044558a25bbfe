"""A job reads each table once and hands it down: one list with its release opens no file twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import segment.warehouse.published_tiers as tiers_module
from segment.jobs.service.effects import report_effects
from segment.warehouse.reference_tables import COLUMNS
from tests.conftest import AS_OF, Bank, Said
from tests.jobs.lists.campaign import LATER, campaign
from tests.jobs.lists.made_lists import retail


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count the Parquet files that are read or scanned, and the dates of which tiers are read."""
    counts: Counter[str] = Counter()

    def counting(read: Callable[..., Any]) -> Callable[..., Any]:
        def counted(source: Any, *arguments: Any, **options: Any) -> Any:
            files = source if isinstance(source, list) else [source]
            counts.update(str(file) for file in files if isinstance(file, str | Path))
            return read(source, *arguments, **options)

        return counted

    def read_tiers(*arguments: Any) -> pl.DataFrame:
        counts[f"tiers of {arguments[1]}"] += 1
        return tiers_of(*arguments)

    tiers_of = tiers_module.read_tiers
    monkeypatch.setattr(pl, "read_parquet", counting(pl.read_parquet))
    monkeypatch.setattr(pl, "scan_parquet", counting(pl.scan_parquet))
    monkeypatch.setattr(tiers_module, "read_tiers", read_tiers)
    return counts


def below(folder: Path, counts: Counter[str]) -> dict[str, int]:
    return {Path(name).stem: count for name, count in counts.items() if Path(name).parent == folder}


def test_a_list_and_its_release_read_every_table_once(
    bank: Bank, tmp_path: Path, segment: Callable[..., Said], reads: Counter[str]
) -> None:
    out = tmp_path / "out" / "list.csv"
    made = segment("upgrade-list", "--as-of", AS_OF, "--out", out, workspace=bank.workspace.root)
    assert (made.code, out.is_file()) == (0, True)
    assert below(bank.workspace.reference, reads) == dict.fromkeys(COLUMNS, 1)
    assert below(bank.workspace.snapshots, reads) == {AS_OF.isoformat(): 1}
    assert reads[f"tiers of {AS_OF}"] == 1


def test_a_report_of_effects_reads_the_one_small_table_that_it_needs_once(tmp_path: Path, reads: Counter[str]) -> None:
    policy = retail()
    workspace = campaign(tmp_path, policy, contacted=90, control=10)
    reads.clear()
    report_effects(LATER, workspace, policy)
    assert below(workspace.reference, reads) == {"campaign_outcomes": 1}

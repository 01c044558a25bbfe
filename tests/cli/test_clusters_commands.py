from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from segment.tracking.models import CHAMPION
from segment.warehouse.published_tiers import published_tiers
from tests.conftest import AS_OF, Bank, Said

Run = Callable[..., Said]


@pytest.mark.slow
def test_a_card_for_each_cluster_is_printed(segment: Run, trained_bank: Bank) -> None:
    said = segment("clusters", "--as-of", AS_OF, workspace=trained_bank.workspace.root)
    assert said.code == 0
    names = trained_bank.tracking().load(CHAMPION)[0].clustering_.cluster_names_
    assert [name for name in names if name not in said.out] == []
    assert said.out.count("**What to offer**") == len(names)


@pytest.mark.slow
def test_the_sizes_told_are_those_of_the_tiers_published(segment: Run, trained_bank: Bank) -> None:
    said = segment("clusters", "--as-of", AS_OF, "--json", workspace=trained_bank.workspace.root)
    told = {card["cluster"]: card["customers"] for card in json.loads(said.out)["clusters"]}
    tiers = published_tiers(trained_bank.workspace, AS_OF)
    seen = tiers.filter(~pl.col("standing").is_in(["new", "excluded"]))
    sizes = dict(seen["cluster"].value_counts().iter_rows())
    assert told == {number: (size if size >= 10 else None) for number, size in sizes.items()}


def test_page_and_pictures_are_written_and_no_customer_is_in_them(
    segment: Run, trained_bank: Bank, tmp_path: Path
) -> None:
    said = segment("clusters", "--as-of", AS_OF, "--out", tmp_path / "cards", workspace=trained_bank.workspace.root)
    assert said.code == 0
    written = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "cards").iterdir()}
    assert {"clusters.md", "clusters.svg", "cluster-0.svg"} <= set(written)
    ids = published_tiers(trained_bank.workspace, AS_OF)["customer_id"]
    assert not [name for name in ids if name in written["clusters.md"]]


def test_a_moment_without_tiers_says_what_to_run(segment: Run, trained_bank: Bank) -> None:
    said = segment("clusters", "--as-of", "2025-10-31", workspace=trained_bank.workspace.root)
    assert said.code == 2
    assert "refresh" in said.err

"""A real bank's ledger through extract, train, refresh and list."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from tests.banks.berka.bank import SHARED, needs_shared
from tests.conftest import Said

POLICY = Path(__file__).parents[2] / "models" / "berka.toml"
AS_OF = "1994-03-31"


@pytest.mark.slow
@needs_shared
def test_the_berka_bank_goes_the_whole_way(
    segment: Callable[..., Said], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEGMENT_POLICY", str(POLICY))
    ledger, workspace = tmp_path / "ledger", tmp_path / "workspace"

    imported = segment("import-berka", SHARED, ledger, "--json")
    assert imported.code == 0
    assert segment("check", ledger).code == 0

    short = segment("train", ledger, "--as-of", AS_OF, workspace=workspace)
    assert short.code == 2
    said = short.err.strip().splitlines()[-1]
    assert said.startswith("An outcome of 12 months needs 24 months of history")
    assert "Hint: --horizon-months" in said

    trained = segment("train", "--as-of", AS_OF, "--horizon-months", 3, "--json", workspace=workspace)
    assert trained.code == 0, trained.err
    assert json.loads(trained.out)["champion"]

    refreshed = segment("refresh", ledger, "--as-of", AS_OF, "--json", workspace=workspace)
    assert refreshed.code == 0, refreshed.err
    shares = json.loads(refreshed.out)["shares"]
    assert sum(shares.values()) == pytest.approx(1.0)

    listed = segment("upgrade-list", "--as-of", AS_OF, "--out", tmp_path / "list.csv", workspace=workspace)
    assert listed.code == 0, listed.err
    rows = pl.read_csv(tmp_path / "list.csv")
    assert rows["expected_net_value"].to_list() == sorted(rows["expected_net_value"], reverse=True)
    assert rows["arm"].unique().to_list() == ["contact"]

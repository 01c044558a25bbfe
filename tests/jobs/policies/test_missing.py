"""Figures that a bank must still fill in, those first that its tiers hang on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from segment.exceptions import PolicyError
from segment.jobs.policies.missing import DECIDES, MOVED, missing_figures
from segment.workspace import Workspace
from tests.conftest import AS_OF, RETAIL, Bank, Said

OWN = 'name = "own"\n[tiers]\nepsilon = 0.2  # [K]\n[fees]\nvat_rate = 0.06  # [K] reduced\n[gates]\nmost = 1  # [K]\n'


def test_figures_of_the_contribution_come_first_and_then_the_borders(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(OWN)
    found = missing_figures(tmp_path / "own.toml", Workspace(tmp_path / "workspace"))
    assert found.figures["key"].to_list() == ["fees.vat_rate", "tiers.epsilon", "gates.most"]
    assert found.figures["moves_12m"].null_count() == 3
    assert "3 figures of own.toml" in found.in_words()
    assert "贡献度 1" in found.in_words("zh")


def test_a_policy_without_marks_has_nothing_missing(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(OWN.replace("[K]", "ours"))
    found = missing_figures(tmp_path / "own.toml", Workspace(tmp_path / "workspace"))
    assert found.in_words() == "No figure of own.toml is marked [K]."


def test_a_file_that_is_not_there_is_one_message(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="The policy"):
        missing_figures(tmp_path / "nowhere.toml", Workspace(tmp_path / "workspace"))


@pytest.mark.slow
def test_what_hangs_on_a_figure_is_measured_on_the_published_year(
    trained_bank: Bank, segment: Callable[..., Said]
) -> None:
    said = segment("policy", "missing", "--policy", RETAIL, "--json", workspace=trained_bank.workspace.root)
    assert said.code == 0, said.err
    found = json.loads(said.out)
    assert found["as_of"] == AS_OF.isoformat()
    decides = [row["decides"] for row in found["figures"]]
    assert decides == sorted(decides, key=DECIDES.index)
    moves = [row["moves_12m"] for row in found["figures"] if row["decides"] == DECIDES[0]]
    assert moves == sorted(moves, reverse=True)
    assert moves[0] > moves[-1] > 0.0
    assert 0.0 < MOVED < 1.0

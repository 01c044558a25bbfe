"""A first champion that does not pass its gates says so wherever it is used, until one is promoted that does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from segment.gate import Gate
from segment.jobs.learn.promote import candidate, promote
from segment.jobs.learn.promotion_gates import failed_alone
from segment.jobs.publish.publication_report import read_publication
from segment.model.data_limits import unproven
from segment.tracking.models import CHAMPION, RegisteredVersion
from tests.conftest import Bank, Said


@pytest.fixture
def champion(trained_bank: Bank) -> RegisteredVersion:
    found = trained_bank.tracking().find(CHAMPION)
    assert found is not None
    return found


def test_a_champion_of_a_short_history_names_the_gates_that_it_did_not_pass(
    trained_bank: Bank, champion: RegisteredVersion
) -> None:
    metrics = trained_bank.tracking().metrics(champion)
    assert champion.unproven == failed_alone(metrics, trained_bank.policy.promotion)
    assert "out_of_time" in champion.unproven


def test_publication_card_and_page_say_so(
    trained_bank: Bank, champion: RegisteredVersion, segment: Callable[..., Said], tmp_path: Path
) -> None:
    (run,) = [path for path in trained_bank.workspace.runs.iterdir() if (path / "run.json").is_file()]
    published = read_publication(run)
    assert published is not None
    assert unproven(champion.unproven)[0] in published.limits
    for language, word in (("en", "Unproven: the champion"), ("zh", "未经验证")):
        out = tmp_path / language
        segment("card", "champion", "--out", out, "--language", language, workspace=trained_bank.workspace.root)
        (page,) = out.glob("*.md")
        assert word in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(("holds", "left"), [(True, []), (False, ["coverage"])])
def test_a_promotion_proves_a_version_or_says_what_was_overruled(bank: Bank, holds: bool, left: list[str]) -> None:
    tracking, gates = bank.tracking(), (Gate("coverage", holds, "80 %"), Gate("better", True, "yes"))
    promote(candidate("1", tracking), gates, tracking, bank.workspace, reason="a trial")
    assert tracking.get("1").unproven == left


def test_nothing_is_said_of_a_proven_version() -> None:
    assert unproven([]) == []

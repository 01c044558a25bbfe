"""A project begins with settings that commands find, a policy of its jurisdiction, and examples that are a ledger."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import pytest

from segment.cli import main
from segment.cli.project_file import read_project
from segment.exceptions import UsageError
from segment.jobs.policies.new_project import new_project
from segment.ledger import TABLES
from segment.ledger.examples import EXAMPLES
from segment.ledger.newest_month import newest_balances
from segment.ledger.sources import open_source
from segment.policy import load_policy

CURRENCIES = {"cn": "CNY", "eu": "EUR", "uk": "GBP", "us": "USD"}
# DOMAIN.md 6.7: the transfer curve at the shortest and the longest tenor, and what sight deposits pay
LEVELS = {
    "cn": (0.014, 0.0195, 0.0005),
    "eu": (0.019, 0.028, 0.0025),
    "uk": (0.037, 0.040, 0.005),
    "us": (0.0365, 0.040, 0.0007),
}


@pytest.mark.parametrize("jurisdiction", CURRENCIES)
def test_a_project_has_the_policy_of_its_jurisdiction(tmp_path: Path, jurisdiction: str) -> None:
    made = new_project(tmp_path / "bank", jurisdiction, "en")  # type: ignore[arg-type]
    policy = load_policy(tmp_path / "bank" / "policy.toml")
    assert (policy.jurisdiction, policy.currency) == (jurisdiction, CURRENCIES[jurisdiction])
    curve, sight = policy.ftp.curves[0].rate_annual, policy.products["current"].deposit
    assert sight is not None
    assert (curve[0], curve[-1], sight.rate_annual) == pytest.approx(LEVELS[jurisdiction])
    text = (tmp_path / "bank" / "policy.toml").read_text(encoding="utf-8")
    assert "Dated 2026-03-31" in text
    readme = (tmp_path / "bank" / "README.md").read_text(encoding="utf-8")
    listed = [line for line in readme.splitlines() if line.startswith("| `")]
    assert len(listed) == made.to_fill_in
    assert f"{made.to_fill_in} figures" in readme
    assert "tiers.cost_of_error" in readme


def test_the_settings_are_found_and_lead_into_the_project(tmp_path: Path) -> None:
    new_project(tmp_path / "bank", "uk", "zh")
    said = read_project(tmp_path / "bank" / "segment.toml")
    assert said["SEGMENT_LEDGER"] == str(tmp_path / "bank" / "ledger")
    assert (said["SEGMENT_JURISDICTION"], said["SEGMENT_LANGUAGE"]) == ("uk", "zh")
    assert "待填写" in (tmp_path / "bank" / "README.md").read_text(encoding="utf-8")


def test_a_project_is_never_written_over(tmp_path: Path) -> None:
    new_project(tmp_path / "bank", "eu", "en")
    (tmp_path / "bank" / "policy.toml").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="begins in a folder without one"):
        new_project(tmp_path / "bank", "eu", "en")
    assert (tmp_path / "bank" / "policy.toml").read_text(encoding="utf-8") == "mine"


def test_the_examples_are_a_ledger_without_a_fault(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert EXAMPLES.keys() == TABLES.keys()
    new_project(tmp_path / "bank", "eu", "en")
    shutil.copytree(tmp_path / "bank" / "examples", tmp_path / "ledger")
    with open_source(tmp_path / "ledger") as source:
        newest = newest_balances(source)
    assert newest is not None
    assert newest.isoformat() == "2025-12-31"
    policy = str(tmp_path / "bank" / "policy.toml")
    monkeypatch.setattr("sys.argv", ["segment", "check", str(tmp_path / "ledger"), "--policy", policy])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr()
    assert ended.value.code in (0, None), said.err
    assert "quarantine" not in said.out


def test_every_policy_of_a_jurisdiction_names_its_levels_sources() -> None:
    for jurisdiction in CURRENCIES:
        text = (Path(__file__).parents[3] / "models" / f"{jurisdiction}.toml").read_text(encoding="utf-8")
        tomllib.loads(text)
        assert "[S: " in text
        assert "[K]" in text

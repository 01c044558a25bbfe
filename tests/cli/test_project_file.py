"""One file says for a whole project what each command would have to be told."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from segment.cli.project_file import PROJECT_KEYS, find_project, project_settings, read_project
from segment.exceptions import UsageError
from segment.settings import Settings
from tests.conftest import RETAIL, Said

TEXT = """
ledger = "bank/ledger"
workspace = "work"
language = "zh"
tracking = "http://127.0.0.1:5000"
ignore = ["notes.txt"]
draft_lists = false
jobs = 1
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith("SEGMENT_")]:
        monkeypatch.delenv(name)
    (tmp_path / "segment.toml").write_text(TEXT)
    (tmp_path / "reports" / "deep").mkdir(parents=True)
    return tmp_path


def test_a_project_is_found_from_any_folder_below(project: Path) -> None:
    assert find_project(project / "reports" / "deep") == project / "segment.toml"
    before = dict(os.environ)
    with project_settings(project / "reports" / "deep"):
        settings = Settings()
    assert settings.workspace == project / "work"
    assert settings.ledger is not None
    assert settings.ledger.get_secret_value() == str(project / "bank" / "ledger")
    assert (settings.language, settings.mlflow_uri) == ("zh", "http://127.0.0.1:5000")
    assert (settings.ignore, settings.draft_lists, settings.jobs) == (("notes.txt",), False, 1)
    assert dict(os.environ) == before


def test_the_environment_has_the_word_before_the_project(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEGMENT_LANGUAGE", "en")
    with project_settings(project):
        assert Settings().language == "en"
        assert Settings().workspace == project / "work"


def test_a_url_is_no_path(project: Path) -> None:
    (project / "segment.toml").write_text('ledger = "postgresql://db/bank"\nstore = "postgresql://db/store"\n')
    said = read_project(project / "segment.toml")
    assert said == {"SEGMENT_LEDGER": "postgresql://db/bank", "SEGMENT_STORE": "postgresql://db/store"}


@pytest.mark.parametrize(
    "text", ["ledgr = 'x'", "user = 'ana'", "chain_key = 'k'", "[ledger]\na = 1", "not toml", "jobs ="]
)
def test_what_is_no_setting_of_a_project_is_one_message(project: Path, segment: Callable[..., Said], text: str,
                                                        monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    (project / "segment.toml").write_text(text)
    with pytest.raises(UsageError, match="The project's file"):
        read_project(project / "segment.toml")
    monkeypatch.chdir(project)
    said = segment("features")
    assert (said.code, "Hint:" in said.err) == (2, True)


def test_a_command_takes_the_projects_ledger_where_it_names_none(
    project: Path, segment: Callable[..., Said], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    said = segment("check", "--policy", RETAIL)
    assert said.code == 2
    assert "does not exist" in said.err or "ledger" in said.err
    monkeypatch.chdir("/")
    nobody = segment("check", "--policy", RETAIL)
    assert "The ledger must be named" in nobody.err


def test_a_policy_of_another_jurisdiction_is_refused(
    project: Path, segment: Callable[..., Said], monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "segment.toml").write_text(f'jurisdiction = "uk"\npolicy = "{RETAIL}"\n')
    monkeypatch.chdir(project)
    said = segment("features")
    assert (said.code, "project's jurisdiction, uk" in said.err) == (2, True)
    assert segment("features", "--policy", RETAIL).code == 0


def test_who_decides_and_what_signs_is_no_matter_of_the_project() -> None:
    assert {"user", "user_from_environment", "chain_key"}.isdisjoint(PROJECT_KEYS)
    assert {"ledger", "policy", "workspace", "jurisdiction", "language", "store", "tracking"} <= set(PROJECT_KEYS)

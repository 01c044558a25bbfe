"""A page or table of a trial workspace says in its language that it is not for contact."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from segment.pages.impact_assessment_page import impact_assessment
from segment.policy import load_policy
from segment.sentences import Form, Language
from segment.warehouse.export import export_table
from segment.warehouse.workspace_clock import admit_ledger, write_as
from segment.workspace import Workspace
from tests.conftest import RETAIL

WORDS: dict[Language, str] = {"en": "Trial, not for contact.", "zh": "试验数据，不得用于联系客户。"}


@pytest.fixture
def trial(tmp_path: Path) -> Workspace:
    workspace = Workspace(tmp_path / "w")
    admit_ledger(workspace, dt.date(2025, 12, 31))
    return workspace


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("form", ["html", "md"])
def test_a_page_of_a_trial_workspace_says_so(trial: Workspace, language: Language, form: Form) -> None:
    policy = load_policy(RETAIL)
    assert WORDS[language] not in impact_assessment(policy, form, language)
    write_as(trial)
    assert WORDS[language] in impact_assessment(policy, form, language)


@pytest.mark.parametrize("ending", [".csv", ".parquet", ".xlsx"])
def test_a_table_of_a_trial_workspace_says_so(trial: Workspace, tmp_path: Path, ending: str) -> None:
    frame, path = pl.DataFrame({"tier": ["valuable"]}), tmp_path / f"tiers{ending}"
    export_table(frame, path, "tiers")
    assert [one.name for one in tmp_path.glob("tiers*")] == [path.name]
    write_as(trial)
    export_table(frame, path, "tiers")
    if ending == ".xlsx":
        assert openpyxl.load_workbook(path).sheetnames[0].startswith("trial, not for contact")
    else:
        said = path.with_name(f"{path.name}.trial.txt").read_text(encoding="utf-8")
        assert all(words in said for words in WORDS.values())


def test_a_real_workspace_takes_the_mark_away(trial: Workspace, tmp_path: Path) -> None:
    write_as(trial)
    write_as(Workspace(tmp_path / "real"))
    assert WORDS["en"] not in impact_assessment(load_policy(RETAIL), "html", "en")

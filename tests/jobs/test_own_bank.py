"""A bank's own files, written from the documents alone, from `segment init` to the first list."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from segment.ledger.trial_ledger import write_trial_day
from tests.conftest import Said
from tests.outlet_bank import COLUMNS, mapping, write_outlet_bank

Run = Callable[..., Said]


@pytest.fixture
def project(tmp_path: Path, segment: Run, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of a Chinese bank, in which the commands are called."""
    for name in [name for name in os.environ if name.startswith("SEGMENT_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    begun = segment("init", "mybank", "--jurisdiction", "cn", "--language", "zh")
    assert begun.code == 0, begun.err
    monkeypatch.chdir(tmp_path / "mybank")
    return tmp_path / "mybank"


def fill_in(project: Path, text: str) -> None:
    """Write into the policy what a reader of its last lines would."""
    policy = project / "policy.toml"
    begun = policy.read_text(encoding="utf-8")
    policy.write_text(begun.partition("\n[mapping]")[0] + "\n" + text, encoding="utf-8")


def test_each_refusal_on_the_way_to_the_first_check_says_the_next_step(project: Path, segment: Run) -> None:
    write_outlet_bank(project / "ledger", customers=30, months=3)
    asked = segment("check")
    assert asked.code == 2
    assert "`[mapping.columns.customers]`" in asked.err

    whole = mapping()
    names = whole[: whole.index("[mapping.codes")]
    fill_in(project, names.replace('day_format = "%Y%m%d"\n', ""))
    asked = segment("check")
    assert "`[mapping]` 下的 `day_format`" in asked.err
    assert "已填的单元格" in asked.err

    fill_in(project, names)
    asked = segment("check")
    assert asked.code == 2
    assert "`product` `活期`: 30" in asked.err
    # of a row whose kind is unknown the channel is told at once, and not at the next check
    for word in ("`kind` `消费`", "`channel` `手机银行`", "`rule` `"):
        assert word in asked.out, word
    assert "published" not in asked.err
    assert "9999" not in asked.out
    shown = segment("check", "--show", "unknown_product")
    assert shown.code == 0, shown.err
    assert pl.read_parquet(project / "workspace" / "quarantine" / "examples").height

    fill_in(project, whole)
    passed = segment("check")
    assert passed.code == 0, passed.err
    assert f"{len(COLUMNS)}  个文件按 gb18030 读取" in passed.out
    missing = segment("policy", "missing")
    assert missing.code == 0
    assert "ftp.curves" in missing.out


@pytest.mark.slow
def test_one_command_leads_from_own_files_to_tiers_and_a_list_to_call_by(project: Path, segment: Run) -> None:
    write_outlet_bank(project / "ledger", customers=300, months=25)
    write_trial_day(project / "ledger", dt.date(2025, 12, 31))
    fill_in(project, mapping())
    done = segment("run")
    assert done.code == 0, done.err
    assert "2025-12-31" in done.out
    assert "高价值客户" in done.out
    assert "high_value" not in done.out
    tiers = segment("tiers")
    assert "盈亏平衡客户" in tiers.out
    listed = segment("upgrade-list", "--anyway", "--out", "list.xlsx")
    assert listed.code == 0, listed.err
    assert openpyxl.load_workbook(project / "list.xlsx", read_only=True).sheetnames

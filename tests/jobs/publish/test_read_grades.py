"""Assets of customer months: deposits and wealth, each product where it is positive."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import polars as pl

from segment.features.store import MANIFEST, month_file
from segment.jobs.publish.read_grades import read_grades
from segment.policy import Policy
from segment.policy.grades_by_assets import AssetGrades
from tests.tiers.people import POLICY

GRADED: Policy = POLICY.model_copy(update={"asset_grades": AssetGrades(grades={"gold": {"from_assets": 100.0}})})


def written(folder: Path, **balances: float) -> Path:
    names = {f"balance_{product}": [0.0] for product in POLICY.products}
    months = [dt.date(2025, 10, 1), dt.date(2025, 11, 1), dt.date(2025, 12, 1)]
    for month in months:
        row = {"customer_id": ["a"]} | names | {name: [amount] for name, amount in balances.items()}
        pl.DataFrame(row).write_parquet(month_file(folder, month))
    entries = {f"{month:%Y-%m}": {"input": "i", "rows": 1} for month in months}
    (folder / MANIFEST).write_text(json.dumps(entries), encoding="utf-8")
    return folder


def test_overdrafts_and_debts_take_nothing_from_assets(tmp_path: Path) -> None:
    folder = written(tmp_path, balance_current=-500.0, balance_savings=60.0, balance_wealth=40.0, balance_mortgage=-9e5)
    grades = read_grades(folder, GRADED, dt.date(2025, 11, 30))
    assert grades is not None
    assert grades.rows() == [("a", "gold", None)]


def test_a_policy_without_grades_reads_nothing(tmp_path: Path) -> None:
    assert read_grades(tmp_path / "nowhere", POLICY, dt.date(2025, 12, 31)) is None

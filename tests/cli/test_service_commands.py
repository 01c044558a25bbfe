from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from segment.warehouse.published_tiers import published_tiers
from tests.conftest import AS_OF, RETAIL, Bank, Said

Run = Callable[..., Said]


def test_the_plan_adds_up_for_every_branch(segment: Run, bank: Bank) -> None:
    said = segment("service-plan", "--as-of", AS_OF, "--json", workspace=bank.workspace.root)
    assert said.code == 0
    plan = pl.DataFrame(json.loads(said.out), infer_schema_length=None)
    tiers = published_tiers(bank.workspace, AS_OF).filter(pl.col("standing").ne_missing("excluded"))
    assert plan["customers"].sum() == tiers.height
    sums = plan.group_by("branch_id").agg(pl.col("customers").sum(), pl.col("budget").sum().round(2))
    assert sums["budget"].to_list() == (sums["customers"] * 120.0).to_list()


def test_a_folder_gets_a_page_per_branch_and_no_customer_is_in_it(segment: Run, bank: Bank, tmp_path: Path) -> None:
    out = tmp_path / "plan"
    assert segment("service-plan", "--as-of", AS_OF, "--out", out, workspace=bank.workspace.root).code == 0
    written = {path.name: path.read_text(encoding="utf-8") for path in out.iterdir()}
    tiers = published_tiers(bank.workspace, AS_OF)
    pages = {f"branch-{branch}.html" for branch in tiers["branch_id"].unique()}
    tables = {f"{name}.csv{mark}" for name in ("plan", "followed") for mark in ("", ".trial.txt")}
    assert set(written) == {"index.html", *tables, *pages}
    told = "\n".join(written.values())
    assert not [name for name in tiers["customer_id"] if name in told]
    assert all(f'href="{page}"' in written["index.html"] for page in pages)
    assert "<script" not in told
    assert "http" not in told


def test_one_branch_goes_to_a_table(segment: Run, bank: Bank, tmp_path: Path) -> None:
    branch = published_tiers(bank.workspace, AS_OF)["branch_id"][0]
    out = tmp_path / "plan.parquet"
    arguments = ("--as-of", AS_OF, "--branch", branch, "--out", out)
    assert segment("service-plan", *arguments, workspace=bank.workspace.root).code == 0
    plan = pl.read_parquet(out)
    assert plan["branch_id"].unique().to_list() == [branch]
    assert plan["counter_access"].all()
    few = plan.filter(pl.col("customers") < 10)
    assert few["contribution_12m"].null_count() == few.height


def test_a_policy_without_a_plan_is_told_what_to_write(segment: Run, bank: Bank) -> None:
    berka = RETAIL.with_name("berka.toml")
    said = segment("service-plan", "--as-of", AS_OF, "--policy", berka, workspace=bank.workspace.root)
    assert said.code == 2
    assert "[service]" in said.err


def test_a_tariff_item_that_is_not_public_for_long_enough_stops_the_plan(
    segment: Run, bank: Bank, tmp_path: Path
) -> None:
    young = tmp_path / "young.toml"
    text = RETAIL.read_text(encoding="utf-8")
    young.write_text(text.replace("public_since = 2021-01-31", "public_since = 2025-12-01"), encoding="utf-8")
    said = segment("service-plan", "--as-of", AS_OF, "--policy", young, workspace=bank.workspace.root)
    assert said.code == 2
    assert "credit_card_year" in said.err


@pytest.fixture
def tried(tmp_path: Path) -> Path:
    """The retail policy's own example of a trial, for the days of the bank."""
    before, example = RETAIL.read_text(encoding="utf-8").split("# [trial]\n")
    text = (
        re.sub(r"(?m)^# ", "", example.split("\n\n")[0]).replace("2026-01-31", "2025-12-31").replace("0.02 ", "0.05 ")
    )
    path = tmp_path / "tried.toml"
    path.write_text(f"{before}[trial]\n{text}", encoding="utf-8")
    return path


def test_a_trial_is_drawn_said_and_served_and_the_tiers_stay_true(
    segment: Run, bank: Bank, tried: Path, tmp_path: Path
) -> None:
    root, before = bank.workspace.root, published_tiers(bank.workspace, AS_OF)
    plain = segment("service-plan", "--as-of", AS_OF, "--json", workspace=root).out
    drawn = segment("service-trial", "--as-of", AS_OF, "--policy", tried, workspace=root)
    assert drawn.code == 0, drawn.err
    assert "break_even served as valuable: " in drawn.out
    assert "cannot be shown" in drawn.out
    assert not [name for name in before["customer_id"] if name in drawn.out]

    told = segment("service-trial", "--as-of", AS_OF, "--policy", tried, "--json", workspace=root)
    count = json.loads(told.out)["served_now"]
    out = tmp_path / "served.csv"
    left = segment("service-trial", "--as-of", AS_OF, "--policy", tried, "--out", out, workspace=root)
    assert left.out.startswith(f"{count:,} rows released, record ")
    served = pl.read_csv(out)
    assert served.height == count > 0

    plan = segment("service-plan", "--as-of", AS_OF, "--policy", tried, "--json", workspace=root)
    assert sum(row["by_trial"] for row in json.loads(plan.out)) == count
    assert "Served by the draw of the trial" in plan.err
    assert segment("service-plan", "--as-of", AS_OF, "--json", workspace=root).out == plain
    assert published_tiers(bank.workspace, AS_OF).equals(before)

    report = segment("outcomes", "--report", "--as-of", AS_OF, "--policy", tried, workspace=root)
    assert "people are in it whose months have not passed" in report.out


def test_the_pages_say_who_is_served_by_the_draw(segment: Run, bank: Bank, tried: Path, tmp_path: Path) -> None:
    root, out = bank.workspace.root, tmp_path / "plan"
    assert segment("service-trial", "--as-of", AS_OF, "--policy", tried, workspace=root).code == 0
    assert segment("service-plan", "--as-of", AS_OF, "--policy", tried, "--out", out, workspace=root).code == 0
    pages = "\n".join(path.read_text(encoding="utf-8") for path in out.glob("branch-*.html"))
    assert "stay those of a customer's own tier" in html.unescape(pages)


@pytest.mark.parametrize(
    ("arguments", "must"),
    [
        ((), "[trial]"),
        (("--branch", "nowhere"), "nowhere"),
        (("--out", "served.doc"), ".csv, .parquet, .xlsx"),
    ],
)
def test_a_trial_that_cannot_be_is_one_message(
    segment: Run, bank: Bank, tried: Path, arguments: tuple[str, ...], must: str
) -> None:
    policy = () if not arguments else ("--policy", tried)
    said = segment("service-trial", "--as-of", AS_OF, *policy, *arguments, workspace=bank.workspace.root)
    assert said.code == 2
    assert must in said.err

"""A plan keeps its word: what was not checked never holds, and what breaks says what would keep it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from segment.files import write_parquet
from segment.jobs.service.service_plan import service_plan, write_plan
from segment.pages.service_plan_page import count_verdicts
from segment.sentences import LANGUAGES, Language, Sentences
from segment.service.plan_checks import ServicePlan
from tests.conftest import AS_OF, Bank, Said
from tests.pages.reading import assert_no_english, text_of


def planned(bank: Bank) -> ServicePlan:
    return service_plan(AS_OF, bank.workspace, bank.policy)


def tell(bank: Bank, counters: int | None, open_hours: float | None, **people: object) -> None:
    """Write what the ledger says of branches and managers."""
    folder = bank.workspace.reference
    branches = pl.read_parquet(folder / "branches.parquet").with_columns(
        name=pl.concat_str(pl.lit("Branch of "), "branch_id"),
        counters=pl.lit(counters, pl.Int64),
        opening_hours_week=pl.lit(open_hours, pl.Float64),
    )
    write_parquet(branches, folder / "branches.parquet")
    managers = pl.read_parquet(folder / "relationship_managers.parquet")
    known = managers.with_columns(pl.lit(value).alias(name) for name, value in people.items())
    write_parquet(known, folder / "relationship_managers.parquet")


def verdicts(plan: ServicePlan, promise: str) -> dict[str, int]:
    return count_verdicts([one for branch in plan.branches for one in branch.promises if one.promise == promise])


def test_without_counters_and_hours_no_wait_is_said_to_hold(bank: Bank) -> None:
    tell(bank, None, None, hours_week=None)
    plan = planned(bank)
    assert verdicts(plan, "counter_wait") == {"not_checked": plan.table.height}
    assert set(verdicts(plan, "decision")) == {"not_checked"}
    assert set(plan.with_verdicts()["counter_wait_verdict"]) == {"not_checked"}
    assert {branch.staffing.hours_at_hand for branch in plan.branches} == {None}


def test_one_counter_for_an_hour_a_week_breaks_and_many_for_forty_hold(bank: Bank) -> None:
    tell(bank, 1, 1.0, hours_week=0.1, name="Ann Example", skills="suitability")
    plan = planned(bank)
    broken = [one for branch in plan.branches for one in branch.promises if one.verdict == "breaks"]
    assert verdicts(plan, "counter_wait") == {"breaks": plan.table.height}
    assert any(one.needs.counters for one in broken)
    assert any(one.needs.managers and one.needs.customers_fewer for one in broken if one.promise == "contacts")
    tell(bank, 40, 45.0, hours_week=40.0)
    assert verdicts(planned(bank), "counter_wait") == {"holds": plan.table.height}


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_say_names_verdicts_and_what_to_do_this_month(bank: Bank, tmp_path: Path, language: Language) -> None:
    tell(bank, 1, 1.0, hours_week=0.1, name="Ann Example", skills="suitability")
    plan, t = planned(bank), Sentences(language, "html")
    write_plan(plan, tmp_path / "plan", bank.policy, language)
    name = str(plan.table["branch_id"][0])
    page = (tmp_path / "plan" / f"branch-{name}.html").read_text(encoding="utf-8")
    for words in ("promises", "month", "followed", "verdict.breaks", "would_keep"):
        assert str(t(f"service_plan.{words}")) in page
    assert f"Branch of {name}" in page
    assert "Ann Example" in page
    assert "Message service, monthly fee" in page
    assert "message_service_month" not in page
    if language == "zh":
        assert_no_english(page)
    followed = pl.read_csv(tmp_path / "plan" / "followed.csv")
    assert set(followed["branch_id"]) == set(plan.table["branch_id"])
    assert not set(pl.read_csv(tmp_path / "plan" / "plan.csv").columns) & {"customer_id"}
    assert "Ann Example" not in text_of(page).split(str(t("service_plan.promises")))[0]


def test_the_command_says_how_many_promises_hold(bank: Bank, segment: Callable[..., Said], tmp_path: Path) -> None:
    tell(bank, None, None, hours_week=None)
    said = segment("service-plan", "--as-of", AS_OF, "--out", tmp_path / "plan.csv", workspace=bank.workspace.root)
    assert said.code == 0, said.err
    assert "were not checked, since the ledger does not say" in said.err
    assert "branches.counters" in said.err

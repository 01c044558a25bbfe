"""The service plan says the same in both languages, and its index leads to every branch."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from urllib.parse import unquote

import polars as pl
import pytest

from segment.pages.service_plan_page import page_name, plan_summary, write_service_plan
from segment.policy import Policy, load_policy
from segment.policy.collection_limits import CollectionLimits
from segment.policy.service import SUB_STATES
from segment.sentences import LANGUAGES, Language, Sentences, catalogue
from segment.service.contacts_in_arrears import CollectionCheck
from segment.service.followed import FOLLOWED
from segment.service.plan import plan_table
from segment.service.plan_checks import BranchPlan, ServicePlan
from segment.service.staffing import Staffing
from tests.conftest import RETAIL
from tests.pages.reading import assert_no_english, text_of
from tests.service.people import published

STRANGE = "../<b>"


@cache
def retail() -> Policy:
    return load_policy(RETAIL)


def plan(tried: bool = False) -> pl.DataFrame:
    people = {f"h{n:02}": "high_value" for n in range(12)} | {f"v{n:02}": "valuable" for n in range(12)}
    away = {f"x{n}": {"tier": "break_even", "branch_id": STRANGE} for n in range(4)}
    tiers = published(**people, **away)
    if tried:
        tiers = tiers.with_columns(
            served_as=pl.when(pl.col("customer_id") == "v00").then(pl.lit("high_value")).otherwise("tier")
        )
    policy = retail()
    assert policy.service is not None
    return plan_table(tiers, policy.service, policy, pl.Series(["x1"]))


def laid_out(table: pl.DataFrame) -> ServicePlan:
    return ServicePlan(table, [], pl.DataFrame(), {})


def pages(folder: Path, language: Language = "en", tried: bool = False) -> dict[str, str]:
    write_service_plan(laid_out(plan(tried)), folder, retail(), language)
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


def words_of_the_plan() -> list[str]:
    columns = plan().select(pl.col(pl.String)).to_dict(as_series=False).values()
    listed = plan().select(pl.col(pl.List(pl.String))).to_dict(as_series=False).values()
    words = {word for column in columns for word in column} | {word for c in listed for row in c for word in row}
    return sorted((word for word in words if word), key=len, reverse=True)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_index_leads_to_the_page_of_every_branch(tmp_path: Path, language: Language) -> None:
    written = pages(tmp_path, language)
    assert set(written) == {"index.html", "branch-b1.html", page_name(STRANGE)}
    links = [part.split('"')[0] for part in written["index.html"].split('href="')[1:]]
    assert {unquote(link) for link in links} == set(written) - {"index.html"}
    assert "../&lt;b&gt;" in written["index.html"]
    assert all("<b>" not in page for page in written.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_figure_and_dimension_stands_on_a_branchs_page(tmp_path: Path, language: Language) -> None:
    t, text = Sentences(language), text_of(pages(tmp_path, language)["branch-b1.html"])
    for key in ("service", "process", "money", "price", "bundles", "staff"):
        assert t(f"service_plan.{key}") in text
    for figure in ("2025-12-31", "24", "2,880.00", "1,200", "1,440.00", "120.00", "0.06", "50%", "credit_card_year"):
        assert figure in text
    assert t("service_plan.waiver_range", low=0.5, high=1.0) in text


def test_a_chinese_plan_has_no_english_sentence_of_its_own(tmp_path: Path) -> None:
    for page in pages(tmp_path, "zh", tried=True).values():
        assert '<html lang="zh">' in page
        assert_no_english(page, *words_of_the_plan())


def test_who_is_served_by_the_draw_is_said(tmp_path: Path) -> None:
    text = text_of(pages(tmp_path, tried=True)["branch-b1.html"])
    assert "with the tier as which they are served: 1 as high value · standard. Prices and waivers stay" in text
    assert "draw" not in text_of(pages(tmp_path)["branch-b1.html"])


def test_every_group_of_a_plan_has_a_name() -> None:
    names = catalogue("service_plan", "en")
    states = {state for part in SUB_STATES.values() for state in part} | {"standard", "generic"}
    assert [state for state in states if f"service_plan.sub_state.{state}" not in names] == []
    assert [tier for tier in (*SUB_STATES, "generic") if f"service_plan.tier.{tier}" not in names] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_branch_with_customers_in_arrears_shows_the_limits_of_contacts_and_what_was_not_checked(
    tmp_path: Path, language: Language
) -> None:
    table = plan()
    found = {why: CollectionCheck(*check) for why, check in {
        "planned": ("rest_days_after_talk", 7, "breaks", "planned", 6),
        "counted": ("calls_in_seven_days", 7, "holds", "counted", 2),
        "may_pass": ("talks_a_day", 3, "not_checked", "may_pass", 4),
        "no_events": ("talks_a_day", 3, "not_checked", "no_events"),
        "no_log": ("quiet_from", 22, "not_checked", "no_log", None, 8),
    }.items()}  # fmt: skip
    limits = [CollectionCheck(name, 3, "not_checked", "no_log") for name in CollectionLimits.model_fields
              if name not in ("source", "quiet_until", "quiet_from")]  # fmt: skip
    staff = Staffing(0.0, None, None, None)
    branches = [
        BranchPlan(name, "North", [], staff, [], [*found.values(), *limits])
        for name in table["branch_id"].unique().sort()
    ]
    laid = ServicePlan(table, branches, pl.DataFrame(schema=FOLLOWED), {})
    write_service_plan(laid, tmp_path, retail(), language)
    page = text_of((tmp_path / page_name(branches[-1].branch_id)).read_text(encoding="utf-8"))
    t = Sentences(language)
    for why, check in found.items():
        assert t(f"service_plan.limit_found.{why}", found=check.found) in page
        assert t(f"service_plan.limit.{check.limit}", most=check.most, until=check.until) in page
    counts = plan_summary(laid).figures
    number = len(branches)
    assert (counts["holds"], counts["breaks"]) == (number, number)
    assert counts["not_checked"] == number * (3 + len(limits))

"""A customer who asks is told what is held and made of it: own data, plain words, no more and no less."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import polars as pl
import pytest

from segment.contribution import LINES
from segment.exceptions import NotPublishedError
from segment.jobs.lists.upgrade_list import upgrade_list
from segment.jobs.publish.overrides import set_override
from segment.jobs.rights.explain import explain
from segment.jobs.rights.explained import Explained
from segment.jobs.rights.held_estimates import two_digits
from segment.jobs.rights.objections import object_to
from segment.main_bank.term_reasons import FORWARDED, SELDOM
from segment.main_bank.term_reasons import REASONS as TERM_REASONS
from segment.pages.customer_page import customer_page, write_customer_page
from segment.policy.service import SUB_STATES
from segment.policy.trigger_rules import Event
from segment.sentences import LANGUAGES, Language, Sentences, catalogue
from segment.store.row_store import delete_rows, read_rows, upsert_rows
from segment.store.stored_tables import LIST_ROWS, REVIEWS
from segment.tiers import TIERS
from segment.tiers.reasons import Reason
from segment.warehouse.reference_tables import COLUMNS
from segment.warehouse.tiers_table import read_tiers
from tests.conftest import AS_OF, Bank, Said
from tests.stored import stored_list
from tests.test_protected_columns import PROTECTED

ELSEWHERE = {"en": r"main bank|other bank|another bank|wallet", "zh": "他行|主要往来银行|钱包"}


def some(bank: Bank, tier: str = "break_even") -> str:
    tiers = read_tiers(bank.workspace.tiers, AS_OF)
    return str(tiers.filter((pl.col("tier") == tier) & (pl.col("standing") == "active"))["customer_id"][0])


def told(bank: Bank, customer: str) -> Explained:
    return explain(customer, AS_OF, bank.workspace, bank.policy)


@pytest.mark.parametrize("tier", TIERS)
def test_gdpr_15_and_pipl_45_the_figures_are_those_published_and_their_lines_add_up(
    trained_bank: Bank, tier: str
) -> None:
    customer = some(trained_bank, tier)
    figures = told(trained_bank, customer).to_dict()["figures"]
    (row,) = read_tiers(trained_bank.workspace.tiers, AS_OF).filter(pl.col("customer_id") == customer).to_dicts()
    sums = {
        side: sum(figures["lines"][line.name] for line in LINES if line.side == side) for side in ("income", "cost")
    }
    assert sums["income"] == pytest.approx(row["income_12m"], abs=0.1)
    assert sums["cost"] == pytest.approx(row["cost_12m"], abs=0.1)
    assert figures["contribution_12m"] == pytest.approx(row["contribution_12m"], abs=0.01)


@pytest.mark.parametrize("language", LANGUAGES)
def test_pipl_24_and_gdpr_15_1_h_every_reason_line_tier_and_table_has_words_in_each_language(
    language: Language,
) -> None:
    texts = catalogue("explain", language)

    def named(start: str) -> set[str]:
        return {key.removeprefix(start) for key in texts if key.startswith(start)}

    codes = {*Reason, *(reason.code for reason in (*TERM_REASONS.values(), FORWARDED, SELDOM))}
    worded = {key.removeprefix("reasons.").upper() for key in catalogue("reasons", language)}
    events = {code for code in worded if code.startswith("EVENT_")}
    assert worded - events == codes
    assert {f"EVENT_{event.upper()}" for event in get_args(Event)} <= events
    assert {code.upper() for code in named("explain.reason.")} == codes - {Reason.MAIN_BANK_ELSEWHERE}
    assert named("explain.tier_name.") == set(SUB_STATES)
    assert named("explain.line.") == {line.name for line in LINES}
    assert named("explain.law_of.") == {"cn", "eu", "uk", "us"}
    assert texts.keys() == catalogue("explain", "en").keys()
    assert {name for name, columns in COLUMNS.items() if "customer_id" in columns} <= named("explain.table.")
    for key, sentence in texts.items():
        fields = [set(re.findall(r"{(\w+)", text)) for text in (sentence, catalogue("explain", "en")[key])]
        assert fields[0] == fields[1], key


@pytest.mark.parametrize("language", LANGUAGES)
def test_pipl_24_and_gdpr_22_the_page_says_how_to_object_to_be_heard_and_whom_to_ask(
    trained_bank: Bank, language: Language
) -> None:
    t, page = Sentences(language), customer_page(told(trained_bank, some(trained_bank)).to_dict(), "md", language)
    for sentence in (
        t("explain.object"),
        t("explain.erase"),
        t("explain.law_of.cn"),
        trained_bank.policy.law_in_force.objection_contact,
    ):
        assert sentence in page
    assert trained_bank.policy.law.human_review == Sentences()("law.human_review")
    assert t("law.human_review") in page
    assert all(t(f"explain.not_used.{name}") in page for name in ("sex", "region", "exact_age"))


def test_the_page_names_nobody_else_and_no_single_transaction(trained_bank: Bank) -> None:
    customer = some(trained_bank)
    page = customer_page(told(trained_bank, customer).to_dict(), "md", "en")
    everybody = read_tiers(trained_bank.workspace.tiers, AS_OF)["customer_id"]
    assert not any(name in page for name in everybody if name != customer)
    assert not re.search(r"\b[AT]\d{6,}", page)
    assert not set(PROTECTED) & set(told(trained_bank, customer).to_dict())


def test_gdpr_15_lists_with_their_arm_files_decisions_and_objections_are_told(bank: Bank) -> None:
    delete_rows(bank.workspace, LIST_ROWS, read_rows(bank.workspace, LIST_ROWS))  # of other tests
    made = upgrade_list(AS_OF, bank.workspace, bank.policy)
    copy = stored_list(bank.workspace, made.list_id)
    customer = str(copy.filter(pl.col("arm") == "control")["customer_id"][0])
    end = dt.date(2026, 3, 31)
    terms = {"role": "branch_manager", "reason": "Sold the firm.", "starts_on": AS_OF, "expires_on": end}
    set_override(bank.workspace, bank.policy, customer, "valuable", **terms)  # type: ignore[arg-type]
    row = ("r1", customer, "B", "a fee", "item", AS_OF, "Ann", AS_OF, None, None, None, None)
    upsert_rows(
        bank.workspace, REVIEWS, pl.DataFrame([dict(zip(REVIEWS.schema, row, strict=False))], schema=REVIEWS.schema)
    )
    facts = told(bank, customer).to_dict()
    assert [one["arm"] for one in facts["lists"]] == ["control"]
    page = customer_page(told(bank, customer).to_dict(), "md", "en")
    for words in ("drawn by lot", "Sold the firm.", "It is being reviewed."):
        assert words in page
    object_to(bank.workspace, bank.policy, customer, "profiling")
    facts, page = told(bank, customer).to_dict(), customer_page(told(bank, customer).to_dict(), "md", "en")
    assert (facts["generic"], facts["levers"]) == (True, [])
    assert "your tier is not acted upon" in page


def test_levers_are_told_to_those_below_and_to_nobody_else(trained_bank: Bank) -> None:
    tiers = read_tiers(trained_bank.workspace.tiers, AS_OF)
    loses = tiers.filter((pl.col("tier") == "loss_making") & (pl.col("standing") == "active"))["customer_id"]
    assert any(told(trained_bank, name).to_dict()["levers"] for name in loses.head(5))
    assert told(trained_bank, some(trained_bank, "high_value")).to_dict()["levers"] == []


@pytest.mark.parametrize("amount", [0.0, 3.4, 99.6, 12_345.0, 987_654.0])
def test_domain_2_5_a_guess_of_the_wallet_has_two_figures(amount: float) -> None:
    rounded = two_digits(amount)
    assert rounded is not None
    assert len(str(rounded).rstrip("0")) <= 2
    assert rounded == pytest.approx(amount, rel=0.05, abs=1.0)


def test_who_is_not_published_is_not_named(trained_bank: Bank, segment: Callable[..., Said]) -> None:
    with pytest.raises(NotPublishedError, match="must stand in the tiers published") as refused:
        told(trained_bank, "C9999999")
    assert "C9999999" not in str(refused.value)
    said = segment("explain", "C9999999", "--as-of", AS_OF, workspace=trained_bank.workspace.root)
    assert (said.code, said.out, "C9999999" in said.err) == (2, "", False)


def test_the_command_writes_a_page_that_its_owner_alone_can_read(
    trained_bank: Bank, segment: Callable[..., Said], tmp_path: Path
) -> None:
    out = tmp_path / "answer.html"
    terms = ("--as-of", AS_OF, "--language", "zh", "--out", out)
    said = segment("explain", some(trained_bank), *terms, workspace=trained_bank.workspace.root)
    assert said.code == 0, said.err
    assert out.stat().st_mode & 0o777 == 0o600
    assert out.read_text(encoding="utf-8").startswith('<!doctype html>\n<html lang="zh">')
    assert segment("explain", some(trained_bank), "--as-of", AS_OF, "--out", tmp_path / "a.pdf").code == 2
    with pytest.raises(ValueError, match="must be one of en, zh"):
        write_customer_page(told(trained_bank, some(trained_bank)).to_dict(), out, "fr")  # type: ignore[arg-type]


def test_a_missing_birth_date_is_said_and_not_that_nothing_could_be_named(bank: Bank) -> None:
    customer = some(bank)
    file = bank.workspace.reference / "customers.parquet"
    born = pl.col("birth_date")
    pl.read_parquet(file).with_columns(
        pl.when(pl.col("customer_id") == customer).then(pl.lit(None, dtype=pl.Date)).otherwise(born).alias("birth_date")
    ).write_parquet(file)
    found = told(bank, customer).to_dict()
    assert found["age_unknown"]
    for language in LANGUAGES:
        page = customer_page({**found, "levers": []}, "md", language)
        assert catalogue("explain", language)["explain.age_unknown"] in page
        assert catalogue("explain", language)["explain.no_levers"] not in page


@pytest.fixture(scope="module")
def some_of_each(trained_bank: Bank) -> list[Explained]:
    """What is told of some customers of each tier and standing."""
    tiers = read_tiers(trained_bank.workspace.tiers, AS_OF).sort("customer_id")
    of_each = tiers.group_by("tier", "standing", "main_bank_elsewhere", maintain_order=True).head(6)
    return [told(trained_bank, customer) for customer in of_each["customer_id"]]


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_letter_of_the_bank_contradicts_its_figures_or_quotes_other_banks_as_a_reason(
    some_of_each: list[Explained], language: Language
) -> None:
    t = Sentences(language)
    assert len(some_of_each) >= 40
    for facts in some_of_each:
        page = customer_page(facts.to_dict(), "md", language)
        before, _, held = page.partition(t("explain.data_heading"))
        assert re.findall(ELSEWHERE[language], before) == []
        assert t("explain.main_bank_elsewhere", chance=facts.estimates.main_bank_elsewhere) in held
        assert t("explain.tier_name." + facts.tier) in before
        says, figures = set(facts.reasons), facts.figures
        assert "INCOME_COVERS_COST" not in says or figures.income_12m > figures.cost_12m
        assert "INCOME_BELOW_COST" not in says or figures.income_12m < figures.cost_12m
        assert "INCOME_ABOUT_COST" not in says or 0.79 < figures.income_12m / figures.cost_12m < 1.26
        assert not says & {"INCOME_COVERS_COST", "INCOME_BELOW_COST"} or facts.tier in ("valuable", "loss_making")
        assert f"{facts.forecast['mean']:,}" in before


def test_who_is_to_be_won_over_reads_of_no_adviser_for_main_banks(trained_bank: Bank) -> None:
    flagged = read_tiers(trained_bank.workspace.tiers, AS_OF).filter("main_bank_elsewhere")["customer_id"][0]
    facts, plans = told(trained_bank, flagged), trained_bank.policy.service.plans  # type: ignore[union-attr]
    state = plans["break_even"].sub_states["main_bank_elsewhere"]
    assert facts.service is not None
    assert (facts.service.tracked_by, state.tracked_by) == ("adviser", "adviser for winning main banks")
    assert (facts.service.contact_every_days, "MAIN_BANK_ELSEWHERE" in facts.reasons) == (60, False)

"""A customer who asks is told what is held and made of it: own data, plain words, no more and no less."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from segment.contribution import LINES
from segment.exceptions import PublishError
from segment.features.catalogue import PROTECTED
from segment.jobs.access import LANGUAGES, as_page, explain, write_page
from segment.jobs.access.explain import Explained, two_digits
from segment.jobs.objections import object_to
from segment.jobs.overrides import set_override
from segment.jobs.reasons import SENTENCES
from segment.jobs.reference import COLUMNS
from segment.jobs.upgrade_list import upgrade_list
from segment.policy.service import SUB_STATES
from segment.tiers import TIERS
from segment.warehouse import read_tiers
from segment.warehouse.kept import REVIEWS, keep
from tests.conftest import AS_OF, Bank, Said


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
    figures = told(trained_bank, customer).facts["figures"]
    (row,) = read_tiers(trained_bank.workspace.tiers, AS_OF).filter(pl.col("customer_id") == customer).to_dicts()
    sums = {
        side: sum(figures["lines"][line.name] for line in LINES if line.side == side) for side in ("income", "cost")
    }
    assert sums["income"] == pytest.approx(row["income_12m"], abs=0.1)
    assert sums["cost"] == pytest.approx(row["cost_12m"], abs=0.1)
    assert figures["contribution_12m"] == pytest.approx(row["contribution_12m"], abs=0.01)


@pytest.mark.parametrize("language", LANGUAGES)
def test_pipl_24_and_gdpr_15_1_h_every_reason_line_tier_and_table_has_words_in_each_language(language: str) -> None:
    words = LANGUAGES[language]
    assert set(words.REASONS) == set(SENTENCES)
    assert set(words.TIERS) == set(SUB_STATES)
    assert set(words.LINES) == {line.name for line in LINES}
    assert set(words.LAW) == {"cn", "eu", "uk", "us"}
    assert set(words.SAID) == set(LANGUAGES["en"].SAID)
    assert {name for name, columns in COLUMNS.items() if "customer_id" in columns} <= set(words.TABLES)
    for name, sentence in words.SAID.items():
        fields = [set(re.findall(r"{(\w+)", text)) for text in (sentence, LANGUAGES["en"].SAID[name])]
        assert fields[0] == fields[1], name


@pytest.mark.parametrize("language", LANGUAGES)
def test_pipl_24_and_gdpr_22_the_page_says_how_to_object_to_be_heard_and_whom_to_ask(
    trained_bank: Bank, language: str
) -> None:
    words, page = LANGUAGES[language], as_page(told(trained_bank, some(trained_bank)), language)
    for sentence in (
        words.SAID["object"],
        words.SAID["erase"],
        words.LAW["cn"],
        trained_bank.policy.law_in_force.objection_contact,
    ):
        assert sentence in page
    assert trained_bank.policy.law.human_review in page
    assert all(words.NOT_USED[name] in page for name in ("sex", "region", "exact_age"))


def test_the_page_names_nobody_else_and_no_single_transaction(trained_bank: Bank) -> None:
    customer = some(trained_bank)
    page = as_page(told(trained_bank, customer), "en")
    everybody = read_tiers(trained_bank.workspace.tiers, AS_OF)["customer_id"]
    assert not any(name in page for name in everybody if name != customer)
    assert not re.search(r"\b[AT]\d{6,}", page)
    assert not set(PROTECTED) & set(told(trained_bank, customer).facts)


def test_gdpr_15_lists_with_their_arm_files_decisions_and_objections_are_told(bank: Bank) -> None:
    shutil.rmtree(bank.workspace.lists, ignore_errors=True)  # of other tests
    made = upgrade_list(AS_OF, bank.workspace, bank.policy)
    copy = pl.read_parquet(bank.workspace.lists / f"{made.list_id}.parquet")
    customer = str(copy.filter(pl.col("arm") == "control")["customer_id"][0])
    end = dt.date(2026, 3, 31)
    terms = {"role": "branch_manager", "reason": "Sold the firm.", "starts_on": AS_OF, "expires_on": end}
    set_override(bank.workspace, bank.policy, customer, "valuable", **terms)  # type: ignore[arg-type]
    row = ("r1", customer, "B", "a fee", "item", AS_OF, "Ann", AS_OF, None, None, None, None)
    keep(bank.workspace, REVIEWS, pl.DataFrame([dict(zip(REVIEWS.schema, row, strict=False))], schema=REVIEWS.schema))
    facts = told(bank, customer).facts
    assert [one["arm"] for one in facts["lists"]] == ["control"]
    page = as_page(told(bank, customer), "en")
    for words in ("drawn by lot", "Sold the firm.", "It is being reviewed."):
        assert words in page
    object_to(bank.workspace, customer, "profiling")
    facts, page = told(bank, customer).facts, as_page(told(bank, customer), "en")
    assert (facts["generic"], facts["levers"]) == (True, [])
    assert "your tier is not acted upon" in page


def test_levers_are_told_to_those_below_and_to_nobody_else(trained_bank: Bank) -> None:
    tiers = read_tiers(trained_bank.workspace.tiers, AS_OF)
    loses = tiers.filter((pl.col("tier") == "loss_making") & (pl.col("standing") == "active"))["customer_id"]
    assert any(told(trained_bank, name).facts["levers"] for name in loses.head(5))
    assert told(trained_bank, some(trained_bank, "high_value")).facts["levers"] == []


@pytest.mark.parametrize("amount", [0.0, 3.4, 99.6, 12_345.0, 987_654.0])
def test_domain_2_5_a_guess_of_the_wallet_has_two_figures(amount: float) -> None:
    rounded = two_digits(amount)
    assert rounded is not None
    assert len(str(rounded).rstrip("0")) <= 2
    assert rounded == pytest.approx(amount, rel=0.05, abs=1.0)


def test_who_is_not_published_is_not_named(trained_bank: Bank, segment: Callable[..., Said]) -> None:
    with pytest.raises(PublishError, match="must stand in the tiers published") as refused:
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
    with pytest.raises(PublishError, match="must be one of en, zh"):
        write_page(told(trained_bank, some(trained_bank)), out, "fr")

"""The answer to a customer says the same in both languages and both forms, in words fit for a customer."""

from __future__ import annotations

import re
from typing import Any

import pytest

from segment.pages.customer_page import customer_page
from segment.policy.service import SUB_STATES
from segment.sentences import LANGUAGES, Form, Language, Sentences, catalogue
from tests.pages.reading import assert_no_english, text_of
from tests.pages.small_explanation import explained

FIGURES = ("2025-12-31", "2025-06-30", "12.5", "90", "1,234", "1,100", "134", "1,200", "2,300", "12,000", "83", "1,120",
           "157", "143", "-220", "275", "4,321",
           "1,420", "2023-01 – 2025-12", "321", "60", "2025-11-03", "2025-12-04", "2026-03-31", "2025-10-02",
           "2026.1")  # fmt: skip
BARE: dict[str, Any] = {
    "service": None, "tier_since": None, "levers": [], "lists": [], "released": [], "overrides": [], "objections": [],
    "reviews": [], "decides": None, "other_side": [], "reasons": ["NEW_CUSTOMER"],
    "estimates": {"main_bank_elsewhere": None, "wallet_elsewhere_12m": None, "evidence": []},
    "figures": explained()["figures"] | {"lines": {}},
}  # fmt: skip
FORMS: tuple[Form, ...] = ("html", "md")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("form", FORMS)
def test_every_figure_and_every_part_stands_on_the_page(form: Form, language: Language) -> None:
    text, t = text_of(customer_page(explained(), form, language)), Sentences(language)
    assert [figure for figure in FIGURES if figure not in text] == []
    headings = [key for key in catalogue("explain", language) if key.endswith("_heading")]
    assert len(headings) == 10
    assert [key for key in headings if t(key) not in text] == []


@pytest.mark.parametrize("form", FORMS)
def test_a_chinese_answer_has_no_english_sentence(form: Form) -> None:
    for facts in (explained(), explained(**BARE), explained(generic=True)):
        page = customer_page(facts, form, "zh")
        assert_no_english(page)
        assert '<html lang="zh">' in page or form == "md"


@pytest.mark.parametrize("tier", SUB_STATES)
def test_domain_9_no_customer_reads_loss_making_in_chinese(tier: str) -> None:
    assert "亏损" not in customer_page(explained(tier=tier), "html", "zh")
    texts = [*catalogue("explain", "zh").values(), *catalogue("reasons", "zh").values()]
    assert [text for text in texts if "亏损" in text] == []


def test_the_words_of_policy_and_people_are_escaped() -> None:
    page = customer_page(explained(), "html", "en")
    assert "<b>" not in page
    assert page.count("&lt;b&gt;") == 3


def test_what_is_not_there_is_said() -> None:
    page, t = customer_page(explained(**BARE), "md", "en"), Sentences()
    for name in ("no_plan", "no_lines", "no_levers", "no_lists", "no_decisions"):
        assert t(f"explain.{name}") in page
    assert t("explain.generic") in customer_page(explained(generic=True), "md", "en")


def test_a_line_that_rounds_to_nothing_is_left_out() -> None:
    page = customer_page(explained(), "md", "en")
    assert "| Keeping your accounts | cost | 1,100 |" in page
    assert "Your transactions |" not in page


def test_a_control_customer_reads_what_the_draw_was_for() -> None:
    assert "you were in the control group, drawn by lot" in customer_page(explained(), "md", "en")


@pytest.mark.parametrize(("language", "you"), [("en", r"\b(?:you|your|yours)\b"), ("zh", "您")])
def test_every_reason_speaks_to_its_reader(language: Language, you: str) -> None:
    texts = {key: text for key, text in catalogue("explain", language).items() if key.startswith("explain.reason.")}
    assert len(texts) > 40
    assert [key for key, text in texts.items() if not re.search(you, text, re.IGNORECASE)] == []


ELSEWHERE = {"en": r"main bank|other bank|another bank|wallet|12,000", "zh": "他行|主要往来银行|钱包|12,000"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_other_banks_are_named_as_estimates_held_and_nowhere_before(language: Language) -> None:
    """GDPR 15 and PIPL 45: what is held is told, with how to have it corrected; no reason and no offer quotes it."""
    page, t = customer_page(explained(), "md", language), Sentences(language)
    before, held = page.split(t("explain.data_heading"))
    assert re.findall(ELSEWHERE[language], before) == []
    held, after = held.split(t("explain.not_used_heading"))
    said = [
        t("explain.main_bank_elsewhere", chance=83),
        t("explain.wallet_elsewhere", wallet=12_000),
        t("explain.rests_on", what=t("explain.reason.no_salary_here")),
        t("explain.estimates_correct", contact="privacy@bank.example"),
    ]
    assert [sentence for sentence in said if sentence not in held] == []
    assert re.findall(ELSEWHERE[language], after) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("by", ["group", "chances"])
def test_where_odds_decide_they_are_told_and_the_value_is_said_not_to(language: Language, by: str) -> None:
    chances = {"high_value": 0, "valuable": 21, "break_even": 71, "loss_making": 8}
    decides = explained()["decides"] | {"by": by, "chances": chances, "likeliest": "break_even"}
    page, t = customer_page(explained(decides=decides), "html", language), Sentences(language)
    assert ("Most likely break-even next year: 71 %" if language == "en" else "盈亏平衡：71%") in page
    assert t(f"explain.by.{by}") in page
    assert t("explain.decides", value=143, year=60, rest=40, mean=157) not in page


def test_the_mean_that_decides_is_told_and_what_speaks_against_the_tier_stands_apart() -> None:
    page, t = customer_page(explained(), "md", "en"), Sentences()
    assert t("explain.decides", value=143, year=60, rest=40, mean=157) in page
    reasons, other_side = page.split(t("explain.other_side"))
    assert (t("explain.reason.fees_high") in reasons, t("explain.reason.counter_use_high") in other_side) == (
        True,
        True,
    )
    assert t("explain.other_side") not in customer_page(explained(**BARE), "md", "en")

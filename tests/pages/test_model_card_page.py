"""A card says the same in both languages and both forms."""

from __future__ import annotations

from typing import Any

import pytest

from segment.pages.model_card_page import card_page
from segment.sentences import Form, Language
from tests.pages.reading import assert_no_english, text_of
from tests.pages.small_audit import audit_facts

ENDS = [0.8619, 0.84, 0.875]
HASHES = {name: f"{number}" * 64 for number, name in enumerate(("spec_hash", "policy_hash", "features_hash"), 1)}
SVG = '<?xml version="1.0"?>\n<svg><text>drawn</text></svg>'
SHARES = {"high_value": 0.119, "valuable": 0.208, "break_even": 0.516, "loss_making": 0.157}


def card_facts(**changes: Any) -> dict[str, Any]:
    row = {"spearman": 0.8616, "mae": 480.04, "top_decile_capture": 0.964, "total_predicted_over_actual": 1.229}
    part = dict.fromkeys(("spearman", "mae_skill", "coverage_p10_p90"), ENDS) | {"bias": [None, None, None]}
    importance = [{"name": "other_banks", "error_added": 0.065, "spread": 0.01}]
    facts: dict[str, Any] = {
        "name": "default",
        "description": "规格 <b>说明</b>",
        "owner": "负责人",
        "currency": "CNY",
        "params": {**HASHES, "ledger_hash": "4" * 64, "as_of": "2025-12-31", "policy": "retail 2026.1", "rows": 21387,
                   "customers": 3728, "moments": "2023-12-31,2024-12-31", "horizon_months": 12},
        "metrics": {"spearman": 0.8616, "guard_share": 0.031, "out_of_time_x": 7.7},
        "hashes": {"customers": "5" * 64},
        "new_below_months": 3,
        "features": {"count": 1, "families": {"card_use": 14}, "listed": [["visits_12m", "次", "来访 | 次数", "月"]]},
        "method": {"learners": {"median_change": 0.78, "of_old": 0.22}, "main_bank_labels": 421, "wallets": ["a"],
                   "clusters": 6},
        "judged": {"moment": "2024-12-31", "learned_from": ["2023-12-31"], "out_of_time": True, "customers": 3600},
        "alternatives": [{"name": "the last 3 months, four times", **row}, {"name": "旧预测", **row}],
        "performance": [{"group": "branch_size", "part": "small", "customers": 675, **part}],
        "explanations": {"rows": 1000, "families": importance, "features": importance},
        "agreement": [{"reason": "CARD_USE_HIGH", "customers": 31, "agree_share": 1.0, "shown": True},
                      {"reason": "FEES_HIGH", "customers": 6, "agree_share": 0.5, "shown": False}],
        "drift": {"forecast": 0.0041, "look": 11, "significant": 5, "most": {"visits_12m": 0.31}},
        "sensitivity": [{"name": "cost to serve −20 %", "changed_share": 0.133, "shares": SHARES},
                        {"name": "weight of the past 0.3", "changed_share": 0.021, "shares": SHARES}],
        "fairness": audit_facts(document={"business_need": "需要", "alternatives": "无", "documented_by": "张三"}),
        "changes": {"champion": "1", "params": {"ledger_hash": ["9" * 64, "4" * 64], "seed": [None, "1"]}},
    }  # fmt: skip
    facts |= changes
    of_outcomes = () if facts["judged"] else ("alternatives", "performance", "explanations")
    return {name: fact for name, fact in facts.items() if name not in of_outcomes}


def card(form: Form = "md", language: Language = "en", record: dict[str, str] | None = None, **changes: Any) -> str:
    drawings = dict.fromkeys(("deciles", "families", "scenarios"), SVG)
    return card_page(card_facts(**changes), drawings, record or {}, form, language)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("form", ["html", "md"])
def test_every_figure_stands_on_the_card(form: Form, language: Language) -> None:
    page = card(form, language)
    named = ("21,387", "3,728", "0.862", "0.840", "480.0", "1.229", "78%", "+6.5% ± 1.0%", "0.031", "0.004", "0.310",
             "13.3%", "51.6%", "2,440", "111111111111", "999999999999…", "5" * 64, "2026-12-01")  # fmt: skip
    assert [figure for figure in named if figure not in page] == []
    assert "7.7" not in text_of(page).replace("7.70", "")
    assert page.count("<svg" if form == "html" else "](plots/") == 3


@pytest.mark.parametrize("form", ["html", "md"])
def test_a_chinese_card_has_no_english_sentence(form: Form) -> None:
    page = card(form, "zh")
    assert_no_english(page)
    for words in ("服务成本−20%", "过去的权重0.3", "网点规模：小", "经常刷卡支付", "最近3个月乘以四"):
        assert words in page


def test_words_of_a_spec_are_escaped_and_a_bar_does_not_break_a_table() -> None:
    assert "<b>" not in card("html")
    assert "规格 &lt;b&gt;说明&lt;/b&gt;" in card("html")
    assert "来访 \\| 次数" in card()


def test_scenarios_and_forecasts_keep_their_english_names() -> None:
    page = card()
    assert "| cost to serve −20 % | 13.3% |" in page
    assert "| weight of the past 0.3 | 2.1% |" in page
    assert "| the last 3 months, four times | 0.862 |" in page
    assert "(median change 78%, of_old 22%)" in page
    assert "| Pays by card often | 31 | 100% |" in page
    assert "Not used to explain the forecast: `FEES_HIGH` 50% of 6." in page


def test_a_card_of_a_version_says_what_became_of_it() -> None:
    record = {"version": "7", "developer": "dev", "approved_by": "Ann", "promoted_because": "gates hold"}
    assert card(record=record).startswith("# Model card: default, version 7\n")
    assert "| promotion | gates hold |" in card(record=record)
    assert "| 启用 | 各项门禁均通过 |" in card("md", "zh", record)
    assert "| promotion | <why> |" in card(record=record | {"promoted_because": "<why>"})
    assert "| version | given when it is registered |" in card()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_card_without_outcomes_champion_or_audit_is_whole(language: Language) -> None:
    empty = audit_facts(rates=[], within_income=[], errors=[], calibration=[], proxies=[])
    for fairness in (None, {}, empty):
        page = card("md", language, judged=None, changes=None, fairness=fairness, agreement=[])
        assert ("No fairness audit of this version was made" if language == "en" else "本版本未做公平性审计") in page
    assert "The first version" in page or language == "zh"
    assert "the ledger does not give it" in page or language == "zh"


def test_marks_become_tags_drawings_lose_their_head_and_long_tables_fold() -> None:
    page = card("html")
    assert "<strong>Not for</strong>" in page
    assert "<code>unknown</code>" in page
    assert "<?xml" not in page
    assert "<details><summary>Hashes of the ledger&#39;s tables</summary>" in page

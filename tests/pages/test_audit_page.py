"""An audit says the same in both languages and both forms."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from segment.pages.audit_page import audit_messages, audit_view, rate_table, with_findings, write_audit
from segment.sentences import Language, Sentences
from tests.pages.reading import assert_no_english, text_of
from tests.pages.small_audit import audit_facts

NOTHING: dict[str, Any] = {"rates": [], "within_income": [], "errors": [], "calibration": [], "proxies": []}
FIGURES = ("2,440", "5.0%", "4.0–6.0%", "0.25", "0.50", "0.40", "33.3%", "21.3", "1.41", "61.2%", "0.71", "<0.001",
           "0.004", "25.0%", "2024-12-31", "12.5%")  # fmt: skip


def written(tmp_path: Path, ending: str, language: Language = "en", **changes: Any) -> str:
    path = tmp_path / f"audit{ending}"
    write_audit(audit_facts(**changes), path, language)
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("ending", [".html", ".md"])
def test_every_figure_stands_on_the_page(tmp_path: Path, ending: str, language: Language) -> None:
    text = text_of(written(tmp_path, ending, language))
    assert [figure for figure in FIGURES if figure not in text] == []


@pytest.mark.parametrize("ending", [".html", ".md"])
def test_a_chinese_page_has_no_english_sentence(tmp_path: Path, ending: str) -> None:
    page = written(tmp_path, ending, "zh")
    assert_no_english(page, "the bank's", "need")
    assert "亏损客户的" not in page
    assert '<html lang="zh">' in page or ending == ".md"


def test_the_words_of_the_ledger_are_escaped(tmp_path: Path) -> None:
    page = written(tmp_path, ".html")
    assert "<b>" not in page
    assert "&lt;b&gt;m&lt;/b&gt; 20.0%" in page
    assert "&lt;b&gt;need&lt;/b&gt;" in page


def test_what_stands_out_is_said_in_full_sentences(tmp_path: Path) -> None:
    page = written(tmp_path, ".md")
    assert (
        "1. High-value tier, by sex: f 5.0%, <b>m</b> 20.0% (ratio 0.25, p <0.001). Among customers of like income "
        "the ratio is 0.50: less sure, and not explained by income." in page
    )
    assert "High-value customers whom the forecast missed, by sex: f 33.3%, 21.3 points more than <b>m</b>" in page
    assert "Forecast over outcome, by age: 60 and over 1.41 (1.20 to 1.70)." in page
    assert "Outcomes between P10 and P90, by age: 60 and over 61.2%." in page
    assert "tells sex f from the others: AUC 0.71, above 0.65: features act as a proxy; most by `visits_12m`." in page


def test_what_stays_open_is_said_in_its_order(tmp_path: Path) -> None:
    left = with_findings(audit_facts())["cannot_say"]
    assert left == [
        "Nothing by region: the ledger does not give it.",
        "Nothing by stage of life: the policy leaves it out.",
        "Nobody paid a fee.",
        "Not compared where fewer than 50 customers are left: age: under 30 (20).",
        "No group can be compared by age: fewer than two have 50 customers.",
        "Forecast over outcome: 2 groups have fewer than 50 customers with outcomes, and are not judged.",
        "1 comparisons lie outside their limits and may be chance: too few customers to tell. They are in the tables.",
        "Not known: sex of 40 of 2,440 customers, who are left out there.",
    ]
    assert "- Nobody paid a fee.\n- Not compared" in written(tmp_path, ".md")
    assert "- 没有客户支付费用。" in written(tmp_path, ".md", "zh")


def test_an_audit_of_an_older_release_keeps_its_sentences(tmp_path: Path) -> None:
    page = written(tmp_path, ".html", note_codes=None, notes=["What <b> it said then."])
    assert "<li>What &lt;b&gt; it said then.</li>" in page
    assert ">proxy</td>" in page


def test_verdicts_of_cards_of_earlier_releases_are_read_as_todays_codes() -> None:
    former = ("stands for it", "can be told", "not to be told")
    proxies = [audit_facts()["proxies"][0] | {"verdict": verdict} for verdict in (*former, "proxy")]
    view = audit_view(audit_facts(proxies=proxies), "en")["audit"]
    assert [row["verdict"] for row in view["proxies"]] == ["proxy", "detectable", "none", "proxy"]


def test_headings_of_numbers_are_escaped_once(tmp_path: Path) -> None:
    row = {"tier": "valuable", "vulnerability": "others", "customers": 40, "high_fees": 0.5}
    page = written(tmp_path, ".html", outcomes=[row])
    assert '<th class="n">fees in the bank&#39;s top fifth</th>' in page


def test_an_audit_without_attributes_says_so(tmp_path: Path) -> None:
    for ending in (".html", ".md"):
        page = written(tmp_path, ending, **NOTHING)
        assert "Nothing could be audited" in page
        assert "the ledger does not give it" in page
    assert "无法审计" in written(tmp_path, ".md", "zh", **NOTHING)


def test_a_terminal_shows_the_same_sentences() -> None:
    facts = with_findings(audit_facts())
    lines = Sentences().each(audit_messages(facts))
    assert (
        lines[0]
        == "2,440 customers as of 2025-12-31, 1 decisions, 3 comparisons: 4 outside the limits and significant."
    )
    assert facts["significant"] == 4
    assert "What this cannot say:" in lines
    heads, rows = rate_table(facts, Sentences())
    assert heads[:3] == ["attribute", "decision", "group"]
    assert rows[0] == [
        "sex", "high-value tier", "f", 1200, "5.0%", "4.0–6.0%", "0.25", "–", "<0.001", "outside and significant",
    ]  # fmt: skip


def test_json_and_table_hold_the_facts(tmp_path: Path) -> None:
    assert json.loads(written(tmp_path, ".json")) == audit_facts()
    written(tmp_path, ".csv")
    table = pl.read_csv(tmp_path / "audit.csv")
    assert table["part"].to_list() == ["rates", "rates", "rates", "within_income", "errors"]
    assert table["verdict"][0] == "outside and significant"

"""A page of drift says the same in both languages, and reads what older releases wrote."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from segment.drift.drift_report import (
    LAST_PUBLICATION,
    TIER_MIX,
    DriftReport,
    FeatureDrift,
    GroupDrift,
    ScoreDrift,
    ShareRise,
)
from segment.jobs.publish.drift_summary import drift_table
from segment.jobs.publish.drift_trend import TREND
from segment.jobs.publish.evaluate_drift import DriftEvaluation
from segment.pages.drift_page import drift_summary, write_page
from segment.policy.drift import DriftLimits
from segment.sentences import Language
from tests.pages.reading import assert_no_english

GROUP = "<b>urban</b>|R01"
STILL = ShareRise(0.01, 0.01, 0.05)
FEATURES = {
    "balance": FeatureDrift(0.345, 0.25, True, STILL, ShareRise(0.1, 0.123, 0.15)),
    "visits": FeatureDrift(0.1, 0.25, True, ShareRise(0.0, 0.456, 0.05), ShareRise(0.0, 0.789, 0.15)),
}
SCORES = [
    ScoreDrift("", "future_value_12m", 0.512, 0.25, 1234),
    *(ScoreDrift(name, TIER_MIX, 0.3, 0.25, 300, LAST_PUBLICATION) for name in ("", "a", "b", "c")),
]
REPORT = DriftReport(1234, DriftLimits(), SCORES, {"": GroupDrift(1234, FEATURES), GROUP: GroupDrift(300, FEATURES)})
SERIES = (("future_value_12m", 0.512, 0.25), ("features moved", 0.5, 0.2))
ROWS = [(dt.date(2025, 12, 31), "run", "3", False, "", *series) for series in SERIES]


def facts(report: DriftReport | None = REPORT) -> dict[str, Any]:
    return DriftEvaluation(dt.date(2025, 12, 31), "3", dt.date(2025, 11, 30), report).to_dict()


def page(folder: Path, ending: str, language: Language, drift: dict[str, Any] | None = None) -> str:
    path = folder / f"page.{ending}"
    write_page(facts() if drift is None else drift, pl.DataFrame(ROWS, schema=TREND, orient="row"), path, language)
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("ending", ["html", "md"])
def test_every_figure_stands_on_the_page(tmp_path: Path, ending: str, language: Language) -> None:
    text = page(tmp_path, ending, language)
    named = ("1,234", "2025-12-31", "2025-11-30", "0.51", "0.345", "0.250", "12.3%", "45.6%", "78.9%", "50.0%")
    assert [figure for figure in named if figure not in text] == []
    assert text.count("<svg" if ending == "html" else ".svg)") == 3
    assert "<b>" not in text or ending == "md"


def test_a_chinese_page_has_no_english_sentence(tmp_path: Path) -> None:
    for ending in ("html", "md"):
        text = page(tmp_path, ending, "zh")
        assert_no_english(text)
        for words in (
            "超出限度：层级不予发布。",
            "层级结构相对上一次发布发生漂移",
            "网点组a",
            "另有1个网点组",
            "阅读说明",
        ):
            assert words in text
        assert_no_english(page(tmp_path, ending, "zh", facts(None)))


def test_what_moved_is_said_as_the_gate_says_it(tmp_path: Path) -> None:
    text = page(tmp_path, "md", "en")
    assert (
        "**Beyond the limits: tiers are not published.** Found: future_value_12m moved against the training: " in text
    )
    assert "tier mix moved against the last publication: the bank has index 0.30 (limit 0.25), branches a has" in text
    assert ", 1 more groups of branches; 50% of the features of the bank moved (limit 20%); " in text
    assert "visits is missing for 46% more customers of the bank (limit 5%); visits is zero for 79% more" in text
    assert facts()["gate"]["said"] in text
    headings = ("Since when", "Where scores and tiers moved", "Which features moved", "What went missing, or to zero",
                "Features by group of branches", "How to read this")  # fmt: skip
    assert [heading for heading in headings if f"## {heading}\n" not in text] == []


def test_drift_of_an_older_release_shows_its_sentence(tmp_path: Path) -> None:
    old = facts()
    del old["gate"]["finding"]
    old["gate"]["said"] = "a <b>sentence</b> of then"
    assert "Found: a &lt;b&gt;sentence&lt;/b&gt; of then." in page(tmp_path, "html", "en", old)
    unjudged = facts(None)
    del unjudged["gate"]["finding"]
    assert "**Not judged.** The champion was trained before references were kept" in page(
        tmp_path, "md", "en", unjudged
    )


def test_the_summary_has_the_verdict_and_the_table() -> None:
    text = drift_summary(facts(), drift_table(facts()), "About.", "zh")
    assert text.startswith("About.\n\n**超出限度。** future_value_12m")
    assert "| 范围 | 项目 | 指数 | 上限 | 漂移 |" in text
    assert "| bank | future_value_12m | 0.512 | 0.250 | 是 |" in text

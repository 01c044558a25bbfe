"""A replay's page says the same in both languages, and leaves no figure out."""

from __future__ import annotations

from pathlib import Path

import pytest

from segment.evaluation.replay_metrics import GroupEffect, Migration, Moves, UnderServed
from segment.jobs.policies.replay import Replay, ReplaySide
from segment.pages.replay_page import write_page
from segment.sentences import Language
from tests.pages.reading import assert_no_english


def facts(value_missed: float | None = 654321.0) -> Replay:
    side = ReplaySide(1234567.0, UnderServed(900, 44, value_missed, 0.3456), Moves(0.0712, None))
    moved = [
        Migration("valuable", "high_value", 120, 0.345, 98765.4),
        Migration("loss_making", "valuable", 3, None, None),
    ]
    groups = [
        GroupEffect("tenure_band", "5 to 10 years", 77, 0.031, 0.0, 0.222, 0.253, 0.917),
        GroupEffect("age_band", "under 30", 78, 0.031, 0.0, 0.222, 0.253, 1.0),
        GroupEffect("peer_group", "<b>urban</b>|R01", 79, 0.031, 0.0, 0.222, 0.253, 1.0),
        GroupEffect("region", "3 groups of fewer than 10 customers"),
    ]
    first, second = (
        {"name": "retail", "version": version, "owner": "Ann", "hash": version * 6} for version in ("2026.2", "2026.1")
    )
    sides = {"before": side, "after": side}
    return Replay(first, second, "2025-12-31", 24, 12, 3728, moved, moved, groups, sides, "runs/r.json")


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("ending", ["html", "md"])
def test_every_figure_stands_on_the_page(tmp_path: Path, ending: str, language: Language) -> None:
    write_page(facts().to_dict(), tmp_path / f"page.{ending}", language)
    page = (tmp_path / f"page.{ending}").read_text(encoding="utf-8")
    named = ("2026.2", "2026.1", "2025-12-31", "3,728", "1,234,567", "654,321", "0.346", "7.1%", "34.5%", "98,765",
             "0.917", "25.3%", "[service]")  # fmt: skip
    assert [figure for figure in named if figure not in page] == []


def test_a_chinese_page_has_no_english_sentence(tmp_path: Path) -> None:
    for ending in ("html", "md"):
        write_page(facts().to_dict(), tmp_path / f"page.{ending}", "zh")
        page = (tmp_path / f"page.{ending}").read_text(encoding="utf-8")
        assert_no_english(page)
        for words in ("高价值客户", "5至10年", "30岁以下", "3个不足10人的组", "未显示或未知", "往来时间"):
            assert words in page


def test_the_page_keeps_its_headings_and_escapes_names(tmp_path: Path) -> None:
    write_page(facts().to_dict(), tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert page.count("withheld or not known") == 2 * 2 + 2 + 6
    assert "<b>" not in page
    assert "&lt;b&gt;urban&lt;/b&gt;|R01" in page
    headings = ("Replay of retail 2026.2", "Cost of service, and value served too low", "On the last day",
                "Who would be in another tier, all months", "Effect by group", "How to read this")  # fmt: skip
    assert [heading for heading in headings if f">{heading}</h" not in page] == []


def test_a_terminal_shows_the_figures_that_matter_most() -> None:
    assert str(facts()) == (
        "Replayed retail 2026.2 over 24 months up to 2025-12-31: 100.0% of customers in another tier; cost of service "
        "by the plan 1,234,567 → 1,234,567 a year; value of customers served too low 654,321 → 654,321 a year.\n"
        "See runs/r.json and the page beside it."
    )
    assert "served too low not known yet.\n" in str(facts(None))


def test_the_json_holds_notes_as_sentences_and_as_codes() -> None:
    content = facts().to_dict()
    assert content["notes"][2] == "Past months hold bookings as they are known today, corrections included."
    assert content["note_codes"][2] == {"code": "replay.note.bookings", "figures": {}}

"""A list's page says what it is worth and names nobody."""

from __future__ import annotations

from html import unescape
from pathlib import Path

import polars as pl
import pytest

from segment.messages import Message
from segment.pages.list_page import write_page
from segment.plots.list_plots import worth_plot
from segment.sentences import LANGUAGES, Sentences

CONTACTS = pl.DataFrame(
    {"branch_id": ["b1", "b2", "b1"], "expected_net_value": [10.0, 50.0, 40.0], "by_adviser": [False, True, False]}
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_holds_what_was_said_the_picture_and_each_branch(tmp_path: Path, language: str) -> None:
    said = [Message("upgrade.adviser_more_nothing"), Message("upgrade.not_worth_its_work", {"work": 720.0})]
    write_page("2025-12-31-0123456789", said, CONTACTS, tmp_path / "list.html", language)  # type: ignore[arg-type]
    text = unescape((tmp_path / "list.html").read_text(encoding="utf-8"))
    t = Sentences(language)  # type: ignore[arg-type]
    for sentence in t.each(said):
        assert sentence.split(",")[0] in text
    assert "<svg" in text
    assert text.index("b2") != text.index("b1")


def test_the_curve_adds_up_the_best_first_and_says_from_where_on_half_is_reached() -> None:
    axes = worth_plot(CONTACTS, Sentences()).axes[0]
    everything, of_hours = (line.get_ydata().tolist() for line in axes.get_lines()[:2])  # type: ignore[union-attr]
    assert everything == [0.0, 50.0, 90.0, 100.0]
    assert of_hours == [0.0, 50.0, 50.0, 50.0]
    assert any("half of it from 1 contacts" in text.get_text() for text in axes.texts)

"""Plots of drift say what its tables say."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from segment.plots.drift_plots import CALM, LOOK, MOVED, features_plot, groups_plot, score_words, trend_plot
from segment.plots.style import as_svg
from segment.sentences import Sentences

T = Sentences()
MOMENTS = [dt.date(2025, 10, 31), dt.date(2025, 11, 30), dt.date(2025, 12, 31)]


def _trend() -> pl.DataFrame:
    rows = []
    for place, as_of in enumerate(MOMENTS):
        rows.append((as_of, "", "tier mix", 0.02 * place, 0.25))
        rows.append((as_of, "", "features moved", 0.01, 0.2))
        rows.append((as_of, "rural|R01", "features moved", 0.03 * place, 0.2))
        rows.append((as_of, "urban|R01", "features moved", 0.02, 0.2))
        rows.append((as_of, "", "largest rise of missing", 0.01, 0.05))
    return pl.DataFrame(rows, schema=["as_of", "group", "name", "value", "limit"], orient="row")


def test_a_trend_has_a_line_per_score_and_the_group_that_moved_most() -> None:
    left, right = trend_plot(_trend(), 0.1, 0.25, T).axes
    (mix, *_) = left.get_lines()
    assert mix.get_label() == "tier mix"
    assert list(mix.get_ydata()) == pytest.approx([0.0, 0.02, 0.04])
    lines = {line.get_label(): list(line.get_ydata()) for line in right.get_lines()}
    assert lines["group of branches that moved most"] == pytest.approx([0.02, 0.03, 0.06])
    assert [label.get_text() for label in left.get_xticklabels()] == ["Dec 2025", "Nov 2025", "Oct 2025"]


def test_one_refresh_is_drawn_as_a_point() -> None:
    left, _ = trend_plot(_trend().filter(pl.col("as_of") == MOMENTS[0]), 0.1, 0.25, T).axes
    assert left.get_lines()[0].get_marker() == "o"


def test_a_cell_is_coloured_by_its_own_limit() -> None:
    scores = [
        {"group": group, "name": "tier mix", "index": index, "limit": limit, "customers": 50}
        for group, index, limit in (("", 0.05, 0.25), ("a", 0.2, 0.25), ("b", 0.3, 0.4), ("c", 0.3, 0.25))
    ]
    (axes,) = groups_plot(scores, 0.1, T).axes
    assert [_hex(patch.get_facecolor()) for patch in axes.patches] == [CALM, LOOK, LOOK, MOVED]


def test_bars_end_at_one_and_keep_their_figure() -> None:
    features = {
        "far": {"index": 7.0, "limit": 0.25, "judged": True},
        "near": {"index": 0.1, "limit": 0.25, "judged": True},
    }
    (axes,) = features_plot(features, T).axes
    assert [bar.get_width() for bar in axes.patches] == [0.1, 1.0]
    assert [text.get_text() for text in axes.texts] == ["0.10", "7.00"]


def test_the_same_findings_are_the_same_picture() -> None:
    assert as_svg(trend_plot(_trend(), 0.1, 0.25, T)) == as_svg(trend_plot(_trend(), 0.1, 0.25, T))


def _hex(colour: tuple[float, ...]) -> str:
    return "#" + "".join(f"{round(255 * part):02x}" for part in colour[:3])


def test_a_score_without_words_of_its_own_keeps_its_name() -> None:
    assert score_words("chance_high_value", T) == "chance of high value"
    assert score_words("tier mix", T) == "tier mix"

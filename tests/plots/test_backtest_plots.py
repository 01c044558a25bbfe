"""Plots of a backtest say what its table says."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from segment.plots.backtest_plots import backtest_plots, coverage_by_group, predicted_by_tier, skill_by_window
from segment.plots.style import as_svg
from segment.sentences import Sentences

T = Sentences()
FIRST, LAST = dt.date(2024, 9, 30), dt.date(2024, 12, 31)


def _table() -> pl.DataFrame:
    rows = []
    for window in (FIRST, LAST):
        is_last = window == LAST
        for model, skill in (("model", 0.3), ("persistence", 0.0), ("ridge", 0.1)):
            for metric in ("mae_skill", "spearman", "tier_cost"):
                rows.append((window, model, "all", "all", metric, skill, skill - 0.05, skill + 0.05, 500, is_last))
        for number in range(1, 11):
            for end, value in (("predicted", 100.0 * number), ("actual", 110.0 * number), ("ratio", 0.9)):
                name = f"decile_{number:02d}_{end}"
                rows.append((window, "model", "all", "all", name, value, 0.9 * value, 1.1 * value, 50, is_last))
        rows.append((window, "model", "all", "all", "coverage_p10_p90", 0.81, 0.78, 0.84, 500, is_last))
        for tier, value in (("high_value", 900.0), ("loss_making", -90.0)):
            rows.append((window, "model", "tier", tier, "mean_predicted", value, value - 9, value + 9, 120, is_last))
            rows.append((window, "model", "tier", tier, "mean_actual", value + 5, value - 9, value + 9, 120, is_last))
    columns = ("window", "model", "group", "group_value", "metric", "value", "low", "high", "n", "is_last")
    return pl.DataFrame(rows, schema=list(columns), orient="row")


def test_every_plot_is_drawn_and_the_same_each_time() -> None:
    first, second = backtest_plots(_table(), "CNY", T), backtest_plots(_table(), "CNY", T)
    assert len(first) == 5
    for name, figure in first.items():
        assert as_svg(figure) == as_svg(second[name]), name


def test_windows_are_in_order_and_the_last_is_named_so() -> None:
    left, right = skill_by_window(_table(), T).axes
    assert [label.get_text() for label in left.get_xticklabels()] == ["Sep 2024", "Dec 2024\nlast"]
    assert {text.get_text() for text in right.figure.legends[0].get_texts()} == {"model", "ridge", "persistence"}


def test_bars_of_a_tier_are_predicted_and_actual() -> None:
    (axes,) = predicted_by_tier(_table(), "CNY", T).axes
    assert [bar.get_height() for bar in axes.patches] == [900.0, 905.0, -90.0, -85.0]
    assert axes.get_ylabel() == "CNY a customer and year"


def test_coverage_stands_at_its_share() -> None:
    (axes,) = coverage_by_group(_table(), T).axes
    assert axes.containers[0].lines[0].get_xdata().tolist() == pytest.approx([0.81])
    assert axes.get_yticklabels()[0].get_text() == "all customers  (500)"

"""A backtest's report says the same in both languages and both forms."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from segment.evaluation.backtest_windows import Window
from segment.pages.backtest_page import METRICS, TIER_METRICS, overviews, report_page
from segment.sentences import Form, Language
from tests.pages.reading import assert_no_english, text_of

FIRST, LAST = dt.date(2025, 3, 31), dt.date(2025, 6, 30)
WINDOWS = [Window(FIRST, (dt.date(2024, 3, 31),), False), Window(LAST, (FIRST, dt.date(2024, 6, 30)), True)]
PARAMS = {"horizon_months": 6, "left_out": "2025-09-30"}
DECILES = [f"decile_{number:02d}_{end}" for number in range(1, 11) for end in ("predicted", "actual", "ratio")]
GROUPS = (("all", "all"), ("branch_size", "small"), ("tenure", "under 1 year"), ("tier", "high_value"))


def results() -> pl.DataFrame:
    rows = []
    for window in WINDOWS:
        names = [(group, model, metric) for group in GROUPS for model in ("model", "persistence")
                 for metric in (*METRICS, *TIER_METRICS, *DECILES)]  # fmt: skip
        names += [(GROUPS[0], "model", "main_bank_roc_auc")]
        for (group, value), model, metric in names:
            figure = 1234.5 if metric == "mae" else 0.8125
            rows.append(
                (window.as_of, window.is_last, model, group, value, metric, 1500, figure, figure - 0.5, 0.9, 0.25)
            )
    columns = (
        "window",
        "is_last",
        "model",
        "group",
        "group_value",
        "metric",
        "n",
        "value",
        "low",
        "high",
        "standard_error",
    )
    return pl.DataFrame(rows, schema=columns, orient="row")


def report(form: Form = "md", language: Language = "en") -> str:
    return report_page(results(), WINDOWS, PARAMS, "CNY", form, language)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("form", ["html", "md"])
def test_every_table_and_figure_stands_in_the_report(form: Form, language: Language) -> None:
    page = report(form, language)
    assert page.count("<h2>" if form == "html" else "\n## ") == 7
    assert page.count("<table>" if form == "html" else "| ---") >= 7
    text = text_of(page)
    for figure in ("1,234.5", "0.812", "0.312", "0.900", "1,500", "2025-09-30", "2024-06-30", "CNY"):
        assert figure in text


def test_the_english_report_names_windows_groups_and_metrics() -> None:
    page = report()
    assert page.startswith("# Backtest 2025-03-31 to 2025-06-30\n\n2 windows, 1,500 to 1,500 customers. At each,")
    for line in (
        "**The last window, 2025-06-30, is the one to look at once.**",
        "Not possible, for want of history before or outcomes after: 2025-09-30.",
        "| 2025-06-30 | 2025-03-31, 2024-06-30 | last |",
        "| model | 0.812 ± 0.250 | 0.812 ± 0.250 | 0.812 ± 0.250 | 0.812 ± 0.250 | 1,234.5 ± 0.2 | 0.812 ± 0.250 |",
        "Behind ± stands one standard error over resamples of customers.",
        "| 2025-06-30 (last) | persistence | 0.812 (0.312 to 0.900) |",
        "| length of relation | under 1 year | 1,500 | 0.812 (0.312 to 0.900) |",
        "| 10 | 0.812 (0.312 to 0.900) |",
        "| 2025-03-31 | 1,500 | 0.812 (0.312 to 0.900) | – |",
        "| forecast | Spearman | Gini | top-decile capture | loss capture | MAE | skill | predicted / actual |",
    ):
        assert line in page


@pytest.mark.parametrize("form", ["html", "md"])
def test_the_chinese_report_has_no_english_sentence(form: Form) -> None:
    page = report(form, "zh")
    assert_no_english(page)
    assert "往来时间" in page
    assert "高价值" in page


def test_without_labels_the_part_about_the_main_bank_is_left_out() -> None:
    table = results().filter(~pl.col("metric").str.starts_with("main_bank_"))
    assert "Main bank elsewhere" not in report_page(table, WINDOWS, PARAMS | {"left_out": ""}, "CNY")


def test_a_terminal_shows_means_under_titles() -> None:
    titles = overviews(results(), 2, 6)
    assert list(titles)[0] == "Forecasts of the next 6 month(s), mean of 2 windows"
    heads, rows = titles["Tiers against the tiers of what came, mean of 2 windows"]
    assert heads == ["forecast", "accuracy", "macro-F1", "weighted kappa", "cost of errors"]
    assert rows == [["model", 0.8125, 0.8125, 0.8125, 0.8125], ["persistence", 0.8125, 0.8125, 0.8125, 0.8125]]
    assert f"{rows[0][1]:.2f}" == "0.81 ± 0.25"
    assert "one window" in list(overviews(results(), 1, 12))[0]


def test_departures_stand_beside_the_simple_rule_where_they_were_judged() -> None:
    measured = pl.DataFrame(
        [(LAST, True, "model", "all", "all", metric, 240, value, value - 0.1, value + 0.1, 0.05)
         for metric, value in (("departures_warned", 0.75), ("departures_warned_by_rule", 0.5))],
        schema=results().columns, orient="row",
    )  # fmt: skip
    table = pl.concat([results(), measured], how="vertical_relaxed")
    assert "| 2025-06-30 (last) | 240 | 0.750 (0.650 to 0.850) | 0.500 (0.400 to 0.600) |" in report_page(
        table, WINDOWS, PARAMS, "CNY"
    )
    assert_no_english(report_page(table, WINDOWS, PARAMS, "CNY", "md", "zh"))


def test_what_was_too_few_to_judge_stands_with_its_number() -> None:
    few = pl.DataFrame(
        [(LAST, True, "model", *group, metric, count, None, None, None, None) for *group, metric, count in (
            ("tenure", "1 to 3 years", "not_judged", 18), ("all", "all", "main_bank_not_judged", 41),
            ("all", "all", "departures_not_judged", 7))],
        schema=results().schema, orient="row",
    )  # fmt: skip
    page = report_page(pl.concat([results(), few]), WINDOWS, PARAMS, "CNY")
    assert "| 1 to 3 years | 18 | – |" in page
    assert "| 2025-06-30 (last) | 41 |" in page
    assert "| 2025-06-30 (last) | 7 | – | – |" in page
    assert "That takes 30 customers of a group, 50 labels of both kinds, 10 departures" in page
    assert_no_english(report_page(pl.concat([results(), few]), WINDOWS, PARAMS, "CNY", "md", "zh"))

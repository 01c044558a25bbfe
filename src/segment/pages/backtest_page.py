"""The report of a backtest, for a person to read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import polars as pl

from segment.departures.warning_metrics import LEAST_DEPARTURES
from segment.evaluation.backtest_windows import Window
from segment.evaluation.too_few import LEAST_LABELS, LEAST_OF_A_GROUP, NOT_JUDGED
from segment.messages import Message
from segment.numbers import MISSING, measured
from segment.pages.render import Figure, render
from segment.sentences import Form, Language, Sentences
from segment.statistics import STANDARD_ERROR

METRICS: Final = (
    "spearman", "normalised_gini", "top_decile_capture", "bottom_decile_loss_capture", "mae", "mae_skill",
    "total_predicted_over_actual", "coverage_p10_p90",
)  # fmt: skip
TIER_METRICS: Final = ("tier_accuracy", "tier_macro_f1", "tier_weighted_kappa", "tier_cost")
_BY_WINDOW = (
    "spearman", "normalised_gini", "mae_skill", "total_predicted_over_actual", "coverage_p10_p90", "tier_cost",
)  # fmt: skip
_BY_GROUP = ("spearman", "mae_skill", "total_predicted_over_actual", "coverage_p10_p90", "tier_cost")

Content = tuple[list[str], list[list[Any]]]
"""Headings of a table, and its rows."""


def report_page(
    table: pl.DataFrame,
    windows: Sequence[Window],
    params: Mapping[str, Any],
    currency: str,
    form: Form = "md",
    language: Language = "en",
) -> str:
    """Write the report."""
    last, t = table.filter(pl.col("is_last")), Sentences(language)
    ends = {"first": windows[0].as_of, "last": windows[-1].as_of}
    learned = [
        [window.as_of, t.figure(window.moments, "list"), t("backtest.last") if window.is_last else ""]
        for window in windows
    ]
    return render(
        "backtest_page.jinja",
        form,
        language,
        title=Message("backtest.title", ends),
        how=_how(table, windows, params, currency),
        windows=([t("backtest.window"), t("backtest.learned_from"), ""], learned),
        forecasts=overview(table, METRICS, t),
        each_window=_each_window(table, windows, t),
        by_group=_by_group(last, t),
        by_decile=_by_decile(last, t),
        tiers=overview(table, TIER_METRICS, t),
        main_bank=_main_bank(table, t),
        departures=_departures(table, t),
    )


def overview(table: pl.DataFrame, metrics: Sequence[str], t: Sentences) -> Content:
    """Mean over the windows of some figures of all customers, a row per forecast."""
    # The windows' standard errors are averaged: the same customers return in each, so theirs are no independent draws.
    overall = table.filter((pl.col("group") == "all") & pl.col("metric").is_in(metrics))
    means = overall.group_by("model", "metric", maintain_order=True).agg(pl.col("value", "standard_error").mean())
    figures: dict[str, dict[str, float]] = {}
    for model, metric, value, error in means.iter_rows():
        figures.setdefault(model, {}).update({metric: value, f"{metric}{STANDARD_ERROR}": error})
    rows = [[model, *map(measured(of).get, metrics)] for model, of in figures.items()]
    return [t("backtest.forecast"), *_heads(metrics, t)], rows


def overviews(table: pl.DataFrame, windows: int, months: int) -> dict[str, Content]:
    """Forecasts and their tiers on a terminal, mean of all windows, by a title."""
    t = Sentences()
    many = t("backtest.windows.many", count=windows) if windows > 1 else t("backtest.windows.one")
    return {
        t("backtest.terminal_forecasts", months=months, windows=many): overview(table, METRICS, t),
        t("backtest.terminal_tiers", windows=many): overview(table, TIER_METRICS, t),
    }


def _how(table: pl.DataFrame, windows: Sequence[Window], params: Mapping[str, Any], currency: str) -> list[Message]:
    customers = table.filter((pl.col("group") == "all") & (pl.col("model") == "persistence"))["n"].to_list()
    figures = {
        "windows": len(windows),
        "fewest": min(customers),
        "most": max(customers),
        "months": params["horizon_months"],
        "currency": currency,
    }
    left = [Message("backtest.left_out", {"dates": params["left_out"]})] if params.get("left_out") else []
    return [
        Message("backtest.windows_how", figures),
        Message("backtest.last_how", {"last": windows[-1].as_of}),
        Message(
            "backtest.not_judged",
            {"customers": LEAST_OF_A_GROUP, "labels": LEAST_LABELS, "departures": LEAST_DEPARTURES},
        ),
        *left,
    ]


def _each_window(table: pl.DataFrame, windows: Sequence[Window], t: Sentences) -> Content:
    rows: list[list[Any]] = []
    for window in windows:
        here = table.filter((pl.col("window") == window.as_of) & (pl.col("group") == "all"))
        name = _window(window.as_of, window.is_last, t)
        for model in here["model"].unique(maintain_order=True):
            rows.append([name, model, *(_ranged(here, model, metric, t) for metric in _BY_WINDOW)])
    return [t("backtest.window"), t("backtest.forecast"), *_heads(_BY_WINDOW, t)], rows


def _by_group(last: pl.DataFrame, t: Sentences) -> Content:
    heads = [t("backtest.group"), "", Figure(t("backtest.customers")), *_heads((*_BY_GROUP, "persistence_cost"), t)]
    rows: list[list[Any]] = []
    for group, value in last.select("group", "group_value").unique(maintain_order=True).iter_rows():
        here = last.filter((pl.col("group") == group) & (pl.col("group_value") == value))
        figures = [_ranged(here, "model", metric, t) for metric in _BY_GROUP]
        persistence = _ranged(here, "persistence", "tier_cost", t)
        named = [t.word("subgroups.group.", group), t.word("subgroups.part.", value)]
        rows.append([*named, here["n"][0], *figures, persistence])
    return heads, rows


def _by_decile(last: pl.DataFrame, t: Sentences) -> Content:
    here = last.filter(pl.col("group") == "all")
    heads = [t("backtest.decile"), t("backtest.predicted"), t("backtest.actual")]
    heads.append(t("backtest.metric.total_predicted_over_actual"))
    ends = ("predicted", "actual", "ratio")
    rows = [
        [number, *(_ranged(here, "model", f"decile_{number:02d}_{end}", t) for end in ends)] for number in range(1, 11)
    ]
    return [Figure(head) for head in heads], rows


def _main_bank(table: pl.DataFrame, t: Sentences) -> Content:
    measured, metrics = table.filter(pl.col("metric").str.starts_with("main_bank_")), ("roc_auc", "calibration_error")
    rows: list[list[Any]] = []
    for as_of, n, is_last in measured.select("window", "n", "is_last").unique(maintain_order=True).iter_rows():
        here = measured.filter(pl.col("window") == as_of)
        figures = [_ranged(here, "model", f"main_bank_{metric}", t) for metric in metrics]
        rows.append([_window(as_of, is_last, t), n, *figures])
    return [t("backtest.window"), Figure(t("backtest.labels")), *_heads(metrics, t)], rows


def _departures(table: pl.DataFrame, t: Sentences) -> Content:
    metrics = ("departures_warned", "departures_warned_by_rule")
    measured = table.filter(pl.col("metric").is_in([*metrics, f"departures_{NOT_JUDGED}"]))
    rows: list[list[Any]] = []
    for as_of, n, is_last in measured.select("window", "n", "is_last").unique(maintain_order=True).iter_rows():
        here = measured.filter(pl.col("window") == as_of)
        rows.append([_window(as_of, is_last, t), n, *(_ranged(here, "model", metric, t) for metric in metrics)])
    return [t("backtest.window"), Figure(t("backtest.departed")), *_heads(metrics, t)], rows


def _heads(metrics: Sequence[str], t: Sentences) -> list[str]:
    return [Figure(t(f"backtest.metric.{metric}")) for metric in metrics]


def _window(as_of: Any, is_last: bool, t: Sentences) -> str:
    return t("backtest.last_window", as_of=as_of) if is_last else str(as_of)


def _ranged(rows: pl.DataFrame, model: str, metric: str, t: Sentences) -> Figure:
    measured = rows.filter((pl.col("model") == model) & (pl.col("metric") == metric))
    if measured.is_empty():
        return Figure(MISSING)
    value, low, high = measured.select("value", "low", "high").row(0)
    return Figure(t("words.interval", figure=value, low=low, high=high))

"""Plots of a backtest, from its table alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from segment.plots.style import ACCENT, CONTRAST, INK, MUTED, TIER_COLOURS, Words, month_name, panels

MODELS = {
    "model": ACCENT,
    "model_by_clusters": "#2f7fb5",
    "model_at_least_cost": "#6cb2d1",
    "model_by_own_figures": "#c9a26b",
    "model_by_borders": "#a8763e",
    "persistence": CONTRAST,
    "last_3_months": "#b8a1c9",
    "branch_mean": "#c9b8a1",
    "holt_winters": "#7fa37f",
    "ridge": "#9aa5b1",
    "plain_boosting": "#52606d",
}
"""Colour of each forecast."""
WELL = (0.8, 1.25)
"""Predicted over actual of a decile within which a forecast counts as calibrated."""
COVERED = (0.75, 0.85)
MOST_RATIO = 2.5


def backtest_plots(table: pl.DataFrame, currency: str, t: Words) -> dict[str, Figure]:
    """Draw every plot of a backtest."""
    return {
        "skill_by_window": skill_by_window(table, t),
        "calibration_by_decile": calibration_by_decile(table, currency, t),
        "predicted_and_actual_by_tier": predicted_by_tier(table, currency, t),
        "coverage_by_group": coverage_by_group(table, t),
        "tier_cost": tier_cost(table, t),
    }


def skill_by_window(table: pl.DataFrame, t: Words) -> Figure:
    """Draw error taken away from persistence, and ranking, of every forecast in every window."""
    figure, (left, right) = panels(2, width=13.0, height=5.0)
    # a branch's mean is so far off that it would press the others together; the table has it
    near = [name for name in MODELS if name != "branch_mean"]
    _by_window(left, table, "mae_skill", [name for name in near if name != "persistence"], t)
    left.axhline(0.0, color=CONTRAST, linewidth=1.5, label=t("plots.model.persistence"))
    left.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{share:.0%}"))
    _title(left, t("plots.skill"))
    _by_window(right, table, "spearman", near, t)
    _title(right, t("plots.ranking"))
    _legend_below(figure, left)
    return figure


def calibration_by_decile(table: pl.DataFrame, currency: str, t: Words) -> Figure:
    """Draw predicted and actual value by decile of the model's forecast, in the last window."""
    rows = table.filter((pl.col("model") == "model") & (pl.col("group") == "all") & pl.col("is_last"))
    last = rows["window"].to_list()[0]
    figure, (left, right) = panels(2, width=13.0, height=5.0)
    deciles = np.arange(1, 11)
    ends = {end: _deciles(rows, end) for end in ("predicted", "actual", "ratio")}
    for shift, (end, colour) in zip((-0.2, 0.2), (("predicted", ACCENT), ("actual", CONTRAST)), strict=True):
        left.bar(deciles + shift, ends[end][:, 0], width=0.38, color=colour, label=t(f"plots.{end}"))
    value, low, high = ends["actual"].T
    left.errorbar(deciles + 0.2, value, _spread(value, low, high), fmt="none", ecolor=INK, capsize=2)
    left.set(xticks=deciles, xlabel=t("plots.decile"), ylabel=t("plots.a_customer", currency=currency))
    _title(left, t("plots.by_decile", month=month_name(last, t)))
    left.legend(loc="upper left", frameon=False)
    _ratios(right, deciles, ends["ratio"])
    right.set(xticks=deciles, xlabel=t("plots.decile"), ylim=(0.0, MOST_RATIO))
    _title(right, t("plots.over_actual"))
    return figure


def predicted_by_tier(table: pl.DataFrame, currency: str, t: Words) -> Figure:
    """Draw what the model predicted and what came, by published tier, in the last window."""
    rows = table.filter((pl.col("model") == "model") & (pl.col("group") == "tier") & pl.col("is_last"))
    figure, axes = panels(1, width=8.0, height=4.8)
    tiers = [tier for tier in TIER_COLOURS if tier in set(rows["group_value"])]
    for place, tier in enumerate(tiers):
        here = rows.filter(pl.col("group_value") == tier)
        predicted = _interval(here, "mean_predicted")
        actual = _interval(here, "mean_actual")
        axes[0].bar(place - 0.2, predicted[0], width=0.38, color=TIER_COLOURS[tier], alpha=0.45)
        axes[0].bar(place + 0.2, actual[0], width=0.38, color=TIER_COLOURS[tier])
        axes[0].errorbar(place + 0.2, actual[0], _spread(*actual), fmt="none", ecolor=INK, capsize=3)
    axes[0].axhline(0.0, color=MUTED, linewidth=1)
    counts = [rows.filter(pl.col("group_value") == tier)["n"][0] for tier in tiers]
    labels = [
        t("plots.tier_size", tier=t(f"subgroups.part.{tier}"), customers=count)
        for tier, count in zip(tiers, counts, strict=True)
    ]
    axes[0].set_xticks(range(len(tiers)), labels)
    axes[0].set_ylabel(t("plots.a_customer", currency=currency))
    _title(axes[0], t("plots.by_tier"))
    return figure


def coverage_by_group(table: pl.DataFrame, t: Words) -> Figure:
    """Draw the share of customers within P10 to P90 by group, in the last window."""
    rows = table.filter((pl.col("model") == "model") & (pl.col("metric") == "coverage_p10_p90") & pl.col("is_last"))
    figure, (axes,) = panels(1, width=8.0, height=0.9 + 0.36 * max(rows.height, 4))
    places = np.arange(rows.height)[::-1]
    value, low, high = (rows[name].to_numpy() for name in ("value", "low", "high"))
    axes.axvspan(*COVERED, color=ACCENT, alpha=0.12, linewidth=0)
    axes.axvline(0.8, color=MUTED, linewidth=1)
    axes.errorbar(value, places, xerr=_spread(value, low, high), fmt="o", color=ACCENT, capsize=3)
    named = [
        t("plots.everybody")
        if group == "all"
        else t("subgroups.named", group=t.word("subgroups.group.", group), part=t.word("subgroups.part.", part))
        for group, part in rows.select("group", "group_value").iter_rows()
    ]
    axes.set_yticks(
        places, [t("plots.named_size", name=name, customers=n) for name, n in zip(named, rows["n"], strict=True)]
    )
    axes.xaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{share:.0%}"))
    axes.grid(axis="y", visible=False)
    _title(axes, t("plots.coverage"))
    return figure


def tier_cost(table: pl.DataFrame, t: Words) -> Figure:
    """Draw what wrong tiers cost, the model's and those of simpler forecasts, in every window."""
    figure, (axes,) = panels(1, width=9.0, height=4.8)
    _by_window(axes, table, "tier_cost", ["model", "model_at_least_cost", "model_by_borders", "persistence"], t)
    axes.set_ylim(bottom=0.0)
    axes.set_ylabel(t("plots.cost_units"))
    _title(axes, t("plots.tier_cost"))
    _legend_below(figure, axes)
    return figure


def _ratios(axes: Axes, deciles: Any, ratio: Any) -> None:
    """Draw predicted over actual; pale where the decile is so near zero that the ratio says nothing."""
    axes.axhspan(*WELL, color=ACCENT, alpha=0.12, linewidth=0)
    axes.axhline(1.0, color=MUTED, linewidth=1)
    says = (ratio[:, 1] > 0.0) & (ratio[:, 2] < MOST_RATIO)
    for chosen, strength in ((says, 1.0), (~says, 0.25)):
        value, low, high = ratio[chosen].T
        axes.errorbar(
            deciles[chosen], value, _spread(value, low, high), fmt="o", color=ACCENT, capsize=3, alpha=strength
        )


def _title(axes: Axes, text: str) -> None:
    axes.set_title(text, loc="left", fontweight="bold")


def _legend_below(figure: Figure, axes: Axes) -> None:
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=min(len(labels), 8), frameon=False)


def _shown(table: pl.DataFrame, metric: str) -> pl.DataFrame:
    wanted = (pl.col("group") == "all") & (pl.col("metric") == metric) & pl.col("model").is_in(list(MODELS))
    return table.filter(wanted)


def _by_window(axes: Axes, table: pl.DataFrame, metric: str, models: list[str], t: Words) -> None:
    rows = _shown(table, metric)
    windows = rows["window"].unique().sort().to_list()
    present = [name for name in models if name in set(rows["model"])]
    step = 0.8 / max(len(present), 1)
    for number, name in enumerate(present):
        here = rows.filter(pl.col("model") == name).sort("window")
        place = (
            np.array([windows.index(window) for window in here["window"]]) + (number - (len(present) - 1) / 2) * step
        )
        value, low, high = (here[column].to_numpy() for column in ("value", "low", "high"))
        size = 8 if name == "model" else 5
        axes.errorbar(
            place, value, _spread(value, low, high), fmt="o", markersize=size, color=MODELS[name], capsize=2,
            label=t(f"plots.model.{name}"),
        )  # fmt: skip
    last = set(rows.filter(pl.col("is_last"))["window"])
    months = {window: month_name(window, t) for window in windows}
    named = [t("plots.last_month", month=name) if window in last else name for window, name in months.items()]
    axes.set_xticks(range(len(windows)), named)
    axes.set_xlim(-0.5, len(windows) - 0.5)
    axes.grid(axis="x", visible=False)


def _interval(rows: pl.DataFrame, metric: str) -> tuple[float, float, float]:
    value, low, high = rows.filter(pl.col("metric") == metric).select("value", "low", "high").row(0)
    return float(value), float(low), float(high)


def _deciles(rows: pl.DataFrame, end: str) -> Any:
    names = [f"decile_{number:02d}_{end}" for number in range(1, 11)]
    cells = {name: ends for name, *ends in rows.select("metric", "value", "low", "high").iter_rows()}
    return np.array([cells.get(name, [np.nan] * 3) for name in names], dtype=np.float64)


def _spread(value: Any, low: Any, high: Any) -> Any:
    """Lengths of an interval's two arms; an end may be rounded past the figure itself."""
    value, low, high = (np.atleast_1d(np.asarray(each, dtype=np.float64)) for each in (value, low, high))
    return np.nan_to_num(np.maximum(np.vstack([value - low, high - value]), 0.0))

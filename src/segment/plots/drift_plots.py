"""Plots of drift: what moved, where, and since when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import Any

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import PercentFormatter

from segment.plots.style import ACCENT, CONTRAST, INK, MUTED, Words, month_name, panels

CALM, LOOK, MOVED = "#d7ead9", "#f6e3a8", "#f0b7a4"
LINES = (ACCENT, CONTRAST, "#7b5ea7", "#52606d", "#1b7837", "#b2182b")
SHARES, MISSING, ZEROS = "features moved", "largest rise of missing", "largest rise of zeros"
"""Series of a trend that are no scores."""
MOST_GROUPS = 20
MOST_INDEX = 1.0  # a longer bar says no more: far beyond any limit


def trend_plot(trend: pl.DataFrame, look: float, significant: float, t: Words) -> Figure:
    """Indices of the bank's scores, and the share of features that moved, over the refreshes."""
    figure, (left, right) = panels(2, width=10.5, height=4.8)
    dates = trend["as_of"].unique().sort().to_list()
    places = {day: place for place, day in enumerate(dates)}
    shares = trend.filter(pl.col("name") == SHARES)
    scores = trend.filter((pl.col("group") == "") & ~pl.col("name").is_in([SHARES, MISSING, ZEROS]))
    names = scores["name"].unique(maintain_order=True).to_list()
    for name, colour in zip(names, LINES, strict=False):
        _line(left, scores.filter(pl.col("name") == name), places, score_words(name, t), colour)
    for height, word in ((look, t("plots.look")), (significant, t("plots.moved"))):
        left.axhline(height, color=MUTED, linestyle="--", linewidth=0.9)
        left.annotate(word, (0.995, height), xycoords=("axes fraction", "data"), ha="right", va="bottom", color=MUTED)
    left.set(title=t("plots.scores"), ylabel=t("plots.psi"))
    _from_zero(left, significant, scores)
    _line(right, shares.filter(pl.col("group") == ""), places, t("drift.bank"), ACCENT)
    worst = (
        shares.filter(pl.col("group") != "")
        .group_by("as_of", maintain_order=True)
        .agg(pl.col("value").max(), pl.col("limit").max())
    )
    _line(right, worst.sort("as_of"), places, t("plots.group_moved_most"), CONTRAST)
    most = max(shares["limit"].to_list(), default=0.0)
    right.axhline(most, color=MUTED, linestyle="--", linewidth=0.9)
    right.annotate(
        t("plots.limit"), (0.995, most), xycoords=("axes fraction", "data"), ha="right", va="bottom", color=MUTED
    )
    right.set(title=t("plots.features_moved"), ylabel=t("plots.share_judged"))
    _from_zero(right, most, shares)
    right.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    for axes in (left, right):
        _date_axis(axes, [month_name(day, t) for day in dates])
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.22), ncols=2, fontsize=9, frameon=False)
    return figure


def features_plot(features: Mapping[str, Mapping[str, Any]], t: Words, most: int = 18) -> Figure:
    """Index of the features that moved most, with the limit of each."""
    shown = list(features.items())[:most][::-1]
    figure, (axes,) = panels(width=9, height=1.5 + 0.3 * max(len(shown), 1))
    names = [name for name, _ in shown]
    indices = np.array([feature["index"] for _, feature in shown])
    axes.barh(names, np.minimum(indices, MOST_INDEX), color=[_colour(feature) for _, feature in shown], height=0.7)
    for place, (_, feature) in enumerate(shown):
        axes.plot([feature["limit"]] * 2, [place - 0.42, place + 0.42], color=INK, linewidth=1.4)
        axes.annotate(f"{feature['index']:.2f}", (min(feature["index"], MOST_INDEX), place), xytext=(4, 0),
                      textcoords="offset points", va="center", fontsize=9, color=INK,
                      bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8})  # fmt: skip
    axes.set(
        title=t("plots.features_moved_most"),
        xlabel=t("plots.psi_bars", end=MOST_INDEX),
    )
    axes.set_xlim(0, 1.12 * MOST_INDEX)
    marks = {"moved": CONTRAST, "within": ACCENT, "by_construction": MUTED}
    handles = [Patch(color=colour, label=t(f"plots.{word}")) for word, colour in marks.items()]
    axes.legend(handles=handles, loc="lower right", frameon=False, fontsize=9)
    axes.grid(visible=False, axis="y")
    return figure


def groups_plot(scores: Sequence[Mapping[str, Any]], look: float, t: Words) -> Figure:
    """Index of each score by group of branches, coloured by whether it is beyond its limit."""
    # Of many groups, those are shown that come nearest to a limit.
    groups = _nearest_their_limits(scores)
    names = list(dict.fromkeys(str(score["name"]) for score in scores))
    customers = {str(score["group"]): int(score["customers"]) for score in scores}
    figure, (axes,) = panels(width=10.5, height=1.6 + 0.46 * len(groups))
    for score in (score for score in scores if score["group"] in groups):
        place = names.index(str(score["name"])), groups.index(str(score["group"]))
        shade = MOVED if score["index"] >= score["limit"] else LOOK if score["index"] >= look else CALM
        axes.add_patch(_cell(place, shade))
        for text, below, size, colour in (
            (f"{score['index']:.2f}", 4, 10.5, INK), (t("plots.limit_of", limit=score["limit"]), -7, 7.5, MUTED)
        ):  # fmt: skip
            axes.annotate(text, place, xytext=(0, below), textcoords="offset points", ha="center", va="center",
                          fontsize=size, color=colour)  # fmt: skip
    axes.set_xticks(range(len(names)), [fill(score_words(name, t), 18) for name in names], fontsize=9)
    axes.set_yticks(
        range(len(groups)),
        [t("plots.named_size", name=group or t("drift.bank"), customers=customers[group]) for group in groups],
    )
    axes.set(xlim=(-0.5, len(names) - 0.5), ylim=(len(groups) - 0.5, -0.5), title=t("plots.scores_by_group"))
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    return figure


def score_words(name: str, t: Words) -> str:
    """Name a score in words, and what it is held against where that is not the training."""
    score, _, against = name.partition(" against the ")
    words = t.word("plots.score.", score)
    return t("plots.against", score=words, against=t.word("drift.against.", against)) if against else words


def _line(axes: Axes, rows: pl.DataFrame, places: Mapping[Any, int], label: str, colour: str) -> None:
    if rows.height:
        axes.plot([places[day] for day in rows["as_of"]], rows["value"].to_list(), color=colour, label=label,
                  marker="o", markersize=4)  # fmt: skip


def _from_zero(axes: Axes, limit: float, rows: pl.DataFrame) -> None:
    axes.set_ylim(0, max(1.25 * limit, 1.1 * max(rows["value"].to_list(), default=0.0)))


def _date_axis(axes: Axes, names: Sequence[str]) -> None:
    step = 1 + len(names) // 9  # more would run into each other
    shown = list(range(len(names) - 1, -1, -step))
    axes.set_xticks(shown, [names[place] for place in shown], rotation=35, ha="right", fontsize=9)
    axes.set_xlim(-0.5, max(len(names) - 0.5, 0.5))


def _colour(feature: Mapping[str, Any]) -> str:
    if not feature["judged"]:
        return MUTED
    return CONTRAST if feature["index"] >= feature["limit"] else ACCENT


def _nearest_their_limits(scores: Sequence[Mapping[str, Any]]) -> list[str]:
    groups = dict.fromkeys(str(score["group"]) for score in scores)
    nearest = {
        group: max(score["index"] / score["limit"] for score in scores if score["group"] == group) for group in groups
    }
    shown = sorted((group for group in groups if group), key=lambda group: -nearest[group])[:MOST_GROUPS]
    return [group for group in groups if not group or group in shown]


def _cell(place: tuple[int, int], shade: str) -> Rectangle:
    return Rectangle((place[0] - 0.48, place[1] - 0.46), 0.96, 0.92, facecolor=shade, edgecolor="white")

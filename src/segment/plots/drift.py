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

from segment.plots.style import ACCENT, CONTRAST, INK, MUTED, panels

CALM, LOOK, MOVED, UNKNOWN = "#d7ead9", "#f6e3a8", "#f0b7a4", "#f3f4f6"
LINES = (ACCENT, CONTRAST, "#7b5ea7", "#52606d", "#1b7837", "#b2182b")
SHARES, MISSING, ZEROS = "features moved", "largest rise of missing", "largest rise of zeros"
"""Series of a trend that are no scores."""
WORDS = {
    "future_value_12m": "forecast of the next year",
    "main_bank_elsewhere_probability": "chance of a main bank elsewhere",
    "chance_high_value": "chance of high value",
    "chance_of_lower_tier": "chance of a lower tier",
}
MOST_GROUPS = 20
MOST_INDEX = 1.0  # a longer bar says no more: far beyond any limit


def trend_plot(trend: pl.DataFrame, look: float, significant: float) -> Figure:
    """Indices of the bank's scores, and the share of features that moved, over the refreshes.

    Parameters
    ----------
    trend : polars.DataFrame
        `as_of`, `group`, `name`, `value`, `limit`; "" is the bank.
    look, significant : float
        Indices from which one looks, and from which a figure counts as moved.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, (left, right) = panels(2, width=10.5, height=4.8)
    moments = trend["as_of"].unique().sort().to_list()
    places = {moment: place for place, moment in enumerate(moments)}
    shares = trend.filter(pl.col("name") == SHARES)
    scores = trend.filter((pl.col("group") == "") & ~pl.col("name").is_in([SHARES, MISSING, ZEROS]))
    names = scores["name"].unique(maintain_order=True).to_list()
    for name, colour in zip(names, LINES, strict=False):
        _line(left, scores.filter(pl.col("name") == name), places, said(name), colour)
    for height, word in ((look, "look"), (significant, "moved")):
        left.axhline(height, color=MUTED, linestyle="--", linewidth=0.9)
        left.annotate(word, (0.995, height), xycoords=("axes fraction", "data"), ha="right", va="bottom", color=MUTED)
    left.set(title="Scores and tiers of the bank", ylabel="population stability index")
    _from_zero(left, significant, scores)
    _line(right, shares.filter(pl.col("group") == ""), places, "bank", ACCENT)
    worst = shares.filter(pl.col("group") != "").group_by("as_of").agg(pl.col("value").max(), pl.col("limit").max())
    _line(right, worst.sort("as_of"), places, "group of branches that moved most", CONTRAST)
    most = max(shares["limit"].to_list(), default=0.0)
    right.axhline(most, color=MUTED, linestyle="--", linewidth=0.9)
    right.annotate("limit", (0.995, most), xycoords=("axes fraction", "data"), ha="right", va="bottom", color=MUTED)
    right.set(title="Features that moved", ylabel="share of the judged features")
    _from_zero(right, most, shares)
    right.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    for axes in (left, right):
        _moments(axes, [f"{moment:%b %Y}" for moment in moments])
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.22), ncols=2, fontsize=9, frameon=False)
    return figure


def features_plot(features: Mapping[str, Mapping[str, Any]], most: int = 18) -> Figure:
    """Index of the features that moved most, with the limit of each.

    Parameters
    ----------
    features : mapping of str to mapping
        `index`, `limit`, `judged` by name, most moved first.
    most : int
        Shown.

    Returns
    -------
    matplotlib.figure.Figure
    """
    shown = list(features.items())[:most][::-1]
    figure, (axes,) = panels(width=9, height=1.5 + 0.3 * max(len(shown), 1))
    names = [name for name, _ in shown]
    indices = np.array([one["index"] for _, one in shown])
    axes.barh(names, np.minimum(indices, MOST_INDEX), color=[_colour(one) for _, one in shown], height=0.7)
    for place, (_, one) in enumerate(shown):
        axes.plot([one["limit"]] * 2, [place - 0.42, place + 0.42], color=INK, linewidth=1.4)
        axes.annotate(f"{one['index']:.2f}", (min(one["index"], MOST_INDEX), place), xytext=(4, 0),
                      textcoords="offset points", va="center", fontsize=9, color=INK,
                      bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8})  # fmt: skip
    axes.set(
        title="Features that moved most",
        xlabel=f"population stability index, bars end at {MOST_INDEX:.0f}; black: limit",
    )
    axes.set_xlim(0, 1.12 * MOST_INDEX)
    marks = {"moved": CONTRAST, "within its limit": ACCENT, "moves by construction, never counts": MUTED}
    axes.legend(handles=[Patch(color=colour, label=word) for word, colour in marks.items()], loc="lower right",
                frameon=False, fontsize=9)  # fmt: skip
    axes.grid(visible=False, axis="y")
    return figure


def groups_plot(scores: Sequence[Mapping[str, Any]], look: float) -> Figure:
    """Index of each score by group of branches, coloured by whether it is beyond its limit.

    Of many groups, those are shown that come nearest to a limit.

    Parameters
    ----------
    scores : sequence of mapping
        `group`, `name`, `index`, `limit`, `customers`.
    look : float
        Index from which one looks.

    Returns
    -------
    matplotlib.figure.Figure
    """
    groups = _nearest_their_limits(scores)
    names = list(dict.fromkeys(str(one["name"]) for one in scores))
    customers = {str(one["group"]): int(one["customers"]) for one in scores}
    figure, (axes,) = panels(width=10.5, height=1.6 + 0.46 * len(groups))
    for one in (one for one in scores if one["group"] in groups):
        place = names.index(str(one["name"])), groups.index(str(one["group"]))
        shade = MOVED if one["index"] >= one["limit"] else LOOK if one["index"] >= look else CALM
        axes.add_patch(_cell(place, shade))
        axes.annotate(f"{one['index']:.2f}", place, xytext=(0, 4), textcoords="offset points", ha="center", va="center",
                      fontsize=10.5, color=INK)  # fmt: skip
        axes.annotate(f"limit {one['limit']:.2f}", place, xytext=(0, -7), textcoords="offset points", ha="center",
                      va="center", fontsize=7.5, color=MUTED)  # fmt: skip
    axes.set_xticks(range(len(names)), [fill(said(name), 18) for name in names], fontsize=9)
    axes.set_yticks(range(len(groups)), [f"{group or 'bank'}  ({customers[group]:,})" for group in groups])
    axes.set(
        xlim=(-0.5, len(names) - 0.5), ylim=(len(groups) - 0.5, -0.5), title="Scores and tiers by group of branches"
    )
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    return figure


def said(name: str) -> str:
    """Name a score in words.

    Parameters
    ----------
    name : str
        Of a column or a series.

    Returns
    -------
    str

    Examples
    --------
    >>> said("chance_high_value"), said("tier mix")
    ('chance of high value', 'tier mix')
    """
    return WORDS.get(name, name)


def _line(axes: Axes, rows: pl.DataFrame, places: Mapping[Any, int], label: str, colour: str) -> None:
    if rows.height:
        axes.plot([places[moment] for moment in rows["as_of"]], rows["value"].to_list(), color=colour, label=label,
                  marker="o", markersize=4)  # fmt: skip


def _from_zero(axes: Axes, limit: float, rows: pl.DataFrame) -> None:
    axes.set_ylim(0, max(1.25 * limit, 1.1 * max(rows["value"].to_list(), default=0.0)))


def _moments(axes: Axes, names: Sequence[str]) -> None:
    step = 1 + len(names) // 9  # more would run into each other
    shown = list(range(len(names) - 1, -1, -step))
    axes.set_xticks(shown, [names[place] for place in shown], rotation=35, ha="right", fontsize=9)
    axes.set_xlim(-0.5, max(len(names) - 0.5, 0.5))


def _colour(feature: Mapping[str, Any]) -> str:
    if not feature["judged"]:
        return MUTED
    return CONTRAST if feature["index"] >= feature["limit"] else ACCENT


def _nearest_their_limits(scores: Sequence[Mapping[str, Any]]) -> list[str]:
    groups = dict.fromkeys(str(one["group"]) for one in scores)
    nearest = {group: max(one["index"] / one["limit"] for one in scores if one["group"] == group) for group in groups}
    kept = sorted((group for group in groups if group), key=lambda group: -nearest[group])[:MOST_GROUPS]
    return [group for group in groups if not group or group in kept]


def _cell(place: tuple[int, int], shade: str) -> Rectangle:
    return Rectangle((place[0] - 0.48, place[1] - 0.46), 0.96, 0.92, facecolor=shade, edgecolor="white")

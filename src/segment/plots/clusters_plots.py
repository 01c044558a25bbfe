"""Clusters in pictures: all of them at a glance, and one card for each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from segment.clustering.cards import Card
from segment.clustering.names import column_words, name_parts, word_message
from segment.messages import Message
from segment.plots.style import INK, MUTED, TIER_COLOURS, Words, panels

# points² of a circle that held every customer
_LARGEST_AREA = 9_000.0
_SMALLEST_AREA = 60.0
_LABEL_GAP = 0.085
_SPREAD = 1.9
_PLAIN = MUTED


def clusters_overview(cards: Sequence[Card], currency: str, t: Words) -> Figure:
    """Draw every cluster: value upwards, behaviour across, area by customers, colour by tier."""
    # Across stands the behaviour in which clusters differ most. Clusters too small to describe are left out.
    shown = [card for card in cards if card.typical_value is not None]
    figure, (axes,) = panels(width=10, height=6)
    column = _most_telling(shown)
    across = [card.ranks.get(column, 0.0) for card in shown]
    upwards = np.array([card.typical_value or 0.0 for card in shown])
    areas = [max(_LARGEST_AREA * (card.share or 0.0), _SMALLEST_AREA) for card in shown]
    colours = [TIER_COLOURS.get(card.tier, _PLAIN) for card in shown]
    axes.scatter(across, upwards, s=areas, color=colours, alpha=0.85, edgecolor="white", linewidth=1.5, zorder=3)
    scale = float(np.median(np.abs(upwards))) if len(upwards) and np.any(upwards) else 1.0
    axes.set_yscale("asinh", linear_width=max(scale / 2, 1.0))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}".replace("-", "−")))
    axes.axhline(0, color=INK, linewidth=0.8)
    low, high = (min(across), max(across)) if across else (0.0, 0.0)
    room = max(high - low, 0.5)
    # the names stand to the right of their circles
    axes.set_xlim(low - 0.2 * room, high + 0.65 * room)
    axes.margins(y=0.15)
    axes.set_xticks([])
    little, much = (_column(column, sign, t) for sign in (-1, 1)) if column else ("", "")
    axes.set_xlabel(f"← {little}          {much} →" if column else "")
    axes.set_ylabel(t("plots.typical_value", currency=currency))
    axes.set_title(t("plots.clusters"), loc="left", fontweight="bold")
    _label(axes, shown, across, areas, t)
    return figure


def _label(axes: Axes, cards: Sequence[Card], across: Sequence[float], areas: Sequence[float], t: Words) -> None:
    """Write each name to the right of its circle, moved down where it would stand on another."""
    # limits are otherwise set only when the figure is drawn
    axes.autoscale_view()
    upper = np.inf
    heights = [
        axes.transLimits.transform(axes.transScale.transform((0.0, card.typical_value or 0.0)))[1] for card in cards
    ]
    for place in np.argsort(heights)[::-1]:
        height = min(heights[place], upper - _LABEL_GAP)
        upper = height
        axes.annotate(
            f"{_name(cards[place], t)}\n{cards[place].share or 0.0:.0%}".replace("%", " %"),
            (across[place], height),
            xycoords=("data", "axes fraction"),
            xytext=(np.sqrt(areas[place]) / 2 + 5, 0),
            textcoords="offset points",
            va="center",
            fontsize=9,
            color=INK,
        )


def cluster_card(card: Card, currency: str, t: Words) -> Figure:
    """Draw one cluster's card: how its behaviour stands against the bank's."""
    figure, (axes,) = panels(width=6.4, height=3.4)
    axes.set_title(_name(card, t), loc="left", pad=24, fontweight="bold")
    axes.text(0, 1.04, _summary(card, currency, t), transform=axes.transAxes, color=MUTED, fontsize=10)
    _behaviour_bars(axes, card, t)
    return figure


def _behaviour_bars(axes: Axes, card: Card, t: Words) -> None:
    columns = list(card.ranks)
    places = np.arange(len(columns))
    ranks = [card.ranks[column] for column in columns]
    axes.barh(places, ranks, height=0.55, color=TIER_COLOURS.get(card.tier, _PLAIN), zorder=3)
    axes.axvline(0, color=INK, linewidth=0.8)
    axes.set_xlim(-_SPREAD, _SPREAD)
    axes.set_xticks([])
    axes.set_yticks(places, [_column(column, -1, t) for column in columns], fontsize=9)
    for place, column in zip(places, columns, strict=True):
        axes.text(_SPREAD * 1.03, float(place), _column(column, 1, t), va="center", fontsize=9)
    axes.invert_yaxis()
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.grid(visible=False)


def _summary(card: Card, currency: str, t: Words) -> str:
    if card.customers is None or card.share is None or card.typical_value is None:
        return t("plots.too_few")
    value = f"{card.typical_value:,.0f}".replace("-", "−")
    figures = {"customers": card.customers, "share": card.share, "value": value, "currency": currency}
    return t("plots.cluster_size", **figures).replace("%", " %")


def _name(card: Card, t: Words) -> str:
    return t.figure(cluster_words(name_parts(card.name), t), "list")


def _column(column: str, sign: int, t: Words) -> str:
    return cluster_words([word_message(column_words(column, sign))], t)[0]


def cluster_words(parts: Iterable[Message | str], t: Words) -> list[str]:
    """Say the words of a cluster's name or behaviour; a word of an older release stays as it is."""
    return [t.of(part) if isinstance(part, Message) else t.word("cluster.word.", part) for part in parts]


def _most_telling(cards: Sequence[Card]) -> str:
    """The behaviour in which clusters differ most, weighing each by its customers."""
    columns = list(cards[0].ranks) if cards else []
    if not columns:
        return ""
    ranks = np.array([[card.ranks[column] for column in columns] for card in cards])
    weights = np.array([card.share or 0.0 for card in cards])
    spread = np.average((ranks - np.average(ranks, axis=0, weights=weights)) ** 2, axis=0, weights=weights)
    return columns[int(np.argmax(spread))]
